"""What a boreholes model serves: everything around the network inside, raw values in."""

import keras
import tensorflow as tf

from tfseis.data.scaling import LIMIT
from tfseis.inference.block_tensors import (
    centre_and_spread,
    quantiles,
)
from tfseis.inference.equivariant import phases
from tfseis.inference.serving import Signature, Tensors, marked, raw_signatures
from tfseis.io.images.wells import SENTINEL
from tfseis.models.receptive import receptive_field
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """Signatures of a borehole model, on raw images (patches, rows, columns) of one well, -999 where
    nothing was measured: ``serve_float32`` scales them by their own statistics, as a well is;
    ``serve_float32_scaled`` takes the ``centre`` and ``spread`` of the well. Outputs:
    ``probability``, float32, and ``mask``, uint8, both (patches, rows, columns).
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
