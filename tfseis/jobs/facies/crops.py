"""Crops cut out of labelled volumes by index arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfseis.data.regions import Halo
from tfseis.errors import LabelError
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.facies.channels import AMPLITUDE, Channel
from tfseis.jobs.facies.variation import AS_RECORDED, Variation

BELOW = 1e-3  # samples: keeps the lower neighbour of an interpolated sample in the volume


@dataclass(frozen=True)
class Volume:
    """A labelled section (2D) or slab (3D) with enough context around it for every crop.

    Args:
        amplitude: scaled amplitudes with their halo, float32; 2 or 3 axes.
        halo: samples of context before and after the volume; one for every axis, or one for
            each.
        positions: array indices of the labels in the volume without its halo, (labels, axes).
        classes: class index of each label, (labels,).
        painted: class of every sample of the volume without its halo, int8, -1 where not
            labelled; `positions` then only say where crops are centred. None where `positions`
            are all that is labelled.
    """

    amplitude: np.ndarray
    halo: Halo | tuple[Halo, ...]
    positions: np.ndarray
    classes: np.ndarray
    painted: np.ndarray | None = None

    @property
    def margins(self) -> np.ndarray:
        """Samples before and after the volume along each axis, (axes, 2)."""
        axes = self.amplitude.ndim
        halos = (self.halo,) * axes if isinstance(self.halo, Halo) else self.halo
        return np.array([[halo.before, halo.after] for halo in halos])

    @property
    def inside(self) -> np.ndarray:
        """Amplitudes of the volume without its halo."""
        sides = zip(self.margins, self.amplitude.shape, strict=True)
        return self.amplitude[tuple(slice(one, size - other) for (one, other), size in sides)]


@dataclass(frozen=True)
class CropSource:
    """All volumes end to end, and where in them each label and each pixel of a crop lies."""

    flat: tf.Tensor  # float32 (samples of all volumes,)
    starts: tf.Tensor  # int64 (labels,): flat index of the labelled sample
    strides: tf.Tensor  # int64 (labels, axes)
    places: tf.Tensor  # float32 (labels, axes): index of the label in its section
    lengths: tf.Tensor  # float32 (labels, axes): last index of the section
    above: tf.Tensor  # float32 (labels,): samples of the volume before the label's, last axis
    below: tf.Tensor  # float32 (labels,): and after it
    classes: np.ndarray
    labels: tf.Tensor  # int16 (samples of all volumes,): class, -1 where not labelled
    window: np.ndarray  # int64 (size, .., axes): offsets from the labelled sample
    channels: tuple[Channel, ...]

    @classmethod
    def of(
        cls,
        volumes: Sequence[Volume],
        crop_size: int | tuple[int, ...],
        channels: tuple[Channel, ...],
    ) -> "CropSource":
        """Prepare volumes, all of the same number of axes, for cutting.

        Args:
            volumes: labelled sections or slabs to cut from.
            crop_size: samples of a crop, one number for every axis or one for each.
            channels: input channels of the network.

        Raises:
            LabelError: there are no labels.
        """
        if not sum(len(v.classes) for v in volumes):
            raise LabelError("Expected at least one label; got none. Label a section first.")
        starts, strides, lengths, above, below, base = [], [], [], [], [], 0
        for volume in volumes:
            shape = np.array(volume.amplitude.shape)
            steps = np.cumprod([1, *shape[:0:-1]])[::-1]
            margins = volume.margins
            starts.append(base + (volume.positions + margins[:, 0]) @ steps)
            strides.append(np.broadcast_to(steps, volume.positions.shape))
            last = np.maximum(shape - margins.sum(axis=1) - 1, 1)
            lengths.append(np.broadcast_to(last, volume.positions.shape))
            above.append(volume.positions[:, -1] + margins[-1, 0])
            below.append(shape[-1] - 1 - above[-1])
            base += volume.amplitude.size
        ndim = volumes[0].amplitude.ndim
        sizes = (crop_size,) * ndim if isinstance(crop_size, int) else crop_size
        axes = [np.arange(size) - size // 2 for size in sizes]
        labels = np.concatenate([_label_image(volume).ravel() for volume in volumes])
        return cls(
            flat=tf.concat([tf.reshape(tf.constant(v.amplitude), [-1]) for v in volumes], 0),
            starts=tf.constant(np.concatenate(starts), tf.int64),
            strides=tf.constant(np.concatenate(strides), tf.int64),
            places=tf.constant(np.concatenate([v.positions for v in volumes]), tf.float32),
            lengths=tf.constant(np.concatenate(lengths), tf.float32),
            above=tf.constant(np.concatenate(above), tf.float32),
            below=tf.constant(np.concatenate(below), tf.float32),
            classes=np.concatenate([v.classes for v in volumes]),
            labels=tf.constant(labels),
            window=np.stack(np.meshgrid(*axes, indexing="ij"), -1),
            channels=channels,
        )

    def crops(
        self,
        chosen: tf.Tensor,
        variation: Variation = AS_RECORDED,
        numbers: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Crops around labels by number, float32 (chosen, size, .., channels).

        Args:
            chosen: numbers of the labels, counted through all volumes, int64 (chosen,).
            variation: how crops differ from what was recorded. The labelled sample of a mirrored
                crop of even size moves by one.
            numbers: random numbers in 0..1 that decide how they differ, float32
                (variation.random_numbers, chosen); None for no variation.
        """
        cut = [self._channel(chosen, channel, variation, numbers) for channel in self.channels]
        return tf.stack(cut, axis=-1)

    def label_crops(
        self,
        chosen: tf.Tensor,
        variation: Variation = AS_RECORDED,
        numbers: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Class of each pixel of a crop, int32 (chosen, size, ..); -1 where not labelled.

        Arguments as in `crops`; a pixel between two samples takes the nearer one's.
        """
        index, part = self._index(chosen, AMPLITUDE, variation, numbers)
        if part is not None:
            index += tf.cast(tf.round(part), tf.int64)
        return tf.cast(tf.gather(self.labels, index), tf.int32)

    def _channel(
        self, chosen: tf.Tensor, channel: Channel, variation: Variation, numbers: tf.Tensor | None
    ) -> tf.Tensor:
        if channel.coordinate is not None:
            place, length = (
                _spread(tf.gather(of, chosen)[:, channel.coordinate], self.window.shape[-1])
                for of in (self.places, self.lengths)
            )
            offset = self._offsets(channel, variation, numbers)[channel.coordinate]
            return (place + tf.cast(offset, tf.float32)) / length
        index, part = self._index(chosen, channel, variation, numbers)
        if part is None:
            return tf.gather(self.flat, index)
        return (1 - part) * tf.gather(self.flat, index) + part * tf.gather(self.flat, index + 1)

    def _index(
        self, chosen: tf.Tensor, channel: Channel, variation: Variation, numbers: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Flat index of each pixel, and how far below it the pixel lies, 0..1; None for 0."""
        axes = self.window.shape[-1]
        offsets = self._offsets(channel, variation, numbers)
        strides = tf.gather(self.strides, chosen)
        index = _spread(tf.gather(self.starts, chosen), axes)
        for axis, offset in enumerate(offsets[:-1]):
            index += offset * _spread(strides[:, axis], axes)
        if numbers is None or not variation.warps:
            return index + offsets[-1], None
        stretch = variation.stretch * (2 * numbers[-1] - 1)
        sample = tf.cast(offsets[-1], tf.float32) * _spread(1 + stretch, axes)
        for axis, offset in enumerate(offsets[:-1]):
            shear = variation.shear * (2 * numbers[-2 - axis] - 1)
            sample += tf.cast(offset, tf.float32) * _spread(shear, axes)
        before, after = (_spread(tf.gather(of, chosen), axes) for of in (self.above, self.below))
        sample = tf.clip_by_value(sample, -before, after - BELOW)
        whole = tf.floor(sample)
        return index + tf.cast(whole, tf.int64), sample - whole

    def _offsets(
        self, channel: Channel, variation: Variation, numbers: tf.Tensor | None
    ) -> list[tf.Tensor]:
        """Along each axis, where the pixels of a crop lie from its label, int64."""
        *sizes, axes = self.window.shape
        shift = (*channel.shift, 0)[:axes]
        offsets = []
        for axis, size in enumerate(sizes):
            middle = size - 1 - 2 * (size // 2)  # of the window, doubled
            offset = tf.constant(self.window[np.newaxis, ..., axis] + size * shift[axis], tf.int64)
            if numbers is not None and axis in variation.mirrored:
                mirror = numbers[variation.mirrored.index(axis)] < 0.5
                offset = tf.where(_spread(mirror, axes), middle - offset, offset)
            offsets.append(offset)
        return offsets


def _label_image(volume: Volume) -> np.ndarray:
    """Class of each sample of a volume with its halo, int16, -1 where not labelled."""
    if volume.painted is not None:
        painted = volume.painted.astype("int16")
        return np.pad(painted, volume.margins, constant_values=UNLABELLED)
    image = np.full(volume.amplitude.shape, UNLABELLED, "int16")
    image[tuple((volume.positions + volume.margins[:, 0]).T)] = volume.classes
    return image


def _spread(numbers: tf.Tensor, axes: int) -> tf.Tensor:
    """One number a crop, shaped to meet all its pixels."""
    return tf.reshape(numbers, [-1, *[1] * axes])
