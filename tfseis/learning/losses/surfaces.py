"""Losses on the logits of thin faults.

Source: Wu et al. 2019, FaultSeg3D, https://doi.org/10.1190/geo2018-0646.1 (balanced
cross-entropy); FaultNet (Dice weighted at random); Shit et al. 2021, clDice,
https://arxiv.org/abs/2003.07311.
Differs from it: binary models have one logit; Dice uses the probability of a fault, where FaultNet
takes the largest over the channels; samples with a negative label are left out everywhere.
"""

import keras
from keras import KerasTensor, ops

from tfseis.learning.losses.mask_values import checked_masks
from tfseis.learning.losses.one_number import one_number

WEIGHTS = tuple(1 + step / 10 for step in range(10))  # 1.0, 1.1 .. 1.9, as in the source
SMOOTH = 1.0  # samples; keeps ratios finite where a batch has no fault
THINNING = 2  # erosions that thin a label of one or two voxels to its middle


@one_number
def fault_crossentropy(labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Mean binary cross-entropy over the labelled samples.

    Args:
        labels: 1 on faults, 0 beside them, negative where unlabelled; (batch, ..., 1) or
            (batch, ...).
        logits: (batch, ..., 1), or (batch, ..., 2) of a network with a channel for each class.

    Returns:
        A scalar; 0 if nothing is labelled.

    Examples:
        >>> labels = ops.convert_to_tensor([[[1.0], [0.0], [-1.0]]])
        >>> float(fault_crossentropy(labels, ops.zeros((1, 3, 1))))  # the logarithm of 2
        0.693
    """
    faults, known, logits = _aligned(labels, logits)
    return _mean(_crossentropy(faults, logits), known)


@one_number
def balanced_crossentropy(labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Cross-entropy in which faults and background of a batch weigh the same.

    Samples on faults have the weight `beta`, the share of samples without a fault; all others have
    1 - `beta`. Arguments as for `fault_crossentropy`.

    Examples:
        >>> labels = ops.convert_to_tensor([[[1.0], [0.0], [0.0], [0.0]]])
        >>> float(balanced_crossentropy(labels, ops.zeros((1, 4, 1))))  # log 2 * (3/4 + 3/4) / 4
        0.260
    """
    faults, known, logits = _aligned(labels, logits)
    beta = 1 - _mean(faults, known)
    weights = faults * beta + (1 - faults) * (1 - beta)
    return _mean(weights * _crossentropy(faults, logits), known)


@keras.saving.register_keras_serializable("tfseis")
class CrossentropyAndDice(keras.losses.Loss):
    """Cross-entropy plus a Dice loss whose balance of recall and precision is drawn in each step.

    The Dice loss is 1 - F_b of the probability of a fault over the whole batch; b is drawn from
    1.0, 1.1 .. 1.9. With a fixed value faults come out too thick. The drawn b decides the gradient
    alone: the value is the mean over all b, so that it can be compared and computed again.

    Args:
        seed: seed of the drawing.
        weights: values of b to draw from.
        name: name of the loss.
    """

    def __init__(
        self,
        seed: int = 0,
        weights: tuple[float, ...] = WEIGHTS,
        name: str = "crossentropy_and_dice",
    ) -> None:
        super().__init__(name=name)
        self.seed, self.weights = seed, tuple(weights)
        self._draws = keras.random.SeedGenerator(seed)

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """Labels and logits as for `fault_crossentropy`."""
        which = keras.random.randint((), 0, len(self.weights), seed=self._draws)
        weights = ops.convert_to_tensor(self.weights, "float32")
        each = _dice(_dice_sums(y_true, y_pred), weights)
        drawn, mean = ops.take(each, which), ops.stop_gradient(ops.mean(each))
        dice = mean + (drawn - ops.stop_gradient(drawn))  # the mean plus 0, which has a gradient
        return ops.reshape(fault_crossentropy.function(y_true, y_pred) + dice, (1,))

    def get_config(self) -> dict[str, object]:
        """Name, seed and weights."""
        return {"name": self.name, "seed": self.seed, "weights": list(self.weights)}


@one_number
def dice_loss(
    labels: KerasTensor, logits: KerasTensor, b: float | KerasTensor = 1.0
) -> KerasTensor:
    """1 - F_b of the probability of a fault over the whole batch, a scalar from 0 to 1.

    Args:
        labels: as for `fault_crossentropy`.
        logits: as for `fault_crossentropy`.
        b: weight of recall against precision; above 1 recall weighs more.

    Examples:
        >>> labels = ops.convert_to_tensor([[[1.0], [0.0]]])
        >>> float(dice_loss(labels, ops.zeros((1, 2, 1))))  # 1 - (2 * 0.5 + 1) / (1 + 1 + 1)
        0.333
    """
    return _dice(_dice_sums(labels, logits), b)


@one_number
def thin_dice(labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Half Dice loss, half Dice of thinned surfaces: gaps in a fault cost more than a shift of it.

    Precision is measured on the thinned prediction inside the label, recall on the thinned label
    inside the prediction. Arguments as for `fault_crossentropy`, of cubes only: (batch, inlines,
    crosslines, samples, 1).
    """
    faults, known, logits = _aligned(labels, logits)
    probability, faults = ops.sigmoid(logits) * known, faults * known
    thin_found, thin_true = soft_skeleton(probability), soft_skeleton(faults)
    precision = (ops.sum(thin_found * faults) + SMOOTH) / (ops.sum(thin_found) + SMOOTH)
    recall = (ops.sum(thin_true * probability) + SMOOTH) / (ops.sum(thin_true) + SMOOTH)
    surface = 1 - 2 * precision * recall / (precision + recall)
    return 0.5 * dice_loss.function(labels, logits) + 0.5 * surface


def soft_skeleton(mask: KerasTensor, iterations: int = THINNING) -> KerasTensor:
    """What remains of a mask when it is thinned to its middle; differentiable.

    Args:
        mask: values from 0 to 1, (batch, inlines, crosslines, samples, 1).
        iterations: number of erosions: half of the widest part, in samples.

    Returns:
        The skeleton, of the same shape.
    """
    skeleton = ops.relu(mask - _opened(mask))
    for _ in range(iterations):
        mask = _eroded(mask)
        rest = ops.relu(mask - _opened(mask))
        skeleton = skeleton + ops.relu(rest - skeleton * rest)
    return skeleton


def _dice_sums(labels: KerasTensor, logits: KerasTensor) -> tuple[KerasTensor, ...]:
    """Sums of the probability on faults, of the probability, and of faults."""
    faults, known, logits = _aligned(labels, logits)
    probability = ops.sigmoid(logits) * known
    return ops.sum(probability * faults), ops.sum(probability), ops.sum(faults * known)


def _dice(sums: tuple[KerasTensor, ...], b: float | KerasTensor) -> KerasTensor:
    """1 - F_b of the sums, for each b."""
    both, found, true = sums
    square = b * b
    return 1 - ((1 + square) * both + SMOOTH) / (square * found + true + SMOOTH)


def _opened(mask: KerasTensor) -> KerasTensor:
    return ops.max_pool(_eroded(mask), 3, 1, "same", data_format="channels_last")


def _eroded(mask: KerasTensor) -> KerasTensor:
    """Smallest value among the neighbours along each axis: an erosion by a cross of 3 samples."""
    along = [
        -ops.max_pool(-mask, size, 1, "same", data_format="channels_last")
        for size in ((3, 1, 1), (1, 3, 1), (1, 1, 3))
    ]
    return ops.minimum(ops.minimum(along[0], along[1]), along[2])


def _aligned(
    labels: KerasTensor, logits: KerasTensor
) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    """Faults, what is labelled (1 or 0), and one logit a sample, all float32 of one shape."""
    logits = ops.cast(logits, "float32")
    if logits.shape[-1] == 2:
        logits = logits[..., 1:] - logits[..., :1]  # the same probability from one logit
    labels = checked_masks(labels)
    if len(labels.shape) < len(logits.shape):
        labels = ops.expand_dims(labels, -1)
    return ops.relu(labels), ops.cast(labels >= 0, "float32"), logits


def _crossentropy(faults: KerasTensor, logits: KerasTensor) -> KerasTensor:
    return ops.relu(logits) - logits * faults + ops.log1p(ops.exp(-ops.abs(logits)))


def _mean(values: KerasTensor, known: KerasTensor) -> KerasTensor:
    return ops.sum(values * known) / ops.maximum(ops.sum(known), 1.0)
