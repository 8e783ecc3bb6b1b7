"""Losses of denoised gathers, over the samples that have a weight.

All functions take targets (batch, traces, samples, 3), float32: the wanted amplitude, its weight,
0 or 1, and the amplitude that the network was shown; and outputs (batch, traces, samples, 1), the
denoised amplitude. Each returns a scalar.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tfseis.learning.losses.one_number import one_number

LEAKAGE = 0.3  # weight of the squared correlation of removed and kept part
WINDOW, STEP = (16, 32), (4, 8)  # traces and samples of the windows of correlation
TINY = 1e-3  # energy, for amplitudes scaled to 1, below which a part counts as zero
SMALL = 0.1  # difference, for amplitudes scaled to 1, above which the loss is linear


@one_number
def weighted_square(targets: Any, output: Any) -> Any:
    """Mean squared difference of wanted and denoised amplitude.

    Args:
        targets: what is wanted, its weight, and what was shown, (batch, traces, samples, 3).
        output: what the network makes of what was shown, (batch, traces, samples, 1).

    Examples:
        >>> targets = ops.convert_to_tensor([[[[3.0, 1.0, 3.0], [9.0, 0.0, 9.0]]]])
        >>> float(weighted_square(targets, ops.ones((1, 1, 2, 1))))
        4.0
    """
    return _mean(ops.square(_difference(targets, output)), targets)


@one_number
def weighted_absolute(targets: Any, output: Any) -> Any:
    """Mean absolute difference of wanted and denoised amplitude, smooth around 0.

    Args:
        targets: what is wanted, its weight, and what was shown, (batch, traces, samples, 3).
        output: what the network makes of what was shown, (batch, traces, samples, 1).

    Examples:
        >>> targets = ops.convert_to_tensor([[[[3.0, 1.0, 3.0], [9.0, 0.0, 9.0]]]])
        >>> float(weighted_absolute(targets, ops.ones((1, 1, 2, 1))))
        1.902
    """
    difference = _difference(targets, output)
    return _mean(ops.sqrt(ops.square(difference) + SMALL**2) - SMALL, targets)


@one_number
def orthogonal_square(targets: Any, output: Any) -> Any:
    """Mean squared difference plus the squared local correlation of removed and kept part.

    Least squares alone remove some signal together with the noise; the removed part is then
    correlated with the kept one.

    Args:
        targets: what is wanted, its weight, and what was shown, (batch, traces, samples, 3).
        output: what the network makes of what was shown, (batch, traces, samples, 1).

    Examples:
        >>> wave = ops.reshape(ops.sin(ops.arange(32 * 64, dtype="float32")), (1, 32, 64, 1))
        >>> targets = ops.concatenate([wave, ops.ones_like(wave), wave], axis=-1)
        >>> [round(float(orthogonal_square(targets, part * wave)), 2) for part in (1, 0.5)]
        [0.0, 0.42]
    """
    return weighted_square.function(targets, output) + LEAKAGE * leakage_penalty(targets, output)


def leakage_penalty(targets: Any, output: Any) -> Any:
    """Mean over windows of the squared correlation of removed and kept part, 0 to 1.

    Args:
        targets: what is wanted, its weight, and what was shown, (batch, traces, samples, 3).
        output: what the network makes of what was shown, (batch, traces, samples, 1).
    """
    live = ops.cast(targets[..., 2:] != 0, "float32")
    kept = ops.cast(output, "float32") * live
    removed = targets[..., 2:] - kept
    products = ops.concatenate([removed * kept, removed**2, kept**2], axis=-1)
    means = ops.average_pool(products, WINDOW, STEP, "same")
    return ops.mean(means[..., 0] ** 2 / ((means[..., 1] + TINY) * (means[..., 2] + TINY)))


@keras.saving.register_keras_serializable("tfseis")
def kept_accuracy(targets: Any, output: Any) -> Any:
    """1 - squared error / wanted energy: 1 is perfect, 0 no better than predicting zeros.

    Args:
        targets: what is wanted, its weight, and what was shown, (batch, traces, samples, 3).
        output: what the network makes of what was shown, (batch, traces, samples, 1).

    Examples:
        >>> targets = ops.convert_to_tensor([[[[2.0, 1.0, 3.0], [9.0, 0.0, 9.0]]]])
        >>> float(kept_accuracy(targets, ops.ones((1, 1, 2, 1))))
        0.75
    """
    wanted = _mean(ops.square(targets[..., :1]), targets)
    return 1 - weighted_square.function(targets, output) / (wanted + keras.config.epsilon())


GATHER_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "square": weighted_square,
    "absolute": weighted_absolute,
    "orthogonal": orthogonal_square,
}


def _difference(targets: Any, output: Any) -> Any:
    return ops.cast(output, "float32") - targets[..., :1]


def _mean(values: Any, targets: Any) -> Any:
    weights = targets[..., 1:2]
    return ops.sum(values * weights) / ops.maximum(ops.sum(weights), 1.0)
