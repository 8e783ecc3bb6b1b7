"""tf.data pipelines of crops around labelled samples, drawn when they are needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfseis.data.channels import Channel
from tfseis.data.regions import Reach
from tfseis.errors import LabelError


@dataclass(frozen=True)
class Volume:
    """A labelled section (2D) or slab (3D) with enough around it for every crop.

    Args:
        amplitude: scaled amplitudes with their margin, float32; 2 or 3 axes.
        reach: its margin before and after, along every axis.
        positions: labelled positions in the volume without its margin, (labels, axes).
        classes: class index of each, (labels,).
    """

    amplitude: np.ndarray
    reach: Reach
    positions: np.ndarray
    classes: np.ndarray


def patch_dataset(
    volumes: Sequence[Volume],
    *,
    crop_size: int,
    channels: tuple[Channel, ...],
    batch_size: int,
    seed: int,
    mirrored: Sequence[int] = (),
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless, class-balanced batches of crops around labelled samples.

    Each crop belongs to a class drawn evenly from those that occur, then to one of its labels.
    Batch number n depends on `seed` and n alone, so that a run resumes where it was interrupted.

    Args:
        volumes: sections, or slabs, all of the same number of axes.
        crop_size: samples along each axis; the labelled one has index ``crop_size // 2``.
        channels: what to see; 3D volumes take the amplitude alone.
        batch_size: crops in a batch.
        seed: of the drawing.
        mirrored: axes of the crop along which half of them, at random, are mirrored; for
            horizontal axes only, since the earth is not the same upside down.
        first_batch: number of the first batch.

    Returns:
        Dataset of (crops, classes): float32 (batch, crop_size, .., channels), int32 (batch,).

    Raises:
        LabelError: there are no labels.
    """
    source = _Source.of(volumes, crop_size, channels)
    order = np.argsort(source.classes, kind="stable")
    present, first, count = np.unique(source.classes[order], return_index=True, return_counts=True)

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seeds = tf.stack([tf.constant(seed, tf.int64), number])
        dice = tf.random.stateless_uniform((2 + len(mirrored), batch_size), seeds)
        which = tf.cast(dice[0] * len(present), tf.int32)
        offset = tf.cast(dice[1] * tf.gather(tf.constant(count, tf.float32), which), tf.int32)
        chosen = tf.gather(order, tf.gather(first, which) + tf.cast(offset, tf.int64))
        mirror = {axis: dice[2 + i] < 0.5 for i, axis in enumerate(mirrored)}
        return source.crops(chosen, mirror), tf.gather(
            tf.constant(source.classes, tf.int32), chosen
        )

    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(draw, tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)


def all_patches(
    volumes: Sequence[Volume],
    *,
    crop_size: int,
    channels: tuple[Channel, ...],
    batch_size: int,
    chosen: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Each label once, in order: batches of (crops, classes) as `patch_dataset` gives them.

    Args:
        volumes: sections or slabs.
        crop_size: samples along each axis.
        channels: what to see.
        batch_size: crops in a batch; the last may hold fewer.
        chosen: numbers of the labels wanted, counted through all volumes; None for all.

    Raises:
        LabelError: there are no labels.
    """
    source = _Source.of(volumes, crop_size, channels)
    numbers = np.arange(len(source.classes)) if chosen is None else np.asarray(chosen, "int64")
    classes = tf.constant(source.classes, tf.int32)
    batches = tf.data.Dataset.from_tensor_slices(numbers).batch(batch_size)
    return batches.map(lambda n: (source.crops(n, {}), tf.gather(classes, n)))


@dataclass(frozen=True)
class _Source:
    """All volumes end to end, and where in them each label and each pixel of a crop lies."""

    flat: tf.Tensor  # float32 (samples of all volumes,)
    starts: tf.Tensor  # int64 (labels,): flat index of the labelled sample
    strides: tf.Tensor  # int64 (labels, axes)
    places: tf.Tensor  # float32 (labels, axes): index of the label in its section
    lengths: tf.Tensor  # float32 (labels, axes): last index of the section
    classes: np.ndarray
    window: np.ndarray  # int64 (crop_size, .., axes): offsets from the labelled sample
    channels: tuple[Channel, ...]

    @classmethod
    def of(
        cls, volumes: Sequence[Volume], crop_size: int, channels: tuple[Channel, ...]
    ) -> "_Source":
        if not sum(len(v.classes) for v in volumes):
            raise LabelError("Expected at least one label; got none. Label a section first.")
        starts, strides, lengths, base = [], [], [], 0
        for volume in volumes:
            shape = np.array(volume.amplitude.shape)
            steps = np.cumprod([1, *shape[:0:-1]])[::-1]
            starts.append(base + (volume.positions + volume.reach.before) @ steps)
            strides.append(np.broadcast_to(steps, volume.positions.shape))
            last = np.maximum(shape - volume.reach.before - volume.reach.after - 1, 1)
            lengths.append(np.broadcast_to(last, volume.positions.shape))
            base += volume.amplitude.size
        axes = [np.arange(crop_size) - crop_size // 2] * volumes[0].amplitude.ndim
        return cls(
            flat=tf.concat([tf.reshape(tf.constant(v.amplitude), [-1]) for v in volumes], 0),
            starts=tf.constant(np.concatenate(starts), tf.int64),
            strides=tf.constant(np.concatenate(strides), tf.int64),
            places=tf.constant(np.concatenate([v.positions for v in volumes]), tf.float32),
            lengths=tf.constant(np.concatenate(lengths), tf.float32),
            classes=np.concatenate([v.classes for v in volumes]),
            window=np.stack(np.meshgrid(*axes, indexing="ij"), -1),
            channels=channels,
        )

    def crops(self, chosen: tf.Tensor, mirror: Mapping[int, tf.Tensor]) -> tf.Tensor:
        """Crops around labels by number, float32 (chosen, crop_size, .., channels).

        `mirror` says for some axes which crops are mirrored, bool (chosen,); the labelled sample
        of an even crop then moves by one.
        """
        return tf.stack([self._channel(chosen, channel, mirror) for channel in self.channels], -1)

    def _channel(
        self, chosen: tf.Tensor, channel: Channel, mirror: Mapping[int, tf.Tensor]
    ) -> tf.Tensor:
        *sizes, axes = self.window.shape
        every = [-1, *[1] * axes]  # one number a crop, the same for all its pixels
        shift = (*channel.shift, 0)[:axes] if channel.coordinate is None else (0,) * axes
        offsets = []
        for axis in range(axes):
            offset = tf.constant(self.window[..., axis] + sizes[0] * shift[axis], tf.int64)[
                tf.newaxis
            ]
            if axis in mirror:
                middle = sizes[0] - 1 - 2 * (sizes[0] // 2)  # of the window, doubled
                flip = tf.reshape(mirror[axis], every)
                offset = tf.where(flip, middle - offset, offset)
            offsets.append(offset)
        if channel.coordinate is not None:
            place = tf.gather(self.places, chosen)[:, channel.coordinate]
            length = tf.gather(self.lengths, chosen)[:, channel.coordinate]
            offset = tf.cast(offsets[channel.coordinate], tf.float32)
            return (tf.reshape(place, every) + offset) / tf.reshape(length, every)
        strides = tf.gather(self.strides, chosen)
        index = tf.reshape(tf.gather(self.starts, chosen), every)
        for axis, offset in enumerate(offsets):
            index += offset * tf.reshape(strides[:, axis], every)
        return tf.gather(self.flat, index)
