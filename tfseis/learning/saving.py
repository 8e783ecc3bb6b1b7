"""Saved models: Keras files that load in any process without running code of the file."""

import importlib
import json
import re
import zipfile
from pathlib import Path

import keras

from tfseis.errors import FormatError
from tfseis.io.unpacking import DAMAGE
from tfseis.learning.model_file import check_model_file, variables_up_to
from tfseis.models.functional import functional
from tfseis.models.pretrained import PRETRAINED, pretrained
from tfseis.models.sections.upsampling import with_linear_upsampling

ENDING = ".keras"
METADATA = "metadata.json"
LONGEST = 300  # characters of what Keras says of a file; it may print the whole configuration
ZIP = b"PK"  # first bytes of a zip archive
REGISTERING = (  # modules with classes that saved models refer to
    "tfseis.learning.distillation",
    "tfseis.learning.losses.classes",
    "tfseis.learning.losses.denoising",
    "tfseis.learning.losses.labelled_masks",
    "tfseis.learning.losses.masks",
    "tfseis.learning.losses.one_number",
    "tfseis.learning.losses.surfaces",
    "tfseis.models.azimuth.layers",
    "tfseis.models.cubes.blocks3d",
    "tfseis.models.encoders.image_layers",
    "tfseis.models.recipe",
    "tfseis.models.sections.blocks",
    "tfseis.models.sections.upsampling",
    "tfseis.scores.metrics",
)


def register() -> None:
    """Make the classes of saved models known to Keras, so that it loads them by itself."""
    for module in REGISTERING:
        importlib.import_module(module)


def save_model(model: keras.Model, path: str | Path) -> None:
    """Save a model as a ``.keras`` file, complete or not at all; replaces a file of that name.

    Args:
        model: the model, saved with its optimizer if it is compiled.
        path: the file; its name ends with ``.keras``.
    """
    path = Path(path)
    partial = path.with_name(f".partial-{path.name}")  # Keras wants the ending
    try:
        model.save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_model(path: str | Path) -> keras.Model:
    """Load a ``.keras`` file; classes of tfseis are known, and code inside the file is refused.

    Args:
        path: file of a model that tfseis or Keras saved; or, where there is no such file, the name
            of a model that comes with tfseis, see `tfseis.models.PRETRAINED`.

    Returns:
        The model, compiled if it was saved so and its loss and metrics are known here; a loss of
        one's own is known where `keras.saving.register_keras_serializable` was called.

    Raises:
        FormatError: there is no such file, or it is no Keras model.
    """
    path = Path(path)
    if not path.is_file():
        if str(path) in PRETRAINED:
            return pretrained(str(path))
        told = "there is no such file. Check the name."
        if path.is_dir():
            told = (
                "it is a folder, which a SavedModel is, and answers without tfseis alone. Give "
                "the .keras file that it was exported from."
            )
        raise FormatError(f"{path}: expected a .keras model; {told}")
    if path.suffix != ENDING or not _is_zip(path):
        raise FormatError(
            f"{path}: expected a .keras model, which is a zip archive; the file is something else, "
            "or not complete. Check the name, or save the model again as NAME.keras."
        )
    register()
    held = check_model_file(path)
    try:
        with variables_up_to(held):
            return with_linear_upsampling(_loaded(path))
    except Exception as error:
        cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FormatError(_refusal(path, cause[:LONGEST])) from error


def _loaded(path: Path) -> keras.Model:
    """The model, compiled where its loss and metrics are known here."""
    try:
        return keras.saving.load_model(path, safe_mode=True)
    except (TypeError, ValueError) as error:
        try:
            return keras.saving.load_model(path, safe_mode=True, compile=False)
        except Exception:
            raise error from None  # which names what is wrong with the network


def _refusal(path: Path, cause: str) -> str:
    """Why a model cannot be loaded: most often its Keras is newer, which Keras does not say."""
    saved = _keras_version(path)
    if _numbers(saved) > _numbers(keras.__version__):
        return (
            f"{path}: expected a model of Keras {keras.__version__} or older; Keras {saved} saved "
            f"it. Install Keras {saved} or a later one. (Keras says: {cause})"
        )
    return (
        f"{path}: expected a .keras model; it could not be loaded: {cause} Save it with "
        "model.save('NAME.keras'), without Lambda layers."
    )


def _keras_version(path: Path) -> str:
    """The version of Keras that saved a model, "" where it does not say."""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read(METADATA))["keras_version"])
    except (KeyError, TypeError, *DAMAGE):
        return ""


def _numbers(version: str) -> list[int]:
    """The numbers of a version, such as 3.15.1."""
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP


def as_model(model: keras.Model | str | Path) -> keras.Model:
    """A model that is given as an object, as a file or by the name of one that ships.

    Args:
        model: a functional or sequential model, or what `load_model` takes.

    Returns:
        The functional model; a sequential one is converted, weights shared.

    Raises:
        FormatError: no such file, or not a Keras model.
        ModelError: a subclassed model, or a sequential one without input shape.
    """
    given = model if isinstance(model, keras.Model) else load_model(model)
    return functional(with_linear_upsampling(given))
