"""Overlapping windows over a cube and their weights."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from tfseis.errors import ModelError
from tfseis.windows import Taper, blending, cosine_taper, window_starts

LEFT_OUT = 4  # one part in so many of an overlap, at the end of a window, has no weight


@dataclass(frozen=True)
class Windows:
    """Overlapping windows over a cube and their weights.

    Args:
        sizes: length of a window along each axis, in samples.
        starts: first index of each window along each axis; may be negative.
        shares: for each axis an array (windows, size), the weight of each window in the samples
            that it covers; the weights of all windows add up to 1 at each sample.
    """

    sizes: tuple[int, int, int]
    starts: tuple[np.ndarray, ...]
    shares: tuple[np.ndarray, ...]

    @classmethod
    def over(
        cls,
        shape: tuple[int, int, int],
        size: int,
        overlap: int,
        *,
        multiple: int = 1,
        taper: Taper | None = None,
    ) -> Self:
        """Windows that cover a cube; along an axis shorter than a window they are shorter too.

        Args:
            shape: shape of the cube, (inlines, crosslines, samples).
            size: largest length of a window along each axis, in samples.
            overlap: smallest number of samples that neighbouring windows share.
            multiple: number of samples of which size and starts are multiples, as poolings need it.
            taper: weights along an axis; None for a cosine taper that gives no weight to the outer
                quarter of the overlap.

        Raises:
            ModelError: size and overlap make no windows.

        Examples:
            >>> windows = Windows.over((9, 20, 5), 8, 2, multiple=2)
            >>> windows.sizes, [starts.tolist() for starts in windows.starts]
            ((8, 8, 6), [[0, 2], [0, 6, 12], [0]])
        """
        if size < multiple or size % multiple:
            raise ModelError(
                f"Expected windows of a multiple of {multiple} samples, what the network's "
                f"poolings need; got {size}. Choose one, such as "
                f"{max(multiple, round(size / multiple) * multiple)}."
            )
        if not 0 <= overlap <= size - multiple:
            raise ModelError(
                f"Expected an overlap between 0 and {size - multiple} samples, for windows of "
                f"{size}; got {overlap}. Choose one of these (--overlap)."
            )
        taper = taper or cosine_taper(overlap, overlap // LEFT_OUT)
        sizes = tuple(min(size, -(-length // multiple) * multiple) for length in shape)
        starts = tuple(
            window_starts(length, own, overlap, multiple)
            for length, own in zip(shape, sizes, strict=True)
        )
        shares = tuple(blending(s, own, taper) for s, own in zip(starts, sizes, strict=True))
        return cls((sizes[0], sizes[1], sizes[2]), starts, shares)

    def touching(self, axis: int, part: slice) -> list[int]:
        """Numbers of the windows along an axis that cover any index in `part`."""
        starts = self.starts[axis]
        ends = starts + self.sizes[axis]
        return np.flatnonzero((starts < part.stop) & (ends > part.start)).tolist()
