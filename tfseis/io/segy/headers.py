"""The trace headers of a SEG-Y file, read in one pass and bounded memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.io.segy.layout import HEADER_BYTES, Layout

# Two-byte fields of the standard trace header, by first byte; all others have four.
SHORT_FIELDS = frozenset(
    (29, 31, 33, 35, 69, 71, *range(89, 181, 2), 201, 203, 209, 211, 213, 215, 217, 223, 229, 231)
)
# Two-byte fields that programs use for line numbers of four bytes all the same.
MAYBE_LONG = frozenset((201, 203, 209, 211, 213, 217, 223, 229, 231))
LINE_NAMES = ("inline", "crossline")
MOST_HIGH = 152  # upper half of the largest line number, of ten million
CHUNK_BYTES = 8 * 2**20  # of the file that are held in memory at once
LONG_TRACE = 16 * 2**10  # bytes of a trace above which skipping its samples beats reading them
PATIENCE = 2  # seconds before a progress bar is shown


def scan_headers(
    path: str | Path, layout: Layout, fields: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """Read trace-header fields of every trace, in one pass and bounded memory.

    Args:
        path: a SEG-Y file.
        layout: from `read_layout`.
        fields: first byte (from 1) of each field, by any name.

    Returns:
        For each name an int32 or int16 array (traces,), in the order of the file. Line numbers,
        which are "inline", "crossline" or named by their byte, may have four bytes in a field of
        two.

    Raises:
        FormatError: a field does not lie inside the 240 bytes of a trace header.
    """
    sizes = {name: 2 if byte in SHORT_FIELDS else 4 for name, byte in fields.items()}
    wider = {
        name: fields[name]
        for name in fields
        if fields[name] in MAYBE_LONG and (name in LINE_NAMES or name == str(fields[name]))
    }
    for name, byte in fields.items():
        if not 1 <= byte <= HEADER_BYTES + 1 - sizes[name]:
            raise FormatError(
                f"{Path(path).name}: expected {name} at byte 1 to {HEADER_BYTES + 1 - sizes[name]} "
                f"of the trace header; got {byte}. Bytes count from 1."
            )
    kinds = [f"{layout.order}i{width}" for width in (*sizes.values(), *[4] * len(wider))]
    offsets = [byte - 1 for byte in (*fields.values(), *wider.values())]
    names = [*fields, *(f"{name} of four bytes" for name in wider)]
    record = np.dtype(
        {
            "names": names,
            "formats": kinds,
            "offsets": offsets,
            "itemsize": layout.header_bytes,
        }
    )
    columns = {name: np.empty(layout.traces, record[name].newbyteorder("=")) for name in names}
    step = max(CHUNK_BYTES // layout.trace_bytes, 1)
    with (
        Path(path).open("rb") as file,
        tqdm(
            total=layout.traces,
            unit=" traces",
            unit_scale=True,
            delay=PATIENCE,
            leave=False,
            desc=f"Reading the headers of {Path(path).name}",
        ) as progress,
    ):
        for start in range(0, layout.traces, step):
            part = slice(start, min(start + step, layout.traces))
            headers = read_headers(file, layout, np.arange(part.start, part.stop))
            table = headers.view(record)[:, 0]
            for name, column in columns.items():
                column[part] = table[name]
            progress.update(len(table))
    for name in wider:
        longer = columns.pop(f"{name} of four bytes")
        if has_four_bytes(columns[name], longer, layout):
            columns[name] = longer
    return columns


def has_four_bytes(short: np.ndarray, longer: np.ndarray, layout: Layout) -> bool:
    """Whether a field of two bytes holds the upper half of numbers of four bytes.

    Args:
        short: the numbers of two bytes, (traces,).
        longer: the numbers of four bytes that begin there.
        layout: layout of the file.
    """
    if layout.order != ">":  # the lower half comes first, which is the number
        return False
    upper = np.unique(short)
    signs = bool(np.isin(upper, (0, -1)).all())
    large = len(upper) == 1 and 0 < upper[0] <= MOST_HIGH
    return (signs or large) and len(np.unique(longer)) > len(upper)


def read_headers(file: BinaryIO, layout: Layout, traces: np.ndarray) -> np.ndarray:
    """Trace headers with their extensions, byte for byte.

    Args:
        file: the SEG-Y file, open for reading.
        layout: from `read_layout`.
        traces: positions in the file, ascending, not empty; few enough to hold them and the
            samples between them in memory.

    Returns:
        uint8 array (traces, layout.header_bytes).
    """
    first, span = int(traces[0]), int(traces[-1] - traces[0]) + 1
    size, place = layout.trace_bytes, layout.first_trace
    if size <= LONG_TRACE and span <= 2 * len(traces):
        file.seek(place + first * size)
        block = np.frombuffer(file.read(span * size), "u1").reshape(span, size)
        return block[traces - first, : layout.header_bytes]
    headers = np.empty((len(traces), layout.header_bytes), "u1")
    for row, trace in zip(headers, traces.tolist(), strict=True):
        file.seek(place + trace * size)
        row[:] = np.frombuffer(file.read(layout.header_bytes), "u1")
    return headers
