"""Labelled points in ``.pts`` files: each file holds one class, each line one point."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import BETWEEN, Labels
from tfseis.io.labels.parts import LabelPart, class_files, merge
from tfseis.io.labels.positions import (
    COORDINATES,
    check_coordinates,
    numbers_of,
    place_bins,
    placed_columns,
    sample_numbers,
)
from tfseis.io.labels.text import read_table
from tfseis.io.output import check_output, complete_or_absent

COLUMNS = "inline crossline time_ms"


def read_points(
    paths: Sequence[str | Path], geometry: Geometry, *, unit: str | None = None
) -> Labels:
    """Read ``.pts`` files: one class for each file, numbered from 0 in sorted order of names.

    Whether the first two columns are line numbers or map coordinates is recognised by range, once
    for all files; a line number must lie on a line, a map coordinate belongs to the nearest trace.

    Args:
        paths: text files with the columns inline number, crossline number, or map x, map y, and
            time in ms (depth in m for depth cubes); further columns are ignored, as are comments
            and column titles. A point belongs to the nearest sample.
        geometry: geometry of the cube that the points label.
        unit: unit of the third column: "ms", "s", "m" or "sample"; None to recognise it.

    Returns:
        The labels, each sample once.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: a row without three numbers, a point outside the survey or between two lines,
            a sample in two classes, a file without points, or line numbers and map coordinates in
            one call; names file and line.
    """
    files = class_files(paths, ".pts file")
    return merge([part for part, _ in point_parts(files, geometry, unit)], geometry)


def point_parts(
    files: Sequence[Path], geometry: Geometry, unit: str | None = None
) -> list[tuple[LabelPart, str]]:
    """The points of each file, and whether it holds "lines" or "map" coordinates."""
    found = [_read_one(path, geometry, unit) for path in files]
    kinds = [kind for _, kind in found]
    if len(set(kinds)) > 1:
        names = [files[kinds.index(kind)].name for kind in COORDINATES]
        first = [found[kinds.index(kind)][0].lines for kind in COORDINATES]
        at = [0 if lines is None else lines[0] for lines in first]
        raise LabelError(
            f"Expected points of one kind; {names[0]}, line {at[0]}, holds line numbers and "
            f"{names[1]}, line {at[1]}, map coordinates. Give files of one kind."
        )
    return found


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


def _read_one(path: Path, geometry: Geometry, unit: str | None) -> tuple[LabelPart, str]:
    table = read_table(path, COLUMNS)
    rows, kind = placed_columns(table, (0, 1, 2), COLUMNS, geometry)
    bins = np.empty(rows.shape)
    bins[:, :2] = place_bins(rows[:, :2], kind, geometry)
    bins[:, 2] = geometry.samples.fractional(sample_numbers(rows[:, 2], geometry, unit))
    index = np.rint(bins).astype("int64")
    for column, axis in enumerate(geometry.axes):
        outside = (index[:, column] < 0) | (index[:, column] >= axis.count)
        if kind == "lines" and column < 2:
            outside |= np.abs(bins[:, column] - index[:, column]) > BETWEEN
        if outside.any():
            row = int(outside.argmax())
            got = f"{rows[row, column]:.10g}"
            if kind == "map" and column < 2:
                number = axis.first + axis.step * bins[row, column]
                got = f"{number:.1f} from x {rows[row, 0]:.10g}, y {rows[row, 1]:.10g}"
            raise LabelError(
                f"{path.name}, line {table.lines[row]}: expected {axis.name} {axis.first:g} to "
                f"{axis.last:g} step {axis.step:g}; got {got} ({outside.sum()} of {len(rows)} "
                "points are outside). Check that points and cube are of one survey."
            )
    return LabelPart(path.name, path.stem, index, table.lines), kind
