"""Line numbers, array indices and map coordinates of a cube, and conversions between them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import GeometryError

__all__ = ["Axis", "Geometry"]

TOLERANCE = 1e-3  # bins; a number this close to a bin centre lies on it


def __dir__() -> list[str]:
    return __all__


@dataclass(frozen=True)
class Axis:
    """Evenly spaced numbers along one axis of a cube, in ascending order.

    Args:
        name: name of the axis: "inline", "crossline" or "sample".
        first: number at index 0: a line number, or a time in ms (depth in m for depth cubes).
        step: distance between neighbours, above 0, in the same unit.
        count: number of lines or samples.

    Examples:
        >>> axis = Axis("inline", first=100, step=2, count=4)
        >>> axis.numbers.tolist()
        [100, 102, 104, 106]
        >>> axis.indices([104, 100]).tolist()
        [2, 0]
    """

    name: str
    first: float
    step: float
    count: int

    @property
    def numbers(self) -> np.ndarray:
        """All numbers along the axis, (count,)."""
        return self.first + self.step * np.arange(self.count)

    @property
    def last(self) -> float:
        """The number at the last index."""
        return self.first + self.step * (self.count - 1)

    def fractional(self, numbers: ArrayLike) -> np.ndarray:
        """Fractional array indices of numbers, float64, not checked."""
        return (np.asarray(numbers, "float64") - self.first) / self.step

    def inside(self, numbers: ArrayLike) -> np.ndarray:
        """Whether each number rounds to an index of this axis, bool."""
        index = np.rint(self.fractional(numbers))
        return (index >= 0) & (index < self.count)

    def indices(self, numbers: ArrayLike) -> np.ndarray:
        """Nearest array index of each number, int64.

        Raises:
            GeometryError: a number lies more than half a bin outside the axis.
        """
        numbers = np.asarray(numbers)
        inside = self.inside(numbers)
        if not inside.all():
            outside = numbers[~inside].flat[0] if numbers.ndim else numbers
            raise GeometryError(
                f"Expected {self.name} between {self.first:g} and {self.last:g}; "
                f"got {float(outside):g}. Choose one inside the survey."
            )
        return np.rint(self.fractional(numbers)).astype("int64")

    def index(self, number: float) -> int:
        """Array index of a number that lies on the axis.

        Raises:
            GeometryError: the number is outside the axis, or between two lines.
        """
        index = int(self.indices(number))
        if abs(self.first + self.step * index - number) > TOLERANCE * self.step:
            raise GeometryError(
                f"Expected {self.name} {self.first:g}, {self.first + self.step:g} .. "
                f"{self.last:g}; got {number:g}. The nearest is {self.first + self.step * index:g}."
            )
        return index

    def between(self, start: float | None, stop: float | None) -> slice:
        """Array indices of the numbers from `start` to `stop`, both included, as a slice.

        Args:
            start: first number; None for the first of the axis.
            stop: last number; None for the last of the axis.

        Raises:
            GeometryError: no line lies in that range.
        """
        if not all(end is None or np.isfinite(end) for end in (start, stop)):
            raise GeometryError(
                f"Expected finite {self.name} numbers; got {start} to {stop}. Leave out an end "
                "that has no limit."
            )
        low = 0 if start is None else int(np.ceil(self.fractional(start) - TOLERANCE))
        high = self.count - 1 if stop is None else int(np.floor(self.fractional(stop) + TOLERANCE))
        low, high = max(low, 0), min(high, self.count - 1)
        if low > high:
            raise GeometryError(
                f"Expected a range of {self.name}s that meets {self.first:g} to {self.last:g}; "
                f"got {start} to {stop}. Choose one inside the survey."
            )
        return slice(low, high + 1)

    def sliced(self, part: slice) -> "Axis":
        """The axis of the indices in `part`, a slice with a positive step."""
        start, stop, step = part.indices(self.count)
        return replace(
            self,
            first=self.first + self.step * start,
            step=self.step * step,
            count=len(range(start, stop, step)),
        )


@dataclass(frozen=True)
class Geometry:
    """Line numbers and sample times of a cube, and its place on the map.

    Args:
        inlines: axis of inline numbers.
        crosslines: axis of crossline numbers.
        samples: axis of sample times in ms, or of depths.
        affine: matrix (2, 3) of map coordinates: x and y are
            ``affine @ (inline_number, crossline_number, 1)``. None where there are no usable
            coordinates.
        sample_unit: unit of the samples, "ms" for time, "m" or "ft" for depth.
    """

    inlines: Axis
    crosslines: Axis
    samples: Axis
    affine: np.ndarray | None = None
    sample_unit: str = "ms"

    @property
    def axes(self) -> tuple[Axis, Axis, Axis]:
        """The three axes, in the order of the array."""
        return self.inlines, self.crosslines, self.samples

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the array (inlines, crosslines, samples)."""
        return self.inlines.count, self.crosslines.count, self.samples.count

    @property
    def sample_interval(self) -> float:
        """Distance between samples, in ms (m for depth cubes)."""
        return self.samples.step

    def sliced(self, parts: tuple[slice, slice, slice]) -> "Geometry":
        """The geometry of ``cube[parts]``, for slices with positive steps."""
        axes = [axis.sliced(part) for axis, part in zip(self.axes, parts, strict=True)]
        return replace(self, inlines=axes[0], crosslines=axes[1], samples=axes[2])

    def to_map(self, inline_numbers: ArrayLike, crossline_numbers: ArrayLike) -> np.ndarray:
        """Map coordinates (..., 2) of line numbers.

        Raises:
            GeometryError: the cube has no map coordinates.
        """
        affine = self._known_affine()
        numbers = np.stack(np.broadcast_arrays(inline_numbers, crossline_numbers), axis=-1)
        return numbers @ affine[:, :2].T + affine[:, 2]

    def from_map(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Inline and crossline numbers (..., 2), not rounded, of map coordinates.

        Raises:
            GeometryError: the cube has no map coordinates.
        """
        affine = self._known_affine()
        places = np.stack(np.broadcast_arrays(x, y), axis=-1) - affine[:, 2]
        return places @ np.linalg.inv(affine[:, :2]).T

    def _known_affine(self) -> np.ndarray:
        if self.affine is None:
            raise GeometryError(
                "Expected map coordinates in the trace headers (CDP X and Y); the cube has none. "
                "Use inline and crossline numbers, or name the bytes that hold x and y."
            )
        return self.affine

    def signature(self) -> dict[str, list[float]]:
        """First number, step and count of each axis; equal for cubes on the same grid."""
        return {axis.name: [axis.first, axis.step, axis.count] for axis in self.axes}
