"""How much more a prediction differs across the borders of windows than elsewhere."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Seams:
    """Absolute differences between neighbouring samples, summed block by block.

    Args:
        borders: for each axis, the indices in front of which the window with the largest share
            changes.

    Examples:
        >>> seams = Seams((np.array([2]), np.array([]), np.array([])))
        >>> seams.begin((0, 0, 0))
        >>> seams.add(np.array([1.0, 2.0, 5.0, 6.0]).reshape(4, 1, 1))
        >>> seams.score
        3.0
    """

    borders: tuple[np.ndarray, ...]
    _sums: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))  # (where, sum and count)
    _origin: list[int] = field(default_factory=list)
    _last: np.ndarray | None = None

    @property
    def score(self) -> float:
        """Mean difference across borders divided by that elsewhere; NaN for a single window."""
        with np.errstate(invalid="ignore", divide="ignore"):
            elsewhere, across = self._sums[:, 0] / self._sums[:, 1]
            return float(across / elsewhere)

    def begin(self, origin: tuple[int, int, int]) -> None:
        """Begin a new run of blocks at an index of inline, crossline and sample."""
        self._origin, self._last = list(origin), None

    def add(self, values: np.ndarray) -> None:
        """Add the next inlines, (inlines, crosslines, samples); 0 means no prediction."""
        for section in values:
            if self._last is not None:
                pair = np.stack([self._last, section])
                self._count(pair, 0, self._origin[0] - 1)
            self._count(section[np.newaxis], 1, self._origin[1])
            self._count(section[np.newaxis], 2, self._origin[2])
            self._origin[0] += 1
            self._last = section

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
            self._sums[where] += apart[chosen].sum(), pairs[chosen].sum()
