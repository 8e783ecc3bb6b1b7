"""The label model, ``.pts`` points that fill it, and how parts of several files become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.text import place_bins, placed_columns, read_table, sample_numbers
from tfseis.io.output import check_output, complete_or_absent

COLUMNS = "inline crossline time_ms"
BETWEEN = 0.25  # line numbers further than this from a line, in bins, belong to another survey
COORDINATES = ("lines", "map")

Line = tuple[int, float]  # axis (0 inline, 1 crossline, 2 time) and number


@dataclass(frozen=True)
class Labels:
    """Labelled samples; everything else is unlabelled.

    Args:
        positions: array indices in the cube, int64 (labels, 3).
        classes: class index of each, int64 (labels,); 0 is the first class of the legend.
        legend: names, colours, and the codes that stand for the classes in files.
    """

    positions: np.ndarray
    classes: np.ndarray
    legend: Legend

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class Part:
    """The samples that one file gives to one class.

    Args:
        file: its name, for messages.
        name: of the class.
        positions: array indices in the cube, int64 (labels, 3).
        lines: line number in the file of each, if a line stands for a sample.
    """

    file: str
    name: str
    positions: np.ndarray
    lines: np.ndarray | None = None


def read_points(
    paths: Sequence[str | Path], geometry: Geometry, *, unit: str | None = None
) -> Labels:
    """Read ``.pts`` files: one class a file, numbered from 0 in sorted order of file names.

    Whether the first two columns are line numbers or map coordinates is recognised by range, once
    for all files; a line number must lie on a line, a map coordinate belongs to the nearest trace.

    Args:
        paths: text files with the columns inline number, crossline number, or map x, map y, and
            time in ms (depth in m for depth cubes); further columns are ignored, as are comments
            and column titles. A point belongs to the nearest sample.
        geometry: of the cube that the points label.
        unit: of the third column: "ms", "s", "m" or "sample"; None to recognise it.

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
) -> list[tuple[Part, str]]:
    """The points of each file and their kind, "lines" or "map"; as `read_points`."""
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
    """Write labels as ``.pts`` files, one a class that has labels, named after it.

    Args:
        folder: is there already.
        labels: to write.
        geometry: of their cube.
        coordinates: "lines" for inline and crossline numbers, "map" for x and y.
        overwrite: whether files of these names may be replaced.

    Returns:
        The paths, in order of the classes.

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


def numbers_of(positions: np.ndarray, geometry: Geometry, coordinates: str) -> np.ndarray:
    """Columns of a text file, float64 (labels, 3), of array indices, which may be fractions."""
    axes = zip(geometry.axes, np.asarray(positions, "float64").T, strict=True)
    numbers = np.stack([axis.first + axis.step * index for axis, index in axes], axis=1)
    if coordinates == "map":
        numbers[:, :2] = geometry.to_map(numbers[:, 0], numbers[:, 1])
    return numbers


def on_lines(positions: np.ndarray, geometry: Geometry, lines: Sequence[Line]) -> np.ndarray:
    """The positions (labels, 2 or 3) that lie on one of the lines; all if there are none."""
    if not lines:
        return positions
    keep = np.zeros(len(positions), bool)
    for axis, number in lines:
        keep |= positions[:, axis] == geometry.axes[axis].index(number)
    return positions[keep]


def check_coordinates(coordinates: str) -> None:
    """Refuse what is neither "lines" nor "map"."""
    if coordinates not in COORDINATES:
        raise LabelError(
            f"Expected coordinates 'lines' or 'map'; got {coordinates!r}. Choose one of these."
        )


def class_files(paths: Sequence[str | Path], what: str) -> list[Path]:
    """Files of one class each, in sorted order of their names, which number the classes.

    Raises:
        LabelError: there is none, or two have one name.
    """
    files = sorted((Path(path) for path in paths), key=lambda path: path.name)
    if not files:
        raise LabelError(f"Expected at least one {what}; got none. Give one file a class.")
    check_names([path.stem for path in files])
    return files


def check_names(names: Sequence[str]) -> None:
    """Refuse a class name that comes twice."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LabelError(
            f"Expected one file a class; {twice!r} comes twice. Rename one, or leave it out."
        )


def merge(parts: Sequence[Part], geometry: Geometry) -> Labels:
    """One class a part, in the given order, each sample once.

    Raises:
        LabelError: two parts have one name, or label the same sample.
    """
    check_names([part.name for part in parts])
    places = np.concatenate([part.positions for part in parts])
    classes = np.repeat(np.arange(len(parts)), [len(part.positions) for part in parts])
    flat = np.ravel_multi_index(tuple(places.T), geometry.shape)
    _, first, group = np.unique(flat, return_index=True, return_inverse=True)
    clash = np.flatnonzero(classes != classes[first[group]])
    if clash.size:
        starts = np.searchsorted(classes, np.arange(len(parts)))
        one, other = int(first[group[clash[0]]]), int(clash[0])
        texts = [_where(parts[classes[k]], k - starts[classes[k]]) for k in (other, one)]
        at = ", ".join(
            f"{axis.name} {axis.numbers[index]:g}"
            for axis, index in zip(geometry.axes, places[other], strict=True)
        )
        raise LabelError(
            f"{texts[0]}: expected a sample of one class; {texts[1]}, labels the same one ({at}; "
            f"{len(clash)} in all). Remove one point."
        )
    keep = np.sort(first)
    return Labels(places[keep], classes[keep], Legend.of([part.name for part in parts]))


def _where(part: Part, index: int) -> str:
    return part.file if part.lines is None else f"{part.file}, line {part.lines[index]}"


def _read_one(path: Path, geometry: Geometry, unit: str | None) -> tuple[Part, str]:
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
    return Part(path.name, path.stem, index, table.lines), kind
