"""Log-probabilities of classes: bounded, and the most likely class.

Those of a section are planes (classes, traces, samples): what is done for every class at a time
then runs along the memory.
"""

import numpy as np

SURE = -6.0  # natural logarithm: no class counts as less likely than 1 in 400, so each can change


def bounded(evidence: np.ndarray, *, axis: int = -1) -> np.ndarray:
    """Log-probabilities that sum to 1, none so small that a class cannot recover.

    Args:
        evidence: logarithms of what is proportional to probabilities.
        axis: that of the classes.

    Returns:
        Logarithms of the probabilities, at least `SURE`, of the same shape.

    Examples:
        >>> bounded(np.array([[0.0, 0.0], [0.0, -50.0]])).round(2).tolist()
        [[-0.69, -0.69], [0.0, -6.0]]
    """
    found = evidence - evidence.max(axis=axis, keepdims=True)
    found -= np.log(np.exp(found).sum(axis=axis, keepdims=True))
    return np.maximum(found, SURE, out=found)


def planes(values: np.ndarray) -> np.ndarray:
    """Values of each class, (traces, samples, classes), as planes (classes, traces, samples)."""
    return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def best_class(evidence: np.ndarray) -> np.ndarray:
    """Index of the most likely class, int16 (traces, samples); the first of several as likely.

    Args:
        evidence: log-probabilities (classes, traces, samples).
    """
    best = evidence.max(axis=0)
    classes = np.zeros(best.shape, "int16")
    for number in range(len(evidence) - 1, -1, -1):
        np.putmask(classes, evidence[number] == best, number)
    return classes


def most_likely(evidence: np.ndarray, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The most likely class of each sample, and its probability.

    Args:
        evidence: log-probabilities (classes, traces, samples).
        temperature: divides them before they become probabilities.

    Returns:
        Class index, int16, and its probability, both (traces, samples).

    Examples:
        >>> found = most_likely(np.log([[[0.8, 0.1, 0.5]], [[0.2, 0.9, 0.5]]]))
        >>> [one.round(2).tolist() for one in found]
        [[[0, 1, 0]], [[0.8, 0.9, 0.5]]]
    """
    likely = evidence / temperature
    likely -= likely.max(axis=0)
    return best_class(evidence), 1 / np.exp(likely, out=likely).sum(axis=0)
