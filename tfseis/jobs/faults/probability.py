"""What the logits of a fault network mean."""

import numpy as np
from scipy.special import expit


def fault_probability(logits: np.ndarray) -> np.ndarray:
    """The probability of a fault from one or two logits a sample.

    Args:
        logits: float32 (.., 1), the logit of a fault, or (.., 2), of which the second is that of a
            fault and the first that of none.

    Returns:
        Probabilities between 0 and 1 of the type of the logits, (.., 1).

    Examples:
        >>> fault_probability(np.array([[0.0], [2.0]])).round(2).tolist()
        [[0.5], [0.88]]
        >>> fault_probability(np.array([[1.0, 1.0], [0.0, 2.0]])).round(2).tolist()
        [[0.5], [0.88]]
    """
    return expit(logits if logits.shape[-1] == 1 else logits[..., 1:] - logits[..., :1])
