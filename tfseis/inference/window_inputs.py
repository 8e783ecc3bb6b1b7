"""What a network sees in the windows over a cube, one after the other or spread over the cube."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from scipy.stats import qmc

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.inference.cube_windows import Windows
from tfseis.io.cube import Cube
from tfseis.selection import Parts
from tfseis.windows import clip_window

TRIES, POINTS = 8, 64  # windows that are read, and places, for each window that is wanted


@dataclass(frozen=True)
class WindowInputs:
    """The windows of a cube that touch a part of it, as a network sees them.

    Args:
        cube: the cube to read.
        windows: windows over this cube.
        parts: ranges along each axis, as slices with start and stop; strides are ignored.
        scaling: statistics of the survey by which amplitudes are scaled.
    """

    cube: Cube
    windows: Windows
    parts: Parts
    scaling: Scaling

    def column(self, row: int, column: int, levels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Scaled amplitudes of windows above one another, and which of their samples are live.

        Args:
            row: number of the windows along the inlines.
            column: number of the windows along the crosslines.
            levels: numbers of the windows along the samples, without gaps, ascending.

        Returns:
            float32 and bool, both (inlines, crosslines, samples from the first sample of the first
            window to the last of the last). Outside the cube amplitudes are mirrored and nothing
            is live.
        """
        sizes, starts = self.windows.sizes, self.windows.starts
        corner = int(starts[0][row]), int(starts[1][column]), int(starts[2][levels[0]])
        bottom = int(starts[2][levels[-1]]) + sizes[2]
        ends = corner[0] + sizes[0], corner[1] + sizes[1], bottom
        clipped = [
            clip_window(start, end, length)
            for start, end, length in zip(corner, ends, self.cube.shape, strict=True)
        ]
        cores, lacking = zip(*clipped, strict=True)
        halo = Halo(*lacking[0]), Halo(*lacking[1]), Halo(*lacking[2])
        block, live = read_region(self.cube, (cores[0], cores[1], cores[2]), halo, self.scaling)
        return block, np.pad(live, lacking)

    def places(self) -> list[tuple[int, int]]:
        """Row and column of all windows that hold a trace, in order."""
        rows, columns = (self.windows.touching(axis, self.parts[axis]) for axis in (0, 1))
        return [place for place in product(rows, columns) if self._has_trace(*place)]

    def count(self) -> int:
        """Number of windows that hold a trace."""
        return len(self.places()) * len(self.windows.touching(2, self.parts[2]))

    def spread(self, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Up to some windows with live samples, spread evenly over the part of the cube.

        The same windows come each time. Any first few of them are spread too.

        Args:
            count: number of windows that are wanted; fewer come where fewer hold a live sample.

        Yields:
            Scaled amplitudes, float32, and which samples are live, bool, (inlines, crosslines,
            samples).
        """
        rows, columns, levels = (
            self.windows.touching(a, part) for a, part in enumerate(self.parts)
        )
        points = qmc.Halton(3, scramble=False).fast_forward(1).random(POINTS * count)
        sizes = len(rows), len(columns), len(levels)
        found = np.floor(points * sizes).astype(int).tolist()
        chosen = dict.fromkeys((rows[i], columns[j], levels[k]) for i, j, k in found)
        held = set(self.places())
        for row, column, level in islice((c for c in chosen if c[:2] in held), TRIES * count):
            block, live = self.column(row, column, [level])
            if live.any():
                yield block, live
                count -= 1
            if not count:
                return

    def _has_trace(self, row: int, column: int) -> bool:
        inside = []
        for axis, number in enumerate((row, column)):
            start = int(self.windows.starts[axis][number])
            inside.append(slice(max(0, start), start + self.windows.sizes[axis]))
        return bool(self.cube.live[tuple(inside)].any())
