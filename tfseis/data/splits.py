"""Splits that do not leak: by block, with a guard gap between training and test."""

from dataclasses import dataclass

import numpy as np

FEWEST_BLOCKS = 2


@dataclass(frozen=True)
class Fold:
    """Which labels train and which test; what lies in the guard gap does neither.

    Args:
        train: bool (labels,).
        test: bool (labels,).
        start: first index of the test block along `axis`.
        stop: one past its last index.
        axis: 0 inline or 1 crossline: the direction in which the blocks follow each other.
    """

    train: np.ndarray
    test: np.ndarray
    start: int
    stop: int
    axis: int


def block_folds(positions: np.ndarray, *, folds: int, guard: int) -> list[Fold]:
    """Cut labels into blocks along their longer horizontal axis; each is tested once.

    A block runs through all inlines (or crosslines) and all samples, so that neighbouring
    sections never stand on two sides of a split. Labels closer to the test block than `guard`
    samples do not train. Where the labels are too narrow for that, fewer blocks are cut.

    Args:
        positions: array indices, shape (labels, 3).
        folds: blocks wanted, at least 2.
        guard: distance from which two inputs share no sample.

    Returns:
        The folds that have labels on both sides; none if the labels are narrower than that.

    Examples:
        >>> places = np.zeros((100, 3), int)
        >>> places[:, 1] = np.arange(100)
        >>> [(f.start, f.stop, int(f.train.sum())) for f in block_folds(places, folds=2, guard=10)]
        [(0, 50, 41), (50, 100, 41)]
    """
    if not len(positions):
        return []
    extent = np.ptp(positions[:, :2], axis=0)
    axis = int(extent[1] >= extent[0])
    along = positions[:, axis]
    for count in range(folds, FEWEST_BLOCKS - 1, -1):
        edges = np.linspace(along.min(), along.max() + 1, count + 1).round().astype(int)
        result = []
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            test = (along >= start) & (along < stop)
            train = (along <= start - guard) | (along >= stop - 1 + guard)
            if test.any() and train.any():
                result.append(Fold(train, test, start, stop, axis))
        if len(result) == count:
            return result
    return []
