"""Losses of binary masks on logits.

All functions take masks (batch, rows, columns, channels) of 0 and 1, and logits of the same shape.
Each returns one number for each image, (batch,), which Keras averages.

Source: Lovasz hinge after Berman, Triki, Blaschko 2018, https://arxiv.org/abs/1705.08790; focal
loss after Lin et al. 2017, https://arxiv.org/abs/1708.02002.
Differs from it: the Lovasz hinge is computed for each image by itself, and its errors pass through
1 + elu, which keeps a gradient where a pixel is correct.
"""

from typing import Any

import keras
from keras import ops

from tfseis.learning.losses.mask_values import checked_masks
from tfseis.learning.losses.one_number import unreduced

SMOOTH = 1.0  # pixels; keeps ratios finite where a mask is empty


@keras.saving.register_keras_serializable("tfseis")
def mask_crossentropy(masks: Any, logits: Any) -> Any:
    """Mean binary cross-entropy of each image, (batch,).

    Args:
        masks: labels (batch, rows, columns, channels), 0 or 1.
        logits: outputs of the network before the sigmoid, of the same shape.

    Examples:
        >>> float(mask_crossentropy(ops.ones((1, 2, 3, 1)), ops.zeros((1, 2, 3, 1)))[0])
        0.693
    """
    return ops.mean(_crossentropy(_flat_masks(masks), _flat(logits)), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
def mask_dice(masks: Any, logits: Any) -> Any:
    """1 - Dice coefficient of the probability, (batch,); 0 where it equals the mask, empty or not.

    Args:
        masks: labels (batch, rows, columns, channels), 0 or 1.
        logits: outputs of the network before the sigmoid, of the same shape.

    Examples:
        >>> float(mask_dice(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 1 - 5 / 7
        0.286
    """
    masks, probability = _flat_masks(masks), ops.sigmoid(_flat(logits))
    both = ops.sum(masks * probability, axis=-1)
    total = ops.sum(masks + probability, axis=-1)
    return 1 - (2 * both + SMOOTH) / (total + SMOOTH)


@keras.saving.register_keras_serializable("tfseis")
def mask_jaccard(masks: Any, logits: Any) -> Any:
    """1 - intersection over union of the probability and the mask, (batch,).

    Args:
        masks: labels (batch, rows, columns, channels), 0 or 1.
        logits: outputs of the network before the sigmoid, of the same shape.

    Examples:
        >>> float(mask_jaccard(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 1 - 3 / 5
        0.4
    """
    masks, probability = _flat_masks(masks), ops.sigmoid(_flat(logits))
    both = ops.sum(masks * probability, axis=-1)
    union = ops.sum(masks + probability, axis=-1) - both
    return 1 - (both + SMOOTH) / (union + SMOOTH)


@keras.saving.register_keras_serializable("tfseis")
def mask_focal(masks: Any, logits: Any) -> Any:
    """Focal loss: cross-entropy times the squared error of the probability, (batch,).

    Args:
        masks: labels (batch, rows, columns, channels), 0 or 1.
        logits: outputs of the network before the sigmoid, of the same shape.

    Examples:
        >>> float(mask_focal(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 0.693 / 4
        0.173
    """
    masks, logits = _flat_masks(masks), _flat(logits)
    missing = ops.abs(masks - ops.sigmoid(logits))
    return ops.mean(missing**2 * _crossentropy(masks, logits), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
def lovasz_hinge(masks: Any, logits: Any) -> Any:
    """Lovasz hinge, a convex surrogate of 1 - intersection over union, (batch,).

    Args:
        masks: labels (batch, rows, columns, channels), 0 or 1.
        logits: outputs of the network before the sigmoid, of the same shape.

    Examples:
        >>> float(lovasz_hinge(ops.ones((1, 1, 2, 1)), ops.zeros((1, 1, 2, 1)))[0])  # errors 1, 1
        2.0
    """
    masks, logits = _flat_masks(masks), _flat(logits)
    errors = 1 - logits * (2 * masks - 1)
    order = ops.argsort(-ops.stop_gradient(errors), axis=-1)
    errors, masks = (ops.take_along_axis(of, order, axis=-1) for of in (errors, masks))
    salt = ops.sum(masks, axis=-1, keepdims=True)
    missed = ops.cumsum(masks, axis=-1)
    union = salt + ops.cumsum(1 - masks, axis=-1)
    loss = 1 - (salt - missed) / union  # if the first 1, 2, .. pixels are wrong
    steps = ops.concatenate([loss[:, :1], loss[:, 1:] - loss[:, :-1]], axis=-1)
    return ops.sum((ops.elu(errors) + 1) * ops.stop_gradient(steps), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
class LossSum(keras.losses.Loss):
    """A weighted sum of losses, whose weights may change in the course of a training.

    Args:
        losses: functions of (masks, logits) that return (batch,).
        shares: weight of each loss at the start; the attribute `shares` is a variable.
        name: name of the loss.

    Examples:
        >>> loss = LossSum([mask_dice, mask_jaccard], [1.0, 0.5])
        >>> float(loss(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1))))  # 0.286 + 0.2
        0.486
    """

    def __init__(self, losses: list, shares: list[float], name: str = "loss_sum") -> None:
        super().__init__(name=name)
        self.losses = [
            of if callable(of) else keras.saving.deserialize_keras_object(of) for of in losses
        ]
        self.shares = keras.Variable(list(shares), trainable=False, name="shares")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The weighted sum, (batch,)."""
        parts = [unreduced(of)(y_true, y_pred) for of in self.losses]
        return sum(self.shares[number] * part for number, part in enumerate(parts))

    def get_config(self) -> dict[str, Any]:
        """The losses and their present weights."""
        shares = [float(share) for share in ops.convert_to_numpy(self.shares)]
        losses = [keras.saving.serialize_keras_object(of) for of in self.losses]
        return {"losses": losses, "shares": shares, "name": self.name}


def _flat_masks(masks: Any) -> Any:
    return checked_masks(_flat(masks))


def _flat(values: Any) -> Any:
    return ops.cast(ops.reshape(values, (ops.shape(values)[0], -1)), "float32")


def _crossentropy(masks: Any, logits: Any) -> Any:
    return ops.softplus(logits) - masks * logits
