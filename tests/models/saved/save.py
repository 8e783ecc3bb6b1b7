"""Small models of every job as this version saves them: one folder of the collection.

    python tests/models/saved/save.py [FOLDER]

writes NAME.keras and NAME.npz (``input`` and ``output``) of each model, and recipes.json with what
the recipes hold, into FOLDER, by default a folder beside this file named by the version of tfseis.
Run it once before a release, and never again for a version that is released.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tfseis
from tfseis.jobs.contract import JOBS
from tfseis.learning.saving import save_model
from tfseis.models import (
    gather_autoencoder,
    gather_unet,
    light_unet,
    light_unet3d,
    micro,
    patch_classifier,
    recipe_of,
    stacked,
    unet,
    unet_ds,
    with_recipe,
)

HOME = Path(__file__).resolve().parent
RUN: dict[str, Any] = {"seed": 5, "version": tfseis.__version__}
FACIES: dict[str, Any] = {
    **RUN,
    "crop_size": 8,
    "channels": "amplitude",
    "axis": 1,
    "codes": (4, 2, 9),
    "names": ("sand", "shale", "salt"),
    "colours": ("#aa0000", "#00aa00", "#0000aa"),
    "scaling": {"centre": 3.0, "spread": 2.0},
    "grid": {"inline": [100.0, 2.0, 7.0], "crossline": [300.0, 1.0, 8.0]},
}
SALT = {**RUN, "size": 32, "image_size": 21, "threshold": 0.45, "smallest": 3}
FAULTS = {**RUN, "crop_size": 16, "window": 16, "overlap": 6, "threshold": 0.5, "scaling": {}}
WELLS = {**RUN, "columns": 36, "threshold": 0.5, "padding": "azimuth"}
GATHERS = {**RUN, "size": (8, 32), "stride": (4, 16), "sample_interval": 4.0}


def networks() -> Iterator[tuple[str, keras.Model, dict[str, Any], tuple[int, ...]]]:
    """Name, which begins with that of the job, network, recipe, and shape of one input."""
    every, middle = {"answers": "every sample"}, {"answers": "middle of a crop"}
    flat, shape = unet((None, None, 1), classes=3, filters=(2, 3)), (16, 24, 1)
    yield "facies_unet", flat, {**FACIES, **every, "network": "unet", "axes": 2}, shape
    solid, shape = unet((None, None, None, 1), classes=3, filters=(2, 3)), (8, 6, 10, 1)
    yield "facies_unet3d", solid, {**FACIES, **every, "network": "unet3d", "axes": 3}, shape
    patch = patch_classifier((8, 8, 1), classes=3, layout="cna cnap", filters=(3, 4))
    yield "facies_patch", patch, {**FACIES, **middle, "network": "patch", "axes": 2}, (8, 8, 1)
    light = light_unet3d(filters=(2, 3, 4))
    yield "faults_light", light, {**FAULTS, "network": "light"}, (16, 16, 16, 1)
    yield "faults_ds", unet_ds(base=1), {**FAULTS, "network": "ds8"}, (16, 16, 16, 1)
    small = micro((None, 36, 1), width=2)
    yield "boreholes_micro", small, {**WELLS, "network": "micro"}, (36, 36, 1)
    stack = stacked((None, 36, 1), filters=(2, 2))
    yield "boreholes_stacked", stack, {**WELLS, "network": "stacked"}, (36, 36, 1)
    recipe = {**GATHERS, "network": "unet", "channels": ("amplitude",), "trained_on": "synthetic"}
    yield "gathers_unet", gather_unet((None, None, 1), filters=(2, 3)), recipe, (11, 40, 1)
    recipe = {**recipe, "network": "autoencoder", "trained_on": "blind-trace"}
    yield "gathers_autoencoder", gather_autoencoder((None, None, 1)), recipe, (11, 40, 1)
    recipe = {**SALT, "network": "light", "preparation": "pad", "channels": ("image", "depth")}
    yield "salt_light", light_unet((None, None, 2), filters=(3, 4)), recipe, (32, 32, 2)


def save(folder: Path) -> None:
    """Write the models, an input and an output of each, and their recipes."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes = {}
    for number, (name, network, values, shape) in enumerate(networks()):
        rng = np.random.default_rng(number)
        # weights of biases and norms are not 0 and 1, as they are before training
        weights = [w + 0.1 * rng.normal(size=w.shape) ** 2 for w in network.get_weights()]
        network.set_weights(weights)
        recipe = JOBS[name.partition("_")[0]].part("recipe")(**values)
        model = with_recipe(network, recipe)
        save_model(model, folder / f"{name}.keras")
        given = rng.normal(size=(2, *shape)).astype("float32")
        answer = np.asarray(model(given, training=False))
        np.savez_compressed(folder / f"{name}.npz", input=given, output=answer)
        recipes[name] = asdict(recipe_of(model))
    (folder / "recipes.json").write_text(json.dumps(recipes, indent=1))


if __name__ == "__main__":
    save(Path(sys.argv[1]) if sys.argv[1:] else HOME / tfseis.__version__)
