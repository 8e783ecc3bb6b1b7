"""Splits that do not leak: by block, with a guard gap between training and test."""

from dataclasses import dataclass

import numpy as np

FEWEST_BLOCKS = 2
LEAST_TRAINING = 0.25  # of the labels, on the training side of a fold


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
    """Cut labels into blocks along their longer horizontal axis; none is tested twice.

    A block runs through all inlines (or crosslines) and all samples, so that neighbouring
    sections never stand on two sides of a split. Labels closer to the test block than `guard`
    samples do not train. A block that leaves less than a quarter of the labels to train, as in the
    middle of a narrow section, is not tested: its score would say little about the survey.

    Args:
        positions: array indices, shape (labels, 3).
        folds: blocks wanted, at least 2; fewer, wider ones are cut where these are too narrow.
        guard: distance from which two inputs share no sample.

    Returns:
        The folds, in order; none if the labels are too narrow for any.

    Examples:
        >>> places = np.zeros((100, 3), int)
        >>> places[:, 1] = np.arange(100)
        >>> [(f.start, f.stop, int(f.train.sum())) for f in block_folds(places, folds=4, guard=30)]
        [(0, 25, 46), (75, 100, 46)]
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
            if test.any() and train.mean() >= LEAST_TRAINING:
                result.append(Fold(train, test, start, stop, axis))
        if result:
            return result
    return []
