"""Graphs that evaluate a facies network on whole sections or blocks, context included."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tfseis.jobs.facies.channels import Channel, margins

Head = Callable[[tf.Tensor], Any]


@dataclass(frozen=True)
class Framing:
    """What surrounds a network that is laid on sections or blocks.

    Args:
        inputs: function of scaled amplitudes with context (planes, rows, ..), of where they begin
            in the section, int32, and of the last index of the section along its axes, int32; it
            returns the inputs of the network. The planes of a network of several sections come with
            their neighbours, so the first and the last ``sections // 2`` of them have no input.
        inside: function of the logits and of the same amplitudes; it returns the logits of what is
            wanted, without context.
        axes: axes of a plane or block, 2 or 3.
    """

    inputs: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    inside: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    axes: int

    def graph(self, forward: Callable[..., Any]) -> Callable:
        """A function of amplitudes of any size and of both places, traced."""
        places = tf.TensorSpec([None], tf.int32)
        signature = [tf.TensorSpec([None] * (self.axes + 1), tf.float32), places, places]
        return tf.function(forward, input_signature=signature).get_concrete_function()

    def around(self, network: keras.Model, head: Head) -> Callable:
        """A graph of amplitudes and both places that returns what the head does of the logits.

        Args:
            network: from the inputs to logits.
            head: function of the logits (planes, rows, .., classes).
        """

        def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
            logits = network(self.inputs(stack, origin, last), training=False)
            return head(self.inside(logits, stack))

        return self.graph(forward)


def middle_framing(channels: tuple[Channel, ...], crop_size: int, axes: int) -> Framing:
    """The frame of the dense twin of a network that classifies the middle of a crop.

    Args:
        channels: input channels.
        crop_size: samples along each axis of a crop.
        axes: axes of a crop.
    """
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

    def inputs(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        return tf.stack([window(stack, c, origin, last) for c in channels], axis=-1)

    return Framing(inputs, lambda logits, _: logits, axes)


def every_sample_framing(*, sections: int, halo: int, multiple: int, axes: int) -> Framing:
    """The frame of a network that classifies every sample of its input.

    Args:
        sections: number of neighbouring planes that are its input channels.
        halo: samples of context on either side of what is wanted, cut off from the logits.
        multiple: samples of which the sizes of its input must be a multiple.
        axes: axes of a plane or block.
    """

    def inputs(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        after = tf.stack([0, *tf.unstack(-tf.shape(stack)[1:] % multiple, axes)])
        padded = tf.pad(stack, tf.stack([tf.zeros_like(after), after], axis=1), "SYMMETRIC")
        planes = tf.shape(stack)[0] - (sections - 1)
        return tf.stack([padded[i : i + planes] for i in range(sections)], axis=-1)

    def inside(logits: tf.Tensor, stack: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(logits)
        sizes = tf.shape(stack)[1:] - 2 * halo
        return tf.slice(
            logits, [0, *[halo] * axes, 0], tf.concat([shape[:1], sizes, shape[-1:]], 0)
        )

    return Framing(inputs, inside, axes)


def best_class(logits: tf.Tensor, *, temperature: float = 1.0) -> tuple[tf.Tensor, tf.Tensor]:
    """The class with the largest probability, int32, and that probability, float32.

    Args:
        logits: outputs of the network, (.., classes).
        temperature: divides the logits before they become probabilities.
    """
    best = tf.reduce_max(logits, axis=-1, keepdims=True)
    confidence = 1 / tf.reduce_sum(tf.exp((logits - best) / temperature), axis=-1)
    return tf.argmax(logits, axis=-1, output_type=tf.int32), confidence
