"""Lines of a cube on which somebody picked faults, and what their picks say of each sample."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.labels import UNLABELLED, Labels, Line
from tfseis.io.labels.per_file import check_files, of_file

EVERY = "all"  # files, whose lines are completely picked
NEAR = 2  # samples beside a pick that may be fault or not: picks are drawn by hand
FAR = 10  # samples beside a pick up to which whoever picked it looked: what lies between is none
MOST_SHARE = 0.2  # of the samples of a line, above which picks are areas
FEWEST = 8  # picked samples of a line
MOST_LINES = 64  # lines that train, those with most picks
READING = ("kind", "columns", "unit")  # what may be said of each file
NAMES = ("inline", "crossline")


@dataclass(frozen=True, eq=False)
class PickedLine:
    """An inline or a crossline with the faults that were picked on it.

    Args:
        cube: the cube that it is a line of.
        axis: 0 for an inline, 1 for a crossline.
        index: array index of the line along that axis.
        picks: bool (traces, samples), where a fault was picked.
        targets: int8 of the same shape, what trains: 1 at picks; 0 where there is no fault; -1
            where nobody knows.
        scored: bool of the same shape, the samples that count in a score.
        incomplete: whether nothing is known away from picks.
    """

    cube: Cube
    axis: int
    index: int
    picks: np.ndarray
    targets: np.ndarray
    scored: np.ndarray
    incomplete: bool

    @property
    def name(self) -> str:
        """Such as "inline 339"; of a cube of one line the name of the cube."""
        if self.cube.shape[self.axis] == 1:
            return self.cube.name
        return f"{NAMES[self.axis]} {self.cube.geometry.axes[self.axis].numbers[self.index]:g}"

    @property
    def plane(self) -> tuple[slice, slice, slice]:
        """Array indices of the line in its cube."""
        place = [slice(None)] * 3
        place[self.axis] = slice(self.index, self.index + 1)
        return place[0], place[1], place[2]


def picked_line(
    cube: Cube, axis: int, index: int, picks: np.ndarray, background: np.ndarray | None = None
) -> PickedLine:
    """A line from its picks, which are thin and may be incomplete.

    Args:
        cube: the cube.
        axis: 0 for an inline, 1 for a crossline.
        index: array index of the line.
        picks: bool (traces, samples).
        background: bool of the same shape, samples that are known to hold no fault; None where
            picks are incomplete: then samples farther than 10 from every pick are unknown.
    """
    distance = (
        ndimage.distance_transform_edt(~picks) if picks.any() else np.full(picks.shape, np.inf)
    )
    none = (distance <= FAR) if background is None else background
    targets = np.where((distance > NEAR) & none, 0, UNLABELLED).astype("int8")
    targets[picks] = 1
    return PickedLine(
        cube=cube,
        axis=axis,
        index=index,
        picks=picks,
        targets=targets,
        scored=none | (distance <= NEAR),
        incomplete=background is None,
    )


def picked_lines(
    cube: Cube,
    labels: Sequence[str | Path] | Labels,
    *,
    lines: Sequence[Line] = (),
    complete: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
) -> list[PickedLine]:
    """Read which faults were picked on which lines of a cube.

    Files of sticks or points hold faults. In label cubes, painted sections and `Labels` the class 0
    is no fault, and every other class is one. There 0 counts as looked at only where the same file
    has unlabelled samples on that line, negative or transparent, or the line is complete: a mask of
    0 and 1 does not say where nobody looked.

    Args:
        cube: the cube.
        labels: files as `tfseis.io.read_labels` takes them, each read by itself; or `Labels`.
        lines: (axis, number) of the lines that train: 0 inline, 1 crossline; empty for those that
            hold the picks. A label cube needs them.
        complete: names of the files on whose lines every fault was picked, so that all other
            samples hold none; "all" for all files.
        reading: arguments ``kind``, ``columns``, ``unit`` and ``ignore`` of
            `tfseis.io.read_labels`.

    Returns:
        Inlines before crosslines, ascending.

    Raises:
        FormatError: a file is missing, or is not what its name or content says.
        LabelError: files hold no thin picks on lines of the cube, or `complete` names another file.
    """
    if any(axis not in (0, 1) for axis, _ in lines):
        raise LabelError("Expected inlines and crosslines; got a time slice. Leave it out.")
    found: dict[tuple[int, int], list[np.ndarray]] = {}
    for name, read, whole in _read_each(cube.geometry, labels, lines, complete, reading or {}):
        faults, none = _faults(read, name)
        for line in _lines_of(read.positions, cube.geometry, lines, name):
            picks, known = (_on_line(part, line, cube.shape) for part in (faults, none))
            _check_thin(picks, line, cube.geometry, name)
            explicit = bool(known.any()) and not (picks | known).all()
            background = ~picks if whole else known & explicit
            before = found.setdefault(line, [np.zeros_like(picks), np.zeros_like(picks)])
            found[line] = [before[0] | picks, before[1] | background]
    read_lines = [
        picked_line(cube, *line, picks, (background & ~picks) if background.any() else None)
        for line, (picks, background) in sorted(found.items(), key=lambda item: item[0])
    ]
    return [line for line in read_lines if (line.targets >= 0).any()]


def _read_each(
    geometry: Geometry,
    labels: Sequence[str | Path] | Labels,
    lines: Sequence[Line],
    complete: Sequence[str],
    reading: Mapping[str, Any],
) -> Iterator[tuple[str, Labels, bool]]:
    """Name, labels and whether its lines are complete, of each file."""
    if isinstance(labels, Labels):
        yield "labels", labels, bool(complete)
        return
    paths = [Path(path) for path in labels]
    for what in READING:
        check_files(reading.get(what), what, paths)
    check_files(dict.fromkeys(name for name in complete if name != EVERY), "complete lines", paths)
    for path in paths:
        told = {what: of_file(reading.get(what), path) for what in READING}
        ignore = reading.get("ignore", ())
        read = read_labels([path], geometry, lines=lines, ignore=ignore, **told)
        yield path.name, read, not {EVERY, path.name, str(path)}.isdisjoint(complete)


def _faults(labels: Labels, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Array indices (samples, 3) of faults, and of samples that are said to hold none."""
    codes = np.array(labels.legend.codes)[labels.classes]
    if labels.legend.names == (Path(name).stem,):  # a file of one class, which is all faults
        return labels.positions, labels.positions[:0]
    faults = codes > 0
    if not faults.any():
        raise LabelError(
            f"{name}: expected faults with class numbers above 0, since 0 is no fault; got 0 "
            "alone. Number the faults from 1, or name lines that hold some."
        )
    return labels.positions[faults], labels.positions[~faults]


def _lines_of(
    positions: np.ndarray, geometry: Geometry, lines: Sequence[Line], name: str
) -> list[tuple[int, int]]:
    """(axis, index) of the lines that hold the labels: those that are named, or the fullest."""
    if lines:
        named = [(axis, geometry.axes[axis].index(number)) for axis, number in lines]
        return [line for line in named if (positions[:, line[0]] == line[1]).any()]
    axes = [axis for axis in (0, 1) if geometry.shape[1 - axis] > 1]  # a 2D line has one
    found: list[tuple[int, int]] = []
    left = positions
    while len(left) and axes and len(found) < MOST_LINES:
        counts = {axis: np.bincount(left[:, axis]) for axis in axes}
        axis = max(axes, key=lambda axis: counts[axis].max())
        index = int(counts[axis].argmax())
        if counts[axis][index] < FEWEST:
            break
        found.append((axis, index))
        left = left[left[:, axis] != index]
    if not found:
        raise LabelError(
            f"{name}: expected at least {FEWEST} picked samples on an inline or a crossline; got "
            "fewer on each. Give sticks that were picked along lines, or name the lines with "
            "--inline and --crossline."
        )
    return found


def _on_line(
    positions: np.ndarray, line: tuple[int, int], shape: tuple[int, int, int]
) -> np.ndarray:
    """Bool (traces, samples) of the positions on a line."""
    axis, index = line
    here = positions[positions[:, axis] == index]
    mask = np.zeros((shape[1 - axis], shape[2]), bool)
    mask[here[:, 1 - axis], here[:, 2]] = True
    return mask


def _check_thin(picks: np.ndarray, line: tuple[int, int], geometry: Geometry, name: str) -> None:
    share = picks.mean()
    if share > MOST_SHARE:
        number = geometry.axes[line[0]].numbers[line[1]]
        raise LabelError(
            f"{name}: expected thin picks of faults; got {share:.0%} of {NAMES[line[0]]} "
            f"{number:g}. Give sticks, points, or a mask of 1 on faults and 0 elsewhere."
        )
