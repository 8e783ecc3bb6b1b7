"""Files of picked faults, read as the lines that they pick."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.labels import Labels, Line
from tfseis.io.labels.per_file import check_files, of_file
from tfseis.jobs.faults.picks.lines import PickedLine, line_name, picked_line
from tfseis.wording import counted

EVERY = "all"  # files, whose lines are completely picked
MOST_SHARE = 0.2  # of the samples of a line, above which picks are areas
FEWEST = 8  # picked samples of a line
MOST_LINES = 64  # lines that train, those with most picks
READING = ("kind", "columns", "unit")  # what may be said of each file


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
    return read_picks(cube, labels, lines=lines, complete=complete, reading=reading)[0]


def read_picks(
    cube: Cube,
    labels: Sequence[str | Path] | Labels,
    *,
    lines: Sequence[Line] = (),
    complete: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
) -> tuple[list[PickedLine], list[str]]:
    """What `picked_lines` reads, and how each file and each line was taken, a text each."""
    if any(axis not in (0, 1) for axis, _ in lines):
        raise LabelError("Expected inlines and crosslines; got a time slice. Leave it out.")
    found: dict[tuple[int, int], list[np.ndarray]] = {}
    notes: list[str] = []
    for name, read, whole in _read_each(cube.geometry, labels, lines, complete, reading or {}):
        notes += read.notes
        faults, none = _faults(read, name)
        for line in _lines_of(read.positions, cube.geometry, lines, name):
            picks, known = (_on_line(part, line, cube.shape) for part in (faults, none))
            _check_thin(picks, line_name(cube.geometry, *line), name)
            explicit = bool(known.any()) and not (picks | known).all()
            background = ~picks if whole else known & explicit
            before = found.setdefault(line, [np.zeros_like(picks), np.zeros_like(picks)])
            found[line] = [before[0] | picks, before[1] | background]
    read_lines = [
        picked_line(cube, *line, picks, (background & ~picks) if background.any() else None)
        for line, (picks, background) in sorted(found.items(), key=lambda item: item[0])
    ]
    used = [line for line in read_lines if (line.targets >= 0).any()]
    return used, [*notes, *(_line_note(line) for line in used), *_left_out(cube, lines, used)]


def _line_note(line: PickedLine) -> str:
    known = "unlabelled away from picks" if line.incomplete else "with background"
    return f"{line.name}: {counted(line.picks.sum(), 'picked sample')}, {known}"


def _left_out(cube: Cube, lines: Sequence[Line], used: Sequence[PickedLine]) -> Iterator[str]:
    """What is said of lines that were named and do not train."""
    train = {(line.axis, line.index) for line in used}
    for axis, number in dict.fromkeys(lines):
        index = cube.geometry.axes[axis].index(number)
        if (axis, index) not in train:
            yield f"{line_name(cube.geometry, axis, index)}: no picks; it does not train"


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


def _check_thin(picks: np.ndarray, line: str, name: str) -> None:
    share = picks.mean()
    if share > MOST_SHARE:
        raise LabelError(
            f"{name}: expected thin picks of faults; got {share:.0%} of {line}. Give sticks, "
            "points, or a mask of 1 on faults and 0 elsewhere."
        )
