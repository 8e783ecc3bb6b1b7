"""Rows of a text table as nodes: array indices of the place, and the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.columns import ASK, Layout, layout_of
from tfseis.io.labels.fitting import AGREE, LINES, MAP, other_order, pairs_agree
from tfseis.io.labels.positions import inside_lines, inside_map
from tfseis.io.labels.text import Table, read_table
from tfseis.io.labels.times import sample_times, units_of


@dataclass(frozen=True)
class Reading:
    """How the user says that a text file is read.

    Args:
        columns: names of its columns, as `tfseis.io.labels.titles.named_columns` takes them; None
            to recognise them.
        unit: unit of its times, "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
    """

    columns: Sequence[str] | str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Nodes:
    """The rows of a table, placed.

    Args:
        table: the table.
        layout: meaning of its columns.
        inlines: fractional array index of the inline of each row, not checked, float64 (rows,).
        crosslines: the same of the crossline.
        by_map: whether x and y placed the row, bool (rows,); one for all where they are alike.
        times: times in ms (depths in m for depth cubes), float64 (rows,); NaN in a polygon on the
            map.
        unit: the unit that was taken, for messages.
    """

    table: Table
    layout: Layout
    inlines: np.ndarray
    crosslines: np.ndarray
    by_map: np.ndarray | bool
    times: np.ndarray
    unit: str

    def numbers(self, geometry: Geometry) -> np.ndarray:
        """Line numbers, not rounded, and times, float64 (rows, 3)."""
        places = zip(geometry.axes[:2], (self.inlines, self.crosslines), strict=True)
        columns = [axis.first + axis.step * bins for axis, bins in places]
        return np.column_stack([*columns, self.times])


def open_table(source: str | Path | Table, expected: str) -> Table:
    """A table that is read already, or the table of a file."""
    return source if isinstance(source, Table) else read_table(source, expected)


def read_nodes(
    table: Table,
    geometry: Geometry,
    expected: str,
    reading: Reading | None = None,
    *,
    timed: bool = True,
) -> Nodes:
    """Place the rows of a table, each of which must hold finite numbers.

    Args:
        table: the table.
        geometry: geometry of the cube.
        expected: names of the columns, for messages.
        reading: what the user says of the file.
        timed: whether rows hold times; without, they lie on the map.

    Raises:
        LabelError: a row has no such numbers, the file mixes line numbers with map coordinates,
            or it may be read in two ways.
    """
    reading = reading or Reading()
    layout = layout_of(table, geometry, expected, reading.columns, timed=timed)
    for role in (*LINES, *MAP, "time"):
        if role in layout.roles and (timed or role != "time"):
            table.finite(layout.roles[role], expected)
    inlines, crosslines, by_map = place_rows(table, layout, geometry, expected)
    if not timed:
        return Nodes(table, layout, inlines, crosslines, by_map, np.full(len(table), np.nan), "")
    values = table.numbers(layout.roles["time"], expected)
    times, said = sample_times(
        values, geometry, unit_of(table, layout, geometry, reading), file=table.path.name
    )
    return Nodes(table, layout, inlines, crosslines, by_map, times, said)


def unit_of(table: Table, layout: Layout, geometry: Geometry, reading: Reading) -> str | None:
    """Unit of the times: the user's, else that of the file; None to recognise it.

    Raises:
        LabelError: the file states a unit that the cube has not.
    """
    if reading.unit is not None or not layout.unit:
        return reading.unit
    own = geometry.sample_unit
    wanted = "times in ms or s" if own == "ms" else f"depths in {own}"
    if layout.unit not in units_of(geometry):
        raise LabelError(
            f"{table.path.name}: expected {wanted}, as the cube has; the file states "
            f"{layout.unit}. Convert them, or name the unit that is meant: --unit {own} "
            f"(unit={own!r})."
        )
    return layout.unit


def place_rows(
    table: Table, layout: Layout, geometry: Geometry, expected: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray | bool]:
    """Fractional array indices of inline and crossline, and which rows x and y placed.

    Where rows have line numbers and map coordinates, those count that lie inside the survey or
    nearer to it, row by row, and line numbers where both do.

    Raises:
        LabelError: a row has no numbers there, or both name other places in most rows.
    """
    columns = {
        role: table.numbers(layout.roles[role], expected)
        for role in (*LINES, *MAP)
        if role in layout.roles
    }
    by_map: np.ndarray | bool
    if "inline" not in columns:
        numbers = geometry.from_map(columns["x"], columns["y"])
        _refuse_mistitled(table, layout, columns, geometry)
        inline, crossline, by_map = numbers[:, 0], numbers[:, 1], True
    elif "x" not in columns:
        inline, crossline, by_map = columns["inline"], columns["crossline"], False
    else:
        inline, crossline, by_map = _by_row(table, layout, columns, geometry)
    axes = geometry.axes[:2]
    return axes[0].fractional(inline), axes[1].fractional(crossline), by_map


def order_hint(table: Table, layout: Layout, geometry: Geometry) -> str:
    """What to do where no row fits: the only other order of columns that does, if there is one."""
    if layout.told:
        return ""
    names = other_order(table, layout.roles, geometry)
    return f" Their columns fit in another order: --columns {names} (columns=..)." * bool(names)


def _by_row(
    table: Table, layout: Layout, columns: dict[str, np.ndarray], geometry: Geometry
) -> tuple[np.ndarray, np.ndarray, np.ndarray | bool]:
    inline, crossline, x, y = (columns[role] for role in (*LINES, *MAP))
    by_lines = inside_lines(inline, crossline, geometry)
    numbers = geometry.from_map(x, y)
    by_map = inside_lines(numbers[:, 0], numbers[:, 1], geometry)
    absent = (inline == 0) & (crossline == 0)
    both = by_lines & by_map & ~absent
    if both.any() and not pairs_agree(table.chosen(both), layout.roles, geometry):
        raise LabelError(
            f"{table.path.name}: expected line numbers and map coordinates of the same places; got "
            f"{table.row(int(both.argmax()))!r} in line {table.lines[both][0]}, where they differ. "
            + ASK.format(",".join(_without(layout.roles, MAP)))
        )
    nearer = _beyond(numbers.T, geometry) < _beyond((inline, crossline), geometry) - AGREE
    use_map = (by_map & absent & ~_near(inline, crossline, numbers, geometry)) | nearer
    if not use_map.any():
        return inline, crossline, False
    places = [np.where(use_map, numbers[:, i], one) for i, one in enumerate((inline, crossline))]
    return places[0], places[1], use_map


def _beyond(places: Sequence[np.ndarray] | np.ndarray, geometry: Geometry) -> np.ndarray:
    """How many bins places lie outside the survey, float64 (rows,); 0 inside."""
    found = np.zeros(len(places[0]))
    for axis, numbers in zip(geometry.axes[:2], places, strict=True):
        bins = axis.fractional(numbers)
        found = np.maximum(found, np.maximum(-0.5 - bins, bins - (axis.count - 0.5)))
    return found


def _near(
    inline: np.ndarray, crossline: np.ndarray, numbers: np.ndarray, geometry: Geometry
) -> np.ndarray:
    steps = [axis.step for axis in geometry.axes[:2]]
    return (np.abs(inline - numbers[:, 0]) <= steps[0]) & (
        np.abs(crossline - numbers[:, 1]) <= steps[1]
    )


def _without(roles: dict[str, int], left: Sequence[str]) -> list[str]:
    """Names of the columns in order, with "-" for those that are left out or have none."""
    names = {index: role for role, index in roles.items() if role not in left}
    return [names.get(index, "-") for index in range(max(names) + 1)]


def _refuse_mistitled(
    table: Table, layout: Layout, columns: dict[str, np.ndarray], geometry: Geometry
) -> None:
    """Refuse titles x and y above what are line numbers of the survey."""
    if not layout.told or inside_map(columns["x"], columns["y"], geometry).any():
        return
    if inside_lines(columns["x"], columns["y"], geometry).all():
        raise LabelError(
            f"{table.path.name}: expected map coordinates in the columns x and y; got "
            f"{table.row(0)!r} in line {table.lines[0]}, which are line numbers of the cube. "
            + ASK.format("inline,crossline,time")
        )
