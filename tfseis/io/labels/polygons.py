"""Polygons drawn on a section, a time slice or the map, as filled areas.

Form: each line holds one vertex, in order, as ``inline crossline time`` or ``x y time``, or as
titles say; an empty line, ``>``, CPS-3's ``->`` or a row of 999 begins another polygon of the same
class, as does another number or name behind the vertex. A polygon whose vertices share an inline, a
crossline or a time is an area of that section. With two columns, ``inline crossline`` or ``x y``,
it lies on the map, and a comment line of the file says how deep it reaches::

    # time 800 1200
    # horizons top.dat base.dat        (beside the polygon file)

The first and the last time are included. Between horizons, the samples are those of a facies
between them. Where a polygon lies inside one of another class, the inner one labels what it holds,
in whatever order the files come; inside one of its own class it changes nothing. Samples on a
border that polygons of two classes share are labelled by neither.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.areas import Polygon, area_samples, none_inside
from tfseis.io.labels.horizon_grid import OFF_CENTRE
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.nested import innermost
from tfseis.io.labels.nodes import Nodes, Reading, open_table, read_nodes
from tfseis.io.labels.parts import LabelPart, class_files, merge
from tfseis.io.labels.pieces import polygon_numbers, without_ends
from tfseis.io.labels.taken import Taken
from tfseis.io.labels.text import Table
from tfseis.io.labels.times import sample_numbers
from tfseis.io.labels.titles import named_columns, role_and_unit, titles_of
from tfseis.io.labels.words import is_number, split_words
from tfseis.io.output import complete_or_absent
from tfseis.wording import counted

COLUMNS = "inline crossline time, x y time, or two columns on the map"
FEWEST_VERTICES = 3
DEPTH_WORDS = 3  # of a comment such as # time 800 1200


def read_polygon(
    path: str | Path | Table,
    geometry: Geometry,
    *,
    unit: str | None = None,
    columns: Sequence[str] | str | None = None,
) -> list[Polygon]:
    """Read the polygons of one class; the class is named after the file.

    Args:
        path: a text file in the form of this module.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        columns: names of the columns, such as "x,y,time,polygon"; None to recognise them.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: a row without numbers, fewer than three vertices, line numbers mixed with map
            coordinates, a polygon on the map without its depth, or columns that may be read in two
            ways.
    """
    return _areas(open_table(path, COLUMNS), geometry, Reading(columns, unit))[0]


def read_polygons(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    unit: str | None = None,
    columns: Sequence[str] | str | None = None,
) -> Labels:
    """Read filled polygons: one class for each file, in sorted order of file names.

    Args:
        paths: files of polygons in any order.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        columns: names of the columns, such as "x,y,time"; None to recognise them.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: as `polygon_parts`.
    """
    files = class_files(paths, "polygon file")
    readings = [Reading(columns, unit)] * len(files)
    return merge(polygon_parts(files, geometry, readings), geometry)


def polygon_parts(
    sources: Sequence[Path | Table], geometry: Geometry, readings: Sequence[Reading]
) -> list[LabelPart]:
    """Read the samples inside the polygons of files of one class each.

    Args:
        sources: the files, or their tables.
        geometry: geometry of the cube.
        readings: what the user says of each file.

    Returns:
        The samples of each file, each once; those of a polygon inside one of another class belong
        to the inner one.

    Raises:
        LabelError: as `read_polygon`; no sample inside the polygons of a file; or polygons of
            different classes that overlap in part.
    """
    parts, areas = [], []
    for source, reading in zip(sources, readings, strict=True):
        table = open_table(source, COLUMNS)
        shapes, taken = _areas(table, geometry, reading)
        found = [area_samples(shape, geometry, reading.unit) for shape in shapes]
        empty = sum(not len(positions) for positions in found)
        if empty == len(found):
            raise none_inside(table.path.stem)
        taken = replace(taken, left_out=(("around no sample of the cube", empty),))
        areas.append(found)
        parts.append(LabelPart(table.path.name, table.path.stem, found[0], taken=taken))
    return _inner_first(parts, areas, geometry)


def _inner_first(
    parts: Sequence[LabelPart], areas: Sequence[Sequence[np.ndarray]], geometry: Geometry
) -> list[LabelPart]:
    """The parts with the samples of their areas that no inner area of another part holds."""
    owners = np.repeat(np.arange(len(parts)), [len(some) for some in areas]).tolist()
    every = [area for some in areas for area in some]
    kept = innermost(every, owners, [parts[owner].file for owner in owners], geometry)
    found = []
    for number, (part, some) in enumerate(zip(parts, areas, strict=True)):
        mine = [area for owner, area in zip(owners, kept, strict=True) if owner == number]
        positions, whole = (np.unique(np.concatenate(group), axis=0) for group in (mine, some))
        if not len(positions):
            raise LabelError(
                f"{part.file}: expected a sample that no polygon of another class inside holds; "
                "got none. Leave out the file, or a polygon inside."
            )
        inside = (
            "samples in polygons of other classes inside, or on a border",
            len(whole) - len(positions),
        )
        taken = part.taken and replace(part.taken, left_out=(*part.taken.left_out, inside))
        found.append(replace(part, positions=positions, taken=taken))
    return found


def write_polygon(path: str | Path, areas: Sequence[Polygon], *, overwrite: bool = False) -> None:
    """Write polygons of one class, in line numbers.

    Args:
        path: the new file, which is named after the class.
        areas: polygons to write; those on the map share one depth. Horizons are named by their
            paths relative to `path`.
        overwrite: whether a file of that name may be replaced.

    Raises:
        LabelError: no polygon, or polygons of several depths.
        OutputError: the file exists, or its folder cannot be written to.
    """
    path = Path(path)
    if len({(area.times, area.horizons) for area in areas}) != 1:
        raise LabelError(
            "Expected polygons of one depth for one file; got "
            f"{'several depths' if areas else 'no polygon'}. Write a file for each."
        )
    first = areas[0]
    on_map = bool(first.times or first.horizons)
    lines = ["# polygon", "# inline crossline" + " time" * (not on_map)]
    if first.times:
        lines.append(f"# time {first.times[0]:.10g} {first.times[1]:.10g}")
    if first.horizons:
        names = [Path(os.path.relpath(horizon, path.parent)) for horizon in first.horizons]
        lines.append(f'# horizons "{names[0].as_posix()}" "{names[1].as_posix()}"')
    for area in areas:
        columns = area.vertices[:, :2] if on_map else area.vertices
        lines += [" ".join(f"{number:.10g}" for number in row) for row in columns] + [""]
    with complete_or_absent(path, overwrite) as partial:
        partial.write_text("\n".join(lines), encoding="utf-8")


def _areas(table: Table, geometry: Geometry, reading: Reading) -> tuple[list[Polygon], Taken]:
    """The polygons of a table, and how it was taken."""
    table = without_ends(table)
    timed = has_times(table, reading)
    _refuse_two_depths(table, reading, timed=timed)
    nodes = read_nodes(table, geometry, COLUMNS, reading, timed=timed)
    vertices = _on_lines(nodes, geometry)
    shape = Polygon(table.path.stem, vertices)
    if not timed:
        shape = _depth(table, shape, geometry, reading.unit)
    starts = np.flatnonzero(np.diff(polygon_numbers(table, nodes.layout, timed=timed))) + 1
    for first, after in zip([0, *starts], [*starts, len(table)], strict=True):
        if after - first < FEWEST_VERTICES:
            raise LabelError(
                f"{table.path.name}, line {table.lines[first]}: expected three vertices or "
                f"more; got {after - first}. Add some, or remove the empty line between vertices."
            )
    areas = [replace(shape, vertices=part) for part in np.split(vertices, starts)]
    found = f"{counted(len(areas), 'polygon')} of {counted(len(table), 'vertex', 'vertices')}"
    return areas, Taken(table.path.name, "polygon", nodes.layout.shown, nodes.unit, found)


def _refuse_two_depths(table: Table, reading: Reading, *, timed: bool) -> None:
    """Refuse vertices with a third column below a comment that says their depth."""
    said = depth_notes(table)
    if said and timed and reading.columns is None and not titles_of(table):
        raise LabelError(
            f"{table.path.name}: expected two columns below '# {said[0]}'; got {table.row(0)!r} in "
            f"line {table.lines[0]}. Say what the third is with --columns (columns=..), such as "
            "inline,crossline,polygon."
        )


def _on_lines(nodes: Nodes, geometry: Geometry) -> np.ndarray:
    """Numbers of vertices; map coordinates next to a trace, which are rounded, lie on it."""
    places = [nodes.inlines, nodes.crosslines]
    for axis, bins in enumerate(places):
        near = nodes.by_map & (np.abs(bins - np.rint(bins)) <= OFF_CENTRE)
        places[axis] = np.where(near, np.rint(bins), bins)
    return replace(nodes, inlines=places[0], crosslines=places[1]).numbers(geometry)


def depth_notes(table: Table) -> list[str]:
    """Comments that say how deep a polygon on the map reaches."""
    said = [split_words(note) for note in table.notes]
    return [
        " ".join(words)
        for words in said
        if words[:1] in (["time"], ["horizons"]) and len(words) == DEPTH_WORDS
    ]


def has_times(table: Table, reading: Reading) -> bool:
    """Whether vertices have times; without, they lie on the map."""
    if reading.columns is not None:
        return "time" in named_columns(reading.columns)
    titles = titles_of(table)
    if titles:
        return "time" in {role_and_unit(title)[0] for title in titles}
    return len(table.columns) > 2


def _depth(table: Table, shape: Polygon, geometry: Geometry, unit: str | None) -> Polygon:
    """The polygon with the depth that a comment line of its file names."""
    for note in table.notes:
        key, *words = split_words(note) or [""]
        if key == "time" and len(words) == 2 and all(map(is_number, words)):
            low, high = sorted(sample_numbers(np.array(words, "float64"), geometry, unit).tolist())
            return replace(shape, times=(low, high))
        if key == "horizons" and len(words) == 2:
            upper, lower = (table.path.parent / word for word in words)
            return replace(shape, horizons=(upper, lower))
    raise LabelError(
        f"{table.path.name}: expected, for a polygon on the map, a line '# time 800 1200' or "
        "'# horizons top.dat base.dat'; got none. Add one, or a third column of times."
    )
