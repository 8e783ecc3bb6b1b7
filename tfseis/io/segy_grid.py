"""The grid that the trace headers of a SEG-Y file form, and its place on the map."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy_headers import scan_headers
from tfseis.io.segy_layout import Layout

MOST_CELLS = 16  # grid cells a trace; real outlines fill more of their grid
FREE_CELLS = 4096  # a grid this small is never refused
FIT_TRACES = 100_000  # enough traces to find a plane
OUTLIERS = 0.01  # share of traces whose coordinates may be off


@dataclass(frozen=True)
class Grid:
    """Which trace of a file stands at which place of a cube.

    Args:
        geometry: axes, ascending, and map coordinates.
        trace_index: int32 (inlines, crosslines), position in the file; -1 where none is.
        sorting: "inline" or "crossline", whichever number stays longest from trace to trace.
    """

    geometry: Geometry
    trace_index: np.ndarray
    sorting: str


def grid_of(  # the arguments of open_segy
    path: Path,
    layout: Layout,
    *,
    inline_byte: int,
    crossline_byte: int,
    x_byte: int,
    y_byte: int,
) -> Grid:
    """The grid that the headers of all traces form.

    Raises:
        GeometryError: line numbers that are constant, repeat, or spread over a grid that is
            nearly empty.
    """
    columns = scan_headers(
        path,
        layout,
        {
            "inline": inline_byte, "crossline": crossline_byte, "x": x_byte, "y": y_byte,
            "offset": 37, "scalar": 71,
        },
    )  # fmt: skip
    inline, crossline = columns["inline"], columns["crossline"]
    _refuse_constant(path.name, columns, inline_byte, crossline_byte)
    axes = [_line_axis("inline", inline), _line_axis("crossline", crossline)]
    _refuse_sparse(path.name, axes, (inline, crossline))
    row, column = (
        (numbers.astype("int64") - int(axis.first)) // int(axis.step)
        for axis, numbers in zip(axes, (inline, crossline), strict=True)
    )
    cell = row * axes[1].count + column
    trace_index = np.full(axes[0].count * axes[1].count, -1, "int32")
    trace_index[cell] = np.arange(layout.traces, dtype="int32")
    _refuse_repeated(path.name, columns, cell, trace_index)
    samples = Axis("sample", layout.first_sample, layout.sample_interval, layout.samples)
    affine = fit_affine(axes[0], axes[1], columns)
    steady = [np.count_nonzero(np.diff(numbers) == 0) for numbers in (inline, crossline)]
    return Grid(
        Geometry(axes[0], axes[1], samples, affine),
        trace_index.reshape(axes[0].count, axes[1].count),
        "inline" if steady[0] >= steady[1] else "crossline",
    )


def _line_axis(name: str, numbers: np.ndarray) -> Axis:
    distinct = np.unique(numbers).astype("int64")
    step = int(np.gcd.reduce(np.diff(distinct))) if len(distinct) > 1 else 1
    return Axis(name, int(distinct[0]), step, int(distinct[-1] - distinct[0]) // step + 1)


def _refuse_constant(
    name: str, columns: dict[str, np.ndarray], inline_byte: int, crossline_byte: int
) -> None:
    first = [int(columns[key][0]) for key in ("inline", "crossline")]
    if any((columns[key] != number).any() for key, number in zip(columns, first, strict=False)):
        return
    traces = len(columns["inline"])
    if first != [0, 0] and traces == 1:
        return
    raise GeometryError(
        f"{name}: expected line numbers at bytes {inline_byte} and {crossline_byte} of the trace "
        f"headers; all {traces} traces say inline {first[0]}, crossline {first[1]}. "
        "Name other bytes (inline_byte, crossline_byte); gathers and shots form no cube."
    )


def _refuse_sparse(name: str, axes: list[Axis], numbers: tuple[np.ndarray, np.ndarray]) -> None:
    traces = len(numbers[0])
    cells = axes[0].count * axes[1].count
    if cells <= max(MOST_CELLS * traces, FREE_CELLS):
        return
    tables = [np.unique(column, return_counts=True) for column in numbers]
    holes = [axis.count / len(table[0]) for axis, table in zip(axes, tables, strict=True)]
    worst = int(np.argmax(holes))
    values, counts = tables[worst]
    distance = np.abs(values.astype("float64") - np.median(numbers[worst]))
    odd = values[np.lexsort((-distance, counts))[0]]  # on the fewest traces, then farthest off
    trace = int(np.flatnonzero(numbers[worst] == odd)[0]) + 1
    raise GeometryError(
        f"{name}: expected line numbers that form a grid; {traces} traces spread over "
        f"{axes[0].count} inlines x {axes[1].count} crosslines. Trace {trace} (of 1 to {traces}) "
        f"has {axes[worst].name} {odd}. Correct its header, or name other bytes."
    )


def _refuse_repeated(
    name: str, columns: dict[str, np.ndarray], cell: np.ndarray, trace_index: np.ndarray
) -> None:
    overwritten = trace_index[cell] != np.arange(len(cell))
    if not overwritten.any():
        return
    first = int(np.argmax(overwritten))
    second = first + 1 + int(np.flatnonzero(cell[first + 1 :] == cell[first])[0])
    offsets = columns["offset"]
    pre_stack = offsets[first] != offsets[second]
    what = (
        f"a pre-stack file: offsets {offsets[first]} and {offsets[second]}"
        if pre_stack
        else "duplicate traces, of one offset"
    )
    remedy = "Stack it, or export one offset" if pre_stack else "Remove one, or name other bytes"
    raise GeometryError(
        f"{name}: expected one trace at each place; traces {first + 1} and {second + 1} both lie "
        f"at inline {columns['inline'][first]}, crossline {columns['crossline'][first]} "
        f"({what}). {remedy}."
    )


def fit_affine(
    inlines: Axis, crosslines: Axis, columns: Mapping[str, np.ndarray]
) -> np.ndarray | None:
    """Map coordinates as a plane over line numbers, by least squares.

    Args:
        inlines: axis of inline numbers.
        crosslines: axis of crossline numbers.
        columns: inline, crossline, x, y and scalar (byte 71) of each trace, as `scan_headers`
            returns them. Traces with x = y = 0 have no coordinates.

    Returns:
        The (2, 3) matrix of `Geometry`; None where the coordinates are zero for most traces, lie
        on a line, or leave the plane by more than a bin.
    """
    part = slice(None, None, max(len(columns["x"]) // FIT_TRACES, 1))
    scalar = columns["scalar"][part].astype("float64")
    scalar[scalar == 0] = 1
    factor = np.where(scalar < 0, 1 / np.abs(scalar), scalar)
    places = np.stack([columns["x"][part] * factor, columns["y"][part] * factor], axis=-1)
    known = (columns["x"][part] != 0) | (columns["y"][part] != 0)
    if known.sum() < max(3, len(known) / 2):  # three points span a plane
        return None
    bins = [
        axis.fractional(columns[axis.name][part][known]) for axis in (inlines, crosslines)
    ]  # numbers near 0, so that the fit is well conditioned
    design = np.stack([*bins, np.ones(len(bins[0]))], axis=-1)
    places = places[known]
    centre = places.mean(axis=0)
    matrix, _, rank, _ = np.linalg.lstsq(design, places - centre, rcond=None)
    if rank < 3:
        return None
    lengths = np.linalg.norm(matrix[:2], axis=1)
    misfit = np.linalg.norm(design @ matrix + centre - places, axis=1)
    flat = abs(np.linalg.det(matrix[:2])) < 1e-3 * lengths.prod()  # axes nearly parallel
    if flat or not lengths.all() or np.quantile(misfit, 1 - OUTLIERS) > lengths.min():
        return None
    linear = matrix[:2].T / [inlines.step, crosslines.step]
    offset = matrix[2] + centre - linear @ [inlines.first, crosslines.first]
    return np.column_stack([linear, offset])
