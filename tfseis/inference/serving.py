"""Parts of serving signatures that several jobs share."""

from collections.abc import Callable, Sequence

import tensorflow as tf

Tensors = dict[str, tf.Tensor]
Signature = tuple[Callable[..., Tensors], list[tf.TensorSpec]]


def marked(probability: tf.Tensor, threshold: float) -> Tensors:
    """The outputs ``probability``, and ``mask``, uint8: 1 where it is above a threshold.

    Args:
        probability: 0 to 1, of any shape.
        threshold: a sample is marked where its probability is above this.
    """
    mask = tf.cast(probability > threshold, tf.uint8)
    return {"probability": probability, "mask": mask}


def raw_signatures(
    plain: Callable[..., Tensors],
    scaled: Callable[..., Tensors],
    shape: Sequence[int | None] = (None, None, None),
    name: str = "amplitude",
) -> dict[str, Signature]:
    """Two signatures on raw values: with known statistics, and with statistics as inputs.

    Args:
        plain: takes the raw values.
        scaled: takes the raw values, and their centre and spread.
        shape: shape of the raw values; None for any size.
        name: name of the input.
    """
    block = tf.TensorSpec(shape, "float32", name=name)
    numbers = [tf.TensorSpec([], "float32", name=name) for name in ("centre", "spread")]
    return {
        "serve_float32": (plain, [block]),
        "serve_float32_scaled": (scaled, [block, *numbers]),
    }
