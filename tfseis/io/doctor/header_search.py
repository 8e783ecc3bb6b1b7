"""Search for the trace-header fields that hold the line numbers of a cube."""

import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.segy.grid import DuplicateTracesError, Grid, grid_from
from tfseis.io.segy.headers import SHORT_FIELDS, read_headers
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, Layout
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.outliers import OddTracesError
from tfseis.io.segy.padding import scan_with_padding

USUAL = (
    (189, 193),
    (9, 21),
    (17, 21),
    (5, 21),
    (9, 17),
    (9, 25),
    (181, 185),
    (221, 225),
    (233, 237),
)
PLACES = ((181, 185), (73, 77), (81, 85))  # coordinates of CDP, source and group
COORDINATES = (73, 77, 81, 85, 181, 185)
# Channel, trace in a gather, offset, scalars, sample counts and intervals, dates: no line numbers.
NEVER = (13, 25, 37, 69, 71, 109, 115, 117, *range(157, 169, 2), 215)
BLOCKS, BLOCK_TRACES = 16, 256  # blocks of neighbouring traces in which fields are compared
MOST_PAIRS = 6  # pairs of fields that are checked on all traces
MOST_VALUES = 100_000  # largest number in a coordinate field that holds line numbers
LARGEST_STEP = 16  # largest step between lines in a coordinate field
ODDEST_STEP = 2**15  # largest step between lines in other fields
FULL = 0.25  # share of the grid that traces must fill
DENSE = 0.5  # share of the numbers of an axis that must occur
REPAIRS = 4  # rounds in which traces are left out
STATED = re.compile(rb'name="(iline|xline)"\s+byte="(\d{1,3})"')
MOST_TEXT = 2**20  # bytes of extended textual headers that are searched


def repaired(
    name: str, layout: Layout, opening: Opening, columns: Mapping[str, np.ndarray]
) -> tuple[Opening, Grid]:
    """Find a grid by leaving out traces with wrong numbers and duplicates.

    Args:
        name: name of the file, for messages.
        layout: layout of the file, from `read_layout`.
        opening: arguments of `open_segy` to begin with.
        columns: header fields as `scan_headers` returns them.

    Returns:
        The arguments, changed where it was necessary, and the grid.

    Raises:
        GeometryError: leaving out traces does not help.
    """
    kept = np.arange(layout.traces)
    tried = opening
    for _ in range(REPAIRS):
        part = columns
        if len(kept) < layout.traces:
            part = {key: column[kept] for key, column in columns.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of the last trial are told
                grid_from(name, replace(layout, traces=len(kept)), tried, part)
            break
        except OddTracesError as error:
            kept = np.delete(kept, error.traces)
        except DuplicateTracesError:
            if tried.duplicates != "refuse":
                raise
            tried = replace(tried, duplicates="first")
    skipped = np.setdiff1d(np.arange(layout.traces), kept) + 1
    if len(skipped):
        tried = replace(tried, skip_traces=tuple(skipped.tolist()))
        alone = replace(tried, duplicates=opening.duplicates)
        with suppress(DuplicateTracesError):
            return alone, grid_from(name, layout, alone, columns)
    return tried, grid_from(name, layout, tried, columns)


def found_opening(path: Path, layout: Layout, opening: Opening) -> tuple[Opening, Grid] | None:
    """Search for header fields, or else coordinates, that form a full grid.

    Returns:
        The arguments of `open_segy` and the grid; None where nothing forms one.
    """
    sample = _sampled_headers(path, layout)
    stated = stated_bytes(path, layout)
    stages = [
        [stated] if stated else [],
        _pairs(sample, layout, [b for b in range(1, HEADER_BYTES - 2) if _standard(b)]),
        _pairs(sample, layout, [b for b in range(1, HEADER_BYTES - 2) if not _standard(b)]),
    ]
    for stage, pairs in enumerate(stages):
        found = _first_that_works(path, layout, opening, pairs, whole=stage > 0)
        if found:
            return found
    for x_byte, y_byte in dict.fromkeys([(opening.x_byte, opening.y_byte), *PLACES]):
        if all(np.ptp(_column(sample, layout, byte)) == 0 for byte in (x_byte, y_byte)):
            continue
        placed = replace(opening, grid="coordinates", x_byte=x_byte, y_byte=y_byte)
        columns = scan_with_padding(path, layout, placed.fields())
        try:
            found = repaired(path.name, layout, placed, columns)
        except GeometryError:
            continue
        if _is_full(found[1]):
            return found
    return None


def stated_bytes(path: Path, layout: Layout) -> tuple[int, int] | None:
    """Bytes of inline and crossline number that a layout stanza in the file names."""
    with path.open("rb") as file:
        file.seek(BINARY_END)
        text = file.read(min(layout.first_trace - BINARY_END, MOST_TEXT))
    names = dict(STATED.findall(text))
    if len(names) < 2:
        return None
    inline, crossline = int(names[b"iline"]), int(names[b"xline"])
    last = HEADER_BYTES - 3
    return (inline, crossline) if 1 <= min(inline, crossline) <= last else None


def _first_that_works(
    path: Path, layout: Layout, opening: Opening, pairs: list[tuple[int, int]], *, whole: bool
) -> tuple[Opening, Grid] | None:
    bytes_ = sorted({byte for pair in pairs for byte in pair})
    if not bytes_:
        return None
    columns = scan_with_padding(
        path, layout, {**opening.fields(), **{str(byte): byte for byte in bytes_}}
    )
    for inline_byte, crossline_byte in pairs:
        numbered = replace(opening, inline_byte=inline_byte, crossline_byte=crossline_byte)
        numbers = {"inline": columns[str(inline_byte)], "crossline": columns[str(crossline_byte)]}
        try:
            found = repaired(path.name, layout, numbered, {**columns, **numbers})
        except GeometryError:
            continue
        if not whole or _is_full(found[1]):
            return found
    return None


def _is_full(grid: Grid) -> bool:
    """Whether a grid is too full to be a coincidence."""
    live = grid.trace_index >= 0
    lines = [live.any(axis=1).mean(), live.any(axis=0).mean()]
    return bool(min(grid.trace_index.shape) > 1 and live.mean() >= FULL and min(lines) >= DENSE)


def _sampled_headers(path: Path, layout: Layout) -> np.ndarray:
    """Headers of blocks of neighbouring traces, uint8 (traces, bytes)."""
    if layout.traces <= BLOCKS * BLOCK_TRACES:
        starts, size = [0], layout.traces
        if layout.trace_bytes * size > 2**26:
            starts, size = list(range(layout.traces)), 1
    else:
        starts = np.linspace(0, layout.traces - BLOCK_TRACES, BLOCKS).astype("int64").tolist()
        size = BLOCK_TRACES
    with path.open("rb") as file:
        blocks = [read_headers(file, layout, np.arange(at, at + size)) for at in starts]
    return np.concatenate(blocks)


def _standard(byte: int) -> bool:
    """Whether a field of the standard, or of the unassigned bytes after it, starts there."""
    if byte < 29 or 37 <= byte < 69 or 73 <= byte < 89:
        return byte % 4 == 1
    return byte in (181, 185, 189, 193, 197, 217, 221, 225, 229, 233, 237) or byte in SHORT_FIELDS


def _column(headers: np.ndarray, layout: Layout, byte: int) -> np.ndarray:
    size = 2 if byte in SHORT_FIELDS else 4
    raw = np.ascontiguousarray(headers[:, byte - 1 : byte - 1 + size])
    return raw.view(f"{layout.order}i{size}")[:, 0].astype("int64")


def _pairs(headers: np.ndarray, layout: Layout, bytes_: list[int]) -> list[tuple[int, int]]:
    """Pairs of fields that tell all sampled traces apart, the most likely ones first."""
    fields = {}
    for byte in bytes_:
        if byte in NEVER:
            continue
        column = _column(headers, layout, byte)
        values, codes = np.unique(column, return_inverse=True)
        if not 1 < len(values) < len(column):
            continue
        step = int(np.gcd.reduce(np.diff(values)))
        few = np.abs(values).max() < MOST_VALUES and step <= LARGEST_STEP
        if step > ODDEST_STEP or (byte in COORDINATES and not few):
            continue
        fields[byte] = (codes, step, np.count_nonzero(np.diff(column) == 0))
    ranked = []
    for first, second in combinations(sorted(fields), 2):
        (a, step_a, steady_a), (b, step_b, steady_b) = fields[first], fields[second]
        code = np.sort(a * (int(b.max()) + 1) + b)
        if (np.diff(code) == 0).any():
            continue
        usual = USUAL.index((first, second)) if (first, second) in USUAL else len(USUAL)
        short = (first in SHORT_FIELDS) + (second in SHORT_FIELDS)
        ranked.append((usual, short, step_a * step_b, -max(steady_a, steady_b), first, second))
    return [(first, second) for *_, first, second in sorted(ranked)[:MOST_PAIRS]]
