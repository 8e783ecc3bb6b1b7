"""Graphs that evaluate a facies network on whole sections or blocks, context included."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfseis.jobs.facies.channels import Channel, margins

Head = Callable[[tf.Tensor], Any]


def middle_forward(
    dense: keras.Model, channels: tuple[Channel, ...], crop_size: int, head: Head
) -> Callable:
    """Evaluate the dense twin of a network that classifies the middle of a crop.

    Args:
        dense: twin, as `tfseis.inference.dense_model` makes it.
        channels: input channels.
        crop_size: samples along each axis of a crop.
        head: function of the logits (planes, rows, .., classes).

    Returns:
        Function of scaled amplitudes with context (planes, rows, ..), of where they begin in the
        section, int32, and of the last index of the section along its axes, int32; it returns what
        the head does.
    """
    axes = len(dense.input_shape) - 2
    reach = margins(crop_size, channels)[0] - crop_size // 2

    def window(stack: tf.Tensor, channel: Channel, origin: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        sizes = tf.shape(stack)[1:] - 2 * reach
        if channel.coordinate is not None:
            at = channel.coordinate
            first = tf.cast(origin[at] - crop_size // 2, tf.float32)
            line = (first + tf.range(tf.cast(sizes[at], tf.float32))) / tf.cast(
                last[at], tf.float32
            )
            line = tf.reshape(line, [-1 if axis == at + 1 else 1 for axis in range(axes + 1)])
            return tf.broadcast_to(line, tf.concat([tf.shape(stack)[:1], sizes], 0))
        shift = (*channel.shift, 0)[:axes]
        begin = [0, *[reach + crop_size * step for step in shift]]
        return tf.slice(stack, begin, tf.concat([tf.shape(stack)[:1], sizes], 0))

    @tf.function(input_signature=_signature(axes))
    def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
        inputs = tf.stack([window(stack, c, origin, last) for c in channels], axis=-1)
        return head(dense(inputs, training=False))

    return forward.get_concrete_function()


def every_sample_forward(
    model: keras.Model, *, sections: int, halo: int, multiple: int, head: Head
) -> Callable:
    """Evaluate a network that classifies every sample of its input.

    Args:
        model: network from (planes, rows, .., sections) to logits of the same rows, ...
        sections: number of neighbouring planes that are its input channels.
        halo: samples of context on either side of what is wanted, cut off from the logits.
        multiple: samples of which the sizes of its input must be a multiple.
        head: function of the logits (planes, rows, .., classes).

    Returns:
        Function as that of `middle_forward`; where they begin does not matter to it.
    """
    axes = len(model.input_shape) - 2

    @tf.function(input_signature=_signature(axes))
    def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
        sizes = tf.shape(stack)[1:]
        after = tf.stack([0, *tf.unstack(-sizes % multiple, axes)])
        padded = tf.pad(stack, tf.stack([tf.zeros_like(after), after], axis=1), "SYMMETRIC")
        planes = tf.shape(stack)[0] - (sections - 1)
        inputs = tf.stack([padded[i : i + planes] for i in range(sections)], axis=-1)
        logits = model(inputs, training=False)
        inside = tf.concat([[planes], sizes - 2 * halo, [model.output_shape[-1]]], 0)
        return head(tf.slice(logits, [0, *[halo] * axes, 0], inside))

    return forward.get_concrete_function()


def best_class(logits: tf.Tensor, *, temperature: float = 1.0) -> tuple[tf.Tensor, tf.Tensor]:
    """The class with the largest probability, int32, and that probability, float32.

    Args:
        logits: outputs of the network, (.., classes).
        temperature: divides the logits before they become probabilities.
    """
    best = tf.reduce_max(logits, axis=-1, keepdims=True)
    confidence = 1 / tf.reduce_sum(tf.exp((logits - best) / temperature), axis=-1)
    return tf.argmax(logits, axis=-1, output_type=tf.int32), confidence


def _signature(axes: int) -> list[tf.TensorSpec]:
    places = tf.TensorSpec([None], tf.int32)
    return [tf.TensorSpec([None] * (axes + 1), tf.float32), places, places]
