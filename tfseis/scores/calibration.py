"""Whether class probabilities mean what they say: their error, and a temperature that mends it.

Source: Guo, Pleiss, Sun and Weinberger 2017, On calibration of modern neural networks,
https://arxiv.org/abs/1706.04599.
Differs from it: nothing.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

BINS = 15
TEMPERATURES = (0.1, 10.0)  # smallest and largest that is tried


def calibration_table(
    confidence: np.ndarray, right: np.ndarray, *, bins: int = BINS
) -> pd.DataFrame:
    """How often a prediction is right, by how sure it is.

    Args:
        confidence: probability of the predicted class, 0 to 1, (samples,).
        right: whether it is the true one, bool (samples,).
        bins: number of intervals of equal width.

    Returns:
        A row for each interval that holds samples: their number (``samples``), their mean
        ``confidence`` and the ``accuracy`` of their predictions.

    Examples:
        >>> calibration_table(np.array([0.9, 0.8, 0.2]), np.array([True, False, False]), bins=2)
           samples  confidence  accuracy
        0        1        0.20       0.0
        1        2        0.85       0.5
    """
    place = np.clip((np.asarray(confidence) * bins).astype(int), 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    sure, hits = (
        np.bincount(place, weights=np.asarray(values, "float64"), minlength=bins)
        for values in (confidence, right)
    )
    some = count > 0
    return pd.DataFrame(
        {
            "samples": count[some],
            "confidence": sure[some] / count[some],
            "accuracy": hits[some] / count[some],
        }
    )


def calibration_error(table: pd.DataFrame) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, 0 to 1.

    Args:
        table: as `calibration_table` returns it.

    Examples:
        >>> table = calibration_table(np.array([0.9, 0.8]), np.array([True, False]), bins=2)
        >>> calibration_error(table)
        0.35
    """
    apart = (table["confidence"] - table["accuracy"]).abs()
    return float((apart * table["samples"]).sum() / max(table["samples"].sum(), 1))


def tempered(log_probability: np.ndarray, temperature: float) -> np.ndarray:
    """Class probabilities after their logarithms were divided by a temperature.

    Args:
        log_probability: logarithms of the class probabilities, (.., classes).
        temperature: above 1 makes predictions less sure.

    Examples:
        >>> tempered(np.log([0.8, 0.2]), 2.0).round(3).tolist()
        [0.667, 0.333]
    """
    scaled = log_probability / temperature
    likely = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return likely / likely.sum(axis=-1, keepdims=True)


def fitted_temperature(log_probability: np.ndarray, classes: np.ndarray) -> float:
    """The temperature under which the true classes are most likely.

    Args:
        log_probability: logarithms of the class probabilities of samples that did not train,
            (samples, classes).
        classes: true class indices, integers (samples,).

    Returns:
        0.1 to 10; 1 where there are no samples.
    """
    if not len(classes):
        return 1.0
    found = minimize_scalar(
        _surprise(log_probability, classes), bounds=np.log(TEMPERATURES), method="bounded"
    )
    return float(np.exp(found.x))


def _surprise(log_probability: np.ndarray, classes: np.ndarray) -> Callable[[float], float]:
    """Mean negative log-likelihood of the true classes, by the logarithm of the temperature."""
    rows = np.arange(len(classes))

    def surprise(log_temperature: float) -> float:
        likely = tempered(log_probability, np.exp(log_temperature))[rows, classes]
        return float(-np.log(np.maximum(likely, 1e-12)).mean())

    return surprise
