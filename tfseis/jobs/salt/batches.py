"""tf.data pipelines of images and masks, varied and framed when they are needed."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfseis.jobs.salt.preparation import Preparation, frame, prepare
from tfseis.jobs.salt.variation import DRAWS, ImageVariation, vary

HIDDEN = 0.25  # share of the training images whose depth is withheld, as it may be absent later


@dataclass(frozen=True)
class ImageSet:
    """Images of one size in memory.

    Args:
        images: uint8 (images, rows, columns).
        depths: float32 (images,), metres, NaN where unknown.
        masks: uint8 (images, rows, columns), 0 or 1.
    """

    images: np.ndarray
    depths: np.ndarray
    masks: np.ndarray

    def only(self, chosen: np.ndarray) -> "ImageSet":
        """Some of the images, by number or by a bool array."""
        return ImageSet(self.images[chosen], self.depths[chosen], self.masks[chosen])


def image_batches(
    data: ImageSet,
    recipe: Preparation,
    *,
    batch_size: int,
    seed: int,
    variation: ImageVariation,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches; each epoch shows every image once (the rest of a division is left out).

    Batch number n depends on `seed` and n alone, so that a run resumes where it was interrupted.

    Args:
        data: images with masks, at least `batch_size` of them.
        recipe: how images are prepared.
        batch_size: number of images in a batch.
        seed: seed of order and variation.
        variation: how far training images differ from what was recorded.
        first_batch: number of the first batch.

    Returns:
        Dataset of (inputs, masks): float32 (batch, rows, columns, channels), and 0 or 1, float32
        (batch, rows, columns, 1), framed alike.
    """
    images, masks = (tf.constant(of[..., np.newaxis]) for of in (data.images, data.masks))
    depths, count = tf.constant(data.depths, tf.float32), len(data.images)
    steps = count // batch_size

    def draw(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seeds = tf.stack([tf.constant(seed, tf.int64), number])
        draws = tf.random.stateless_uniform((batch_size, DRAWS + 1), seeds)
        epoch = tf.stack([tf.constant(seed, tf.int64), -1 - number // steps])
        order = tf.argsort(tf.random.stateless_uniform((count,), epoch))
        chosen = tf.slice(order, [tf.cast(number % steps, tf.int32) * batch_size], [batch_size])
        grey = tf.cast(tf.gather(images, chosen), tf.float32) / 255
        grey, mask = vary(grey, tf.gather(masks, chosen), draws, variation)
        depth = tf.where(draws[:, -1] < HIDDEN, np.nan, tf.gather(depths, chosen))
        return prepare(grey, recipe, depth), frame(mask, recipe, interpolation="nearest")

    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(draw, 1, deterministic=True).prefetch(4)
