"""Trivial classifiers that every score must stand beside. NumPy and SciPy only."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree

Baseline = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def most_frequent(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The class with most labels, everywhere.

    Args:
        positions: array indices of the training labels, (labels, 3).
        classes: their class indices, (labels,).
        wanted: array indices to classify, (samples, 3).

    Returns:
        Class indices, (samples,).
    """
    return np.full(len(wanted), np.bincount(classes).argmax(), classes.dtype)


def depth_only(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The most frequent class at the sample index, or at the nearest labelled one.

    Arguments and result as in `most_frequent`.
    """
    depths, where = np.unique(positions[:, 2], return_inverse=True)
    counts = np.zeros((len(depths), classes.max() + 1), "int64")
    np.add.at(counts, (where, classes), 1)
    every = np.arange(max(wanted[:, 2].max(initial=0), depths[-1]) + 1)
    nearest = np.abs(every[:, np.newaxis] - depths).argmin(1)
    return counts.argmax(1)[nearest[wanted[:, 2]]].astype(classes.dtype)


def copy_nearest(positions: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The class of the nearest label: on other lines, a copy of the labelled section.

    Arguments and result as in `most_frequent`.
    """
    return classes[KDTree(positions).query(wanted, workers=-1)[1]]


BASELINES: dict[str, Baseline] = {
    "most frequent class": most_frequent,
    "depth only": depth_only,
    "copy of the labelled section": copy_nearest,
}
