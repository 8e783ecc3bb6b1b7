"""Scores of binary masks in NumPy, and the search for the best threshold on validation images.

Source: TGS 2018, TGS Salt Identification Challenge, Evaluation,
https://www.kaggle.com/c/tgs-salt-identification-challenge. An image scores the share of the
thresholds 0.50, 0.55 .. 0.95 that its intersection over union exceeds; an image with an empty label
scores 1 for an empty mask and 0 otherwise.
Differs from it: thresholds are compared in whole numbers, because binary floating-point numbers
cannot hold 0.55 and 0.60 exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import LabelError

STEPS = tuple(range(10, 20))  # thresholds in twentieths: 0.50, 0.55 .. 0.95
TWENTIETHS = 20
THRESHOLDS = tuple(np.round(np.arange(0.3, 0.71, 0.04), 2).tolist())  # that are tried
SMALLEST = (0, 10, 20, 40, 80, 120, 160)  # sizes of the smallest mask that are tried, pixels


def kaggle_scores(masks: ArrayLike, predicted: ArrayLike) -> np.ndarray:
    """Score of each image by the rule of the TGS salt challenge.

    Args:
        masks: labels, numbers (images, rows, columns), 0 outside the mask.
        predicted: predicted masks of the same shape.

    Returns:
        float64 (images,), each one of 0, 0.1 .. 1.

    Raises:
        LabelError: labels and predictions are not stacks of one shape.

    Examples:
        >>> kaggle_scores([[[1, 1, 1, 0]], [[0, 0, 0, 0]]], [[[1, 1, 0, 0]], [[0, 0, 0, 0]]])
        array([0.4, 1. ])
    """
    both, either = _counts(masks, predicted)
    above = TWENTIETHS * both[:, np.newaxis] > np.array(STEPS) * either[:, np.newaxis]
    return np.where(either == 0, 1.0, above.mean(axis=1))


def image_iou(masks: ArrayLike, predicted: ArrayLike) -> np.ndarray:
    """Intersection over union of each image; 1 where both masks are empty.

    Args:
        masks: labels, numbers (images, rows, columns), 0 outside the mask.
        predicted: predicted masks of the same shape.

    Returns:
        float64 (images,), each 0 to 1.

    Raises:
        LabelError: labels and predictions are not stacks of one shape.

    Examples:
        >>> image_iou([[[1, 1, 1, 0]], [[0, 0, 0, 0]]], [[[1, 1, 0, 0]], [[0, 0, 0, 0]]])
        array([0.667, 1. ])
    """
    both, either = _counts(masks, predicted)
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


@dataclass(frozen=True)
class Decision:
    """How probabilities become masks.

    Args:
        threshold: probability above which a pixel belongs to the mask, 0 to 1.
        smallest: smallest number of pixels of a mask; smaller masks are emptied.
        score: mean of `kaggle_scores` on the images on which both were chosen.
    """

    threshold: float
    smallest: int
    score: float

    def masks(self, probability: np.ndarray) -> np.ndarray:
        """Masks made from probabilities.

        Args:
            probability: floating-point numbers (images, rows, columns), 0 to 1.

        Returns:
            uint8 of the same shape, 0 or 1.
        """
        return decided(probability, self.threshold, self.smallest)


def decided(probability: np.ndarray, threshold: float, smallest: int) -> np.ndarray:
    """Masks made from probabilities; masks that are too small are emptied.

    Args:
        probability: floating-point numbers (images, rows, columns), 0 to 1.
        threshold: probability above which a pixel belongs to the mask, 0 to 1.
        smallest: smallest number of pixels of a mask.

    Returns:
        uint8 of the same shape, 0 or 1.
    """
    masks = probability > threshold
    masks &= masks.sum(axis=(1, 2), keepdims=True) >= smallest
    return masks.astype(np.uint8)


def search_decision(masks: np.ndarray, probability: np.ndarray) -> Decision:
    """The threshold and the size of the smallest mask that score best.

    Use images on which the network was not trained, and on which it will not be scored.

    Args:
        masks: labels, numbers (images, rows, columns), 0 outside the mask.
        probability: predicted probabilities of the same shape, 0 to 1.

    Returns:
        The best pair; the middle one where several score alike.

    Raises:
        LabelError: labels and predictions are not stacks of one shape.
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
    truth, found = np.asarray(masks) != 0, np.asarray(predicted) != 0
    if truth.shape != found.shape or truth.ndim != 3:
        raise LabelError(
            f"Expected two stacks of masks of one shape (images, rows, columns); got {truth.shape} "
            f"and {found.shape}. Cut both to one shape."
        )
    return (truth & found).sum(axis=(1, 2)), (truth | found).sum(axis=(1, 2))
