"""Losses of binary masks on logits.

Masks are (batch, rows, columns, channels), 0 or 1; logits of the same shape. Each loss gives one
number an image, which Keras averages.

Source: Lovasz hinge after Berman, Triki, Blaschko 2018, https://arxiv.org/abs/1705.08790; focal
loss after Lin et al. 2017, https://arxiv.org/abs/1708.02002.
Differs from it: the Lovasz hinge is taken an image at a time, and its errors pass through 1 + elu,
which keeps a gradient where a pixel is right.
"""

from typing import Any

import keras
from keras import ops

SMOOTH = 1.0  # pixels: keeps ratios finite where a mask is empty


@keras.saving.register_keras_serializable("tfseis")
def mask_crossentropy(masks: Any, logits: Any) -> Any:
    """Binary cross-entropy, (batch,): the logarithm of 2 where all logits are 0.

    Examples:
        >>> float(mask_crossentropy(ops.ones((1, 2, 3, 1)), ops.zeros((1, 2, 3, 1)))[0])
        0.693
    """
    return ops.mean(_crossentropy(_flat(masks), _flat(logits)), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
def mask_dice(masks: Any, logits: Any) -> Any:
    """1 - Dice of the probability, (batch,): 0 where it is the mask, an empty one included.

    Examples:
        >>> float(mask_dice(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 1 - 5 / 7
        0.286
    """
    masks, probability = _flat(masks), ops.sigmoid(_flat(logits))
    both = ops.sum(masks * probability, axis=-1)
    total = ops.sum(masks + probability, axis=-1)
    return 1 - (2 * both + SMOOTH) / (total + SMOOTH)


@keras.saving.register_keras_serializable("tfseis")
def mask_jaccard(masks: Any, logits: Any) -> Any:
    """1 - intersection over union of the probability, (batch,).

    Examples:
        >>> float(mask_jaccard(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 1 - 3 / 5
        0.4
    """
    masks, probability = _flat(masks), ops.sigmoid(_flat(logits))
    both = ops.sum(masks * probability, axis=-1)
    union = ops.sum(masks + probability, axis=-1) - both
    return 1 - (both + SMOOTH) / (union + SMOOTH)


@keras.saving.register_keras_serializable("tfseis")
def mask_focal(masks: Any, logits: Any) -> Any:
    """Cross-entropy times the square of what is missing to certainty, (batch,).

    Examples:
        >>> float(mask_focal(ops.ones((1, 2, 2, 1)), ops.zeros((1, 2, 2, 1)))[0])  # 0.693 / 4
        0.173
    """
    masks, logits = _flat(masks), _flat(logits)
    missing = ops.abs(masks - ops.sigmoid(logits))
    return ops.mean(missing**2 * _crossentropy(masks, logits), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
def lovasz_hinge(masks: Any, logits: Any) -> Any:
    """Convex surrogate of 1 - intersection over union, (batch,).

    Examples:
        >>> float(lovasz_hinge(ops.ones((1, 1, 2, 1)), ops.zeros((1, 1, 2, 1)))[0])  # errors 1, 1
        2.0
    """
    masks, logits = _flat(masks), _flat(logits)
    errors = 1 - logits * (2 * masks - 1)
    order = ops.argsort(-ops.stop_gradient(errors), axis=-1)
    errors, masks = (ops.take_along_axis(of, order, axis=-1) for of in (errors, masks))
    salt = ops.sum(masks, axis=-1, keepdims=True)
    missed = ops.cumsum(masks, axis=-1)
    union = salt + ops.cumsum(1 - masks, axis=-1)
    loss = 1 - (salt - missed) / union  # of the first 1, 2, .. pixels being wrong
    steps = ops.concatenate([loss[:, :1], loss[:, 1:] - loss[:, :-1]], axis=-1)
    return ops.sum((ops.elu(errors) + 1) * ops.stop_gradient(steps), axis=-1)


@keras.saving.register_keras_serializable("tfseis")
class LossSum(keras.losses.Loss):
    """A weighted sum of losses; `shares` is a variable, which training may change.

    Args:
        losses: functions of (masks, logits) that give (batch,).
        shares: weight of each.
        name: of the loss.

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
        """The sum, (batch,)."""
        return sum(self.shares[i] * of(y_true, y_pred) for i, of in enumerate(self.losses))

    def get_config(self) -> dict[str, Any]:
        """Losses and present weights."""
        shares = [float(share) for share in ops.convert_to_numpy(self.shares)]
        losses = [keras.saving.serialize_keras_object(of) for of in self.losses]
        return {"losses": losses, "shares": shares, "name": self.name}


def _flat(values: Any) -> Any:
    return ops.cast(ops.reshape(values, (ops.shape(values)[0], -1)), "float32")


def _crossentropy(masks: Any, logits: Any) -> Any:
    return ops.softplus(logits) - masks * logits
