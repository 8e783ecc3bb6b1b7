"""What an exported borehole model serves, and examples for its 8-bit twin.

Scaling, padding, rolling around the hole and the threshold are inside, so raw images go in.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.scaling import LIMIT
from tfseis.inference.block_tensors import centre_and_spread, quantiles
from tfseis.inference.equivariant import phases
from tfseis.inference.serving import Signature, Tensors, marked, raw_signatures
from tfseis.io.images.wells import SENTINEL
from tfseis.jobs.boreholes.patches import scaled_images, synthetic_patches
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.contract import Examples
from tfseis.models.receptive import receptive_field
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """The serving signatures of a borehole model, on raw images of one well.

    Both take ``images``, float32 (patches, rows, columns), -999 where nothing was measured.
    ``serve_float32`` scales them by their own statistics, as if they were a whole well.
    ``serve_float32_scaled`` also takes the ``centre`` and ``spread`` of the well.

    Args:
        model: a trained borehole model with its recipe.

    Returns:
        What is saved, and the signatures by name. Their outputs are ``probability``, float32, and
        ``mask``, uint8, both (patches, rows, columns).
    """
    recipe = recipe_of(model)
    stride = receptive_field(model).stride[0]
    shifts = range(phases(model, recipe.columns))

    def measured(images: tf.Tensor) -> tf.Tensor:
        return tf.math.is_finite(images) & (images > SENTINEL)

    def scaled(images: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        within = tf.clip_by_value((images - centre) / spread, -LIMIT, LIMIT)
        clean = tf.where(measured(images), within, 0.0)
        rows = tf.shape(clean)[1]
        more = tf.repeat(clean[:, -1:], tf.math.floormod(-rows, stride), axis=1)
        whole = tf.concat([clean, more], axis=1)[..., tf.newaxis]
        turns = [tf.roll(model(tf.roll(whole, s, 2), training=False), -s, 2) for s in shifts]
        probability = tf.sigmoid(tf.add_n(turns) / len(turns))[:, :rows, :, 0]
        return marked(probability, recipe.threshold)

    def plain(images: tf.Tensor) -> Tensors:
        return scaled(
            images, *centre_and_spread(quantiles(tf.boolean_mask(images, measured(images))))
        )

    return model, raw_signatures(plain, scaled, [None, None, recipe.columns], "images")


def _examples(
    recipe: BoreholeRecipe, count: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scaled images (1, rows, columns, 1) of synthetic wells, and masks (rows, columns)."""
    patches = synthetic_patches(count, seed, columns=recipe.columns)
    assert patches.masks is not None
    for image, mask in zip(scaled_images(patches), patches.masks, strict=True):
        yield image[np.newaxis], mask


examples = Examples(make=_examples, calibration=256, comparison=256)
