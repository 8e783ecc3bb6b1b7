"""What an exported gather model serves.

Balancing is inside, so raw amplitudes go in.
"""

import keras
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.inference.any_size import of_any_size
from tfseis.inference.serving import Signature, Tensors
from tfseis.jobs.gathers.tensors import gather_level, measured_samples
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """The serving signature of a gather model that sees amplitude alone.

    ``serve_float32`` takes ``amplitude``, float32 (gathers, traces, samples), with traces sorted by
    offset and the sample interval of the training gathers. It sees each gather at once, without
    windows.

    Args:
        model: a trained gather model with its recipe.

    Returns:
        What is saved, and the signature by name. Its outputs are ``kept`` and ``removed``, float32
        (gathers, traces, samples), the amplitudes without noise and the noise.

    Raises:
        ModelError: the model has channels besides amplitude.
    """
    recipe = recipe_of(model)
    if recipe.channels != ("amplitude",):
        raise ModelError(
            f"Expected a gather model that sees amplitude alone; got {', '.join(recipe.channels)}. "
            "Apply it with `tfseis gathers apply`, or train one without further channels."
        )
    network = of_any_size(model)

    def serve(amplitude: tf.Tensor) -> Tensors:
        clean, live = measured_samples(amplitude)
        level = gather_level(clean, live, recipe.sample_interval)
        scaled = (clean / level)[..., tf.newaxis]
        removed = level * (scaled - network(scaled))[..., 0]
        removed = tf.where(live, removed, 0.0)
        return {"kept": clean - removed, "removed": removed}

    block = tf.TensorSpec([None] * 3, "float32", name="amplitude")
    return model, {"serve_float32": (serve, [block])}
