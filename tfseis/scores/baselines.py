"""Trivial classifiers beside which every score is shown; NumPy and SciPy only."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree

Baseline = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def most_frequent(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The class with most labels, for every sample.

    Args:
        positions: array indices (inline, crossline, sample) of the training labels, integers
            (labels, 3).
        classes: class indices of these labels, integers (labels,).
        wanted: array indices of the samples to classify, integers (samples, 3).

    Returns:
        Class indices (samples,), of the type of `classes`.
    """
    return np.full(len(wanted), np.bincount(classes).argmax(), classes.dtype)


def depth_only(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The most frequent class at the same sample index, or at the nearest labelled index.

    Args:
        positions: array indices of the training labels, integers (labels, 3).
        classes: class indices of these labels, integers (labels,).
        wanted: array indices of the samples to classify, integers (samples, 3).

    Returns:
        Class indices (samples,), of the type of `classes`.
    """
    depths, where = np.unique(positions[:, 2], return_inverse=True)
    counts = np.zeros((len(depths), classes.max() + 1), "int64")
    np.add.at(counts, (where, classes), 1)
    every = np.arange(max(wanted[:, 2].max(initial=0), depths[-1]) + 1)
    nearest = np.abs(every[:, np.newaxis] - depths).argmin(1)
    return counts.argmax(1)[nearest[wanted[:, 2]]].astype(classes.dtype)


def copy_nearest(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The class of the nearest label, which copies a labelled section to other lines.

    Args:
        positions: array indices of the training labels, integers (labels, 3).
        classes: class indices of these labels, integers (labels,).
        wanted: array indices of the samples to classify, integers (samples, 3).

    Returns:
        Class indices (samples,), of the type of `classes`.
    """
    return classes[KDTree(positions).query(wanted, workers=-1)[1]]


BASELINES: dict[str, Baseline] = {
    "most frequent class": most_frequent,
    "depth only": depth_only,
    "copy of the labelled section": copy_nearest,
}
