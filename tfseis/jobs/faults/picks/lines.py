"""Lines of a cube on which faults were picked, and what their picks say of each sample."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.labels.labels import UNLABELLED

NEAR = 2  # samples beside a pick that may be fault or not: picks are drawn by hand
FAR = 10  # samples beside a pick up to which whoever picked it looked: what lies between is none
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
        return line_name(self.cube.geometry, self.axis, self.index)

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


def line_name(geometry: Geometry, axis: int, index: int) -> str:
    """Such as "inline 339"."""
    return f"{NAMES[axis]} {geometry.axes[axis].numbers[index]:g}"
