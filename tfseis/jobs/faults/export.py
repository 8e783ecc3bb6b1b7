"""What an exported fault model serves, and examples for its 8-bit twin.

Scaling and the threshold are inside, so raw amplitudes go in.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.inference.any_size import of_any_size
from tfseis.inference.block_tensors import block_statistics, scaled_block
from tfseis.inference.serving import Signature, Tensors, marked, raw_signatures
from tfseis.jobs.contract import Examples
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models.recipe import recipe_of


def signatures(model: keras.Model) -> tuple[keras.Model, dict[str, Signature]]:
    """The serving signatures of a fault model, on a raw block of any size.

    Both take ``amplitude``, float32 (inlines, crosslines, samples). ``serve_float32`` scales it by
    the statistics of the training data or, where those were scaled cube by cube, by the statistics
    of the block. ``serve_float32_scaled`` also takes the ``centre`` and ``spread`` of the survey.

    Args:
        model: a trained fault model with its recipe.

    Returns:
        What is saved, and the signatures by name. Their outputs are ``probability``, float32, and
        ``mask``, uint8, both (inlines, crosslines, samples) and 0 at dead samples.
    """
    recipe = recipe_of(model)
    network = of_any_size(model)

    def from_statistics(amplitude: tf.Tensor, centre: tf.Tensor, spread: tf.Tensor) -> Tensors:
        block, live = scaled_block(amplitude, centre, spread)
        logits = network(block[tf.newaxis, ..., tf.newaxis])[0]
        fault = logits[..., -1] - (logits[..., 0] if logits.shape[-1] == 2 else 0.0)
        probability = tf.where(live, tf.sigmoid(fault), 0.0)
        return marked(probability, recipe.threshold)

    def plain(amplitude: tf.Tensor) -> Tensors:
        stored = recipe.scaling
        if stored:
            return from_statistics(
                amplitude, tf.constant(stored["centre"]), tf.constant(stored["spread"])
            )
        return from_statistics(amplitude, *block_statistics(amplitude))

    return model, raw_signatures(plain, from_statistics)


def _examples(
    recipe: FaultRecipe, count: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scaled cubes (1, size, size, size, 1) of each generator in turn, and faults (size, ..)."""
    generators = list(SURVEY_GENERATORS.values())
    shape = (recipe.window,) * 3
    for number in range(count):
        made = generators[number % len(generators)](shape, seed=seed + number)
        yield scaled(made.amplitude)[np.newaxis, ..., np.newaxis], made.faults


# counts that hold as many cubes of each of the three generators
examples = Examples(make=_examples, calibration=18, comparison=6)
