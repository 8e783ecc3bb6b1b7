"""What a gathers model serves: everything around the network inside, raw values in."""

import keras
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.inference.serving import Signature, Tensors
from tfseis.jobs.gathers.tensors import gather_level, measured_samples
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """Signature of a gather model that sees amplitude alone: ``serve_float32``, on raw amplitudes
    (gathers, traces, samples), traces by offset, samples as far apart as in training. Outputs:
    ``kept`` and ``removed``, float32; each gather is seen at once, without windows.
    """
    recipe = recipe_of(model)
    if recipe.channels != ("amplitude",):
        raise ModelError(
            f"Expected a gather model that sees amplitude alone; got {', '.join(recipe.channels)}. "
            "Apply it with `tfseis gathers apply`, or train one without further channels."
        )

    def serve(amplitude: tf.Tensor) -> Tensors:
        clean, live = measured_samples(amplitude)
        level = gather_level(clean, live, recipe.sample_interval)
        scaled = (clean / level)[..., tf.newaxis]
        removed = level * (scaled - model(scaled, training=False))[..., 0]
        removed = tf.where(live, removed, 0.0)
        return {"kept": clean - removed, "removed": removed}

    block = tf.TensorSpec([None] * 3, "float32", name="amplitude")
    return model, {"serve_float32": (serve, [block])}
