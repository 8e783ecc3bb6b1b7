"""What is live in a gather, and its local level, as TensorFlow has to find them when it serves.

These do the same as `tfseis.io.gather_of` and `tfseis.jobs.gathers.balance.local_level`, with which
tests compare them.
"""

import tensorflow as tf

from tfseis.jobs.gathers.balance import LEAST, SECONDS, TRACES


def measured_samples(amplitude: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Amplitudes without what is not finite, and which samples are live.

    Args:
        amplitude: raw amplitudes, float32 (gathers, traces, samples).

    Returns:
        float32 and bool of that shape.
    """
    finite = tf.math.is_finite(amplitude)
    clean = tf.where(finite, amplitude, 0.0)
    nonzero = tf.cast(clean != 0, "int32")
    begun = tf.cumsum(nonzero, axis=2) > 0
    ended = tf.cumsum(nonzero, axis=2, reverse=True) > 0
    return clean, finite & begun & ended


def gather_level(clean: tf.Tensor, live: tf.Tensor, interval: float) -> tf.Tensor:
    """Root mean square of the live samples around each sample; 1 for gathers without amplitudes.

    Args:
        clean: amplitudes, float32 (gathers, traces, samples), 0 where not live.
        live: which samples are live, bool of that shape.
        interval: sample interval, ms.

    Returns:
        float32 of that shape, above 0.
    """
    alive = tf.cast(live, "float32")
    energy = tf.square(clean) * alive
    level = tf.sqrt(_smooth(energy, interval) / tf.maximum(_smooth(alive, interval), 1e-6))
    count = tf.reduce_sum(alive, axis=(1, 2), keepdims=True)
    overall = tf.sqrt(tf.reduce_sum(energy, axis=(1, 2), keepdims=True) / tf.maximum(count, 1.0))
    return tf.where(overall > 0, tf.maximum(level, LEAST * overall), 1.0)


def _smooth(values: tf.Tensor, interval: float) -> tf.Tensor:
    """Two running means along both axes, zeros around."""
    for axis, width in ((1, TRACES), (2, max(1, round(1000 * SECONDS / interval)))):
        size = [1, 1]
        size[axis - 1] = width
        margin = [[0, 0], [0, 0], [0, 0]]
        margin[axis] = [width // 2, width - 1 - width // 2]
        for _ in range(2):
            padded = tf.pad(values, margin)[..., tf.newaxis]
            values = tf.nn.avg_pool2d(padded, size, 1, "VALID")[..., 0]
    return values
