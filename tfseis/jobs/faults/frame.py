"""Lengths and directions of a cube: on the map and in depth where these are known."""

from dataclasses import dataclass

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Geometry

FOOT = 0.3048  # m
SLOWEST, FASTEST = 300.0, 10_000.0  # m/s; air, and more than any rock


@dataclass(frozen=True)
class Frame:
    """How array indices turn into x, y and z, all in one unit, z downwards.

    Args:
        matrix: x, y and z of one step along each axis, as columns, float64 (3, 3).
        bin: side of a square as large as a bin, in the unit of the matrix; 1 without a map.
        mapped: whether x and y are those of the map, in m. If not, y is along increasing inline
            numbers and x along increasing crossline numbers, and a bin is 1 long.
        deep: whether z is a depth in m. If not, a sample is as long as a bin.
    """

    matrix: np.ndarray
    bin: float
    mapped: bool
    deep: bool

    @property
    def metric(self) -> bool:
        """Whether lengths, dips and areas are real ones, in m and degrees."""
        return self.mapped and self.deep

    @property
    def length(self) -> float:
        """What lengths and roots of areas are divided by: m if they are known, bins if not."""
        return 1.0 if self.metric else self.bin

    @property
    def unit(self) -> str:
        """Unit of lengths: "m" or "bins"."""
        return "m" if self.metric else "bins"


def frame(geometry: Geometry, velocity: float | None = None) -> Frame:
    """Lengths and directions of a cube.

    Args:
        geometry: geometry of the cube.
        velocity: velocity in m/s by which two-way times become depths; None for not known.

    Raises:
        GeometryError: the velocity is not one of rock, or the samples are depths already.

    Examples:
        >>> from tfseis.geometry import Axis
        >>> axes = Axis("inline", 0, 1, 7), Axis("crossline", 0, 2, 8), Axis("sample", 0, 4, 9)
        >>> affine = np.array([[0, 12.5, 0], [25, 0, 0]])
        >>> frame(Geometry(*axes, affine), 2500).matrix.tolist()
        [[0.0, 25.0, 0.0], [25.0, 0.0, 0.0], [0.0, 0.0, 5.0]]
    """
    _check(geometry, velocity)
    steps = geometry.inlines.step, geometry.crosslines.step
    if geometry.affine is None:
        level = np.array([[0.0, 1.0], [1.0, 0.0]])
    else:
        level = geometry.affine[:, :2] * steps
    side = float(np.sqrt(abs(np.linalg.det(level))))
    step = geometry.sample_interval
    if geometry.sample_unit == "ms":
        down = None if velocity is None else step / 1000 / 2 * velocity
    else:
        down = step * (FOOT if geometry.sample_unit == "ft" else 1.0)
    matrix = np.zeros((3, 3))
    matrix[:2, :2] = level
    matrix[2, 2] = side if down is None or geometry.affine is None else down
    return Frame(matrix, side, geometry.affine is not None, down is not None)


def azimuth(direction: np.ndarray) -> float:
    """Degrees clockwise from y, 0 up to 360, of a direction (x, y, ..)."""
    return float(np.rad2deg(np.arctan2(direction[0], direction[1])) % 360)


def _check(geometry: Geometry, velocity: float | None) -> None:
    if velocity is None:
        return
    if geometry.sample_unit != "ms":
        raise GeometryError(
            f"Expected no velocity for a cube in depth, whose samples are in "
            f"{geometry.sample_unit}; got {velocity:g} m/s (--velocity). Leave it out."
        )
    if not SLOWEST <= velocity <= FASTEST:
        raise GeometryError(
            f"Expected a velocity between {SLOWEST:g} and {FASTEST:g} m/s; got {velocity:g} "
            "(--velocity). Use 2500 for a rough one."
        )
