"""Batches of crops around labelled samples, cut when they are needed, as tf.data datasets."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from tfseis.jobs.facies.channels import Channel
from tfseis.jobs.facies.crops import CropSource, Volume
from tfseis.jobs.facies.variation import AS_RECORDED, Variation


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
        volumes: labelled sections, or slabs, all of the same number of axes.
        crop_size: samples of a crop, one number for every axis or one for each; the labelled
            sample has index ``size // 2``.
        channels: input channels of the network; 3D volumes have the amplitude alone.
        batch_size: number of crops in a batch.
        seed: seed by which labels and variations are chosen, 0 or more.
        variation: how crops differ at random from what was recorded.
        first_batch: number of the first batch, from 0.

    Returns:
        Dataset of (crops, classes): float32 (batch, size, .., channels), int32 (batch,).

    Raises:
        LabelError: there are no labels.
    """
    source = CropSource.of(volumes, crop_size, channels)

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        chosen, numbers = _drawn(source, number, batch_size, seed, variation)
        classes = tf.gather(tf.constant(source.classes, tf.int32), chosen)
        return source.crops(chosen, variation, numbers), classes

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
    """Like `patch_dataset`, with a label for every sample of a crop.

    Arguments as in `patch_dataset`.

    Returns:
        Dataset of (crops, labels): float32 (batch, size, .., channels), and int32 class indices
        (batch, size, ..), -1 where unlabelled.

    Raises:
        LabelError: there are no labels.
    """
    source = CropSource.of(volumes, crop_size, channels)

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        chosen, numbers = _drawn(source, number, batch_size, seed, variation)
        return source.crops(chosen, variation, numbers), source.label_crops(
            chosen, variation, numbers
        )

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
        volumes: labelled sections or slabs, all of the same number of axes.
        crop_size: samples of a crop, one number for every axis or one for each.
        channels: input channels of the network.
        batch_size: number of crops in a batch; the last may hold fewer.
        chosen: numbers of the labels wanted, counted through all volumes; None for all.
        windows: whether each sample of a crop has a label, as in `window_dataset`.

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
    """Turn crops of several sections into crops of one, with the sections as channels.

    Args:
        crops: amplitudes of an odd number of sections, (batch, sections, rows, columns, 1).
        labels: class indices (batch, sections, rows, columns).

    Returns:
        Crops (batch, rows, columns, sections), and the labels of the middle section.
    """
    middle = labels.shape[1] // 2
    return tf.transpose(crops[..., 0], [0, 2, 3, 1]), labels[:, middle]


def changed(
    batches: tf.data.Dataset, function: Callable, *, seed: int, first_batch: int
) -> tf.data.Dataset:
    """Endless batches, each changed by a function of (crops, labels, seed).

    Args:
        batches: crops and labels, as `patch_dataset` or `window_dataset` gives them.
        function: takes crops, labels and a seed for stateless random numbers, int64 (2,); returns
            crops and labels of the same shapes.
        seed: seed of the training.
        first_batch: number of the first batch, from 0.
    """

    def change(batch: tuple[tf.Tensor, tf.Tensor], number: tf.Tensor) -> tuple:
        crops, labels = batch
        new, classes = function(crops, labels, tf.stack([tf.constant(seed, tf.int64), number]))
        return tf.ensure_shape(new, crops.shape), tf.ensure_shape(classes, labels.shape)

    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return tf.data.Dataset.zip((batches, numbers)).map(change)


def _drawn(
    source: CropSource, number: tf.Tensor, batch_size: int, seed: int, variation: Variation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Labels of a batch, evenly from each class, and random numbers for their variation."""
    order = np.argsort(source.classes, kind="stable")
    present, first, count = np.unique(source.classes[order], return_index=True, return_counts=True)
    seeds = tf.stack([tf.constant(seed, tf.int64), number])
    numbers = tf.random.stateless_uniform((2 + variation.random_numbers, batch_size), seeds)
    which = tf.cast(numbers[0] * len(present), tf.int32)
    offset = tf.cast(numbers[1] * tf.gather(tf.constant(count, tf.float32), which), tf.int64)
    return tf.gather(order, tf.gather(first, which) + offset), numbers[2:]


def _endless(draw: Callable[[tf.Tensor], tuple], first_batch: int) -> tf.data.Dataset:
    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(draw, tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
