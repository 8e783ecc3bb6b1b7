"""Label cubes: a class code at every sample, on the grid of a seismic cube, read by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.geometry import TOLERANCE, Axis, Geometry
from tfseis.io.arrays import NUMBERS
from tfseis.io.cube import Cube
from tfseis.io.indexing import Parts
from tfseis.io.labels.class_cube import ClassCube, open_class_cube, read_codes
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import MOST_CODE, Legend, legend_path, read_legend
from tfseis.wording import counted

AXES = ("inline", "crossline", "time")
MOST_LINES = 4  # that a message names
MOST_CLASSES = 256  # a cube with more different values holds amplitudes, not classes


@dataclass(frozen=True)
class LabelCube:
    """Class codes on the grid of a seismic cube, or on part of it.

    Args:
        path: file that they come from; for classes in memory, a name for messages.
        codes: array or lazy cube (inlines, crosslines, samples); negative codes, non-finite
            samples and dead traces are unlabelled.
        places: for each axis, the array indices in the seismic cube of the label cube's lines.
        numbers: the three axes of the seismic cube.
        ignore: codes that mean unlabelled.
        part: the lines and samples of the label cube that the seismic cube has too.
    """

    path: Path
    codes: np.ndarray | Cube
    places: tuple[np.ndarray, np.ndarray, np.ndarray]
    numbers: tuple[Axis, Axis, Axis]
    ignore: tuple[int, ...] = ()
    part: Parts = (slice(None), slice(None), slice(None))

    def lines(self, axis: int) -> list[float]:
        """The inline (0), crossline (1) numbers or times (2) that the label cube holds."""
        return self.numbers[axis].numbers[self.places[axis]].tolist()

    def read_line(self, axis: int, number: float) -> tuple[np.ndarray, np.ndarray]:
        """Read the labelled samples of an inline (axis 0), crossline (1) or time slice (2).

        Returns:
            Array indices in the seismic cube (labels, 3), and class codes (labels,), int64.

        Raises:
            LabelError: the line is not in the label cube, holds no labels, or holds fractions.
        """
        index = self.numbers[axis].index(number)
        found = np.flatnonzero(self.places[axis] == index)
        if not found.size:
            held = self.lines(axis)
            raise LabelError(
                f"{self.path.name}: expected {AXES[axis]} {held[0]:g} to {held[-1]:g}; got "
                f"{number:g}. Choose a line that the label cube holds."
            )
        key = list(self.part)
        first = (key[axis].start or 0) + int(found[0])
        key[axis] = slice(first, first + 1)
        values, known = read_codes(self.codes, (key[0], key[1], key[2]), self.ignore)
        where = np.argwhere(known)
        codes = np.minimum(values[known].astype("float64"), MOST_CODE + 1)  # larger fit no integer
        whole = np.rint(codes).astype("int64")
        if not whole.size or np.abs(codes - whole).max() > TOLERANCE:
            raise LabelError(
                f"{self.path.name}: expected class numbers 0, 1, .. on {AXES[axis]} {number:g}; "
                f"got {'fractions' if whole.size else 'no labelled sample'}. "
                "Choose a label cube, not amplitudes."
            )
        where[:, axis] = found[0]
        return np.stack([p[w] for p, w in zip(self.places, where.T, strict=True)], 1), whole


def open_label_cube(
    source: "str | Path | Cube | ClassCube | np.ndarray",
    geometry: Geometry,
    *,
    ignore: Sequence[int] = (),
) -> LabelCube:
    """Open a label cube that lies on the grid of a seismic cube.

    Args:
        source: path of a SEG-Y file; of an ``.npy`` array of the seismic cube's shape; or of an
            ``.npz`` with ``labels`` (inlines, crosslines, samples) and ``inline_numbers``,
            ``crossline_numbers``, ``sample_times_ms``, which may cover part of the cube. Also an
            opened cube, an array of the seismic cube's shape, or a `ClassCube`.
        geometry: geometry of the seismic cube.
        ignore: codes that mean unlabelled, as `open_class_cube` takes them.

    Raises:
        FormatError: the file is not one of these.
        LabelError: its lines or samples do not lie on those of the seismic cube.
    """
    cube = open_class_cube(source, ignore=ignore)
    path, codes = cube.path, cube.codes
    if cube.numbers is None and cube.shape != geometry.shape:
        raise LabelError(
            f"{path.name}: expected the shape of the cube, {geometry.shape}; got {cube.shape}. "
            f"For part of a cube save an .npz with labels, {', '.join(NUMBERS)}."
        )
    numbers = cube.numbers or [axis.numbers for axis in geometry.axes]
    matched = [
        _match(path, axis, values) for axis, values in zip(geometry.axes, numbers, strict=True)
    ]
    (one, a), (two, b), (three, c) = matched
    return LabelCube(path, codes, (one, two, three), geometry.axes, cube.ignore, (a, b, c))


def read_lines(cube: LabelCube, lines: Sequence[tuple[int, float]]) -> Labels:
    """Read labels of whole lines of a label cube; classes keep their own numbers as codes.

    Names and colours come from the legend beside the file (``NAME.classes.csv``), if there is one.

    Args:
        cube: label cube from `open_label_cube`.
        lines: (axis, number) of each line: 0 inline, 1 crossline, 2 time.

    Raises:
        LabelError: a line is not in the label cube, or there are too many codes for classes.
    """
    if not lines:
        held = cube.lines(0)
        raise LabelError(
            f"{cube.path.name}: expected at least one line to read labels of; got none. "
            f"Name lines among inlines {held[0]:g} to {held[-1]:g} (--inline N, lines=[(0, N)]), "
            "crosslines or time slices."
        )
    found = [cube.read_line(axis, number) for axis, number in lines]
    positions = np.concatenate([positions for positions, _ in found])
    codes = np.concatenate([codes for _, codes in found])
    positions, first = np.unique(positions, axis=0, return_index=True)
    present, classes = np.unique(codes[first], return_inverse=True)
    if present[-1] > MOST_CODE:
        raise LabelError(
            f"{cube.path.name}: expected class numbers up to {MOST_CODE}; got larger ones. "
            "Number the classes from 0."
        )
    if len(present) > MOST_CLASSES:
        raise LabelError(
            f"{cube.path.name}: expected at most {MOST_CLASSES} classes; got {len(present)} "
            "different numbers. Choose a label cube, not amplitudes."
        )
    return Labels(positions, classes, legend_of(cube.path, present), (_note(cube, lines, classes),))


def _note(cube: LabelCube, lines: Sequence[tuple[int, float]], classes: np.ndarray) -> str:
    """One line that says what was read."""
    shown = ", ".join(f"{AXES[axis]} {number:g}" for axis, number in lines[:MOST_LINES])
    shown += f" and {len(lines) - MOST_LINES} more" * (len(lines) > MOST_LINES)
    ignored = f"; codes that mean unlabelled: {', '.join(map(str, cube.ignore))}" * bool(
        cube.ignore
    )
    labelled = counted(len(classes), "sample")
    return f"{cube.path.name}: label cube; {shown}; {labelled} labelled{ignored}"


def legend_of(path: Path, codes: ArrayLike) -> Legend:
    """Legend of these codes, from the file beside a class cube; "class N" where it has none."""
    codes = [int(code) for code in np.asarray(codes)]
    plain = Legend.of([f"class {code}" for code in codes], codes)
    beside = legend_path(path)
    if not beside.exists():
        return plain
    known = read_legend(beside)
    rows = [known.codes.index(c) if c in known.codes else None for c in codes]
    return Legend(
        plain.codes,
        tuple(plain.names[i] if r is None else known.names[r] for i, r in enumerate(rows)),
        tuple(plain.colours[i] if r is None else known.colours[r] for i, r in enumerate(rows)),
    )


def _match(path: Path, axis: Axis, numbers: np.ndarray) -> tuple[np.ndarray, slice]:
    """Indices along the seismic axis of the label cube's numbers, and which those are."""
    bins = axis.fractional(numbers)
    inside = axis.inside(numbers)
    wrong = np.abs(bins - np.rint(bins)) > TOLERANCE
    if wrong.any() or not inside.any():
        wrong |= ~inside
        raise LabelError(
            f"{path.name}: expected {axis.name} numbers among {axis.first:g} to {axis.last:g} step "
            f"{axis.step:g}; got {np.asarray(numbers)[wrong][0]:g} ({wrong.sum()} of "
            f"{len(numbers)} do not fit). Labels and cube must lie on one grid."
        )
    kept = np.flatnonzero(inside)  # ascending numbers: one range
    return np.rint(bins[kept]).astype("int64"), slice(int(kept[0]), int(kept[-1]) + 1)
