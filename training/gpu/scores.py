"""Scores of a network on surveys that did not train, and the weights it is delivered as."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tfseis
from tfseis.jobs.faults.probability import fault_probability
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models.cubes.networks import fault_network
from tfseis.models.pretrained import write_pretrained
from tfseis.models.recipe import with_recipe
from tfseis.scores.surfaces import fault_scores
from training.gpu.planes import by_planes
from training.gpu.step import Learner

THRESHOLD = 0.5
WINDOW = 128  # samples a side of a window to predict


class Delivery:
    """Writes averaged weights while the training goes on.

    `tfseis.models.pretrained("faults", folder=out)` reads them.

    Args:
        name: name of the network.
        out: folder of the file.
        crop: length of a training crop, in samples.
        seed: seed of the training.
    """

    def __init__(self, name: str, out: Path, *, crop: int, seed: int) -> None:
        self._out, self._thread = out, threading.Thread(target=int)
        recipe = FaultRecipe(
            network=name,
            crop_size=crop,
            window=WINDOW,
            overlap=0,
            threshold=THRESHOLD,
            scaling={},
            seed=seed,
            version=tfseis.__version__,
        )
        self._model = with_recipe(plain(name), recipe)
        by_planes(self._model)
        self._thread.start()

    def write(self, learner: Learner) -> None:
        """Begin to write; returns before the file is there."""
        self._thread.join()
        weights = learner.averaged_weights()
        self._thread = threading.Thread(target=self._written, args=(weights,))
        self._thread.start()

    def finish(self) -> keras.Model:
        """Wait for the last file; returns the model with its weights."""
        self._thread.join()
        return self._model

    def _written(self, weights: list[Any]) -> None:
        self._model.set_weights(weights)
        write_pretrained(self._model, "faults", folder=self._out)


def plain(name: str) -> keras.Model:
    """The untrained network of a name in float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        return fault_network(name)
    finally:
        keras.config.set_dtype_policy(before)


def scores(
    network: keras.Model, surveys: Mapping[str, Sequence[Future]]
) -> dict[str, dict[str, float]]:
    """Mean scores by generator.

    Args:
        network: gives logits.
        surveys: for each generator, amplitudes and faults that are being made.
    """
    return {
        name: _mean([_score(network, *cube.result()) for cube in cubes])
        for name, cubes in surveys.items()
    }


def _score(network: keras.Model, amplitude: np.ndarray, faults: np.ndarray) -> dict[str, float]:
    logits = network.predict_on_batch(amplitude.astype("float32")[np.newaxis, ..., np.newaxis])
    probability = fault_probability(np.asarray(logits, "float32"))[0, ..., 0]
    found = fault_scores(faults, probability)
    names = ("iou", "best_iou", "best_threshold", "tolerant_iou", "volume_ratio")
    return {name: float(getattr(found, name)) for name in names}


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
