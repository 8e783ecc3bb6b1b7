"""What serving signatures share: raw values in, statistics at hand or given, masks out."""

from collections.abc import Callable, Sequence

import tensorflow as tf

Tensors = dict[str, tf.Tensor]
Signature = tuple[Callable[..., Tensors], list[tf.TensorSpec]]


def marked(probability: tf.Tensor, threshold: float) -> Tensors:
    """Probability, and what lies above the threshold."""
    mask = tf.cast(probability > threshold, tf.uint8)
    return {"probability": probability, "mask": mask}


def raw_signatures(
    plain: Callable[..., Tensors],
    scaled: Callable[..., Tensors],
    shape: Sequence[int | None] = (None, None, None),
    name: str = "amplitude",
) -> dict[str, Signature]:
    """Signatures on raw values: with statistics at hand, and with those that are given."""
    block = tf.TensorSpec(shape, "float32", name=name)
    numbers = [tf.TensorSpec([], "float32", name=name) for name in ("centre", "spread")]
    return {
        "serve_float32": (plain, [block]),
        "serve_float32_scaled": (scaled, [block, *numbers]),
    }
