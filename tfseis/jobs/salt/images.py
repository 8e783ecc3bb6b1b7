"""What a salt network says of raw images of any size; on `keras.ops`, eagerly or in a graph."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tfseis.jobs.salt.preparation import Preparation, prepare, restore


def image_probability(
    model: keras.Model | Callable, images: Any, recipe: Preparation, depth: Any = None
) -> Any:
    """The probability of salt at every pixel of raw images.

    Args:
        model: from prepared images to one logit a pixel: a Keras model, or a function such as a
            `tfseis.inference.Runtime`.
        images: (batch, rows, columns, channels): uint8 from 0 to 255, or floating from 0 to 1.
        recipe: how the network's images are prepared.
        depth: (batch,), metres, NaN where unknown; None where all are.

    Returns:
        (batch, rows, columns, 1), float32, 0 to 1.
    """
    prepared = prepare(images, recipe, depth)
    logits = model(prepared, training=False) if isinstance(model, keras.Model) else model(prepared)
    size = ops.shape(images)
    return restore(ops.sigmoid(logits), recipe, size[1], size[2])
