"""Stand-ins for "no value" in samples, such as 1e30 or -999.25.

They are found once, in the samples of some traces, when a file is opened. Whoever reads samples
afterwards compares them with what was found.
"""

import math

import numpy as np

from tfseis.io.segy.layout import NO_VALUE, Layout

ORDINARY = 1e20  # magnitude below which nearly all other samples lie in a file with such values
USUAL = (999.0, 999.25, 999.9, 9999.0, 9999.25, 32768.0, 99999.0, 99999.25, 999999.0)
LEAST = 8  # samples that repeat a value
LEAST_SHARE = 1e-4  # of the samples that were looked at
FAR = 0.1  # distance to the nearest other value, in parts of the spread of all others
LOW, HIGH = 0.05, 0.95  # quantiles between which the others spread
LARGE = 1e6  # magnitude from which any value may stand for none
FAR_OFF = 1e4  # factor by which it is then larger than all others
LEAST_OTHERS = 2  # other values that there must be
MOST_FOUND = 4  # stand-ins that a file may have
ONCE = 0.01  # of its samples: how often other values occur at most where a stand-in lies among them
VARIOUS = 1000  # different other values that there then are


def has_value(values: np.ndarray, layout: Layout) -> np.ndarray | None:
    """Which samples have a value: are finite, and no stand-in; bool of the same shape.

    Args:
        values: samples, of any shape.
        layout: layout of their file.

    Returns:
        The mask; None where all have one.
    """
    if not values.size:
        return None
    lowest, highest = values.min(), values.max()  # NaN if any sample is
    inside = lowest > -layout.limit and highest < layout.limit
    nulls = [null for null in layout.nulls if not inside or lowest <= null <= highest]
    if inside and not nulls:
        return None
    known = np.abs(values) < layout.limit
    for null in nulls:
        known &= values != values.dtype.type(null)
    return None if known.all() else known


def are_measured(values: np.ndarray) -> np.ndarray:
    """Which samples are finite and below the limit, bool of the same shape.

    Args:
        values: a block of samples, of which nothing is known but they themselves.
    """
    if not values.size:
        return np.ones(values.shape, bool)
    if values.min() > -NO_VALUE and values.max() < NO_VALUE:
        return np.ones(values.shape, bool)
    return np.isfinite(values) & (np.abs(values) < limit_of(values))


def limit_of(values: np.ndarray) -> float:
    """Magnitude from which samples stand for no value; infinite where the data may be so large.

    Args:
        values: samples of a file, of any shape.
    """
    if values.size and values.min() > -ORDINARY and values.max() < ORDINARY:  # False for NaN
        return NO_VALUE
    magnitude = np.abs(values[np.isfinite(values)].astype("float64"))
    huge, others = magnitude[magnitude >= NO_VALUE], magnitude[magnitude < NO_VALUE]
    various = huge.size >= LEAST and len(np.unique(huge)) > huge.size / 2  # noise, or real numbers
    ordinary = not others.size or np.quantile(others, HIGH) < ORDINARY
    return NO_VALUE if ordinary and not various else math.inf


def nulls_among(values: np.ndarray) -> tuple[float, ...]:
    """Values below the limit that stand for no value, which many samples have exactly.

    Such a value is the largest or the smallest, and either one of the usual stand-ins and apart
    from all others, or larger than them by orders of magnitude. A usual stand-in may also lie among
    the others, where none of them repeats.

    Args:
        values: samples of a file, of any shape.
    """
    least = max(LEAST, LEAST_SHARE * values.size)
    known = values.ravel()
    if known.dtype.kind == "f" and known.size:
        limit = limit_of(values)
        if not (known.min() > -limit and known.max() < limit):  # True for NaN
            known = known[np.isfinite(known)]
            known = known[np.abs(known) < limit]
    among = _nulls_among_others(known, least)
    if not known.size or not any(_is_likely(float(end)) for end in (known.min(), known.max())):
        return among
    distinct, counts = np.unique(known, return_counts=True)
    distinct = distinct.astype("float64")
    found: list[float] = []
    while len(found) < MOST_FOUND:
        outer = (0, len(distinct) - 1)
        ends = [end for end in outer if counts[end] >= least and _stands_apart(distinct, end)]
        if not ends:
            break
        found.append(float(distinct[ends[0]]))
        distinct, counts = np.delete(distinct, ends[0]), np.delete(counts, ends[0])
    return tuple(sorted({*found, *among}))


def _nulls_among_others(known: np.ndarray, least: float) -> tuple[float, ...]:
    """Usual stand-ins between the largest and the smallest of values that do not repeat."""
    found: list[float] = []
    if not known.size:
        return ()
    lowest, highest = known.min(), known.max()
    for value in (sign * size for size in USUAL for sign in (-1.0, 1.0)):
        if not lowest < value < highest:
            continue
        here = known == value
        count = np.count_nonzero(here)
        if count < least:
            continue
        counts = np.unique(known[~here & (known != 0)], return_counts=True)[1]
        if len(counts) >= VARIOUS and counts.max() <= ONCE * count:
            found.append(value)
    return tuple(found[:MOST_FOUND])


def _is_likely(value: float) -> bool:
    """Whether a value may stand for no value, where it is far from all others."""
    return abs(value) in USUAL or abs(value) >= LARGE


def _stands_apart(distinct: np.ndarray, end: int) -> bool:
    """Whether the first or last of some ascending values stands for no value."""
    value, rest = float(distinct[end]), np.delete(distinct, end)
    if len(rest) < LEAST_OTHERS or not _is_likely(value):
        return False
    if abs(value) >= LARGE and abs(value) >= FAR_OFF * np.abs(rest).max():
        return True
    measured = rest[rest != 0] if np.count_nonzero(rest) >= LEAST_OTHERS else rest
    gap, spread = np.abs(measured - value).min(), np.subtract(*np.quantile(measured, [HIGH, LOW]))
    return bool(abs(value) in USUAL and gap >= FAR * spread)
