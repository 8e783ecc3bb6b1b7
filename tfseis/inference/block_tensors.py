"""Live samples, statistics, scaling and borders of raw blocks in exported models, in TensorFlow."""

import tensorflow as tf

from tfseis.data.padding import mirrored
from tfseis.data.scaling import (
    HIGH,
    LIMIT,
    LOW,
    MIDDLE_WIDTH,
    MOST_SPREAD,
    MOST_ZEROS,
    NORMAL_WIDTH,
    RANKS,
)


def block_statistics(amplitude: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Centre and spread of a block as `samples_scaling` estimates them; 0 and 1 if it is flat."""
    clean, live = live_samples(amplitude)
    samples = tf.boolean_mask(clean, live)
    others = tf.boolean_mask(samples, samples != 0)
    count, whole = (tf.cast(tf.size(part), tf.float64) for part in (others, samples))
    every, without = quantiles(samples, RANKS), quantiles(others, RANKS)
    counted = (every[-1] > every[0]) & (count >= (1 - MOST_ZEROS) * whole)
    ranks = tf.where(counted, every, without)
    centre, spread = centre_and_spread(ranks[::2])
    middle = (ranks[3] - ranks[1]) / MIDDLE_WIDTH
    spiky = (middle > 0) & (spread > MOST_SPREAD * middle)
    return centre, tf.where(spiky, middle, spread)


def centre_and_spread(ranks: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Centre and spread from the low, middle and high quantile; the spread is 1 where it is 0."""
    low, centre, high = tf.unstack(ranks)
    spread = (high - low) / NORMAL_WIDTH
    return centre, tf.where(spread > 0, spread, 1.0)


def quantiles(values: tf.Tensor, parts: tuple[float, ...] = (LOW, 0.5, HIGH)) -> tf.Tensor:
    """Quantiles at these parts of all values, interpolated; 0 if there are no values."""
    ranked = tf.sort(tf.concat([values, tf.zeros([tf.cast(tf.size(values) == 0, tf.int32)])], 0))
    last = tf.cast(tf.size(ranked) - 1, tf.float64)
    place = tf.constant(parts, tf.float64) * last
    below = tf.cast(tf.floor(place), tf.int32)
    above = tf.minimum(below + 1, tf.size(ranked) - 1)
    part = tf.cast(place - tf.floor(place), tf.float32)
    return tf.gather(ranked, below) * (1 - part) + tf.gather(ranked, above) * part


def scaled_block(
    amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Scaled amplitudes as `Scaling.apply` gives them, and which samples are live."""
    clean, live = live_samples(amplitude)
    return tf.where(live, tf.clip_by_value((clean - centre) / spread, -LIMIT, LIMIT), 0.0), live


def live_samples(amplitude: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Amplitudes with 0 at dead traces and non-finite samples, and which samples are live.

    This is what `SegyCube.read` gives.
    """
    finite = tf.math.is_finite(amplitude)
    clean = tf.where(finite, amplitude, 0.0)
    return clean, finite & tf.reduce_any(clean != 0, axis=2, keepdims=True)


def surrounded(block: tf.Tensor, axis: int, before: int, after: int) -> tf.Tensor:
    """A block with mirrored samples before and after it along an axis, edge sample repeated."""
    more = max(before, after)
    padded = mirrored(block, axis, tf.shape(block)[axis] + 2 * more)
    stop = tf.shape(padded)[axis] - (more - after)
    return padded[(slice(None),) * axis + (slice(more - before, stop),)]
