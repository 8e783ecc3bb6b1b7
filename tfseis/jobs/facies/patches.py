"""tf.data pipelines of crops around labelled samples, drawn when they are needed."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from tfseis.jobs.facies.channels import Channel
from tfseis.jobs.facies.crops import AS_RECORDED, CropSource, Variation, Volume


def patch_dataset(
    volumes: Sequence[Volume],
    *,
    crop_size: int | tuple[int, ...],
    channels: tuple[Channel, ...],
    batch_size: int,
    seed: int,
    variation: Variation = AS_RECORDED,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless, class-balanced batches of crops around labelled samples.

    Each crop belongs to a class drawn evenly from those that occur, then to one of its labels.
    Batch number n depends on `seed` and n alone, so that a run resumes where it was interrupted.

    Args:
        volumes: sections, or slabs, all of the same number of axes.
        crop_size: samples along every axis, or along each; the labelled one is ``size // 2``.
        channels: what to see; 3D volumes take the amplitude alone.
        batch_size: crops in a batch.
        seed: of the drawing.
        variation: how crops differ at random from what was recorded.
        first_batch: number of the first batch.

    Returns:
        Dataset of (crops, classes): float32 (batch, size, .., channels), int32 (batch,).

    Raises:
        LabelError: there are no labels.
    """
    source = CropSource.of(volumes, crop_size, channels)

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        chosen, dice = _drawn(source, number, batch_size, seed, variation)
        classes = tf.gather(tf.constant(source.classes, tf.int32), chosen)
        return source.crops(chosen, variation, dice), classes

    return _endless(draw, first_batch)


def window_dataset(
    volumes: Sequence[Volume],
    *,
    crop_size: int | tuple[int, ...],
    channels: tuple[Channel, ...],
    batch_size: int,
    seed: int,
    variation: Variation = AS_RECORDED,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Like `patch_dataset`, with a label for every sample of a crop: what U-Nets train on.

    Arguments as in `patch_dataset`.

    Returns:
        Dataset of (crops, labels): float32 (batch, size, .., channels), and int32 class indices
        (batch, size, ..), -1 where nobody labelled.

    Raises:
        LabelError: there are no labels.
    """
    source = CropSource.of(volumes, crop_size, channels)

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        chosen, dice = _drawn(source, number, batch_size, seed, variation)
        return source.crops(chosen, variation, dice), source.label_crops(chosen, variation, dice)

    return _endless(draw, first_batch)


def all_patches(
    volumes: Sequence[Volume],
    *,
    crop_size: int | tuple[int, ...],
    channels: tuple[Channel, ...],
    batch_size: int,
    chosen: np.ndarray | None = None,
    windows: bool = False,
) -> tf.data.Dataset:
    """Each label once, in order: batches as `patch_dataset` gives them.

    Args:
        volumes: sections or slabs.
        crop_size: samples along every axis, or along each.
        channels: what to see.
        batch_size: crops in a batch; the last may hold fewer.
        chosen: numbers of the labels wanted, counted through all volumes; None for all.
        windows: batches as `window_dataset` gives them instead.

    Raises:
        LabelError: there are no labels.
    """
    source = CropSource.of(volumes, crop_size, channels)
    numbers = np.arange(len(source.classes)) if chosen is None else np.asarray(chosen, "int64")
    classes = tf.constant(source.classes, tf.int32)
    batches = tf.data.Dataset.from_tensor_slices(numbers).batch(batch_size)
    if windows:
        return batches.map(lambda n: (source.crops(n), source.label_crops(n)))
    return batches.map(lambda n: (source.crops(n), tf.gather(classes, n)))


def sections_as_channels(crops: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What a 2.5D network trains on, from windows of several sections.

    Args:
        crops: amplitudes (batch, sections, rows, columns, 1), of an odd number of sections.
        labels: (batch, sections, rows, columns).

    Returns:
        Crops (batch, rows, columns, sections), and the labels of the middle section.
    """
    middle = labels.shape[1] // 2
    return tf.transpose(crops[..., 0], [0, 2, 3, 1]), labels[:, middle]


def _drawn(
    source: CropSource, number: tf.Tensor, batch_size: int, seed: int, variation: Variation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Labels of batch `number`, evenly from each class, and dice for their variation."""
    order = np.argsort(source.classes, kind="stable")
    present, first, count = np.unique(source.classes[order], return_index=True, return_counts=True)
    seeds = tf.stack([tf.constant(seed, tf.int64), number])
    dice = tf.random.stateless_uniform((2 + variation.dice, batch_size), seeds)
    which = tf.cast(dice[0] * len(present), tf.int32)
    offset = tf.cast(dice[1] * tf.gather(tf.constant(count, tf.float32), which), tf.int64)
    return tf.gather(order, tf.gather(first, which) + offset), dice[2:]


def _endless(draw: Callable[[tf.Tensor], tuple], first_batch: int) -> tf.data.Dataset:
    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(draw, tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
