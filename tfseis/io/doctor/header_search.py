"""Search for the trace-header fields that hold the line numbers of a cube."""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.doctor.fields import (
    COUNTERS,
    USUAL,
    field_of,
    filled,
    is_counter,
    likely_pairs,
    other_fields,
    sampled_headers,
    standard_fields,
)
from tfseis.io.doctor.map_search import PLACES, with_map
from tfseis.io.doctor.repair import repaired
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.headers import scan_headers
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, Layout
from tfseis.io.segy.number_formats import float_lines
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.options import command_line
from tfseis.io.segy.padding import with_padding

FULL = 0.25  # share of the grid that traces must fill
SURE = 0.9  # share of the grid that traces must fill where channels would fill less
DENSE = 0.5  # share of the numbers of an axis that must occur
STATED = re.compile(rb'name="(iline|xline)"\s+byte="(\d{1,3})"')
LONG = 4  # bytes of a field that can hold a float
MOST_TEXT = 2**20  # bytes of extended textual headers that are searched


@dataclass(frozen=True)
class Search:
    """Result of a search for line numbers.

    Args:
        found: arguments of `open_segy` and the grid; None where nothing forms one for sure.
        question: what only the user can tell, in one sentence; "" where there is nothing.
    """

    found: tuple[Opening, Grid] | None
    question: str = ""


def searched(path: Path, layout: Layout, opening: Opening, *, gathers: bool) -> Search:
    """Search for header fields, or else coordinates, that form a full grid.

    Args:
        path: a SEG-Y file.
        layout: layout of the file, from `read_layout`.
        opening: arguments of `open_segy` to begin with.
        gathers: whether the headers may be those of shots and channels, so that only a grid that
            map coordinates confirm is one.
    """
    headers = sampled_headers(path, layout)
    question = ""
    for tried, found in _found(path, layout, opening, headers):
        bytes_ = tried.inline_byte, tried.crossline_byte
        sparse = (found[1].trace_index >= 0).mean() < SURE and not set(bytes_).isdisjoint(COUNTERS)
        counters = any(is_counter(headers, layout, byte) for byte in bytes_)
        if not (counters or sparse or gathers):
            _say_order(path, layout, bytes_)
            return Search(found)
        confirmed = with_map(path, layout, *found)
        if confirmed[1].geometry.affine is not None:
            _say_order(path, layout, bytes_)
            return Search(confirmed)
        question = question or _question(found)
    return Search(None if gathers else _placed(path, layout, opening, headers), question)


def _say_order(path: Path, layout: Layout, pair: tuple[int, int]) -> None:
    """Say that inline and crossline may be exchanged, where no program is known to use a pair."""
    if pair in USUAL or pair == stated_bytes(path, layout):
        return
    inline, crossline = pair
    warnings.warn(
        f"{path.name}: bytes {inline} and {crossline} are no usual pair, so that inline and "
        f"crossline may be exchanged. If it is the other: --inline-byte {crossline} "
        f"--crossline-byte {inline}.",
        stacklevel=2,
    )


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


def _found(
    path: Path, layout: Layout, opening: Opening, headers: np.ndarray
) -> Iterator[tuple[Opening, tuple[Opening, Grid]]]:
    """Arguments with other fields of line numbers, and what they open; the likely ones first."""
    stated = stated_bytes(path, layout)
    all_fields = [*standard_fields(), *other_fields()]  # one of each kind
    stages = [
        [_moved(opening, stated)] if stated else [],
        list(_floats(headers, layout, opening)),
        [_moved(opening, pair) for pair in likely_pairs(headers, layout, standard_fields())],
        [_moved(opening, pair) for pair in likely_pairs(headers, layout, other_fields())],
        [_moved(opening, pair) for pair in likely_pairs(headers, layout, all_fields)],
    ]
    for number, stage in enumerate(stages):
        fields = {byte for tried in stage for byte in tried.fields().values()}
        columns = scan_headers(path, layout, {str(b): b for b in fields}) if stage else {}
        for tried in stage:
            named = {key: columns[str(byte)] for key, byte in tried.fields().items()}
            found = _grid_of(path, layout, tried, named, whole=number > 0)
            if found:
                yield tried, found


def _moved(opening: Opening, pair: tuple[int, int]) -> Opening:
    return replace(opening, inline_byte=pair[0], crossline_byte=pair[1])


def _floats(headers: np.ndarray, layout: Layout, opening: Opening) -> Iterator[Opening]:
    """Arguments for line numbers that usual fields hold as floats."""
    for pair in dict.fromkeys([(opening.inline_byte, opening.crossline_byte), *USUAL]):
        columns = [field_of(headers, layout, byte) for byte in pair]
        kinds = {float_lines(filled(column)) for column in columns if column.itemsize == LONG}
        if len(kinds) == 1 and (kind := kinds.pop()):
            yield replace(_moved(opening, pair), line_format=kind)


def _grid_of(
    path: Path,
    layout: Layout,
    opening: Opening,
    columns: Mapping[str, np.ndarray],
    *,
    whole: bool,
) -> tuple[Opening, Grid] | None:
    try:
        found = repaired(path.name, layout, opening, with_padding(path, layout, columns))
    except GeometryError:
        return None
    return found if not whole or _is_full(found[1]) else None


def _placed(
    path: Path, layout: Layout, opening: Opening, headers: np.ndarray
) -> tuple[Opening, Grid] | None:
    """A grid from map coordinates."""
    given = [(opening.x_byte, opening.y_byte), *PLACES]
    for x_byte, y_byte in dict.fromkeys([*given, (opening.inline_byte, opening.crossline_byte)]):
        columns = [field_of(headers, layout, byte).astype("int64") for byte in (x_byte, y_byte)]
        if all(np.ptp(column) == 0 for column in columns):
            continue
        placed = replace(opening, grid="coordinates", x_byte=x_byte, y_byte=y_byte)
        scanned = scan_headers(path, layout, placed.fields())
        if found := _grid_of(path, layout, placed, scanned, whole=True):
            return found
    return None


def _is_full(grid: Grid) -> bool:
    """Whether a grid is too full to be a coincidence."""
    live = grid.trace_index >= 0
    lines = [live.any(axis=1).mean(), live.any(axis=0).mean()]
    return bool(min(grid.trace_index.shape) > 1 and live.mean() >= FULL and min(lines) >= DENSE)


def _question(found: tuple[Opening, Grid]) -> str:
    opening, grid = found
    inlines, crosslines = grid.trace_index.shape
    words = command_line(
        {"inline_byte": opening.inline_byte, "crossline_byte": opening.crossline_byte}
    )
    return (
        f"Bytes {opening.inline_byte} and {opening.crossline_byte} would form {inlines} x "
        f"{crosslines} lines, and may as well count shots, channels or the traces of a gather; "
        f"if they are lines, say so: {words}."
    )
