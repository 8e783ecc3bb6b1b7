"""Streaming metrics of binary masks for `compile`.

Models that were compiled with them load without custom_objects.

Labels are (batch, rows, columns, 1), 0 or 1; predictions are logits of the same shape, or
probabilities with ``from_logits=False``. A pixel whose probability is above `threshold` belongs to
the predicted mask. `tfseis.scores.masks` has the same scores in NumPy.
"""

from typing import Any

import keras
from keras import ops

from tfseis.errors import ModelError
from tfseis.scores.masks import STEPS, TWENTIETHS

HALF = 0.5


class MaskMetric(keras.metrics.Metric):
    """The quotient of two sums over all images so far; subclasses say which sums.

    Args:
        threshold: probability above which a pixel belongs to the predicted mask, 0 to 1.
        from_logits: whether predictions are logits; otherwise they are probabilities.
        name: name of the metric in logs; None for the name of its class.
        dtype: floating-point type of the result; None for Keras' default.
    """

    label = "mask_metric"  # name in logs
    empty = 0.0  # result where the divisor is 0

    def __init__(
        self,
        threshold: float = HALF,
        from_logits: bool = True,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name or self.label, dtype=dtype)
        self.threshold, self.from_logits = threshold, from_logits
        # 64-bit integers, because float32 cannot count beyond 2**24 pixels
        self.upper = self.add_weight(initializer="zeros", dtype="int64", name="upper")
        self.lower = self.add_weight(initializer="zeros", dtype="int64", name="lower")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: labels (batch, rows, columns, 1), 0 or 1.
            y_pred: logits or probabilities of the same shape.
            sample_weight: one weight an image, (batch,), or one a pixel, of the shape of the
                labels. What has the weight 0 is left out, all else counts equally. None to count
                everything.

        Raises:
            ModelError: the weights are neither one an image nor one a pixel.
        """
        found = (ops.sigmoid(y_pred) if self.from_logits else y_pred) > self.threshold
        truth, found = (_rows(mask) for mask in (ops.cast(y_true, "float32") > HALF, found))
        pixels, used = ops.shape(truth)[1], 1
        if sample_weight is not None:
            counted = _counted(sample_weight, truth)
            truth, found = truth * counted, found * counted
            pixels = ops.sum(counted, axis=-1)
            used = ops.cast(pixels > 0, "int64")
        hits = ops.sum(truth * found, axis=-1)
        sums = self.sums(hits, ops.sum(truth, -1), ops.sum(found, -1), pixels)
        self.upper.assign_add(ops.sum(sums[0] * used))
        self.lower.assign_add(ops.sum(sums[1] * used))

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Dividend and divisor of each image, int64 (batch,).

        Args:
            hits: number of pixels that are true and found, int64 (batch,).
            truth: number of true pixels.
            found: number of found pixels.
            pixels: number of pixels of an image that count, a number or (batch,).
        """
        raise NotImplementedError

    def result(self) -> Any:
        """The quotient; `empty` where the divisor is 0."""
        lower = ops.cast(self.lower, self.dtype)
        quotient = ops.cast(self.upper, self.dtype) / ops.maximum(lower, 1)
        return ops.where(lower > 0, quotient, self.empty)

    def get_config(self) -> dict[str, Any]:
        """Arguments from which Keras makes the metric again."""
        own = {"threshold": self.threshold, "from_logits": self.from_logits}
        return super().get_config() | own


@keras.saving.register_keras_serializable("tfseis")
class MeanIoU(MaskMetric):
    """Mean intersection over union of the images.

    An image whose label and prediction are empty counts as 1.

    Examples:
        >>> metric = MeanIoU()
        >>> logits = ops.reshape(ops.array([3.0, -3.0]), (1, 1, 2, 1))
        >>> metric.update_state(ops.ones((1, 1, 2, 1)), logits)
        >>> float(metric.result())
        0.5
    """

    label = "mean_iou"
    PARTS = 2**31  # ratios are counted in these parts of 1, so that sums stay integers

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """The ratio of each image in `PARTS` of 1."""
        union = truth + found - hits
        ratio = ops.where(union > 0, hits * self.PARTS // ops.maximum(union, 1), self.PARTS)
        return ratio, ops.ones_like(hits) * self.PARTS


@keras.saving.register_keras_serializable("tfseis")
class KaggleMeanIoU(MaskMetric):
    """Mean score of the images by the rule of the TGS salt challenge; see `tfseis.scores.masks`.

    Examples:
        >>> metric = KaggleMeanIoU()
        >>> metric.update_state(ops.zeros((1, 1, 2, 1)), ops.zeros((1, 1, 2, 1)))  # both empty
        >>> float(metric.result())
        1.0
    """

    label = "kaggle_mean_iou"

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Number of thresholds that are passed, and of all thresholds."""
        union = (truth + found - hits)[:, None]
        passed = TWENTIETHS * hits[:, None] > ops.cast(ops.array(STEPS), "int64") * union
        passed = ops.sum(ops.cast(ops.logical_or(passed, union == 0), "int64"), axis=-1)
        return passed, ops.ones_like(hits) * len(STEPS)


@keras.saving.register_keras_serializable("tfseis")
class Dice(MaskMetric):
    """Dice score over the pixels of all images: twice the intersection over the sum of both masks.

    It is 1 where all labels and predictions are empty.
    """

    label = "dice"
    empty = 1.0

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Twice the intersection, and the sum of both masks."""
        return 2 * hits, truth + found


@keras.saving.register_keras_serializable("tfseis")
class MaskPrecision(MaskMetric):
    """Share of the found pixels that are true, over all images."""

    label = "precision"

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Pixels that are true and found, and found pixels."""
        return hits, found


@keras.saving.register_keras_serializable("tfseis")
class MaskRecall(MaskMetric):
    """Share of the true pixels that are found, over all images."""

    label = "recall"

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Pixels that are true and found, and true pixels."""
        return hits, truth


@keras.saving.register_keras_serializable("tfseis")
class MaskAccuracy(MaskMetric):
    """Share of all pixels that are predicted correctly, over all images."""

    label = "accuracy"

    def sums(self, hits: Any, truth: Any, found: Any, pixels: Any) -> tuple[Any, Any]:
        """Correct pixels, and all pixels."""
        every = ops.ones_like(hits) * ops.cast(pixels, "int64")
        return every - truth - found + 2 * hits, every


def _counted(sample_weight: Any, truth: Any) -> Any:
    """Which pixels count, 1 or 0, int64 (batch, pixels)."""
    used = _rows(ops.cast(sample_weight, "float32") != 0)
    if used.shape[1] not in (1, None, truth.shape[1]) and truth.shape[1] is not None:
        raise ModelError(
            f"Expected one weight an image, or one for each of its {truth.shape[1]} pixels; got "
            f"{used.shape[1]}. Give weights (batch,) or of the shape of the labels."
        )
    return used * ops.ones_like(truth)


def _rows(values: Any) -> Any:
    """One row of integers for each image, int64 (batch, pixels)."""
    return ops.cast(ops.reshape(values, (ops.shape(values)[0], -1)), "int64")
