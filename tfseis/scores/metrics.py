"""Streaming metrics of binary masks on logits, for `compile`; they reload without custom_objects.

Masks are (batch, rows, columns, 1), 0 or 1; predictions are logits of the same shape, or
probabilities with ``from_logits=False``. A pixel whose probability is above `threshold` is salt.
`tfseis.scores.masks` says the same in NumPy.
"""

from typing import Any

import keras
from keras import ops

from tfseis.scores.masks import STEPS, TWENTIETHS

HALF = 0.5


class MaskMetric(keras.metrics.Metric):
    """The quotient of two sums over all images so far; a kind of metric says which.

    Args:
        threshold: probability above which a pixel is salt.
        from_logits: whether predictions are logits.
        name: in the log.
        dtype: of the result.
    """

    label = "mask_metric"  # its name in the log
    empty = 0.0  # what is said where the divisor is 0

    def __init__(
        self,
        threshold: float = HALF,
        from_logits: bool = True,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name or self.label, dtype=dtype)
        self.threshold, self.from_logits = threshold, from_logits
        # 64-bit whole numbers: float32 cannot count beyond 2**24 pixels
        self.upper = self.add_weight(initializer="zeros", dtype="int64", name="upper")
        self.lower = self.add_weight(initializer="zeros", dtype="int64", name="lower")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch; images whose weight is 0 are left out, other weights are not known."""
        salt = (ops.sigmoid(y_pred) if self.from_logits else y_pred) > self.threshold
        truth, salt = (_rows(of) for of in (y_true > HALF, salt))
        hits = ops.sum(truth * salt, axis=-1)
        sums = self.sums(hits, ops.sum(truth, -1), ops.sum(salt, -1), ops.shape(truth)[1])
        used = 1 if sample_weight is None else ops.cast(_rows(sample_weight != 0)[:, 0], "int64")
        self.upper.assign_add(ops.sum(sums[0] * used))
        self.lower.assign_add(ops.sum(sums[1] * used))

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Dividend and divisor of each image, from its pixels: right salt, true, said, all."""
        raise NotImplementedError

    def result(self) -> Any:
        """The quotient."""
        lower = ops.cast(self.lower, self.dtype)
        quotient = ops.cast(self.upper, self.dtype) / ops.maximum(lower, 1)
        return ops.where(lower > 0, quotient, self.empty)

    def get_config(self) -> dict[str, Any]:
        """Arguments."""
        own = {"threshold": self.threshold, "from_logits": self.from_logits}
        return super().get_config() | own


@keras.saving.register_keras_serializable("tfseis")
class MeanIoU(MaskMetric):
    """Intersection over union of each image, its mean; 1 where mask and prediction are empty.

    Examples:
        >>> metric = MeanIoU()
        >>> logits = ops.reshape(ops.array([3.0, -3.0]), (1, 1, 2, 1))
        >>> metric.update_state(ops.ones((1, 1, 2, 1)), logits)
        >>> float(metric.result())
        0.5
    """

    label = "mean_iou"
    PARTS = 2**31  # of 1, so that means of images are sums of whole numbers too

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """The ratio of each image in parts of 1."""
        union = truth + salt - hits
        ratio = ops.where(union > 0, hits * self.PARTS // ops.maximum(union, 1), self.PARTS)
        return ratio, ops.ones_like(hits) * self.PARTS


@keras.saving.register_keras_serializable("tfseis")
class KaggleMeanIoU(MaskMetric):
    """The score of the TGS salt challenge, see `tfseis.scores.masks`.

    Examples:
        >>> metric = KaggleMeanIoU()
        >>> metric.update_state(ops.zeros((1, 1, 2, 1)), ops.zeros((1, 1, 2, 1)))  # both empty
        >>> float(metric.result())
        1.0
    """

    label = "kaggle_mean_iou"

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Thresholds passed, and all of them."""
        union = (truth + salt - hits)[:, None]
        passed = TWENTIETHS * hits[:, None] > ops.cast(ops.array(STEPS), "int64") * union
        passed = ops.sum(ops.cast(ops.logical_or(passed, union == 0), "int64"), axis=-1)
        return passed, ops.ones_like(hits) * len(STEPS)


@keras.saving.register_keras_serializable("tfseis")
class Dice(MaskMetric):
    """Twice the intersection through the sum, over the pixels of all images; 1 if all are empty."""

    label = "dice"
    empty = 1.0

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Twice the intersection, and the sum."""
        return 2 * hits, truth + salt


@keras.saving.register_keras_serializable("tfseis")
class MaskPrecision(MaskMetric):
    """Part of the pixels called salt that are; over all images."""

    label = "precision"

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Right ones, and those said."""
        return hits, salt


@keras.saving.register_keras_serializable("tfseis")
class MaskRecall(MaskMetric):
    """Part of the salt pixels that are found; over all images."""

    label = "recall"

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Right ones, and true ones."""
        return hits, truth


@keras.saving.register_keras_serializable("tfseis")
class MaskAccuracy(MaskMetric):
    """Part of all pixels that are called rightly."""

    label = "accuracy"

    def sums(self, hits: Any, truth: Any, salt: Any, pixels: Any) -> tuple[Any, Any]:
        """Right pixels, and all."""
        every = ops.ones_like(hits) * ops.cast(pixels, "int64")
        return every - truth - salt + 2 * hits, every


def _rows(values: Any) -> Any:
    """A line of whole numbers an image."""
    return ops.cast(ops.reshape(values, (ops.shape(values)[0], -1)), "int64")
