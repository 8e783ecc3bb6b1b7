"""How scattered a classification is: isolated wrong islands in homogeneous bodies."""

import numpy as np
from scipy import ndimage


def wrong_islands(truth: np.ndarray, prediction: np.ndarray) -> int:
    """Count the connected bodies of one predicted class in which not one sample is right.

    Args:
        truth: true class indices, integers (rows, columns); samples with a negative index are
            unknown and belong to no island.
        prediction: predicted class indices, integers of the same shape.

    Returns:
        Number of islands. Samples are connected along rows and columns, not along diagonals.

    Examples:
        >>> truth = np.array([[0, 0, 0, 1], [0, 0, 0, 1]])
        >>> wrong_islands(truth, np.array([[1, 0, 0, 1], [0, 0, 1, 1]]))  # one stands alone
        1
    """
    known = truth >= 0
    count = 0
    for number in np.unique(prediction[known]):
        bodies, found = ndimage.label((prediction == number) & known)
        right = np.unique(bodies[(bodies > 0) & (truth == number)])
        count += found - len(right)
    return count
