"""Labelled samples of a cube: from ``.pts`` points, or from lines of a label cube."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError, LabelError
from tfseis.geometry import Geometry
from tfseis.io.legend import Legend

COLUMNS = "inline crossline time_ms"


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


def read_points(paths: Sequence[str | Path], geometry: Geometry) -> Labels:
    """Read ``.pts`` files: one class a file, numbered from 0 in sorted order of file names.

    Args:
        paths: text files with whitespace-separated columns: inline number, crossline number,
            time in ms (depth in m for depth cubes); further columns are ignored. Empty lines and
            lines that begin with ``#`` are skipped. A point belongs to the nearest sample.
        geometry: of the cube that the points label.

    Returns:
        The labels, each sample once.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: a row without three numbers, a point outside the survey or between two lines,
            a sample in two classes, or a file without points; names file and line.
    """
    files = sorted((Path(path) for path in paths), key=lambda path: path.name)
    if not files:
        raise LabelError("Expected at least one .pts file; got none. Give one file a class.")
    names = [path.stem for path in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LabelError(f"Expected one file a class; {twice!r} comes twice. Rename or leave out one.")
    found = [_read_one(path, geometry) for path in files]
    places = np.concatenate([positions for positions, _ in found])
    lines = np.concatenate([numbers for _, numbers in found])
    classes = np.repeat(np.arange(len(files)), [len(numbers) for _, numbers in found])
    flat = np.ravel_multi_index(tuple(places.T), geometry.shape)
    _, first, group = np.unique(flat, return_index=True, return_inverse=True)
    clash = np.flatnonzero(classes != classes[first[group]])
    if clash.size:
        one, other = first[group[clash[0]]], clash[0]
        raise LabelError(
            f"{files[classes[other]].name}, line {lines[other]}: expected a sample of one class; "
            f"{files[classes[one]].name}, line {lines[one]}, labels the same one. Remove one point."
        )
    keep = np.sort(first)
    return Labels(places[keep], classes[keep], Legend.of(names))


def _read_one(path: Path, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Array indices (points, 3) and line numbers in the file (points,)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path}: expected a .pts file; {error.strerror}. Check the name.") from None
    except UnicodeDecodeError:
        raise FormatError(
            f"{path}: expected text, {COLUMNS} in each line; it holds other bytes. "
            "Export the points as ASCII."
        ) from None
    rows, numbers = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            inline, crossline, time = map(float, words[:3])
        except ValueError:
            raise LabelError(
                f"{path.name}, line {number}: expected {COLUMNS}; got {line.strip()[:60]!r}. "
                "Correct or remove the line."
            ) from None
        rows.append((inline, crossline, time))
        numbers.append(number)
    if not rows:
        raise LabelError(f"{path.name} holds no points; expected {COLUMNS} in each line. Leave it out.")
    return _locate(path, np.array(rows), np.array(numbers), geometry), np.array(numbers)


def _locate(path: Path, rows: np.ndarray, numbers: np.ndarray, geometry: Geometry) -> np.ndarray:
    positions = np.empty(rows.shape, "int64")
    for column, axis in enumerate(geometry.axes):
        bins = axis.fractional(rows[:, column])
        outside = ~axis.inside(rows[:, column])
        if column < 2:
            outside |= np.abs(bins - np.rint(bins)) > 0.25  # between two lines: another survey
        if outside.any():
            row = int(outside.argmax())
            raise LabelError(
                f"{path.name}, line {numbers[row]}: expected {axis.name} {axis.first:g} to "
                f"{axis.last:g} step {axis.step:g}; got {rows[row, column]:g} ({outside.sum()} of "
                f"{len(rows)} points are outside). Check that points and cube are of one survey."
            )
        positions[:, column] = np.rint(bins)
    return positions


