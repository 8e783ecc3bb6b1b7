"""Losses of marks on borehole images, over the labelled samples only.

All functions take masks (batch, rows, columns, 1): 1 on a mark, 0 beside it, negative where
unlabelled or not measured, which has no gradient; and logits of the same shape. Each returns a
scalar for the whole batch.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tfseis.learning.losses.mask_values import checked_masks
from tfseis.learning.losses.one_number import one_number

SMOOTH = 1.0  # samples; keeps Dice finite where a batch has no mark
MARK_WEIGHT = 4.0  # weight of marked samples, which are about a tenth of all


@one_number
def labelled_bce(masks: Any, logits: Any) -> Any:
    """Mean binary cross-entropy.

    Examples:
        >>> masks = ops.reshape(ops.convert_to_tensor([1.0, -1.0]), (1, 1, 2, 1))
        >>> float(labelled_bce(masks, ops.zeros((1, 1, 2, 1))))  # the logarithm of 2
        0.693
    """
    return _crossentropy(masks, logits, 1.0)


@one_number
def labelled_weighted_bce(masks: Any, logits: Any) -> Any:
    """Binary cross-entropy in which marked samples weigh four times as much.

    Examples:
        >>> masks = ops.reshape(ops.convert_to_tensor([1.0, 0.0, -1.0]), (1, 1, 3, 1))
        >>> float(labelled_weighted_bce(masks, ops.zeros((1, 1, 3, 1))))  # (4 + 1) / 2 * 0.693
        1.733
    """
    return _crossentropy(masks, logits, MARK_WEIGHT)


@one_number
def labelled_dice(masks: Any, logits: Any) -> Any:
    """1 - Dice coefficient of the probability.

    Examples:
        >>> masks = ops.reshape(ops.convert_to_tensor([1.0, 1.0, -1.0]), (1, 1, 3, 1))
        >>> float(labelled_dice(masks, ops.zeros((1, 1, 3, 1))))  # 1 - (2 + 1) / (3 + 1)
        0.25
    """
    known, masks, logits = _known(masks, logits)
    probability = ops.sigmoid(logits) * known
    both = ops.sum(masks * probability)
    return 1 - (2 * both + SMOOTH) / (ops.sum(masks) + ops.sum(probability) + SMOOTH)


@one_number
def labelled_dice_bce(masks: Any, logits: Any) -> Any:
    """The sum of `labelled_dice` and `labelled_bce`."""
    return labelled_dice.function(masks, logits) + labelled_bce.function(masks, logits)


@keras.saving.register_keras_serializable("tfseis")
def labelled_mask_accuracy(masks: Any, logits: Any) -> Any:
    """Share of the labelled samples on the correct side of probability 0.5.

    Masks may have further channels, such as the logits of a teacher; they are ignored.

    Examples:
        >>> masks = ops.reshape(ops.convert_to_tensor([1.0, 0.0, -1.0]), (1, 1, 3, 1))
        >>> float(labelled_mask_accuracy(masks, ops.ones((1, 1, 3, 1))))
        0.5
    """
    known, masks, logits = _known(masks[..., :1], logits)
    right = ops.cast(ops.equal(logits > 0, masks > 0.5), "float32")
    return ops.sum(right * known) / ops.maximum(ops.sum(known), 1.0)


BOREHOLE_LOSSES: dict[str, Callable] = {
    "bce": labelled_bce,
    "weighted-bce": labelled_weighted_bce,
    "dice": labelled_dice,
    "dice-bce": labelled_dice_bce,
}


def _known(masks: Any, logits: Any) -> tuple[Any, Any, Any]:
    """What is labelled (1 or 0), masks with 0 where unlabelled, and logits, all float32."""
    masks = checked_masks(masks)
    return ops.cast(masks >= 0, "float32"), ops.maximum(masks, 0), ops.cast(logits, "float32")


def _crossentropy(masks: Any, logits: Any, weight: float) -> Any:
    known, masks, logits = _known(masks, logits)
    losses = weight * masks * ops.softplus(-logits) + (1 - masks) * ops.softplus(logits)
    return ops.sum(losses * known) / ops.maximum(ops.sum(known), 1.0)
