"""Networks as functions of inputs of any size, in TensorFlow, for exported models."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfseis.models.receptive import receptive_field

ODD = (7, 9, 11)  # sizes that no pooling divides

Forward = Callable[[tf.Tensor], tf.Tensor]


def of_any_size(model: keras.Model, compute: Callable[[tf.Tensor], Any] | None = None) -> Forward:
    """A network that gives one output a sample, as a function of inputs of any size.

    A network that takes only multiples of its stride sees mirrored samples behind the end of each
    axis, and its outputs there are cut off.

    Args:
        model: from (batch, axes.., channels) to (batch, axes.., outputs), with 1 to 3 axes.
        compute: what computes it, such as a `tfseis.inference.Runtime`; the model itself if None.

    Raises:
        ModelError: it holds a layer of which it is not known what it sees.
    """

    def plain(batch: tf.Tensor) -> Any:
        return model(batch, training=False) if compute is None else compute(batch)

    axes = len(model.inputs[0].shape) - 2
    if _gives_every_sample(model, ODD[:axes]):
        return plain
    multiples = receptive_field(model).stride

    def padded(batch: tf.Tensor) -> tf.Tensor:
        sizes = tf.shape(batch)
        for axis, multiple in enumerate(multiples, start=1):
            batch = _lengthened(batch, axis, multiple)
        return plain(batch)[(slice(None), *(slice(sizes[a]) for a in range(1, axes + 1)))]

    return padded


def _gives_every_sample(model: keras.Model, sizes: tuple[int, ...]) -> bool:
    """Whether outputs have the size of their input, even where no pooling divides it."""
    spec = tf.TensorSpec((1, *sizes, model.inputs[0].shape[-1]))
    try:
        traced = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec)
    except ValueError:  # skips that do not fit
        return False
    return tuple(traced.output_shapes[1:-1]) == sizes


def _lengthened(batch: tf.Tensor, axis: int, multiple: int) -> tf.Tensor:
    """An axis continued by its mirror image, edge sample repeated, to a multiple."""
    length = tf.shape(batch)[axis]
    place = tf.range(length + tf.math.floormod(-length, multiple))
    place = tf.math.floormod(place, 2 * length)
    return tf.gather(batch, tf.minimum(place, 2 * length - 1 - place), axis=axis)
