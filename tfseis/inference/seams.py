"""How much more a prediction differs across the borders of windows than elsewhere."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Seams:
    """Absolute differences between neighbouring samples, summed block by block.

    Args:
        borders: for each axis, the indices in front of which the window with the largest share
            changes.

    Attributes:
        sums: sum and number of the differences, elsewhere and across borders, float64 (2, 2).

    Examples:
        >>> seams = Seams((np.array([2]), np.array([]), np.array([])))
        >>> seams.measure(np.array([1.0, 2.0, 5.0, 6.0]).reshape(4, 1, 1), (0, 0, 0))
        >>> seams.score
        3.0
    """

    borders: tuple[np.ndarray, ...]
    sums: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))

    @property
    def score(self) -> float:
        """Mean difference across borders divided by that elsewhere; NaN for a single window."""
        with np.errstate(invalid="ignore", divide="ignore"):
            elsewhere, across = self.sums[:, 0] / self.sums[:, 1]
            return float(across / elsewhere)

    def measure(self, values: np.ndarray, origin: tuple[int, int, int]) -> None:
        """Add the differences inside a block.

        Args:
            values: (inlines, crosslines, samples); 0 means no prediction.
            origin: indices of its first inline, crossline and sample.
        """
        for first in range(len(values)):  # section by section, so that memory stays small
            self._count(values[first : first + 2], 0, origin[0] + first)
            for axis in (1, 2):
                self._count(values[first : first + 1], axis, origin[axis])

    def _count(self, values: np.ndarray, axis: int, origin: int) -> None:
        """Add differences along one axis, whose first index is `origin`."""
        known = values != 0
        first, second = (
            (slice(None),) * axis + (slice(-1),),
            (slice(None),) * axis + (slice(1, None),),
        )
        both = known[first] & known[second]
        others = tuple(a for a in range(3) if a != axis)
        apart = np.where(both, np.abs(np.diff(values, axis=axis)), 0).sum(others, dtype="float64")
        pairs = both.sum(others)
        across = np.isin(np.arange(1, len(pairs) + 1) + origin, self.borders[axis])
        for where, chosen in enumerate((~across, across)):
            self.sums[where] += apart[chosen].sum(), pairs[chosen].sum()
