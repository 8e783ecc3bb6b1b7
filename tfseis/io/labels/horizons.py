"""Horizons as interpretation systems write them in ASCII.

Forms: ``inline crossline time``, ``x y time``, ``inline crossline x y time`` and Charisma's
``INLINE : i XLINE : c x y time``, each with further columns or a leading name; EarthVision and
CPS-3 points and OpendTect exports are of these forms. Undefined nodes are dropped and counted, as
are nodes outside the survey: horizons are commonly larger than the cube.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.horizon_grid import REACH, gridded
from tfseis.io.labels.positions import (
    check_coordinates,
    numbers_of,
    place_bins,
    place_kind,
    sample_numbers,
)
from tfseis.io.labels.text import HUGE, Table, is_number, read_table
from tfseis.io.output import complete_or_absent

COLUMNS = "inline crossline time, or x y time"
UNDEFINED = (-999, -999.25, -9999, -99999, 9999, 99999, 999999, 9999999)


@dataclass(frozen=True)
class Horizon:
    """A surface on the traces of a cube.

    Args:
        name: name of the surface.
        times: times in ms (depths in m for depth cubes), float64 (inlines, crosslines); NaN where
            the surface is not known.
        outside: number of nodes of the file that lie outside the survey.
        undefined: number of nodes of the file without a value.
    """

    name: str
    times: np.ndarray
    outside: int = 0
    undefined: int = 0


def read_horizon(
    path: str | Path, geometry: Geometry, *, unit: str | None = None, reach: int = REACH
) -> Horizon:
    """Read one horizon.

    Nodes of one trace are averaged. Traces without a node are interpolated linearly between nodes
    if one lies within `reach` bins; beyond that, and outside the hull of the nodes, holes stay.

    Args:
        path: a text file in one of the forms of this module.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "m" or "sample"; None to recognise it.
        reach: distance in bins over which holes are filled; 0 fills none.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: a row without numbers, line numbers mixed with map coordinates, or no node
            inside the cube.
    """
    table = read_table(path, COLUMNS)
    table = _without_names(table)
    bins, values = _nodes(table, geometry)
    undefined = _undefined(values, geometry)
    times = sample_numbers(np.where(undefined, np.nan, values), geometry, unit)
    nearest = np.rint(bins)
    inside = ((nearest >= 0) & (nearest < geometry.shape[:2])).all(1)
    used = inside & ~undefined
    if not (used & geometry.samples.inside(np.where(undefined, HUGE, times))).any():
        row = table.rows[0]
        raise LabelError(
            f"{table.path.name}: expected nodes inside the survey, inlines {_span(geometry, 0)}, "
            f"crosslines {_span(geometry, 1)}, {_span(geometry, 2)} {geometry.sample_unit}; got "
            f"{' '.join(row.words)[:60]!r} in line {row.line}, and no other inside. Check that "
            "horizon and cube are of one survey, and the unit of the times."
        )
    around = ((bins > -1 - reach) & (bins < np.add(geometry.shape[:2], reach))).all(1) & ~undefined
    grid = gridded(bins[around], times[around], geometry.shape[:2], reach)
    return Horizon(table.path.stem, grid, int((~inside & ~undefined).sum()), int(undefined.sum()))


def write_horizon(
    path: str | Path,
    horizon: Horizon,
    geometry: Geometry,
    *,
    coordinates: str = "lines",
    overwrite: bool = False,
) -> None:
    """Write the known nodes of a horizon: inline, crossline (or x, y) and time, with a title.

    Args:
        path: the new file.
        horizon: horizon to write.
        geometry: geometry of its cube.
        coordinates: "lines" for inline and crossline numbers, "map" for x and y.
        overwrite: whether a file of that name may be replaced.

    Raises:
        LabelError: unknown coordinates.
        OutputError: the file exists, or its folder cannot be written to.
    """
    check_coordinates(coordinates)
    traces = np.argwhere(np.isfinite(horizon.times))
    times = horizon.times[tuple(traces.T)]
    numbers = numbers_of(np.column_stack([traces, np.zeros(len(traces))]), geometry, coordinates)
    title = "inline crossline" if coordinates == "lines" else "x y"
    with complete_or_absent(Path(path), overwrite) as partial:
        np.savetxt(
            partial,
            np.column_stack([numbers[:, :2], times]),
            fmt="%.10g",
            header=f"{title} time_{geometry.sample_unit}",
        )


def _without_names(table: Table) -> Table:
    """The table without the name of the horizon, a word before the numbers of each row."""
    if all(is_number(row.words[0]) for row in table.rows[:1]):
        return table
    names = {row.words[0] for row in table.rows}
    if len(names) > 1:
        raise LabelError(
            f"{table.path.name}: expected one horizon; got {len(names)}, among them "
            f"{', '.join(sorted(names)[:3])}. Split the file, one horizon each."
        )
    rows = tuple(type(row)(row.line, row.words[1:], row.opens, row.marked) for row in table.rows)
    return Table(table.path, rows, table.notes)


def _nodes(table: Table, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the nodes in bins (nodes, 2), and their values in the file (nodes,)."""
    width = len(table.rows[0].words)
    values = table.numbers(tuple(range(3 if width < 5 else 5)), COLUMNS)
    if table.crossline_first:
        values[:, :2] = values[:, 1::-1]
    kind = place_kind(table.path, values[:, :2], table.lines, geometry)
    column = 2
    if kind == "lines" and width >= 5 and geometry.affine is not None:
        numbers = geometry.from_map(values[:, 2], values[:, 3])
        column = 4 if _agree(numbers, values[:, :2], geometry) else 2
    if any(row.marked for row in table.rows[:1]) and width >= 5:
        column = 4
    return place_bins(values[:, :2], kind, geometry), values[:, column]


def _agree(some: np.ndarray, others: np.ndarray, geometry: Geometry) -> bool:
    """Whether most positions are the same within two bins."""
    steps = np.array([axis.step for axis in geometry.axes[:2]])
    with np.errstate(invalid="ignore"):
        return bool((np.abs(some - others) <= 2 * steps).all(1).mean() > 0.5)


def _undefined(values: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Mask of values that are not finite, huge, or a usual code and no time of the cube."""
    huge = ~np.isfinite(values) | (np.abs(values) >= HUGE)
    coded = np.isin(values, UNDEFINED)
    return huge | (coded & ~geometry.samples.inside(np.where(huge, 0, values)))


def _span(geometry: Geometry, axis: int) -> str:
    return f"{geometry.axes[axis].first:g} to {geometry.axes[axis].last:g}"
