"""Axes that the coordinates of a file form, whatever their order and direction."""

import numpy as np

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import TOLERANCE, Axis
from tfseis.io.formats.stored import StoredAxis
from tfseis.io.segy.axes import line_axis

EMPTY = 100  # lines of a grid for each one that a file has, above which its numbers are damaged
MOST_TRACES = 2**28  # traces of a grid, whose mask fits in memory


def stored_lines(name: str, file: str, numbers: np.ndarray, position: int) -> StoredAxis:
    """The axis of line numbers in any order; lines that are missing between them are empty.

    Args:
        name: "inline" or "crossline".
        file: name of the file, for messages.
        numbers: number of each line in the order of the file.
        position: which axis of the file it is.

    Raises:
        GeometryError: numbers that are not finite, occur twice, or lie far apart.
    """
    numbers = _finite(name, file, numbers)
    if (numbers != np.rint(numbers)).any():
        return stored_even(name, file, numbers, position)
    axis = line_axis(name, numbers)
    if len(np.unique(numbers)) < len(numbers) or axis.count > EMPTY * len(numbers):
        raise GeometryError(
            f"{file}: expected {name} numbers that differ and lie close together; got "
            f"{len(numbers)} between {numbers.min():g} and {numbers.max():g}. Correct the "
            f"coordinate {name}."
        )
    rows = np.full(axis.count, -1)
    rows[axis.indices(numbers)] = np.arange(len(numbers))
    return StoredAxis(axis, position, rows)


def stored_even(
    name: str, file: str, numbers: np.ndarray, position: int, step: float | None = None
) -> StoredAxis:
    """The axis of numbers that ascend or descend in equal steps.

    Args:
        name: "inline", "crossline" or "sample".
        file: name of the file, for messages.
        numbers: numbers in the order of the file.
        position: which axis of the file it is.
        step: step that the file states; it counts where it fits the numbers.

    Raises:
        GeometryError: they are not finite, or differ by other steps.
    """
    numbers = _finite(name, file, numbers)
    count = len(numbers)
    backwards = count > 1 and numbers[-1] < numbers[0]
    ordered = numbers[::-1] if backwards else numbers
    mean = (ordered[-1] - ordered[0]) / (count - 1) if count > 1 else 1.0
    for one in (step, float(f"{mean:.7g}"), mean):
        if one is None or one <= 0:
            continue
        axis = Axis(name, float(ordered[0]), float(one), count)
        if np.allclose(axis.numbers, ordered, rtol=0, atol=TOLERANCE * one):
            rows = np.arange(count)
            return StoredAxis(axis, position, rows[::-1] if backwards else rows)
    raise GeometryError(
        f"{file}: expected {name} numbers in equal steps; got {ordered[0]:g} to "
        f"{ordered[-1]:g} in {count}. Resample them, or correct the coordinate."
    )


def check_size(file: str, inlines: Axis, crosslines: Axis) -> None:
    """Refuse a grid whose mask of traces would not fit in memory.

    Raises:
        GeometryError: it has more than 2**28 places.
    """
    if inlines.count * crosslines.count > MOST_TRACES:
        raise GeometryError(
            f"{file}: expected a grid of at most {MOST_TRACES:,} traces; got {inlines.count:,} "
            f"inlines of {crosslines.count:,}. Check the line numbers, or cut the survey."
        )


def _finite(name: str, file: str, numbers: np.ndarray) -> np.ndarray:
    numbers = np.asarray(numbers)
    if numbers.dtype.kind not in "biuf" or numbers.ndim != 1 or not len(numbers):
        raise FormatError(
            f"{file}: expected {name} numbers, one for each; got {numbers.dtype} "
            f"{numbers.shape}. Correct the coordinate {name}."
        )
    numbers = numbers.astype("float64")
    if not (np.abs(numbers) < 2**53).all():  # False for NaN
        raise GeometryError(
            f"{file}: expected finite {name} numbers; got {numbers.min():g} to "
            f"{numbers.max():g}. Correct the coordinate {name}."
        )
    return numbers
