"""What an exported facies model serves.

Scaling, context at the borders and class codes are inside, so raw amplitudes go in.
"""

import keras
import tensorflow as tf

from tfseis.inference.block_tensors import scaled_block, surrounded
from tfseis.inference.serving import Signature, Tensors, raw_signatures
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.facies.classifier import DenseClassifier


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """The serving signatures of a facies model, on a raw block or section.

    Both take ``amplitude``, float32 (inlines, crosslines, samples); for a 2D network one line or
    one time slice is enough. ``serve_float32`` scales it by the statistics of the training survey.
    ``serve_float32_scaled`` also takes the ``centre`` and ``spread`` of another survey.

    Args:
        model: a trained facies model with its recipe.

    Returns:
        What is saved, and the signatures by name. Their outputs are ``probability``, float32
        (inlines, crosslines, samples, classes), and ``facies``, int16 class codes (inlines,
        crosslines, samples); at dead samples they are 0 and -1.
    """
    classifier = DenseClassifier(model)
    recipe = classifier.recipe
    forward = classifier.forward(
        lambda logits: tf.nn.softmax(tf.cast(logits, "float32") / classifier.temperature)
    )
    codes = tf.constant(recipe.codes, tf.int16)

    def scaled(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        for axis, around in enumerate(classifier.halo):
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
            live, tf.gather(codes, tf.argmax(found, axis=-1)), tf.constant(UNLABELLED, tf.int16)
        )
        return {"probability": probability, "facies": classes}

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        return scaled(amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"]))

    return classifier.network, raw_signatures(plain, scaled)
