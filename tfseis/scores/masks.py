"""Scores of binary masks, in NumPy, and the search of the threshold that is best on validation.

Source: the rule of the TGS salt challenge: an image scores the mean over thresholds 0.50, 0.55 ..
0.95 of whether its intersection over union is above; an empty truth scores 1 for an empty mask,
else 0. The thresholds are compared in whole numbers, since 0.55 and 0.60 have no exact fraction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import LabelError

STEPS = tuple(range(10, 20))  # twentieths: 0.50, 0.55 .. 0.95
TWENTIETHS = 20
THRESHOLDS = tuple(np.round(np.arange(0.3, 0.71, 0.04), 2).tolist())
SMALLEST = (0, 10, 20, 40, 80, 120, 160)  # pixels


def kaggle_scores(masks: ArrayLike, predicted: ArrayLike) -> np.ndarray:
    """The challenge's score of each image.

    Args:
        masks: (images, rows, columns); what is not 0 is salt.
        predicted: masks of the same shape.

    Returns:
        float64 (images,), each 0, 0.1 .. 1.

    Raises:
        LabelError: other shapes.

    Examples:
        >>> kaggle_scores([[[1, 1, 1, 0]], [[0, 0, 0, 0]]], [[[1, 1, 0, 0]], [[0, 0, 0, 0]]])
        array([0.4, 1. ])
    """
    both, either = _counts(masks, predicted)
    above = TWENTIETHS * both[:, np.newaxis] > np.array(STEPS) * either[:, np.newaxis]
    return np.where(either == 0, 1.0, above.mean(axis=1))


def image_iou(masks: ArrayLike, predicted: ArrayLike) -> np.ndarray:
    """Intersection over union of each image; 1 where both masks are empty.

    Examples:
        >>> image_iou([[[1, 1, 1, 0]], [[0, 0, 0, 0]]], [[[1, 1, 0, 0]], [[0, 0, 0, 0]]])
        array([0.667, 1. ])
    """
    both, either = _counts(masks, predicted)
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


@dataclass(frozen=True)
class Decision:
    """When a pixel, and when an image, is called salt.

    Args:
        threshold: a pixel whose probability is above it is salt.
        smallest: a mask with fewer pixels is emptied.
        score: mean of `kaggle_scores` on the images that chose both.
    """

    threshold: float
    smallest: int
    score: float

    def masks(self, probability: np.ndarray) -> np.ndarray:
        """Masks of probabilities (images, rows, columns), uint8."""
        return decided(probability, self.threshold, self.smallest)


def decided(probability: np.ndarray, threshold: float, smallest: int) -> np.ndarray:
    """Masks of probabilities (images, rows, columns), uint8; those that are too small are empty."""
    masks = probability > threshold
    masks &= masks.sum(axis=(1, 2), keepdims=True) >= smallest
    return masks.astype(np.uint8)


def search_decision(masks: np.ndarray, probability: np.ndarray) -> Decision:
    """The threshold and the smallest mask that score best; the middle of those that score alike.

    Use images that did not train, and none that shall be scored.

    Args:
        masks: (images, rows, columns).
        probability: of the same shape, 0 to 1.
    """
    found = [
        Decision(t, s, float(kaggle_scores(masks, decided(probability, t, s)).mean()))
        for t in THRESHOLDS
        for s in SMALLEST
    ]
    best = max(d.score for d in found)
    alike = [d for d in found if d.score == best]
    return alike[len(alike) // 2]


def _counts(masks: ArrayLike, predicted: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of intersection and of union of each image, int64."""
    truth, salt = np.asarray(masks) != 0, np.asarray(predicted) != 0
    if truth.shape != salt.shape or truth.ndim != 3:
        raise LabelError(
            f"Expected two stacks of masks of one shape (images, rows, columns); got {truth.shape} "
            f"and {salt.shape}. Cut them alike."
        )
    return (truth & salt).sum(axis=(1, 2)), (truth | salt).sum(axis=(1, 2))
