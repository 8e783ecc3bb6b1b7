"""Loss and accuracy of facies, over the labelled samples only."""

import keras
from keras import KerasTensor, ops

from tfseis.io.labels.labels import UNLABELLED
from tfseis.learning.losses.one_number import one_number


@one_number
def labelled_crossentropy(labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Cross-entropy over the labelled samples of a batch; unlabelled ones have no gradient.

    Args:
        labels: integer class of each sample, (batch, ...); negative where unlabelled.
        logits: network outputs before the softmax, (batch, ..., classes).

    Returns:
        Mean over the labelled samples, a scalar; 0 if there are none.

    Examples:
        >>> labels = ops.convert_to_tensor([[2, -1]])
        >>> float(labelled_crossentropy(labels, ops.zeros((1, 2, 4))))  # the logarithm of 4
        1.386
    """
    known, classes = _known(labels)
    losses = ops.sparse_categorical_crossentropy(classes, logits, from_logits=True)
    return _mean(losses, known)


@keras.saving.register_keras_serializable("tfseis")
def labelled_accuracy(labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Share of the labelled samples of a batch whose class is predicted correctly.

    Args:
        labels: as for `labelled_crossentropy`.
        logits: as for `labelled_crossentropy`.

    Returns:
        A scalar, 0 to 1; 0 if nothing is labelled.

    Examples:
        >>> logits = ops.convert_to_tensor([[[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]])
        >>> float(labelled_accuracy(ops.convert_to_tensor([[1, 1, -1]]), logits))
        0.5
    """
    known, classes = _known(labels)
    right = ops.equal(classes, ops.cast(ops.argmax(logits, axis=-1), classes.dtype))
    return _mean(ops.cast(right, "float32"), known)


def _known(labels: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    """Which samples are labelled, float32; and their classes, 0 elsewhere, int32."""
    labels = ops.cast(labels, "int32")
    return ops.cast(labels > UNLABELLED, "float32"), ops.maximum(labels, 0)


def _mean(values: KerasTensor, known: KerasTensor) -> KerasTensor:
    return ops.sum(values * known) / ops.maximum(ops.sum(known), 1.0)
