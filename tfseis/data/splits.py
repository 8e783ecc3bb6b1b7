"""Splits of labels into blocks for training and testing, with a guard gap between them."""

from dataclasses import dataclass

import numpy as np

FEWEST_BLOCKS = 2
LEAST_TRAINING = 0.25  # smallest share of the labels that trains in a fold


@dataclass(frozen=True)
class Fold:
    """Which labels train and which test; labels in the guard gap do neither.

    Args:
        train: whether each label trains, bool (labels,).
        test: whether each label tests, bool (labels,).
        start: first array index of the test block along `axis`.
        stop: array index after the last one of the test block.
        axis: axis along which the blocks follow each other, 0 for inlines or 1 for crosslines.
    """

    train: np.ndarray
    test: np.ndarray
    start: int
    stop: int
    axis: int


def block_folds(positions: np.ndarray, *, folds: int, guard: int) -> list[Fold]:
    """Cut labels into blocks along their longer horizontal axis; each block tests at most once.

    A block runs through all lines of the other axis and all samples, so that parts of one section
    are never on both sides of a split. Labels closer to the test block than the guard gap do not
    train. A block that leaves less than a quarter of the labels to train, as in the middle of a
    narrow section, is not tested.

    Args:
        positions: array indices (inline, crossline, sample) of the labels, integers (labels, 3).
        folds: number of blocks, at least 2; fewer and wider blocks are cut where these are too
            narrow for the guard gap.
        guard: width of the guard gap in lines: the distance from which the inputs of two labels
            share no sample.

    Returns:
        The folds in the order of their blocks; none where the labels are too narrow for any.

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
