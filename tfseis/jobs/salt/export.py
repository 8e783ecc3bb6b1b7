"""What a salt model serves: everything around the network inside, raw values in."""

import keras
import tensorflow as tf

from tfseis.data.preparation import salt_mask
from tfseis.inference.serving import Signature, Tensors
from tfseis.jobs.salt.images import image_probability
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """Signatures of a salt model, on raw images (batch, rows, columns, channels) of any size:
    ``serve_uint8`` (0 to 255) and ``serve_float32`` (0 to 1); where depth is one of its channels,
    ``serve_uint8_depth`` and ``serve_float32_depth`` take the depths too, (batch,), in metres.
    Outputs: ``probability``, float32, and ``mask``, uint8, both (batch, rows, columns).
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
