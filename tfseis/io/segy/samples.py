"""The sample format of a SEG-Y file, checked on the samples of some of its traces."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.encoding import ibm_values
from tfseis.io.segy.layout import IBM_FLOAT, IEEE_FLOAT, Layout
from tfseis.io.segy.nulls import has_value, limit_of, nulls_among

CHECKED_BYTES = 2**21  # of samples, enough to tell formats apart
CHECKED_TRACES = 256
NAMES = {IBM_FLOAT: "IBM float", 2: "32-bit integer", IEEE_FLOAT: "IEEE float"}
FEW = 200  # number of different samples below which no format is doubted
GROUP = 50  # different values of one exponent that show the distribution of their leading digits
GROUPS = 3  # exponents with so many values that are needed
UNNORMALISED = 0.02  # IBM floats begin with a digit other than 0; 3 to 8 % of IEEE floats do not
MOST_UNNORMALISED = 0.25  # share above which they are IBM floats that a program left unnormalised
WIDEST = 150  # octaves between the 5 and 95 % quantiles of amplitudes; noise has more
HIGHEST = 110  # octaves above 1 of the largest amplitudes: 1e33
MOST_NAMED = 10  # values that stand for no value and are named
LARGE = 2**24  # amplitudes of 24 bits are smaller


@dataclass(frozen=True)
class SampleFacts:
    """Statistics of the samples of some traces.

    Args:
        traces: number of traces that were read.
        dead: number of these traces without a value other than 0.
        nonfinite: number of samples that are NaN or infinite.
        lowest: smallest amplitude.
        highest: largest amplitude.
        nulls: number of samples that stand for no value.
        null_values: the values of such samples, ten at most.
    """

    traces: int
    dead: int
    nonfinite: int
    lowest: float
    highest: float
    nulls: int
    null_values: tuple[float, ...]


def check_samples(path: Path, layout: Layout) -> None:
    """Check that four-byte samples have the format that the format code names.

    Raises:
        FormatError: they look like another format, or like no amplitudes.
    """
    if layout.format not in (*NAMES, 10):
        return
    bits = read_samples(path, layout, CHECKED_TRACES, CHECKED_BYTES)
    found = looks_like(bits.ravel(), layout.format)
    if found == layout.format:
        return
    named = NAMES.get(layout.format, "unsigned integer")
    if found is None:
        raise FormatError(
            f"{path.name}: expected amplitudes as format {layout.format} ({named}, byte 3225); got "
            f"numbers of all sizes, like noise or compressed data. Export the cube again; "
            f"sample_format={layout.format} opens it all the same."
        )
    raise FormatError(
        f"{path.name}: expected samples of format {layout.format} ({named}, byte 3225); got "
        f"samples that look like {NAMES[found]}. Open it with sample_format={found}; "
        f"sample_format={layout.format} if byte 3225 is right."
    )


def looks_like(bits: np.ndarray, code: int) -> int | None:
    """Recognise the format of samples: `code`, unless there is proof against it.

    Args:
        bits: samples as uint32, in the byte order of this machine.
        code: format code of the header: 1, 2, 5 or 10.

    Returns:
        1, 2 or 5; None where the samples are no amplitudes in any of these formats; `code` where
        they fit it, or are too few to tell.
    """
    bits = np.unique(bits)
    bits = bits[bits & 0x7FFFFFFF != 0]
    if len(bits) < FEW:
        return code
    if code in (IBM_FLOAT, IEEE_FLOAT) and _small_integers(bits):
        return 2
    share = np.count_nonzero(bits & 0x00F00000 == 0) / len(bits)
    normalised = not UNNORMALISED <= share < MOST_UNNORMALISED
    with np.errstate(invalid="ignore"):  # NaN among the bit patterns
        ieee = _sane(np.abs(bits.view("f4").astype("float64")))
    ibm = _sane(np.abs(ibm_values(bits)))
    found: int | None = code
    if code == IBM_FLOAT and not normalised:
        found = IEEE_FLOAT if ieee else (code if ibm else None)
    elif code == IEEE_FLOAT and not ieee:
        found = IBM_FLOAT if ibm and normalised else None
    elif code == IEEE_FLOAT and ibm and _never_zero_digit(bits):
        found = IBM_FLOAT
    elif code not in (IBM_FLOAT, IEEE_FLOAT) and ieee and _large(bits) and not _uniform(bits):
        found = IBM_FLOAT if _never_zero_digit(bits) else IEEE_FLOAT
    return found


def proves(bits: np.ndarray, code: int) -> bool:
    """Whether samples are proof of the four-byte format `code`."""
    bits = np.unique(bits)
    bits = bits[bits & 0x7FFFFFFF != 0]
    if len(bits) < FEW or looks_like(bits, code) != code:
        return False
    if _small_integers(bits) or code not in (IBM_FLOAT, IEEE_FLOAT):
        return code == 2 and _small_integers(bits)
    if code == IBM_FLOAT:
        return _never_zero_digit(bits, GROUPS - 1)
    zero = np.count_nonzero(bits & 0x00F00000 == 0)
    return bool(zero >= UNNORMALISED / 2 * len(bits))


def read_samples(path: Path, layout: Layout, traces: int, most_bytes: int) -> np.ndarray:
    """Read samples of evenly spaced traces, in the byte order of this machine.

    Args:
        path: a SEG-Y file.
        layout: layout of the file, from `read_layout`.
        traces: largest number of traces.
        most_bytes: largest number of bytes of all their samples together.

    Returns:
        Array (traces, samples), of uint32 for four-byte formats, else of the format's type.
    """
    size = layout.samples * layout.dtype.itemsize
    samples = layout.samples if size <= most_bytes else most_bytes // layout.dtype.itemsize
    count = max(min(layout.traces, traces, most_bytes // max(size, 1)), 1)
    dtype = np.dtype("u4") if layout.dtype.itemsize == 4 else layout.dtype
    dtype = dtype.newbyteorder(layout.order)
    values = np.empty((count, samples), dtype)
    with path.open("rb") as file:
        for row, trace in enumerate(np.linspace(0, layout.traces - 1, count).astype("int64")):
            file.seek(layout.first_trace + int(trace) * layout.trace_bytes + layout.header_bytes)
            values[row] = np.frombuffer(file.read(samples * dtype.itemsize), dtype)
    return values.astype(dtype.newbyteorder("="))


def with_nulls(path: Path, layout: Layout) -> Layout:
    """The layout of a file with the stand-ins for no value that its samples show.

    Args:
        path: the file.
        layout: its layout, from `read_layout`.
    """
    values = _values(path, layout, CHECKED_TRACES, CHECKED_BYTES)
    found = replace(layout, nulls=nulls_among(values), limit=limit_of(values))
    nulls = values[_are_nulls(values, found)]
    if nulls.size:
        named = ", ".join(f"{value:.10g}" for value in _some(nulls))
        warnings.warn(
            f"{path.name}: {nulls.size} of {values.size} samples looked at hold what stands for no "
            f"value ({named}); such samples are read as 0 and count as dead.",
            stacklevel=3,
        )
    return found


def sample_facts(path: Path, layout: Layout, traces: int, most_bytes: int) -> SampleFacts:
    """Statistics of the samples of evenly spaced traces of a file."""
    values = _values(path, layout, traces, most_bytes)
    limited = replace(layout, nulls=nulls_among(values), limit=limit_of(values))
    nulls, finite = _are_nulls(values, limited), np.isfinite(values)
    real = finite & ~nulls
    dead = ~(real & (values != 0)).any(axis=1)
    known = values[real] if not real.all() else values
    lowest, highest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    return SampleFacts(
        len(values),
        int(dead.sum()),
        int(finite.size - np.count_nonzero(finite)),
        lowest,
        highest,
        int(np.count_nonzero(nulls)),
        _some(values[nulls]),
    )


def _values(path: Path, layout: Layout, traces: int, most_bytes: int) -> np.ndarray:
    """The numbers that samples of evenly spaced traces stand for, (traces, samples)."""
    values = read_samples(path, layout, traces, most_bytes)
    if layout.format == IBM_FLOAT:
        return ibm_values(values)
    return values.view(layout.dtype) if values.dtype == "u4" else values


def _are_nulls(values: np.ndarray, layout: Layout) -> np.ndarray:
    """Which samples are finite and stand for no value."""
    given = has_value(values, layout)
    return np.zeros(values.shape, bool) if given is None else ~given & np.isfinite(values)


def _some(nulls: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in np.unique(nulls)[:MOST_NAMED])


def _sane(magnitude: np.ndarray) -> bool:
    """Whether numbers span no more orders of magnitude than amplitudes do."""
    finite = np.isfinite(magnitude) & (magnitude > 0)
    if np.count_nonzero(~finite) > max(0.002 * len(magnitude), 8):  # NaN has many bit patterns
        return False
    low, high = np.quantile(np.log2(magnitude[finite]), [0.05, 0.95])
    return bool(high - low < WIDEST and high < HIGHEST)


def _small_integers(bits: np.ndarray) -> bool:
    """Whether samples are 24-bit integers; as floats, nearly all would be tiny or NaN."""
    return bool((np.abs(bits.view("i4").astype("float64")) < LARGE / 2).mean() > 0.95)


def _large(bits: np.ndarray) -> bool:
    """Whether samples, as integers, have more than 24 bits."""
    return bool((np.abs(bits.view("i4").astype("float64")) >= LARGE).mean() > 0.99)


def _uniform(bits: np.ndarray) -> bool:
    """Whether the first bytes are as varied as those of large integers."""
    return len(np.unique(bits >> 24)) > 160  # of 256; amplitudes as floats have some 40


def _never_zero_digit(bits: np.ndarray, groups: int = GROUPS) -> bool:
    """Whether the first hexadecimal digit of the fraction is never 0, as in IBM floats.

    One in eight IEEE floats with an even exponent has a 0 there, whatever they measure, once the
    values span a few octaves.
    """
    even = bits[(bits >> 23) & 1 == 0]
    exponents, counts = np.unique((even >> 23) & 0xFF, return_counts=True)
    full = exponents[counts >= GROUP]
    some = even[np.isin((even >> 23) & 0xFF, full)]
    zero = np.count_nonzero(some & 0x00F00000 == 0)
    return len(full) >= groups and zero == 0
