"""Where windows lie along an axis, how they are blended, and what is reflected. NumPy only."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

LEAST_WEIGHT = 1e-6  # a sample that is seen only at the rim of a window still has an answer
Taper = Callable[[int], np.ndarray]  # size of a window -> weight of each of its samples, >= 0


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


def window_starts(length: int, size: int, overlap: int, multiple: int = 1) -> np.ndarray:
    """Where windows of one size begin that cover an axis; the last one is moved back to its end.

    An axis that is shorter than a window has one window, which reaches beyond both ends; one whose
    length is no multiple has a last window that reaches beyond its end.

    Args:
        length: of the axis.
        size: of a window; a multiple of `multiple`.
        overlap: samples that neighbours share at least; below `size`.
        multiple: windows begin at multiples of it, as the poolings of a network want it.

    Returns:
        First index of each window, ascending, int64; the first may be negative.

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
    """Weights of a window: 0 in its rim, 1 inside, between them half a wave of a cosine.

    Args:
        overlap: samples shared by neighbours; weights are 1 where only one window lies.
        rim: samples at either side that count only where no other window lies; half the overlap
            at most, and then windows are joined without a ramp.

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
    """The share of each window in each sample that it covers.

    The outer half of the first and of the last window, beside which none lies, is not tapered.

    Args:
        starts: first index of each window, ascending; together they leave no gap.
        size: of a window.
        taper: weights of a window.

    Returns:
        float64 (windows, size); at every index, the shares of the windows there sum to 1.

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
    """Indices at which another window than at the index before has the largest share.

    Examples:
        >>> borders(np.array([-1, 3]), blending(np.array([-1, 3]), 6, cosine_taper(2)))
        array([4])
    """
    places = (starts - starts[0])[:, np.newaxis] + np.arange(shares.shape[1])
    table = np.zeros((len(starts), places.max() + 1))
    np.put_along_axis(table, places, shares, axis=1)
    return np.flatnonzero(np.diff(table.argmax(axis=0))) + 1 + int(starts[0])
