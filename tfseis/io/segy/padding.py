"""Padding of SEG-Y files: traces whose headers name no place and whose samples are all 0."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfseis.io.segy.headers import CHUNK_BYTES, scan_headers
from tfseis.io.segy.layout import Layout

MOST = 0.5  # share of traces above which blank headers are those of the file, and not padding
PLACE = ("inline", "crossline", "x", "y", "offset")


def scan_with_padding(
    path: Path, layout: Layout, fields: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """Read header fields of all traces, and find those that are padding.

    Args:
        path: a SEG-Y file.
        layout: from `read_layout`.
        fields: first byte (from 1) of each field, by name.

    Returns:
        Columns as `scan_headers` gives them; also "padding", bool (traces,), where there is any.

    Raises:
        FormatError: a field does not lie inside the 240 bytes of a trace header.
    """
    return with_padding(path, layout, scan_headers(path, layout, fields))


def with_padding(
    path: Path, layout: Layout, columns: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Add the column "padding" to columns of `scan_headers`, where there is any."""
    blank = blank_traces(columns)
    found = np.flatnonzero(blank)
    if len(found) == 1 and lines_begin_at_zero(columns, blank):
        return dict(columns)
    dead = found[_dead(path, layout, found)]
    if not len(dead):
        return dict(columns)
    padding = np.zeros(layout.traces, bool)
    padding[dead] = True
    return {**columns, "padding": padding}


def blank_traces(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mask of traces without line numbers, coordinates and offset in a file of others.

    Returns:
        bool (traces,); all False where more than half of the traces are like that.
    """
    blank = np.logical_and.reduce([columns[key] == 0 for key in PLACE])
    return blank if np.count_nonzero(blank) <= MOST * len(blank) else np.zeros(len(blank), bool)


def lines_begin_at_zero(columns: Mapping[str, np.ndarray], blank: np.ndarray) -> bool:
    """Whether other traces than the blank ones lie on inline 0 and on crossline 0 too."""
    return all(bool((columns[key][~blank] == 0).any()) for key in ("inline", "crossline"))


def _dead(path: Path, layout: Layout, traces: np.ndarray) -> np.ndarray:
    """Mask of those of some traces, in ascending order, whose samples are all 0."""
    dead = np.zeros(len(traces), bool)
    if not len(traces):
        return dead
    most = max(CHUNK_BYTES // layout.trace_bytes, 1)
    breaks = np.flatnonzero(np.diff(traces) != 1) + 1
    with path.open("rb") as file:
        for run in np.split(np.arange(len(traces)), breaks):
            for start in range(0, len(run), most):
                some = run[start : start + most]
                file.seek(layout.first_trace + int(traces[some[0]]) * layout.trace_bytes)
                data = np.frombuffer(file.read(len(some) * layout.trace_bytes), "u1")
                samples = data.reshape(len(some), -1)[:, layout.header_bytes :]
                dead[some] = ~samples.any(axis=1)
    return dead
