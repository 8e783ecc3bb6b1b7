"""Line numbers that form no grid: the same everywhere, along a diagonal, or scattered."""

from collections.abc import Mapping

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy.axes import line_axis
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.outliers import trace_number

MOST_CELLS = 16  # grid cells for each trace; real survey outlines fill more of their grid
MOST_CROSSED = 256  # the same, for lines that cross each other and leave most of the grid empty
USED = 0.5  # share of the line numbers that crossing lines use
FREE_CELLS = 4096  # a grid with at most so many cells is never refused as sparse


def refuse_constant(name: str, columns: Mapping[str, np.ndarray], opening: Opening) -> None:
    """Refuse line numbers that are the same in all traces."""
    first = [int(columns[key][0]) for key in ("inline", "crossline")]
    if any((columns[key] != number).any() for key, number in zip(columns, first, strict=False)):
        return
    traces = len(columns["inline"])
    if first != [0, 0] and traces == 1:
        return
    raise GeometryError(
        f"{name}: expected line numbers at bytes {opening.inline_byte} and "
        f"{opening.crossline_byte} of the trace headers; all {traces} traces say inline "
        f"{first[0]}, crossline {first[1]}. "
        "Name other bytes (inline_byte, crossline_byte); gathers and shots form no cube."
    )


def refuse_diagonal(name: str, inline: np.ndarray, crossline: np.ndarray) -> None:
    """Refuse line numbers of which each trace has its own, as along a 2D line."""
    traces = len(inline)
    if traces < 2 or any(len(np.unique(numbers)) < traces for numbers in (inline, crossline)):
        return
    raise GeometryError(
        f"{name}: expected lines of several traces; each of the {traces} traces has an inline and "
        "a crossline of its own. Name other bytes; a single 2D line forms no cube."
    )


def refuse_sparse(name: str, axes: list[Axis], columns: Mapping[str, np.ndarray]) -> None:
    """Refuse line numbers that spread over a grid which is nearly empty, before it is made."""
    numbers = columns["inline"], columns["crossline"]
    traces = len(numbers[0])
    cells = axes[0].count * axes[1].count
    if cells <= max(MOST_CELLS * traces, FREE_CELLS):
        return
    tables = [np.unique(column, return_counts=True) for column in numbers]
    used = [len(table[0]) / axis.count for axis, table in zip(axes, tables, strict=True)]
    several = all(len(table[0]) <= traces / 2 for table in tables)  # traces on a line, on average
    if several and min(used) >= USED and cells <= MOST_CROSSED * traces:
        return
    worst = int(np.argmin(used))
    values, counts = tables[worst]
    distance = np.abs(values.astype("float64") - np.median(numbers[worst]))
    odd = values[np.lexsort((-distance, counts))[0]]  # the rarest number, then the farthest off
    rest = line_axis(axes[worst].name, values[values != odd])
    blamed = ""
    if rest.count * cells // axes[worst].count <= max(MOST_CELLS * traces, FREE_CELLS):
        trace = trace_number(columns, int(np.flatnonzero(numbers[worst] == odd)[0]))
        blamed = f"Trace {trace} (of 1 to {traces}) has {rest.name} {odd}. Correct its header, or "
    raise GeometryError(
        f"{name}: expected line numbers that form a grid; {traces} traces spread over "
        f"{axes[0].count} inlines x {axes[1].count} crosslines. "
        f"{blamed}{'name' if blamed else 'Name'} other bytes."
    )
