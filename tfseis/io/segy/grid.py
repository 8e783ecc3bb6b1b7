"""The grid that the trace headers of a SEG-Y file form, with its map coordinates."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.affine import fit_affine
from tfseis.io.segy.axes import cells, line_axis
from tfseis.io.segy.coordinate_grid import numbers_from_places
from tfseis.io.segy.grid_checks import refuse_constant, refuse_diagonal, refuse_sparse
from tfseis.io.segy.header_fields import time_factor
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.number_formats import refuse_absurd, refuse_coordinates, with_numbers
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.options import trace_ranges
from tfseis.io.segy.outliers import refuse_damaged, refuse_strays, trace_number
from tfseis.io.segy.padding import scan_with_padding

OUTLIERS = 0.01  # share of traces that may start at another time
REPEATED = 0.25  # share of traces at a taken place above which they are no mere duplicates
FEW = 8  # number of traces from which one may start at another time


@dataclass(frozen=True)
class Grid:
    """Which trace of a file belongs to which inline and crossline.

    Args:
        geometry: axes, ascending, and map coordinates.
        trace_index: position of each trace in the file, int32 (inlines, crosslines); -1 where the
            file has no trace.
        sorting: "inline" or "crossline", whichever number changes less often from trace to trace.
    """

    geometry: Geometry
    trace_index: np.ndarray
    sorting: str


class PreStackError(GeometryError):
    """Several traces share a place at most places, or have different offsets there."""


class DuplicateTracesError(GeometryError):
    """Several traces share a place at some places."""


class StartTimesError(GeometryError):
    """Traces do not all start at the same time."""


def grid_of(path: Path, layout: Layout, opening: Opening) -> Grid:
    """Find the grid that the headers of all traces form.

    Raises:
        GeometryError: line numbers that are constant, repeat, stand apart, or spread over a grid
            that is nearly empty.
    """
    columns = scan_with_padding(path, layout, opening.fields())
    return grid_from(path.name, layout, opening, columns)


def grid_from(
    name: str, layout: Layout, opening: Opening, columns: Mapping[str, np.ndarray]
) -> Grid:
    """Find the grid of header columns that `scan_headers` has read.

    Args:
        name: name of the file, for messages.
        layout: layout of the file, from `read_layout`.
        opening: arguments of `open_segy` by which the columns are understood.
        columns: the fields of ``opening.fields()``, each (traces,), and maybe "padding".

    Raises:
        GeometryError: as `grid_of`.
    """
    kept = kept_traces(name, layout.traces, opening.skip_traces, columns.get("padding"))
    columns = _numbered(name, layout, opening, columns, kept)
    inline, crossline = columns["inline"], columns["crossline"]
    fits = np.zeros(len(inline), bool)
    if opening.skip_traces is None and opening.grid == "numbers":
        fits = refuse_damaged(name, columns)
    axes = [line_axis("inline", inline), line_axis("crossline", crossline)]
    refuse_sparse(name, axes, columns)
    trace_index = _trace_index(name, opening, columns, axes, fits)
    refuse_diagonal(name, inline, crossline)
    start = layout.first_sample
    if opening.start is None:
        start = _first_sample(name, layout, columns)
    samples = Axis("sample", start, layout.sample_interval, layout.samples)
    affine = fit_affine(axes[0], axes[1], columns)
    if opening.grid == "numbers":
        refuse_coordinates(name, axes, opening, traces=len(inline), affine=affine)
    if kept is not None:
        trace_index[trace_index >= 0] = np.flatnonzero(kept)[trace_index[trace_index >= 0]]
    steady = [np.count_nonzero(np.diff(numbers) == 0) for numbers in (inline, crossline)]
    return Grid(
        Geometry(axes[0], axes[1], samples, affine, layout.unit),
        trace_index.reshape(axes[0].count, axes[1].count),
        "inline" if steady[0] >= steady[1] else "crossline",
    )


def _numbered(
    name: str,
    layout: Layout,
    opening: Opening,
    columns: Mapping[str, np.ndarray],
    kept: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Columns of the traces that are kept, with line numbers and coordinates as numbers."""
    found = dict(columns)
    if kept is not None:
        found = {key: column[kept] for key, column in columns.items()}
        found["position"] = np.flatnonzero(kept)
    if opening.coordinate_scalar is not None:
        found["scalar"] = np.full_like(found["scalar"], opening.coordinate_scalar)
    found = with_numbers(name, found, opening)
    if opening.grid == "coordinates":
        return {**found, **numbers_from_places(name, found)}
    refuse_constant(name, found, opening)
    refuse_absurd(name, found, opening, layout.endian)
    return found


def _trace_index(
    name: str,
    opening: Opening,
    columns: Mapping[str, np.ndarray],
    axes: list[Axis],
    fits: np.ndarray,
) -> np.ndarray:
    """Position of a trace at each place of the grid, int32 (cells,); -1 where none is."""
    cell = cells(axes, (columns["inline"], columns["crossline"]))
    trace_index = np.full(axes[0].count * axes[1].count, -1, "int32")
    order = slice(None, None, -1) if opening.duplicates == "first" else slice(None)
    trace_index[cell[order]] = np.arange(len(cell), dtype="int32")[order]
    if opening.skip_traces is None:
        refuse_strays(name, columns, cell, axes, fits)
    _check_repeated(name, columns, cell, trace_index, opening.duplicates)
    return trace_index


def kept_traces(
    name: str,
    traces: int,
    skipped: tuple[int, ...] | None,
    padding: np.ndarray | None = None,
) -> np.ndarray | None:
    """Mask of the traces that are not left out, bool (traces,); None where none is.

    Raises:
        GeometryError: the file has no trace of such a number, or all are left out.
    """
    kept = np.ones(traces, bool)
    if padding is not None:
        kept &= ~padding
        warnings.warn(
            f"{name}: {np.count_nonzero(padding)} of {traces} traces are padding, with headers "
            "that name no place and samples of 0; they are left out.",
            stacklevel=4,
        )
    if skipped:
        if min(skipped) < 1 or max(skipped) > traces or len(set(skipped)) == traces:
            raise GeometryError(
                f"{name}: expected traces to leave out among 1 to {traces}, and not all; "
                f"got {trace_ranges(skipped)}. Correct skip_traces."
            )
        kept[np.asarray(skipped) - 1] = False
    return None if kept.all() else kept


def _check_repeated(
    name: str,
    columns: Mapping[str, np.ndarray],
    cell: np.ndarray,
    trace_index: np.ndarray,
    duplicates: str,
) -> None:
    overwritten = trace_index[cell] != np.arange(len(cell))
    if not overwritten.any():
        return
    first = int(np.argmax(np.isin(cell, cell[overwritten])))
    second = first + 1 + int(np.flatnonzero(cell[first + 1 :] == cell[first])[0])
    offsets = columns["offset"]
    pre_stack = offsets[first] != offsets[second] or overwritten.sum() > REPEATED * len(cell)
    if duplicates != "refuse" and not pre_stack:
        return
    what = "duplicate traces, of one offset"
    if pre_stack:
        what = f"a pre-stack file: offsets {offsets[first]} and {offsets[second]}"
        if offsets[first] == offsets[second]:
            what = f"like {overwritten.sum()} more of {len(cell)}: pre-stack, or other fields"
    remedy = (
        "Stack it, export one offset, or name other bytes"
        if pre_stack
        else "Keep one (duplicates='first'), or name other bytes"
    )
    kind = PreStackError if pre_stack else DuplicateTracesError
    one, other = (trace_number(columns, trace) for trace in (first, second))
    raise kind(
        f"{name}: expected one trace at each place; traces {one} and {other} both lie "
        f"at inline {columns['inline'][first]}, crossline {columns['crossline'][first]} "
        f"({what}). {remedy}."
    )


def _first_sample(name: str, layout: Layout, columns: Mapping[str, np.ndarray]) -> float:
    """Time in ms of the first sample, which all traces must share.

    Raises:
        StartTimesError: they do not.
    """
    delay, factor = columns["delay"], time_factor(columns["delay_scalar"])
    if (delay == delay[0]).all():
        return int(delay[0]) * factor
    times = delay * factor
    values, counts = np.unique(times, return_counts=True)
    usual = float(values[np.argmax(counts)])
    odd = times != usual
    if not odd.any():
        return usual
    if odd.sum() <= max(OUTLIERS * len(odd), 1 if len(odd) >= FEW else 0):
        warnings.warn(
            f"{name}: {odd.sum()} of {len(odd)} traces start at another time than {usual:g} "
            f"{layout.unit} (byte 109); they are taken to start there too.",
            stacklevel=4,
        )
        return usual
    raise StartTimesError(
        f"{name}: expected all traces to start at one time; they start at {values[0]:g} to "
        f"{values[-1]:g} {layout.unit} (byte 109). Export the cube with one start time; "
        f"start={usual:g} opens it as if all traces began there."
    )
