"""Labelled samples of a cube, made from arrays and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.legend import MOST_CODE, Legend
from tfseis.io.labels.repeated import first_of_each

BETWEEN = 0.25  # line numbers further than this from a line, in bins, belong to another survey
UNLABELLED = -1  # stands for no class in masks and class cubes

Line = tuple[int, float]  # axis (0 inline, 1 crossline, 2 time) and number
Names = Mapping[int, str] | Sequence[str]


@dataclass(frozen=True)
class Labels:
    """Labelled samples; everything else is unlabelled.

    Labels from arrays are made with `at_indices` or `at_numbers`, which check them.

    Args:
        positions: array indices in the cube, int64 (labels, 3), each sample once.
        classes: index of the class of each in the legend, int64 (labels,).
        legend: names, colours, and the codes that stand for the classes in files.
        notes: one line for each file that they come from: kind, columns, what was left out.
    """

    positions: np.ndarray
    classes: np.ndarray
    legend: Legend
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.classes)

    @classmethod
    def at_indices(
        cls,
        positions: ArrayLike,
        classes: ArrayLike,
        geometry: Geometry,
        *,
        names: Names | None = None,
    ) -> Self:
        """Labels at array indices of a cube.

        Args:
            positions: whole numbers (labels, 3): index of the inline, crossline and sample, from
                0.
            classes: class code of each label, (labels,), whole numbers from 0 to 32767 that are
                written to files; or the name of each class as text.
            geometry: geometry of the cube.
            names: name of each code: a mapping, or a sequence that codes are indices of. None for
                "class 0", "class 1", ..; not used where the classes are text.

        Returns:
            The labels in the given order, each sample once; classes without a label are left out.

        Raises:
            LabelError: no labels, arrays whose sizes do not fit each other, an index outside the
                cube, a class code out of range or without a name, or a sample of two classes.

        Examples:
            >>> from tfseis.geometry import Axis
            >>> axes = Axis("inline", 100, 1, 7), Axis("crossline", 300, 1, 8)
            >>> geometry = Geometry(*axes, Axis("sample", 0, 4, 9))
            >>> labels = Labels.at_indices([[0, 1, 2], [6, 7, 8]], ["salt", "chalk"], geometry)
            >>> labels.legend.names, labels.classes.tolist()
            (('chalk', 'salt'), [1, 0])
        """
        places = _table(positions, "positions")
        codes, legend = _coded(classes, len(places), names)
        whole = np.rint(places)
        wrong = (places != whole) | (places < 0) | (places >= geometry.shape)
        if wrong.any():
            row = int(wrong.any(axis=1).argmax())
            raise LabelError(
                f"Expected array indices inside the cube {geometry.shape}; got "
                f"{places[row].tolist()} for label {row}. For line numbers and times use "
                "Labels.at_numbers."
            )
        return cls(*_once(whole.astype("int64"), codes, legend, geometry), legend)

    @classmethod
    def at_numbers(
        cls,
        numbers: ArrayLike,
        classes: ArrayLike,
        geometry: Geometry,
        *,
        names: Names | None = None,
    ) -> Self:
        """Labels at line numbers and times; each belongs to the nearest sample.

        Args:
            numbers: float (labels, 3): inline number, crossline number, and time in ms (depth in
                m for depth cubes).
            classes: as for `at_indices`.
            geometry: geometry of the cube.
            names: as for `at_indices`.

        Raises:
            LabelError: as `at_indices`; or a number outside the survey or between two lines.

        Examples:
            >>> from tfseis.geometry import Axis
            >>> axes = Axis("inline", 100, 1, 7), Axis("crossline", 300, 1, 8)
            >>> geometry = Geometry(*axes, Axis("sample", 0, 4, 9))
            >>> Labels.at_numbers([[102, 301, 11.5]], [3], geometry).positions.tolist()
            [[2, 1, 3]]
        """
        rows = _table(numbers, "numbers")
        codes, legend = _coded(classes, len(rows), names)
        columns = []
        for axis, column in zip(geometry.axes, rows.T, strict=True):
            bins = axis.fractional(column)
            wrong = ~axis.inside(column)
            if axis is not geometry.samples:
                wrong |= np.abs(bins - np.rint(bins)) > BETWEEN
            if wrong.any():
                row = int(wrong.argmax())
                raise LabelError(
                    f"Expected {axis.name} {axis.first:g} to {axis.last:g} step {axis.step:g}; "
                    f"got {column[row]:.10g} for label {row} ({wrong.sum()} of {len(rows)} labels "
                    "are outside). Check that labels and cube are of one survey."
                )
            columns.append(np.rint(bins).astype("int64"))
        return cls(*_once(np.stack(columns, axis=1), codes, legend, geometry), legend)


def place_text(position: Sequence[int] | np.ndarray, geometry: Geometry) -> str:
    """Line numbers and time of a sample, for messages: "inline 104, crossline 301, sample 12"."""
    numbers = zip(geometry.axes, position, strict=True)
    return ", ".join(f"{axis.name} {axis.numbers[index]:g}" for axis, index in numbers)


def on_lines(positions: np.ndarray, geometry: Geometry, lines: Sequence[Line]) -> np.ndarray:
    """The positions (labels, 2 or more) that lie on one of the lines; all if there are none."""
    if not lines:
        return positions
    keep = np.zeros(len(positions), bool)
    for axis, number in lines:
        keep |= positions[:, axis] == geometry.axes[axis].index(number)
    return positions[keep]


def _table(values: ArrayLike, what: str) -> np.ndarray:
    """Finite numbers, float64 (labels, 3)."""
    try:
        table = np.asarray(values, "float64")
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.ndim != 2 or table.shape[1:] != (3,) or not len(table):
        raise LabelError(
            f"Expected {what} of shape (labels, 3), one row for each label; got shape "
            f"{np.shape(values)}. Give inline, crossline and sample of at least one label."
        )
    if not np.isfinite(table).all():
        row = int((~np.isfinite(table)).any(axis=1).argmax())
        raise LabelError(
            f"Expected finite {what}; got {table[row].tolist()} for label {row}. Leave it out."
        )
    return table


def _coded(classes: ArrayLike, count: int, names: Names | None) -> tuple[np.ndarray, Legend]:
    """Class index of each label, int64 (labels,), and the legend of the classes that occur."""
    values = np.asarray(classes)
    if values.shape != (count,):
        raise LabelError(
            f"Expected a class for each of the {count} labels; got shape {values.shape}. Give as "
            "many classes as positions."
        )
    if values.dtype.kind in "UO":
        texts, index = np.unique(values.astype(str), return_inverse=True)
        return index.astype("int64"), Legend.of(texts.tolist())
    wrong = (values != np.rint(values)) | (values < 0) | (values > MOST_CODE)
    if wrong.any():
        raise LabelError(
            f"Expected class codes 0, 1, .. {MOST_CODE}; got {values[wrong][0]} for label "
            f"{int(wrong.argmax())}. Leave out unlabelled samples, and number the classes from 0."
        )
    codes, index = np.unique(values.astype("int64"), return_inverse=True)
    return index.astype("int64"), Legend.of(_names(codes.tolist(), names), codes.tolist())


def _names(codes: list[int], names: Names | None) -> list[str]:
    if names is None:
        return [f"class {code}" for code in codes]
    known = names if isinstance(names, Mapping) else dict(enumerate(names))
    lacking = [code for code in codes if code not in known]
    if lacking:
        raise LabelError(
            f"Expected a name for every class code; got none for {lacking[0]}. Name it, or leave "
            "out `names`."
        )
    return [str(known[code]) for code in codes]


def _once(
    positions: np.ndarray, classes: np.ndarray, legend: Legend, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and classes with each sample once."""
    kept, clash, first = first_of_each(positions, classes, geometry)
    if clash.size:
        other = int(clash[0])
        one = int(first[other])
        pair = [legend.names[classes[index]] for index in (one, other)]
        raise LabelError(
            f"Expected a sample of one class; got {pair[0]} for label {one} and {pair[1]} for "
            f"label {other} at {place_text(positions[other], geometry)} ({len(clash)} in all). "
            "Leave out one of them."
        )
    return positions[kept], classes[kept]
