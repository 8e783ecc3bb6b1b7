"""Trained models as SavedModels that take raw images or amplitudes and need no tfseis to serve.

Scaling, padding, cropping and the threshold are inside; serving needs TensorFlow alone. The job of
a model gives its signatures, see `tfseis.jobs.contract.Job`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import ModelError, OutputError
from tfseis.inference.serving import Signature
from tfseis.io.output import complete_folder
from tfseis.jobs.contract import JOBS
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_of

NAMES_OF_FILES = (".h5", ".hdf5")
SAVED = ("saved_model.pb", "fingerprint.pb", "variables", "assets")  # files of a SavedModel
TOLERANCE = 1e-5  # largest difference between the outputs of the model and of the SavedModel
TRIAL = (3, 37, 29)  # shape of a raw block on which both are compared; images have the last two


def export_model(
    model: keras.Model | str | Path, folder: str | Path, *, overwrite: bool = False
) -> dict[str, Signature]:
    """Write a trained model as a SavedModel, and check that both give the same outputs.

    Args:
        model: a trained model that carries its recipe, the file that holds it, or the name of one
            that ships.
        folder: folder of the SavedModel.
        overwrite: whether a SavedModel there may be replaced.

    Returns:
        The signatures by name: each a function and the specifications of its inputs.

    Raises:
        TfseisError: the model cannot be loaded, carries no recipe, is of a job without signatures,
            or gives other outputs once saved; or the folder exists, or is named like a file.
    """
    _check_name(Path(folder))
    read = [model] if isinstance(model, (str, Path)) else []
    network = as_model(model)
    signatures_of = JOBS[recipe_of(network).job].part("signatures")
    with complete_folder(folder, results=SAVED, overwrite=overwrite, inputs=read) as partial:
        tracked, signatures = signatures_of(network)
        archive = keras.export.ExportArchive()
        archive.track(tracked)
        traced = {
            name: archive.add_endpoint(name, serve, input_signature=takes)
            for name, (serve, takes) in signatures.items()
        }
        _write(archive, partial, Path(folder))
        _check(partial, signatures, traced)
    return signatures


def _write(archive: keras.export.ExportArchive, partial: Path, folder: Path) -> None:
    """Write an archive to a hidden folder; what TensorFlow says of a full disk is no OSError."""
    try:
        archive.write_out(str(partial), verbose=False)
    except tf.errors.OpError as error:
        cause = error.message.splitlines()[0].rpartition(";")[2].partition("[Op:")[0].strip()
        raise OutputError(
            f"{folder}: expected a folder in which a SavedModel can be written; got: {cause}. "
            "Check the disk and the folder, or choose another place."
        ) from error


def _check_name(folder: Path) -> None:
    """Refuse the name of a file, since a SavedModel is a folder, and a folder without a name."""
    if folder.name in ("", ".."):
        raise OutputError(
            f"{folder}: expected the name of a new folder for the SavedModel; got one that is in "
            "use. Choose a name inside of it, such as served."
        )
    if folder.suffix[1:].isalpha() or folder.suffix in NAMES_OF_FILES:
        raise OutputError(
            f"{folder}: expected the name of a folder, which a SavedModel is; got one that ends in "
            f"{folder.suffix} like a file. Choose {folder.with_suffix('').name}, or on the command "
            "line NAME.xml for an OpenVINO model."
        )


def _check(
    folder: Path, signatures: dict[str, Signature], traced: dict[str, Callable[..., Any]]
) -> None:
    """Compare the SavedModel in a folder with the functions that were written.

    Args:
        folder: folder of the SavedModel.
        signatures: functions and the specifications of their inputs.
        traced: the same functions as graphs, since eager sums are rounded differently.
    """
    written = tf.saved_model.load(str(folder)).signatures
    rng = np.random.default_rng(0)
    for name, (_, takes) in signatures.items():
        given = {}
        for spec in takes:
            trial = {4: (2, *TRIAL[1:], 1), 3: TRIAL, 1: (2,), 0: ()}[spec.shape.rank]
            shape = tuple(a or b for a, b in zip(spec.shape, trial, strict=True))
            values = rng.integers(0, 256, shape) if spec.dtype == "uint8" else rng.random(shape)
            given[spec.name] = tf.constant(values, spec.dtype)
        found = written[name](**given)
        for output, expected in traced[name](*given.values()).items():
            apart = np.abs(np.subtract(found[output], expected, dtype="float32")).max()
            if not apart <= TOLERANCE:  # NaN is refused, too
                raise ModelError(
                    f"Expected the SavedModel to answer as the model does; {output} of {name} "
                    f"differs by {apart:.2g}. Use another version of TensorFlow."
                )
