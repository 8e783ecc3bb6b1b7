"""Horizons as interpretation systems write them in ASCII.

Titles name the columns where there are any. Without, forms are ``inline crossline time``,
``x y time``, ``inline crossline x y time``, ``x y inline crossline time`` and Charisma's
``INLINE : i XLINE : c x y time``, each with further columns or a leading name; EarthVision, CPS-3
and Petrel points, OpenWorks, IESX and OpendTect exports are of these forms. Undefined nodes are
dropped and counted, as are nodes outside the survey: horizons are commonly larger than the cube.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.columns import layout_of
from tfseis.io.labels.horizon_grid import REACH, gridded
from tfseis.io.labels.nodes import Reading, open_table, order_hint, place_rows, unit_of
from tfseis.io.labels.positions import check_coordinates, numbers_of
from tfseis.io.labels.taken import Taken
from tfseis.io.labels.text import HUGE, Table
from tfseis.io.labels.times import sample_times
from tfseis.io.labels.undefined import undefined_values
from tfseis.io.output import complete_or_absent
from tfseis.wording import counted

COLUMNS = "inline crossline time, or x y time"


@dataclass(frozen=True)
class Horizon:
    """A surface on the traces of a cube.

    Args:
        name: name of the surface.
        times: times in ms (depths in m for depth cubes), float64 (inlines, crosslines); NaN where
            the surface is not known.
        outside: number of nodes of the file that lie outside the survey.
        undefined: number of nodes of the file without a value.
        taken: how the file was taken, for messages.
    """

    name: str
    times: np.ndarray
    outside: int = 0
    undefined: int = 0
    taken: Taken | None = None


def read_horizon(
    path: str | Path | Table,
    geometry: Geometry,
    *,
    unit: str | None = None,
    reach: int = REACH,
    columns: Sequence[str] | str | None = None,
) -> Horizon:
    """Read one horizon.

    Nodes of one trace are averaged. Traces without a node are interpolated linearly between nodes
    if one lies within `reach` bins; beyond that, and outside the hull of the nodes, holes stay.

    Args:
        path: a text file in one of the forms of this module.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        reach: distance in bins over which holes are filled; 0 fills none.
        columns: names of the columns, such as "x,y,inline,crossline,time"; None to recognise them.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: a row without numbers, line numbers mixed with map coordinates, no node inside
            the cube, several horizons, or columns that may be read in two ways.
    """
    table = open_table(path, COLUMNS)
    _refuse_several(table)
    reading = Reading(columns, unit)
    layout = layout_of(table, geometry, COLUMNS, columns)
    inlines, crosslines, _ = place_rows(table, layout, geometry, COLUMNS)
    values = table.numbers(layout.roles["time"], COLUMNS)
    stated = unit_of(table, layout, geometry, reading)
    undefined = undefined_values(values, geometry, unit=stated)
    known = np.where(undefined, np.nan, values) if undefined.any() else values
    times, said = sample_times(known, geometry, stated, file=table.path.name)
    bins = np.stack([inlines, crosslines], axis=1)
    size = np.array(geometry.shape[:2])
    inside = _between(np.rint(bins), -1, size)
    used = inside & ~undefined
    sure = stated is not None  # of the unit, so that a horizon may lie above or below the cube
    if not (used & (sure | geometry.samples.inside(np.where(undefined, HUGE, times)))).any():
        raise LabelError(
            f"{table.path.name}: expected nodes inside the survey, inlines {_span(geometry, 0)}, "
            f"crosslines {_span(geometry, 1)}, {_span(geometry, 2)} {geometry.sample_unit}; got "
            f"{table.row(0)!r} in line {table.lines[0]}, and no other inside. Check that "
            "horizon and cube are of one survey, and the unit of the times."
            + order_hint(table, layout, geometry)
        )
    around = _between(bins, -1 - reach, size + reach) & ~undefined
    if not around.all():
        bins, times = bins[around], times[around]
    grid = gridded(bins, times, geometry.shape[:2], reach)
    outside, lacking = int((~inside & ~undefined).sum()), int(undefined.sum())
    left_out = (("outside the survey", outside), ("undefined", lacking))
    shown, nodes = layout.shown, counted(len(table), "node")
    taken = Taken(table.path.name, "horizon", shown, said, nodes, left_out)
    return Horizon(table.path.stem, grid, outside, lacking, taken)


def nearest_samples(horizon: Horizon, geometry: Geometry) -> np.ndarray:
    """The sample nearest to a horizon on each trace where it is known, int64 (samples, 3)."""
    traces = np.argwhere(np.isfinite(horizon.times))
    times = horizon.times[tuple(traces.T)]
    inside = geometry.samples.inside(times)
    samples = np.rint(geometry.samples.fractional(times[inside])).astype("int64")
    return np.column_stack([traces[inside], samples])


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
            header=f"horizon\n{title} time_{geometry.sample_unit}",
        )


def _refuse_several(table: Table) -> None:
    """Refuse a file whose rows begin with the names of several horizons."""
    first = table.columns[0]
    if first.is_text and len(first.names) > 1:
        raise LabelError(
            f"{table.path.name}: expected one horizon; got {len(first.names)}, among them "
            f"{', '.join(sorted(first.names)[:3])}. Split the file, one horizon each."
        )


def _between(bins: np.ndarray, low: float, high: np.ndarray) -> np.ndarray:
    """Which nodes lie inside limits, bool (nodes,)."""
    one, other = bins.T
    return (one > low) & (one < high[0]) & (other > low) & (other < high[1])


def _span(geometry: Geometry, axis: int) -> str:
    return f"{geometry.axes[axis].first:g} to {geometry.axes[axis].last:g}"
