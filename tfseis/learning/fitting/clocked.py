"""What trainings against the clock share: the clock, averaged weights, checkpoints."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from tfseis.errors import ModelError
from tfseis.learning.fitting.fit import replace_text
from tfseis.learning.saving import load_model, save_model

SCALE = 10  # of the averaging: it remembers less in the first steps
EVERY = 4  # steps between two averagings, each of which costs a tenth of a step


class Limits(Protocol):
    """What ends a training: a `MaskTraining`, or anything with these limits."""

    @property
    def epochs(self) -> int:
        """At most."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""

    @property
    def minutes(self) -> float | None:
        """At most; None for no limit."""


class Clock:
    """How much of a training is over, by steps or by minutes, whichever is more."""

    def __init__(self, training: Limits, seconds: float) -> None:
        self.training, self.began = training, time.monotonic() - seconds

    @property
    def seconds(self) -> float:
        """Spent so far, earlier runs included."""
        return time.monotonic() - self.began

    def part(self, step: int) -> float:
        """What is over, 0 to 1."""
        steps = step / (self.training.epochs * self.training.steps)
        minutes = self.training.minutes
        return min(1.0, max(steps, self.seconds / 60 / minutes if minutes else 0.0))

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        minutes = self.training.minutes
        return minutes is not None and self.seconds >= 60 * minutes


def average(averaged: keras.Model, model: keras.Model, memory: float, step: int) -> None:
    """Move averaged weights towards those of a model, after some of the steps.

    Args:
        averaged: its weights are moved.
        model: trains.
        memory: the part of the averaged weights that a step keeps; less in the first steps.
        step: number of the step that was made.
    """
    if step % EVERY:
        return
    memory = min(memory**EVERY, (1 + step) / (SCALE + step))
    for mean, weight in zip(averaged.variables, model.variables, strict=True):
        if keras.backend.is_float_dtype(weight.dtype):
            mean.assign(memory * mean.value + (1 - memory) * weight.value)


def begin(
    build: Callable[[], keras.Model], optimizer: keras.optimizers.Optimizer, folder: Path
) -> tuple[keras.Model, keras.Model, list[dict]]:
    """The network, its averaged twin and the history: new, or where the last run stopped."""
    if (folder / "history.json").exists():
        model = load_model(folder / "last.keras")
        averaged = load_model(folder / "averaged.keras")
        return model, averaged, json.loads((folder / "history.json").read_text())
    model, averaged = build(), build()
    averaged.set_weights(model.get_weights())
    model.compile(optimizer)
    return model, averaged, []


def keep(model: keras.Model, averaged: keras.Model, history: list[dict], folder: Path) -> None:
    """Save all that a resumed run needs; the history comes last, since it counts the epochs.

    Raises:
        ModelError: weights that are not finite; the last good ones stay.
    """
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise ModelError(
            "Expected finite weights after each epoch; some are not. Lower the learning rate, or "
            "train in float32, or on larger crops."
        )
    save_model(model, folder / "last.keras")
    save_model(averaged, folder / "averaged.keras")
    replace_text(folder / "history.json", json.dumps(history))
