"""Predictions that follow any roll of their input, and the effective receptive field."""

from math import gcd

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.models.azimuth.layers import Pad2D
from tfseis.models.receptive import operations, receptive_field

COLUMNS = 2  # of (batch, rows, columns, channels)


def phases(model: keras.Model, columns: int) -> int:
    """How many rolls of an image with this many columns a circular network answers differently.

    Examples:
        >>> from tfseis.models import micro, vanilla
        >>> phases(vanilla(filters=(2,)), 36), phases(micro(), 36)
        (1, 4)
    """
    if not any(isinstance(o, Pad2D) and o.rules[1] == "wrap" for o in operations(model)):
        return 1  # it has a seam: nothing is gained by moving it
    return gcd(receptive_field(model).stride[1], columns)


def equivariant_predict(
    model: keras.Model, images: np.ndarray, *, batch_size: int = 64
) -> np.ndarray:
    """Logits averaged over every roll that the network answers differently.

    For circular networks the result follows any roll of the input: rolled in is rolled out.

    Args:
        model: a circular network, see `tfseis.models.azimuth.networks`.
        images: (images, rows, columns, channels), as the network wants them.
        batch_size: images predicted at once.

    Returns:
        float32 (images, rows, columns, classes).

    Raises:
        ModelError: images without four axes.
    """
    images = np.asarray(images, "float32")
    if images.ndim != 4:
        raise ModelError(
            f"Expected images (images, rows, columns, channels); got shape {images.shape}. Add "
            "the missing axes."
        )
    shifts = range(phases(model, images.shape[COLUMNS]))
    parts = []
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        rolled = [np.roll(model(np.roll(batch, s, COLUMNS)), -s, COLUMNS) for s in shifts]
        parts.append(np.mean(rolled, axis=0, dtype="float32"))
    return np.concatenate(parts) if parts else images[..., :0]


def effective_field(
    model: keras.Model, shape: tuple[int, ...], *, part: float = 0.95, images: int = 4,
    seed: int = 0,
) -> tuple[int, ...]:  # fmt: skip
    """The samples around the middle that hold most of what moves its output.

    Source: Luo et al. 2016, Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks, https://arxiv.org/abs/1701.04128.
    Differs from it: the size is that of the shortest interval along each axis that holds `part` of
    the magnitude of the gradient, in samples.

    Args:
        model: a network over 1 to 3 axes.
        shape: of the input, without batch; larger than the receptive field.
        part: of the gradient, 0..1.
        images: of noise that are averaged.
        seed: of the noise.

    Returns:
        One size an axis.
    """
    noise = np.random.default_rng(seed).normal(size=(images, *shape)).astype("float32")
    x = tf.convert_to_tensor(noise)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = model(x, training=False)
        middle = tuple(size // 2 for size in logits.shape[1:-1])
        chosen = tf.reduce_sum(logits[(slice(None), *middle)])
    gradient = np.abs(tape.gradient(chosen, x).numpy()).sum(axis=(0, -1))
    axes = range(gradient.ndim)
    profiles = [gradient.sum(axis=tuple(a for a in axes if a != axis)) for axis in axes]
    return tuple(_shortest(profile, part) for profile in profiles)


def _shortest(profile: np.ndarray, part: float) -> int:
    """Length of the shortest interval with `part` of the sum."""
    sums = np.concatenate([[0.0], np.cumsum(profile)])
    wanted = part * sums[-1] * (1 - 1e-9)  # rounding
    ends = np.searchsorted(sums, sums[:-1] + wanted)
    lengths = np.where(ends < len(sums), ends - np.arange(len(ends)), len(sums))
    return int(lengths.min())
