"""The layout of a SEG-Y file, read from its headers and checked against its size."""

import warnings
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader, read_binary_header
from tfseis.io.segy.layout import DTYPES, ORDERS, Layout, Said
from tfseis.io.segy.sampled_headers import sampled_headers
from tfseis.io.segy.sizes import read_sizes
from tfseis.io.segy.stated_sizes import column
from tfseis.io.segy.times import read_times

LARGEST_WEIGHT = 31  # powers of 2; larger numbers at byte 169 are no weights


def read_layout(
    path: str | Path,
    *,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
    said: Said | None = None,
) -> Layout:
    """Read the layout of a file from its headers, and check it against the size of the file.

    Args:
        path: a SEG-Y file.
        endian: byte order, "big" or "little"; None to detect it.
        sample_format: format code that is used instead of the one at byte 3225.
        text_headers: number of extended textual headers that is used instead of the one at byte
            3505.
        said: what is known of the samples and stands in no header; None for nothing.

    Returns:
        The layout. Sample times are those of the first trace.

    Raises:
        FormatError: the file is no SEG-Y file, has a sample format that cannot be read, does not
            hold a whole number of traces, or two readings of its headers fit.
    """
    path, said = Path(path), said or Said()
    if endian not in (None, *ORDERS):
        raise FormatError(
            f"{path}: expected endian='big', 'little' or None; got {endian!r}. "
            "Leave it out to detect it."
        )
    header, endian, code = read_binary_header(path, endian, sample_format)
    itemsize = np.dtype(DTYPES[code]).itemsize
    sizes = read_sizes(path, header, itemsize, text_headers=text_headers, samples=said.samples)
    headers = sampled_headers(path, sizes, itemsize)
    start, interval, unit = read_times(header, headers, sizes.samples, said)
    _tell_weights(header, headers)
    return Layout(
        endian,
        code,
        sizes.samples,
        sizes.traces,
        sizes.first_trace,
        sizes.header_bytes,
        start,
        interval,
        header.revision[0],
        unit,
    )


def _tell_weights(header: BinaryHeader, headers: np.ndarray) -> None:
    """Say where trace headers ask to scale the samples, which is not done."""
    weights = column(headers, header, 169)
    lowest, highest = int(weights.min()), int(weights.max())
    if not weights.any() or max(abs(lowest), abs(highest)) > LARGEST_WEIGHT:
        return
    told = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
    warnings.warn(
        f"{header.name}: byte 169 of the traces holds the weighting factor {told}; samples are "
        "read as they are stored, and are not divided by 2 to that power.",
        stacklevel=3,
    )
