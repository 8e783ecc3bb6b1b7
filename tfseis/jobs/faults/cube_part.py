"""Some lines and samples of a cube, read as if they were a cube."""

import numpy as np

from tfseis.io.cube import Cube
from tfseis.selection import Parts


class CubePart:
    """``cube[parts]``, of which some inlines at a time are read.

    Args:
        cube: any cube.
        parts: range and stride along each axis, with positive steps.
    """

    def __init__(self, cube: Cube, parts: Parts) -> None:
        self._cube, self._parts = cube, parts
        self._lines = [range(size)[part] for size, part in zip(cube.shape, parts, strict=True)]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        inlines, crosslines, samples = (len(lines) for lines in self._lines)
        return inlines, crosslines, samples

    def __getitem__(self, key: slice) -> np.ndarray:
        """Amplitudes of some inlines, float32."""
        some = self._lines[0][key]
        return self._cube[slice(some.start, some.stop, some.step), self._parts[1], self._parts[2]]
