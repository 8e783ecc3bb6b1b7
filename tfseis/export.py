"""Trained models as SavedModels that serve raw images or amplitudes, without tfseis.

Everything around the network is inside: scaling, padding, cropping, the threshold. Serving needs
TensorFlow alone.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.inference.serving import Signature
from tfseis.io.output_folder import complete_folder
from tfseis.jobs.contract import JOBS
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_of

SAVED = ("saved_model.pb", "fingerprint.pb", "variables", "assets")  # what a SavedModel holds
TOLERANCE = 1e-5  # between the model and what was written
TRIAL = (3, 37, 29)  # of a raw block on which both are compared; an image is its last two axes


def export_model(model: keras.Model | str | Path, folder: str | Path, *,
                 overwrite: bool = False) -> dict[str, Signature]:  # fmt: skip
    """Write a trained model as a SavedModel, and check that it answers as the model does.

    Args:
        model: a trained model that carries its recipe, or the file that holds it.
        folder: where the SavedModel shall lie.
        overwrite: replace a SavedModel of that name.

    Returns:
        The signatures by name: each a function and what it takes.

    Raises:
        TfseisError: the model cannot be loaded, carries no recipe, is of a job that has no export,
            or answers otherwise once saved; or the folder is taken.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    recipe = recipe_of(loaded)
    signed = JOBS[recipe.job].part("signatures")
    with complete_folder(folder, results=SAVED, overwrite=overwrite) as partial:
        tracked, signatures = signed(loaded)
        archive = keras.export.ExportArchive()
        archive.track(tracked)
        for name, (serve, takes) in signatures.items():
            archive.add_endpoint(name, serve, input_signature=takes)
        archive.write_out(str(partial), verbose=False)
        _check(partial, signatures)
    return signatures


def _check(folder: Path, signatures: dict[str, Signature]) -> None:
    """Compare what lies in a folder with what was put there."""
    written = tf.saved_model.load(str(folder)).signatures
    rng = np.random.default_rng(0)
    for name, (serve, takes) in signatures.items():
        given = {}
        for spec in takes:
            trial = {4: (2, *TRIAL[1:], 1), 3: TRIAL, 1: (2,), 0: ()}[spec.shape.rank]
            shape = tuple(a or b for a, b in zip(spec.shape, trial, strict=True))
            values = rng.integers(0, 256, shape) if spec.dtype == "uint8" else rng.random(shape)
            given[spec.name] = tf.constant(values, spec.dtype)
        found = written[name](**given)
        graph = tf.function(serve, input_signature=takes)  # eager sums round otherwise
        for output, expected in graph(*given.values()).items():
            apart = np.abs(np.subtract(found[output], expected, dtype="float32")).max()
            if not apart <= TOLERANCE:  # nor is what is no number
                raise ModelError(
                    f"Expected the SavedModel to answer as the model does; {output} of {name} "
                    f"differs by {apart:.2g}. Use another version of TensorFlow."
                )
