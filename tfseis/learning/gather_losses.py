"""Losses of denoised gathers, over the samples that count.

Targets are (batch, traces, samples, 2): the wanted amplitude, and its weight, 0 or 1; outputs are
(batch, traces, samples, 1). Each loss is one number a batch.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

SMALL = 0.1  # difference, in levels of the gather, from which it counts in proportion


@keras.saving.register_keras_serializable("tfseis")
def weighted_square(targets: Any, output: Any) -> Any:
    """Mean squared difference.

    Examples:
        >>> targets = ops.reshape(ops.convert_to_tensor([3.0, 1.0, 9.0, 0.0]), (1, 1, 2, 2))
        >>> float(weighted_square(targets, ops.ones((1, 1, 2, 1))))
        4.0
    """
    return _mean(ops.square(_difference(targets, output)), targets)


@keras.saving.register_keras_serializable("tfseis")
def weighted_absolute(targets: Any, output: Any) -> Any:
    """Mean absolute difference, rounded at 0.

    Examples:
        >>> targets = ops.reshape(ops.convert_to_tensor([3.0, 1.0, 9.0, 0.0]), (1, 1, 2, 2))
        >>> float(weighted_absolute(targets, ops.ones((1, 1, 2, 1))))
        1.902
    """
    difference = _difference(targets, output)
    return _mean(ops.sqrt(ops.square(difference) + SMALL**2) - SMALL, targets)


@keras.saving.register_keras_serializable("tfseis")
def kept_accuracy(targets: Any, output: Any) -> Any:
    """Part of the wanted energy that is not error: 1 is perfect, 0 no better than silence.

    Examples:
        >>> targets = ops.reshape(ops.convert_to_tensor([2.0, 1.0, 9.0, 0.0]), (1, 1, 2, 2))
        >>> float(kept_accuracy(targets, ops.ones((1, 1, 2, 1))))
        0.75
    """
    wanted = _mean(ops.square(targets[..., :1]), targets)
    return 1 - weighted_square(targets, output) / (wanted + keras.config.epsilon())


GATHER_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "square": weighted_square,
    "absolute": weighted_absolute,
}


def _difference(targets: Any, output: Any) -> Any:
    return ops.cast(output, "float32") - targets[..., :1]


def _mean(values: Any, targets: Any) -> Any:
    weights = targets[..., 1:]
    return ops.sum(values * weights) / ops.maximum(ops.sum(weights), 1.0)
