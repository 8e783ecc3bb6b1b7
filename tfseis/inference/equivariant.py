"""Predictions that follow any roll of their input, and the effective receptive field."""

from collections.abc import Callable
from math import gcd
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.models.azimuth.layers import Pad2D
from tfseis.models.receptive import operations, receptive_field

COLUMNS = 2  # of (batch, rows, columns, channels)


def phases(model: keras.Model, columns: int) -> int:
    """Number of rolls of an image for which a circular network gives different outputs.

    A network that does not wrap around has a seam, which no roll removes: 1.

    Args:
        model: a functional or sequential network over (rows, columns).
        columns: columns of the image.

    Examples:
        >>> from tfseis.models import micro, vanilla
        >>> phases(vanilla(filters=(2,)), 36), phases(micro(), 36)
        (1, 4)
    """
    if not any(isinstance(o, Pad2D) and o.rules[1] == "wrap" for o in operations(model)):
        return 1
    return gcd(receptive_field(model).stride[1], columns)


def equivariant_predict(
    model: keras.Model,
    images: np.ndarray,
    *,
    batch_size: int = 64,
    compute: Callable[[np.ndarray], Any] | None = None,
) -> np.ndarray:
    """Logits averaged over every roll for which the network gives different outputs.

    For circular networks the result of a rolled image is the rolled result of the image.

    Args:
        model: a circular network, see `tfseis.models.azimuth.networks`.
        images: float (images, rows, columns, channels), prepared as the network was trained.
        batch_size: images predicted at once.
        compute: what computes the logits of the model, such as a `tfseis.inference.Runtime`; the
            model itself if None.

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
    forward = model if compute is None else compute
    shifts = range(phases(model, images.shape[COLUMNS]))
    parts = []
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        rolled = [np.roll(forward(np.roll(batch, s, COLUMNS)), -s, COLUMNS) for s in shifts]
        parts.append(np.mean(rolled, axis=0, dtype="float32"))
    return np.concatenate(parts) if parts else images[..., :0]


def effective_field(
    model: keras.Model,
    shape: tuple[int, ...],
    *,
    part: float = 0.95,
    images: int = 4,
    seed: int = 0,
) -> tuple[int, ...]:
    """The length of the input around an output that holds most of the gradient of that output.

    Source: Luo et al. 2016, Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks, https://arxiv.org/abs/1701.04128.
    Differs from it: the size is that of the shortest interval along each axis that holds `part` of
    the magnitude of the gradient, in samples.

    Args:
        model: a network over 1 to 3 axes, with outputs at every sample.
        shape: shape of the input without batch, larger than the receptive field.
        part: fraction of the gradient, 0 to 1.
        images: number of images of noise whose gradients are averaged.
        seed: seed of the noise.

    Returns:
        The length along each axis, in samples.
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
    """Length of the shortest interval that holds `part` of the sum; 0 where all is 0."""
    sums = np.concatenate([[0.0], np.cumsum(profile)])
    if not sums[-1] > 0:
        return 0
    wanted = part * sums[-1] * (1 - 1e-9)  # rounding
    ends = np.searchsorted(sums, sums[:-1] + wanted)
    lengths = np.where(ends < len(sums), ends - np.arange(len(ends)), len(sums))
    return int(lengths.min())
