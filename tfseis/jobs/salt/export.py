"""What an exported salt model serves.

Padding or resizing, channels and the threshold are inside, so raw images go in.
"""

import keras
import tensorflow as tf

from tfseis.inference.serving import Signature, Tensors
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.preparation import salt_mask
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
