"""Labelled points in text files: each line holds one point, each file one class or several."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.class_column import by_class, without_class
from tfseis.io.labels.labels import BETWEEN, Labels
from tfseis.io.labels.nodes import Nodes, Reading, open_table, order_hint, read_nodes
from tfseis.io.labels.parts import LabelPart, class_files, merge
from tfseis.io.labels.positions import check_coordinates, numbers_of
from tfseis.io.labels.taken import Taken
from tfseis.io.labels.text import Table
from tfseis.io.output import check_output, complete_or_absent
from tfseis.wording import counted

COLUMNS = "inline crossline time_ms"


def read_points(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    unit: str | None = None,
    columns: Sequence[str] | str | None = None,
) -> Labels:
    """Read ``.pts`` files: one class for each file, numbered from 0 in sorted order of names.

    Titles name the columns where there are any. Otherwise the first two are line numbers or map
    coordinates, which is recognised by range, once for all files. A line number must lie on a line,
    a map coordinate belongs to the nearest trace. Points outside the cube are left out. A column
    with the title "class" divides the points of its file into classes; rows without one, or with a
    negative number, are left out.

    Args:
        paths: text files with the columns inline number, crossline number, or map x, map y, and
            time in ms (depth in m for depth cubes); further columns are ignored, as are comments.
            A point belongs to the nearest sample.
        geometry: geometry of the cube that the points label.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        columns: names of the columns, such as "inline,crossline,time"; None to recognise them.

    Returns:
        The labels, each sample once.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: a row without three numbers, no point inside the cube, a sample in two classes,
            a file without points, line numbers and map coordinates in one call, or columns that
            may be read in two ways; names file and line.
    """
    files = class_files(paths, ".pts file")
    readings = [Reading(columns, unit)] * len(files)
    return merge(point_parts(files, geometry, readings), geometry)


def point_parts(
    sources: Sequence[Path | Table],
    geometry: Geometry,
    readings: Sequence[Reading],
    ignore: Sequence[int] = (),
) -> list[LabelPart]:
    """The points of each file, one part for each class that is not among `ignore`."""
    parts: list[LabelPart] = []
    first: dict[bool, tuple[str, int, bool]] = {}
    for source, reading in zip(sources, readings, strict=True):
        table = open_table(source, COLUMNS)
        nodes = read_nodes(table, geometry, COLUMNS, reading)
        begin = table.path.name, int(table.lines[0]), nodes.layout.told
        first.setdefault(bool(np.all(nodes.by_map)), begin)
        if len(first) > 1 and not all(told for _, _, told in first.values()):
            raise LabelError(
                f"Expected points of one kind; {first[False][0]}, line {first[False][1]}, holds "
                f"line numbers and {first[True][0]}, line {first[True][1]}, map coordinates. Give "
                "files of one kind."
            )
        parts += _parts(nodes, geometry, ignore)
        del table, nodes  # they are as large as the points
    return parts


def write_points(
    folder: str | Path,
    labels: Labels,
    geometry: Geometry,
    *,
    coordinates: str = "lines",
    overwrite: bool = False,
) -> list[Path]:
    """Write labels as ``.pts`` files, one for each class that has labels, named after it.

    Args:
        folder: an existing folder.
        labels: labels to write.
        geometry: geometry of their cube.
        coordinates: "lines" for inline and crossline numbers, "map" for x and y.
        overwrite: whether files of these names may be replaced.

    Returns:
        Paths of the files, in the order of the classes.

    Raises:
        LabelError: unknown coordinates, or a class name that cannot be a file name.
        OutputError: a file exists, or the folder cannot be written to.
    """
    check_coordinates(coordinates)
    present = np.unique(labels.classes).tolist()
    names = [labels.legend.names[index] for index in present]
    for name in names:
        if Path(f"{name}.pts").name != f"{name}.pts":
            raise LabelError(
                f"Expected class names that can be file names; got {name!r}. Rename the class."
            )
    paths = [Path(folder) / f"{name}.pts" for name in names]
    for path in paths:
        check_output(path, overwrite)
    for index, path in zip(present, paths, strict=True):
        numbers = numbers_of(labels.positions[labels.classes == index], geometry, coordinates)
        with complete_or_absent(path, overwrite) as partial:
            np.savetxt(partial, numbers, fmt="%.10g", delimiter="\t")
    return paths


def _parts(nodes: Nodes, geometry: Geometry, ignore: Sequence[int]) -> list[LabelPart]:
    """The points of one file that lie on samples of the cube, one part for each class."""
    table = nodes.table
    index, between, outside = _samples(nodes, geometry)
    kept = ~(between | outside)
    if not kept.any():
        raise _none_inside(nodes, geometry, between, outside)
    left_out = [("outside the cube", int(outside.sum())), ("between lines", int(between.sum()))]
    column = None
    if "class" in nodes.layout.roles:
        column = table.columns[nodes.layout.roles["class"]]
        without = kept & without_class(column, ignore)
        left_out.append(("without a class", int(without.sum())))
        kept &= ~without
        if not kept.any():
            raise LabelError(
                f"{table.path.name}: expected classes in the column of classes of {len(table)} "
                "rows; got none. Leave out the file, or name the column: --columns (columns=..)."
            )
    taken = Taken(
        table.path.name,
        "points",
        nodes.layout.shown,
        nodes.unit,
        counted(len(table), "point"),
        tuple(left_out),
    )
    lines = table.lines
    if not kept.all():
        index, lines = index[kept], lines[kept]
    whole = LabelPart(table.path.name, table.path.stem, index, lines, taken=taken)
    return [whole] if column is None else by_class(whole, column.chosen(kept))


def _samples(nodes: Nodes, geometry: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest sample of each point, int64 (points, 3); which lie between lines, which outside."""
    index = np.empty((len(nodes.table), 3), "int64", order="F")
    outside = np.zeros(len(index), bool)
    between = np.zeros(len(index), bool)
    for column, axis in enumerate(geometry.axes):
        bins = (nodes.inlines, nodes.crosslines, None)[column]
        bins = axis.fractional(nodes.times) if bins is None else bins
        nearest = np.rint(bins)
        if nearest.min() < 0 or nearest.max() >= axis.count:
            outside |= (nearest < 0) | (nearest >= axis.count)
        if column < 2:
            between |= np.abs(bins - nearest) > BETWEEN
        index[:, column] = nearest
    return index, between & ~outside & ~np.asarray(nodes.by_map), outside


def _none_inside(
    nodes: Nodes, geometry: Geometry, between: np.ndarray, outside: np.ndarray
) -> LabelError:
    """The error for a file none of whose points lies on a sample; it shows the first point."""
    table, first = nodes.table, nodes.numbers(geometry)[0]
    for column, axis in enumerate(geometry.axes):
        number, place = first[column], axis.fractional(first[column])
        by_map = bool(np.broadcast_to(nodes.by_map, len(table))[0]) and column < 2
        off = column < 2 and not by_map and abs(place - np.rint(place)) > BETWEEN
        if not axis.inside(number) or off:
            break
    got = f"{number:.10g}"
    if by_map:
        x, y = (table.columns[nodes.layout.roles[role]].values[0] for role in ("x", "y"))
        got = f"{number:.1f} from x {x:.10g}, y {y:.10g}"
    return LabelError(
        f"{table.path.name}, line {table.lines[0]}: expected {axis.name} {axis.first:g} to "
        f"{axis.last:g} step {axis.step:g}; got {got} ({int((between | outside).sum())} of "
        f"{len(table)} points are outside). Check that points and cube are of one survey."
        + order_hint(table, nodes.layout, geometry)
    )
