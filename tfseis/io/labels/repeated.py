"""Labels that lie on one sample: which comes first, and which contradict it."""

from math import prod

import numpy as np

from tfseis.geometry import Geometry

LARGEST = 2**63  # of int64


def first_of_each(
    positions: np.ndarray, classes: np.ndarray, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which labels come first on their sample, and which contradict the first one there.

    Returns:
        Indices of the first label on each sample, ascending; indices of labels of another class
        than the first on their sample; and for every label the index of the first on its sample.
    """
    flat = np.ravel_multi_index(tuple(positions.T), geometry.shape)
    again, first = _repeated(flat, geometry)
    if not len(again):
        return np.arange(len(flat)), again, np.arange(len(flat))
    kept = np.ones(len(flat), bool)
    kept[again] = False
    first_here = np.arange(len(flat))
    first_here[again] = first
    clash = again[classes[again] != classes[first]]
    return np.flatnonzero(kept), np.sort(clash), first_here


def _repeated(flat: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Indices of labels on samples that are labelled before, and of the first label there."""
    bits = max(len(flat) - 1, 1).bit_length()
    if (prod(geometry.shape) << bits) < LARGEST:  # sorting alone is several times as fast
        packed = np.sort((flat << bits) | np.arange(len(flat)))
        samples, order = packed >> bits, packed
        rows = (1 << bits) - 1
    else:
        order = np.argsort(flat, kind="stable")
        samples, rows = flat[order], -1
    again = np.flatnonzero(samples[1:] == samples[:-1]) + 1
    begins = np.ones(len(again), bool)
    begins[1:] = np.diff(again) > 1
    leaders = (again - 1)[begins][np.cumsum(begins) - 1]
    return order[again] & rows, order[leaders] & rows
