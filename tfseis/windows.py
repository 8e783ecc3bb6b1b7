"""Where windows lie along an axis, and how indices outside it are reflected. NumPy only."""

import itertools
from collections.abc import Iterator

import numpy as np


def blocks(length: int, size: int) -> Iterator[slice]:
    """Cut an axis into blocks of at most `size`, as even as possible, in ascending order.

    Examples:
        >>> [(b.start, b.stop) for b in blocks(10, 4)]
        [(0, 3), (3, 7), (7, 10)]
    """
    count = max(1, -(-length // size))
    edges = np.linspace(0, length, count + 1).round().astype(int).tolist()
    return (slice(a, b) for a, b in itertools.pairwise(edges))


def clip_window(start: int, stop: int, length: int) -> tuple[slice, tuple[int, int]]:
    """The part of a window that lies on an axis, and what is missing on either side.

    Args:
        start: first index of the window; may be negative.
        stop: one past its last index; may exceed `length`.
        length: size of the axis.

    Returns:
        The part inside as a slice, and (samples missing before, samples missing after).

    Examples:
        >>> clip_window(-3, 6, length=5)
        (slice(0, 5, None), (3, 1))
    """
    inside = slice(max(start, 0), min(stop, length))
    return inside, (inside.start - start, stop - inside.stop)


def reflect(values: np.ndarray, missing: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Fill what is missing around an array with its mirror image, edge sample repeated.

    Arrays smaller than the margin are mirrored as often as needed.

    Examples:
        >>> reflect(np.array([1, 2]), ((3, 1),)).tolist()
        [2, 2, 1, 1, 2, 2]
    """
    return np.pad(values, missing, mode="symmetric")


def window_starts(length: int, size: int, stride: int) -> np.ndarray:
    """Where windows begin that cover an axis; the last one is moved back to end with it.

    Args:
        length: of the axis.
        size: of a window.
        stride: from one window to the next.

    Returns:
        int64, ascending; only 0 where the axis is no longer than a window.

    Examples:
        >>> window_starts(10, 4, 3).tolist(), window_starts(11, 4, 3).tolist()
        ([0, 3, 6], [0, 3, 6, 7])
    """
    last = max(length - size, 0)
    return np.unique(np.append(np.arange(0, last, stride), last))
