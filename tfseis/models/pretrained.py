"""Trained models that come with the package; their weights are stored in half precision."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.errors import ModelError
from tfseis.jobs.contract import JOBS
from tfseis.models.recipe import read_recipe, recipe_of, with_recipe

SHIPPED = Path(__file__).resolve().parents[1] / "weights"
PRETRAINED = tuple(path.stem for path in sorted(SHIPPED.glob("*.npz")))  # each named by its job
RECIPE = "recipe"
LARGEST_HALF = 65504.0  # largest value of float16


def pretrained(name: str, *, folder: str | Path = SHIPPED) -> keras.Model:
    """A trained model that comes with the package, in float32, with its recipe.

    docs/models tells for each what it was trained on, its scores and its limits.

    Args:
        name: one of `PRETRAINED`, the name of a job.
        folder: folder of ``NAME.npz``.

    Returns:
        The model; `recipe_of` says how its input is prepared and what its output means.

    Raises:
        ModelError: the name is unknown, or this installation has no such weights.
    """
    path = Path(folder) / f"{name}.npz"
    if name not in PRETRAINED:
        raise ModelError(
            f"Expected a model that comes with tfseis: {', '.join(PRETRAINED)}; got {name!r}. "
            "Give a .keras file, or one of these names."
        )
    if not path.is_file():
        raise ModelError(
            f"{path}: expected the weights of {name!r}; this installation has none. Train a model "
            f"with `tfseis {name} train --synthetic`, and give that."
        )
    try:
        with np.load(path, allow_pickle=False) as stored:
            values = json.loads(str(stored[RECIPE]))
            weights = [stored[key].astype("float32") for key in stored.files if key != RECIPE]
        recipe = read_recipe(values)
        network = JOBS[recipe.job].part("network")(recipe)
        network.set_weights(weights)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(
            f"{path}: expected weights that tfseis wrote; {error}. Install tfseis again."
        ) from error
    return with_recipe(network, recipe)


def write_pretrained(model: keras.Model, name: str, *, folder: str | Path = SHIPPED) -> Path:
    """Write a trained model as `pretrained` reads it, kernels in float16 and the rest in float32.

    Args:
        model: a network at its usual widths, with its recipe.
        name: name under which it ships, that of its job.
        folder: folder of ``NAME.npz``.

    Returns:
        The file.

    Raises:
        ModelError: float16 cannot hold the weights, or they are not those of the network that the
            recipe names.
    """
    recipe, weights = recipe_of(model), model.get_weights()
    expected = [tuple(weight.shape) for weight in JOBS[recipe.job].part("network")(recipe).weights]
    if [weight.shape for weight in weights] != expected:
        raise ModelError(
            f"Expected the weights of {recipe.network!r} at its usual widths; got "
            f"{sum(weight.size for weight in weights)} others. Train it by its name."
        )
    largest = max(float(np.abs(weight).max()) for weight in weights)
    if not largest < LARGEST_HALF:
        raise ModelError(
            f"Expected weights below {LARGEST_HALF:g}; got {largest:g}. Train it again, at a lower "
            "learning rate."
        )
    # Statistics of normalisation may be too small for float16, and are few.
    halves: dict[str, Any] = {
        f"w{number:04}": weight.astype("float16") if weight.ndim > 1 else weight
        for number, weight in enumerate(weights)
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f"{name}.npz"
    partial = path.with_name(f".partial-{path.name}")
    halves[RECIPE] = np.array(json.dumps(asdict(recipe)))
    np.savez_compressed(partial, **halves)
    partial.replace(path)
    return path
