"""Training against the clock, run after run: a constant rate, averaged weights, a last descent."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import cos, pi
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.errors import ModelError
from tfseis.learning.fitting.clocked import Clock, average, begin, keep
from tfseis.learning.fitting.fit import check_same_run
from tfseis.learning.tracking import trackers

Score = Callable[[keras.Model], dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class TimedTraining:
    """How long and how fast to train.

    Args:
        epochs: at most; after each, everything is saved.
        steps: batches in an epoch.
        minutes: at most, interrupted runs included; None for no limit.
        score_minutes: between two scores.
        learning_rate: of Adam.
        warm_up: steps in which the rate rises from 0.
        descent: part of the training, at its end, in which the rate falls to 0 along a cosine. A
            later run with a higher limit takes up the full rate again.
        memory: of the averaged weights: the part that each step keeps.
        seed: of weights, dropout and drawing.

    Raises:
        ModelError: no step, no time, or a descent that is no part.
    """

    epochs: int
    steps: int
    minutes: float | None = None
    score_minutes: float = 15.0
    learning_rate: float = 1e-3
    warm_up: int = 50
    descent: float = 0.25
    memory: float = 0.998
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.steps) < 1 or (self.minutes is not None and self.minutes <= 0):
            raise ModelError(
                f"Expected at least one epoch of one step and a time limit above 0 minutes; got "
                f"{self.epochs} epochs of {self.steps} steps in {self.minutes} minutes. Raise them."
            )
        if not 0 <= self.descent <= 1:
            raise ModelError(f"Expected a descent from 0 to 1; got {self.descent}. Try 0.25.")

    def rate(self, step: int, part: float) -> float:
        """The learning rate of a step, when `part` of the training is over.

        Examples:
            >>> training = TimedTraining(epochs=1, steps=1, learning_rate=1.0, warm_up=10)
            >>> [training.rate(step, part) for step, part in ((4, 0), (99, 0.75), (99, 1))]
            [0.5, 1.0, 0.0]
        """
        rising = min(1.0, (step + 1) / max(self.warm_up, 1))
        left = min(1.0, (1 - part) / self.descent) if self.descent else 1.0
        return self.learning_rate * rising * (1 - cos(pi * left)) / 2


def fit_timed(
    build: Callable[[], keras.Model],
    batches: Callable[[int], Iterable],
    training: TimedTraining,
    *,
    folder: str | Path,
    loss: Callable | keras.losses.Loss | dict,
    score: Score,
    loss_weights: dict[str, float] | None = None,
    teach: Callable[[Iterable, keras.Model], Iterable] | None = None,
    run: str = "",
    title: str = "train",
    progress: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a network, or go on where the last run in `folder` stopped, also with a higher limit.

    Args:
        build: makes the network that training starts from.
        batches: takes the number of the first batch; gives endless (inputs, labels) that depend
            on that number alone.
        training: epochs, minutes, rates, seed.
        folder: for ``last.keras``, ``averaged.keras`` and ``history.json``.
        loss: on logits; a dict of them for a network that gives a dict.
        loss_weights: of each loss, where there are several.
        teach: turns batches into those of a student, given the averaged network, which may be its
            teacher: `tfseis.learning.taught`.
        score: of the averaged network on cubes that do not train; only recorded, so that it stays
            honest: the last averaged weights are delivered, whatever they score.
        run: what else tells this run from another: data, network.
        title: what the progress bar says.
        progress: show a bar.

    Returns:
        The averaged network, and one row an epoch: epoch, loss, learning_rate, minutes since the
        first start, and scores where there were any.

    Raises:
        OutputError: `folder` holds a run with other settings.
        ModelError: a loss that is not finite.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    check_same_run(folder, replace(training, epochs=1, minutes=None, score_minutes=0), run)
    keras.utils.set_random_seed(training.seed)
    model, averaged, history = begin(build, keras.optimizers.Adam(1e-3, clipnorm=1.0), folder)
    model.compile(model.optimizer, loss=loss, loss_weights=loss_weights)
    clock = Clock(training, 60 * history[-1]["minutes"] if history else 0.0)
    drawn = batches(len(history) * training.steps)
    stream = iter(teach(drawn, averaged) if teach else drawn)
    unit = "minutes" if training.minutes else "epochs"
    bar = tqdm(total=training.minutes or training.epochs, desc=title, disable=not progress,
               bar_format="{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} " + unit
               + "{postfix}")  # fmt: skip
    log = keras.callbacks.CallbackList(trackers(folder, run), model=model)
    log.on_train_begin()
    while not history or not (len(history) >= training.epochs or clock.over):
        loss_now, steps = _epoch((model, averaged), stream, training, clock, len(history))
        row = {"epoch": len(history), "loss": loss_now, "steps": steps,
               "learning_rate": float(model.optimizer.learning_rate)}  # fmt: skip
        if clock.seconds / 60 >= training.score_minutes + _scored_at(history):
            row |= score(averaged)
        history.append(row | {"minutes": clock.seconds / 60})
        log.on_epoch_end(row["epoch"], row)
        keep(model, averaged, history, folder)
        bar.update((clock.seconds / 60 if training.minutes else len(history)) - bar.n)
        bar.set_postfix({k: f"{v:.3f}" for k, v in row.items() if k not in ("epoch", "steps")})
    bar.close()
    log.on_train_end()
    return averaged, pd.DataFrame(history)


def _epoch(
    networks: tuple[keras.Model, keras.Model],
    stream: Iterator,
    training: TimedTraining,
    clock: Clock,
    epoch: int,
) -> tuple[float, int]:
    """Mean loss of the batches that the time allowed, and how many they were."""
    model, averaged = networks
    first, mean = epoch * training.steps, np.nan
    model.reset_metrics()
    for step in range(first, first + training.steps):
        model.optimizer.learning_rate = training.rate(step, clock.part(step))
        logs = model.train_on_batch(*next(stream), return_dict=True)
        mean = float(logs["loss"])  # Keras gives the mean since the reset
        if not np.isfinite(mean):
            raise ModelError(
                f"Expected a finite loss; got {mean} at step {step}. Lower the learning rate."
            )
        average(averaged, model, training.memory, step)
        if clock.over:
            break
    return mean, step + 1 - first


def _scored_at(history: list[dict]) -> float:
    """Minutes when the last score was taken; 0 before the first."""
    known = {"epoch", "loss", "steps", "learning_rate", "minutes"}
    return max((row["minutes"] for row in history if set(row) - known), default=0.0)
