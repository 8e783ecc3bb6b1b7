"""Windows along an axis: where they lie, how they are blended, and mirrored ends."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

LEAST_WEIGHT = 1e-6  # so that samples which only edges of windows cover have a result too
Taper = Callable[[int], np.ndarray]  # takes the size of a window, gives weights (size,) >= 0


def blocks(length: int, size: int) -> Iterator[slice]:
    """Cut an axis into blocks of at most `size` samples, as equal as possible, in order.

    Examples:
        >>> [(b.start, b.stop) for b in blocks(10, 4)]
        [(0, 3), (3, 7), (7, 10)]
    """
    count = max(1, -(-length // size))
    edges = np.linspace(0, length, count + 1).round().astype(int).tolist()
    return (slice(a, b) for a, b in itertools.pairwise(edges))


def clip_window(start: int, stop: int, length: int) -> tuple[slice, tuple[int, int]]:
    """The part of a window that lies on an axis, and the samples that are missing beside it.

    Args:
        start: first index of the window; may be negative.
        stop: one past its last index; may exceed `length`.
        length: number of samples of the axis.

    Returns:
        The part inside as a slice, and the number of samples missing before and after it.

    Examples:
        >>> clip_window(-3, 6, length=5)
        (slice(0, 5, None), (3, 1))
    """
    inside = slice(max(start, 0), min(stop, length))
    return inside, (inside.start - start, stop - inside.stop)


def mirrored_indices(start: int, stop: int, length: int) -> np.ndarray:
    """Indices of the samples of a window that is mirrored at both ends of an axis.

    The edge sample is repeated; an axis smaller than the window is mirrored as often as needed.

    Args:
        start: first index of the window; may be negative.
        stop: one past its last index; may exceed `length`.
        length: number of samples of the axis, above 0.

    Returns:
        int64 (stop - start,), 0 or more, below `length`.

    Examples:
        >>> mirrored_indices(-3, 4, length=2).tolist()
        [1, 1, 0, 0, 1, 1, 0]
    """
    places = np.arange(start, stop) % (2 * length)
    return np.minimum(places, 2 * length - 1 - places)


def window_starts(length: int, size: int, overlap: int, multiple: int = 1) -> np.ndarray:
    """Starts of windows of one size that cover an axis; the last one is moved back to its end.

    An axis that is shorter than a window has one window, which extends beyond both ends. An axis
    whose length is no multiple of `multiple` has a last window that extends beyond its end.

    Args:
        length: number of samples of the axis.
        size: number of samples of a window, a multiple of `multiple`.
        overlap: smallest number of samples that neighbours share, below `size`.
        multiple: number of which all starts are multiples, as the poolings of a network need it.

    Returns:
        First index of each window, int64 (windows,), ascending; the first may be negative.

    Examples:
        >>> window_starts(20, 8, 2).tolist()
        [0, 6, 12]
        >>> window_starts(3, 8, 2).tolist()
        [-2]
    """
    total = max(size, -(-length // multiple) * multiple)
    before = (total - length) // 2 // multiple * multiple
    stride = max(multiple, (size - overlap) // multiple * multiple)
    return np.append(np.arange(0, total - size, stride), total - size) - before


def cosine_taper(overlap: int, rim: int = 0) -> Taper:
    """Weights of a window that rise from 0 to 1 along half a cosine wave at either end.

    Args:
        overlap: number of samples that neighbours share; elsewhere the weights are 1.
        rim: number of samples at either end with weight 0, which count only where no other window
            lies. At most half the overlap, for which windows are joined without a ramp.

    Examples:
        >>> cosine_taper(4, rim=1)(7).round(2).tolist()
        [0.0, 0.15, 0.85, 1.0, 0.85, 0.15, 0.0]
    """

    def taper(size: int) -> np.ndarray:
        inwards = np.minimum(np.arange(size), np.arange(size)[::-1]) + 0.5
        ramp = (inwards - rim) / max(overlap - 2 * rim, 1e-9)
        return np.sin(np.pi / 2 * np.clip(ramp, 0, 1)) ** 2

    return taper


def blending(starts: np.ndarray, size: int, taper: Taper) -> np.ndarray:
    """Shares of overlapping windows in the samples that they cover.

    The outer halves of the first and the last window have no neighbour and are not tapered.

    Args:
        starts: first index of each window, ascending; together the windows leave no gap.
        size: number of samples of a window.
        taper: function that gives the weights of a window.

    Returns:
        Share of each window in each of its samples, float64 (windows, size); at every index of
        the axis the shares sum to 1.

    Examples:
        >>> blending(np.array([0, 2]), 4, cosine_taper(2)).round(2).tolist()
        [[1.0, 1.0, 0.85, 0.15], [0.15, 0.85, 1.0, 1.0]]
    """
    weights = np.tile(np.maximum(taper(size), LEAST_WEIGHT), (len(starts), 1))
    weights[0, : (size + 1) // 2] = 1
    weights[-1, size // 2 :] = 1
    places = (starts - starts[0])[:, np.newaxis] + np.arange(size)
    return weights / np.bincount(places.ravel(), weights.ravel())[places]


def borders(starts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Indices at which another window has the largest share than at the index before.

    Args:
        starts: first index of each window, ascending.
        shares: shares of the windows, (windows, size), from `blending`.

    Examples:
        >>> borders(np.array([-1, 3]), blending(np.array([-1, 3]), 6, cosine_taper(2)))
        array([4])
    """
    places = (starts - starts[0])[:, np.newaxis] + np.arange(shares.shape[1])
    table = np.zeros((len(starts), places.max() + 1))
    np.put_along_axis(table, places, shares, axis=1)
    return np.flatnonzero(np.diff(table.argmax(axis=0))) + 1 + int(starts[0])
