"""Facies between horizons: each two neighbouring horizons bound one facies."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import TOLERANCE, Geometry
from tfseis.io.labels.horizon_grid import REACH
from tfseis.io.labels.horizons import Horizon, read_horizon
from tfseis.io.labels.labels import Labels, Line, on_lines
from tfseis.io.labels.parts import LabelPart, merge

MOST_LABELS = 2**26  # their positions take 1.6 GB


def read_horizons(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    unit: str | None = None,
    reach: int = REACH,
    lines: Sequence[Line] = (),
    columns: Sequence[str] | str | None = None,
) -> Labels:
    """Read horizons and label the samples between each and the next below it as one class.

    Args:
        paths: two horizons or more, in any order; which of two is above is known from the traces
            that they have in common, or from others between them.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        reach: distance in bins over which holes are filled, as for `read_horizon`.
        lines: (axis, number) of the lines to label; the whole cube if empty.
        columns: names of the columns of all files, as for `read_horizon`.

    Returns:
        Labels whose classes are numbered from the top down and named "upper to lower".

    Raises:
        LabelError: fewer than two horizons, two of unknown order, or two with no samples between
            them.
    """
    told = {"unit": unit, "reach": reach, "columns": columns}
    horizons = [read_horizon(path, geometry, **told) for path in paths]  # type: ignore[arg-type]
    return merge(intervals(horizons, geometry, lines=lines), geometry)


def intervals(
    horizons: Sequence[Horizon], geometry: Geometry, *, lines: Sequence[Line] = ()
) -> list[LabelPart]:
    """The samples from each horizon down to, but not including, the next; as `read_horizons`.

    Intervals above or below the samples of the cube are left out, but not all.
    Where a horizon crosses one above it, the upper one counts and no sample lies between them.
    """
    if len(horizons) < 2:
        raise LabelError(
            f"Expected two horizons or more, which bound a facies; got {len(horizons)}. Add the "
            "horizon above or below, or make it a class of its own: --kind surface "
            "(kind='surface')."
        )
    ordered = _from_the_top(horizons)
    lowest, clipped = np.full(geometry.shape[:2], -np.inf), []
    for horizon in ordered:
        lowest = np.fmax(lowest, horizon.times)
        clipped.append(replace(horizon, times=np.where(np.isnan(horizon.times), np.nan, lowest)))
    traces = _traces(geometry, lines)
    parts, left_out = [], []
    for upper, lower in pairwise(clipped):
        name = f"{upper.name} to {lower.name}"
        positions = on_lines(between(upper, lower, geometry, traces=traces), geometry, lines)
        if len(positions):
            parts.append(LabelPart(name, name, positions))
        elif _outside(upper, lower, geometry):
            left_out.append((f"interval outside the cube, {name}", 1))
        else:
            raise _none_between(name, lines)
    if not parts:
        raise _none_between(f"{ordered[0].name} to {ordered[-1].name}", lines)
    files = [horizon.taken for horizon in ordered if horizon.taken]
    if files:
        files[0] = replace(files[0], left_out=(*files[0].left_out, *left_out))
    return [replace(part, above=tuple(files)) for part in parts]


def _from_the_top(horizons: Sequence[Horizon]) -> list[Horizon]:
    """Horizons from the top down, by the traces that two have in common, or by others between them.

    A mean time alone would put a horizon of the deep half of a dipping survey below its base. It
    decides only what other horizons leave open.

    Raises:
        LabelError: the order of two neighbours is not known, or others contradict it.
    """
    means = [float(np.nanmean(horizon.times)) for horizon in horizons]
    common, above = _compared(horizons)
    order: list[int] = []
    left = list(range(len(horizons)))
    while left:
        order.append(min(left, key=lambda n: (above[left, n].sum(), means[n])))
        left.remove(order[-1])
    for upper, lower in pairwise(order):
        if not common[upper, lower]:
            raise LabelError(
                f"{horizons[upper].name} to {horizons[lower].name}: expected traces with both "
                "horizons, to know which is above; got none. Pick one of them on some traces of "
                "the other, join their files if they are one horizon, or leave one out."
            )
    for upper, lower in combinations(order, 2):
        if above[lower, upper]:
            one, other = horizons[upper].name, horizons[lower].name
            raise LabelError(
                f"{one} to {other}: expected {one} above {other}, as the horizons between them "
                f"say; got {other} above {one} on most traces that they have in common. Correct "
                "them, or leave one out."
            )
    return [horizons[number] for number in order]


def _compared(horizons: Sequence[Horizon]) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs have traces in common, and which of each lies above; both bool (n, n)."""
    common, above = np.zeros((2, len(horizons), len(horizons)), bool)
    for one, other in combinations(range(len(horizons)), 2):
        apart = horizons[one].times - horizons[other].times
        if (known := np.isfinite(apart)).any():
            middle = np.median(apart[known])
            common[one, other] = common[other, one] = True
            above[one, other], above[other, one] = middle < 0, middle > 0
    return common, above


def _none_between(name: str, lines: Sequence[Line]) -> LabelError:
    return LabelError(
        f"{name}: expected samples between the horizons{' on these lines' * bool(lines)}; "
        "got none. Check that they cover the same traces, and which is above."
    )


def _outside(upper: Horizon, lower: Horizon, geometry: Geometry) -> bool:
    """Whether an interval lies above or below the samples of the cube, wherever it is known."""
    known = np.isfinite(upper.times) & np.isfinite(lower.times)
    above = (lower.times[known] <= geometry.samples.first).all()
    return bool(known.any() and (above or (upper.times[known] > geometry.samples.last).all()))


def between(
    upper: Horizon, lower: Horizon, geometry: Geometry, *, traces: np.ndarray | None = None
) -> np.ndarray:
    """The samples from one horizon down to, but not including, another.

    Args:
        upper: horizon at or above the first sample.
        lower: horizon below the last sample.
        geometry: geometry of the cube.
        traces: mask of the traces to label, bool (inlines, crosslines); None for all.

    Returns:
        Array indices, int64 (samples, 3).

    Raises:
        LabelError: more samples than memory should hold.
    """
    known = np.isfinite(upper.times) & np.isfinite(lower.times)
    known &= traces if traces is not None else True
    first, last = (
        np.ceil(geometry.samples.fractional(horizon.times[known]) - TOLERANCE)
        .clip(0, geometry.samples.count)
        .astype("int64")
        for horizon in (upper, lower)
    )
    lengths = np.maximum(last - first, 0)
    if lengths.sum() > MOST_LABELS:
        raise LabelError(
            f"Expected at most {MOST_LABELS} labelled samples; got {lengths.sum()}. Name the lines "
            "to train on (--inline N, --crossline N)."
        )
    before = np.cumsum(lengths) - lengths
    samples = np.arange(lengths.sum()) - np.repeat(before - first, lengths)
    return np.column_stack([np.repeat(np.argwhere(known), lengths, axis=0), samples])


def _traces(geometry: Geometry, lines: Sequence[Line]) -> np.ndarray | None:
    """Mask of the traces on these lines; None for all, which time slices need."""
    if not lines or any(axis == 2 for axis, _ in lines):
        return None
    traces = np.zeros(geometry.shape[:2], bool)
    for axis, number in lines:
        np.moveaxis(traces, axis, 0)[geometry.axes[axis].index(number)] = True
    return traces
