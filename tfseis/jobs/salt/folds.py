"""Folds of images whose masks cover alike and whose depths are alike."""

import numpy as np

from tfseis.errors import LabelError

COVERAGES = 10  # classes of coverage, and one of empty masks


def image_folds(masks: np.ndarray, depths: np.ndarray, *, folds: int) -> np.ndarray:
    """Divide images into folds whose coverage and depth are alike.

    Images are sorted by class of coverage, then by depth, and go to one fold after the other.
    Images of the challenge were cut from shared sections, and nothing says which; so the folds
    leak, and a score on them is optimistic for other surveys.

    Args:
        masks: (images, rows, columns), 0 or 1.
        depths: (images,), NaN where unknown.
        folds: number of folds, at least 2, at most one an image.

    Returns:
        Number of the fold of each image, (images,).

    Raises:
        LabelError: too many or too few folds.

    Examples:
        >>> masks = np.zeros((5, 2, 2))
        >>> masks[3:] = 1
        >>> image_folds(masks, np.array([3, 1, 2, 5, 4]), folds=2)
        array([0, 0, 1, 0, 1])
    """
    if not 2 <= folds <= len(masks):
        raise LabelError(
            f"Expected 2 folds or more, and an image for each; got {folds} folds of {len(masks)} "
            "images. Choose another number."
        )
    coverage = np.ceil(masks.mean(axis=(1, 2)) * COVERAGES)
    result = np.empty(len(masks), int)
    result[np.lexsort((depths, coverage))] = np.arange(len(masks)) % folds
    return result
