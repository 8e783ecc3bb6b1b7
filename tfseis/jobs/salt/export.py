"""What an exported salt model serves, and examples for its 8-bit twin.

Padding or resizing, channels and the threshold are inside, so raw images go in.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.synthetic.masked_images import salt_images
from tfseis.inference.serving import Signature, Tensors
from tfseis.jobs.contract import Examples
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.preparation import DEEP, frame, prepare, salt_mask
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """The serving signatures of a salt model, on raw images of any size.

    All take ``images`` (batch, rows, columns, channels): ``serve_uint8`` from 0 to 255,
    ``serve_float32`` from 0 to 1. Where depth is one of the channels of the network,
    ``serve_uint8_depth`` and ``serve_float32_depth`` also take ``depth``, float32 (batch,), in
    metres.

    Args:
        model: a trained salt model with its recipe.

    Returns:
        What is saved, and the signatures by name. Their outputs are ``probability``, float32, and
        ``mask``, uint8, both (batch, rows, columns).
    """
    recipe = recipe_of(model)

    def serve(images: tf.Tensor, depth: tf.Tensor | None = None) -> Tensors:
        probability = image_probability(model, images, recipe, depth)
        mask = salt_mask(probability, recipe)
        return {"probability": probability[..., 0], "mask": mask[..., 0]}

    def plain(images: tf.Tensor) -> Tensors:
        return serve(images)

    signatures: dict[str, Signature] = {}
    for dtype in ("uint8", "float32"):
        images = tf.TensorSpec([None] * 4, dtype, name="images")
        signatures[f"serve_{dtype}"] = plain, [images]
        if "depth" in recipe.channels:
            depth = tf.TensorSpec([None], "float32", name="depth")
            signatures[f"serve_{dtype}_depth"] = serve, [images, depth]
    return model, signatures


def _examples(recipe: SaltRecipe, count: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Prepared synthetic images (1, rows, columns, channels), and masks (rows, columns)."""
    images, masks = salt_images(count, size=recipe.image_size, seed=seed)
    depths = np.random.default_rng(seed).uniform(0, DEEP, count).astype("float32")
    for image, mask, depth in zip(images, masks, depths, strict=True):
        given = prepare(image[np.newaxis, ..., np.newaxis], recipe, depth[np.newaxis])
        wanted = frame(mask[np.newaxis, ..., np.newaxis], recipe, interpolation="nearest")
        yield np.asarray(given), np.asarray(wanted)[0, ..., 0]


examples = Examples(make=_examples, calibration=64, comparison=64)
