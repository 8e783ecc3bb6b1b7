"""What a facies model serves: everything around the network inside, raw values in."""

import keras
import tensorflow as tf

from tfseis.inference.block_tensors import (
    scaled_block,
    surrounded,
)
from tfseis.inference.serving import Signature, Tensors, raw_signatures
from tfseis.jobs.facies.classifier import DenseClassifier


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """Signatures of a facies model, on raw amplitudes (inlines, crosslines, samples) of a block or, a
    single line or time being enough for a 2D network, a section: ``serve_float32``, scaled with the
    statistics of the training survey, and ``serve_float32_scaled``, which takes the ``centre`` and
    ``spread`` of another. Outputs: ``probability`` (inlines, crosslines, samples, classes),
    float32, and ``facies``, int16 class codes; 0 at dead samples.
    """
    classifier = DenseClassifier(model)
    recipe = classifier.recipe
    forward = classifier.forward(lambda logits: tf.nn.softmax(tf.cast(logits, "float32")))
    codes = tf.constant(recipe.codes, tf.int16)

    def scaled(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        for axis, around in enumerate(classifier.reach):
            block = surrounded(block, axis, around.before, around.after)
        section = tf.shape(amplitude)
        if classifier.flat:
            block = tf.experimental.numpy.moveaxis(block, recipe.axis, 0)
            last = tf.stack([section[a] - 1 for a in range(3) if a != recipe.axis])
            found = forward(block, tf.zeros([2], tf.int32), tf.maximum(last, 1))
            found = tf.experimental.numpy.moveaxis(found, 0, recipe.axis)
        else:
            found = forward(block[tf.newaxis], tf.zeros([0], tf.int32), tf.zeros([0], tf.int32))[0]
        probability = tf.where(live[..., tf.newaxis], found, 0.0)
        classes = tf.where(
            live, tf.gather(codes, tf.argmax(found, axis=-1)), tf.constant(0, tf.int16)
        )
        return {"probability": probability, "facies": classes}

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        return scaled(amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"]))

    return classifier.network, raw_signatures(plain, scaled)
