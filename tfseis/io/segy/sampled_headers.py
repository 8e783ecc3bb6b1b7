"""Headers of some traces of a file, by one reading of its sizes."""

from pathlib import Path

import numpy as np

from tfseis.io.segy.binary_header import BinaryHeader
from tfseis.io.segy.layout import HEADER_BYTES
from tfseis.io.segy.stated_sizes import Sizes, column

LOOKED_AT = 32  # traces whose headers are compared with the binary header


def sampled_headers(path: Path, sizes: Sizes, itemsize: int) -> np.ndarray:
    """The 240 bytes of some trace headers, the first and the last among them, uint8 (traces, 240).

    Args:
        path: the file.
        sizes: a reading that fits.
        itemsize: bytes of a sample.
    """
    trace_bytes = sizes.header_bytes + sizes.samples * itemsize
    chosen = np.linspace(0, sizes.traces - 1, min(sizes.traces, LOOKED_AT)).astype("int64")
    headers = np.empty((len(chosen), HEADER_BYTES), "u1")
    with path.open("rb") as file:
        for row, trace in zip(headers, chosen.tolist(), strict=True):
            file.seek(sizes.first_trace + trace * trace_bytes)
            row[:] = np.frombuffer(file.read(HEADER_BYTES), "u1")
    return headers


def trace_counts(path: Path, header: BinaryHeader, sizes: Sizes, itemsize: int) -> np.ndarray:
    """Numbers of samples that some trace headers state, int64 (traces,)."""
    return column(sampled_headers(path, sizes, itemsize), header, 115, "u2")
