"""What a faults model serves: everything around the network inside, raw values in."""

import keras
import tensorflow as tf

from tfseis.inference.block_tensors import (
    block_statistics,
    scaled_block,
)
from tfseis.inference.serving import Signature, Tensors, marked, raw_signatures
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """Signatures of a fault model are the same two, on a raw block of any size; where the training
    data were scaled cube by cube, ``serve_float32`` estimates the statistics of the block. Outputs:
    ``probability``, float32, and ``mask``, uint8, both (inlines, crosslines, samples); 0 at dead
    samples.
    """
    recipe = recipe_of(model)

    def scaled(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        logits = model(block[tf.newaxis, ..., tf.newaxis], training=False)[0]
        fault = logits[..., -1] - (logits[..., 0] if logits.shape[-1] == 2 else 0.0)
        probability = tf.where(live, tf.sigmoid(fault), 0.0)
        return marked(probability, recipe.threshold)

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        if stored:
            return scaled(amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"]))
        return scaled(amplitude, *block_statistics(amplitude))

    return model, raw_signatures(plain, scaled)
