"""The training loop: steps, scores and checkpoints, epoch after epoch until a limit is reached.

On one device steps are made by `keras.Model.train_on_batch` rather than by `keras.Model.fit`, which
draws batches ahead of the steps in another thread: a teacher that is the average of the student's
own weights would then answer with the weights of some earlier step, other ones in each run.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf, isfinite, isnan
from pathlib import Path
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.learning.fitting.averaging import average
from tfseis.learning.fitting.checkpoints import BEST_MODEL, Record, all_finite, save_state
from tfseis.learning.fitting.clock import Clock
from tfseis.learning.fitting.history import write_history
from tfseis.learning.fitting.progress import ProgressBar
from tfseis.learning.fitting.randomness import repeatable
from tfseis.learning.fitting.training import LAST, LOSS, SCORE, Training
from tfseis.learning.saving import save_model

Batches = Iterable[tuple[Any, ...]]
Score = Callable[[keras.Model], Mapping[str, float] | float]


class DivergedError(ModelError):
    """The loss or the weights are no longer finite."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A training in progress.

    Args:
        model: the network that trains, compiled.
        delivered: the same network, not compiled; it holds the averaged weights where weights are
            averaged, else those of the best epoch.
        training: how long and how fast.
        folder: folder of the checkpoints and the history.
        validation: batches to evaluate after each epoch, or None.
        score: takes a network and gives its scores, or None.
        on_step: called before each step, or None.
        callbacks: told of the training, its epochs and batches.
        state: all variables that a checkpoint holds.
        losses: those of them that are seed generators of the loss and the metrics.
        record: what has happened so far.
        clock: time spent, earlier runs included.
        step: trains the network on one batch; gives loss and metrics of the epoch so far.
        agreed: from a value to that of the first of all processes that train together.
    """

    model: keras.Model
    delivered: keras.Model
    training: Training
    folder: Path
    validation: Batches | None
    score: Score | None
    on_step: Callable[[int, float], None] | None
    callbacks: keras.callbacks.CallbackList
    state: list[keras.Variable]
    losses: list[keras.Variable]
    record: Record
    clock: Clock
    step: Callable[[tuple[Any, ...]], dict[str, Any]]
    agreed: Callable[[Any], Any]

    @property
    def scored(self) -> keras.Model:
        """The network that is scored and chosen from: averaged, where weights are averaged."""
        return self.model if self.training.memory is None else self.delivered

    @property
    def ended(self) -> bool:
        """Whether a limit is reached; never before the first epoch."""
        rows, training = self.record.rows, self.training
        if not rows:
            return False
        since_best = len(rows) - 1 - best_epoch(rows, training.best)
        tired = training.patience is not None and since_best >= training.patience
        return len(rows) >= training.epochs or self.clock.over or tired


def best_epoch(rows: list[dict[str, Any]], best: str) -> int:
    """The number of the epoch whose weights are delivered, by what is 'best'; 0 if none is better.

    Examples:
        >>> best_epoch([{"loss": 3.0}, {"loss": 1.0}, {"loss": 1.0}], "loss")
        1
    """
    if best == LAST:
        return len(rows) - 1
    values = [row["loss"] if best == LOSS else -row.get(SCORE, -inf) for row in rows]
    known = [inf if isnan(value) else value for value in values]
    return known.index(min(known))


def train(run: Run, stream: Iterator[tuple[Any, ...]], bar: ProgressBar) -> None:
    """Make epoch after epoch until a limit is reached; everything is saved after each.

    Raises:
        ModelError: the loss or the weights are not finite; the last good checkpoint stays.
    """
    run.model.stop_training = False
    run.callbacks.on_train_begin()
    while not run.agreed(run.ended or run.model.stop_training):
        number = len(run.record.rows)
        run.callbacks.on_epoch_begin(number)
        try:
            row = _epoch(run, stream, number)
        except DivergedError as error:
            if run.training.best != LOSS or not number:
                raise
            warnings.warn(f"{error} The epoch with the lowest loss is delivered.", stacklevel=3)
            break
        scores = _scores(run)
        row |= _validated(run) | scores
        row["minutes"] = run.clock.minutes
        row = run.agreed(row)
        _keep(run, row, scored=bool(scores))
        run.callbacks.on_epoch_end(number, dict(row))
        bar.move(row)
    run.callbacks.on_train_end()


def _epoch(run: Run, stream: Iterator[tuple[Any, ...]], number: int) -> dict[str, Any]:
    """One epoch, or what the time allows of it; loss and metrics are means over its samples."""
    model, training = run.model, run.training
    first, logs = number * training.steps, {}
    with _running_metrics(model):
        for step in range(first, first + training.steps):
            _prepare(run, step)
            run.callbacks.on_train_batch_begin(step - first)
            logs = run.step(_next(stream, step))
            run.callbacks.on_train_batch_end(step - first, logs)
            if not isfinite(logs["loss"]):
                raise DivergedError(
                    f"Expected a finite loss; got {logs['loss']} at step {step}. Lower the "
                    "learning rate, or look for amplitudes that are not scaled."
                )
            if training.memory is not None:
                average(run.delivered, model, training.memory, step)
            if run.agreed(run.clock.over or model.stop_training):
                break
    if not all_finite(model.weights):
        raise DivergedError(
            "Expected finite weights after each epoch; some are not. Lower the learning rate, or "
            "train in float32, or on larger crops."
        )
    means = {name: float(value) for name, value in logs.items()}
    rate = float(model.optimizer.learning_rate)
    return {"epoch": number, **means, "learning_rate": rate, "steps": step + 1 - first}


def _prepare(run: Run, step: int) -> None:
    """Set what a step depends on: the learning rate, and what the caller changes."""
    part = run.clock.part(step)
    if run.training.rate is not None:
        factor = run.training.rate(step, part)
        run.model.optimizer.learning_rate = run.training.learning_rate * factor
    if run.on_step is not None:
        run.on_step(step, part)


def _next(stream: Iterator[tuple[Any, ...]], step: int) -> tuple[Any, ...]:
    for batch in stream:
        return batch
    raise ModelError(
        f"Expected endless batches; they ended before step {step}. Begin anew with the first ones."
    )


@contextmanager
def _running_metrics(model: keras.Model) -> Iterator[None]:
    """Let metrics run on over an epoch: Keras 3.15 resets them in each `train_on_batch`."""
    model.reset_metrics()
    model.reset_metrics = lambda: None
    try:
        yield
    finally:
        del model.reset_metrics


def _validated(run: Run) -> dict[str, float]:
    """Loss and metrics on what does not train; dropout is off, and a loss draws the same again."""
    if run.validation is None:
        return {}
    held_out: Any = run.validation
    steps = None
    if isinstance(held_out, Sequence):  # Keras would take it for the inputs of one batch
        steps, held_out = len(held_out), (batch for batch in held_out)
    with repeatable(run.losses, run.training.seed):
        found = run.model.evaluate(held_out, steps=steps, return_dict=True, verbose=0)
    return {f"val_{name}": float(value) for name, value in found.items()}


def _scores(run: Run) -> dict[str, float]:
    """Scores by name, if enough time has passed since the last ones; one number is "score"."""
    due = run.clock.minutes >= run.training.score_minutes + run.record.scored
    if run.score is None or not due:
        return {}
    found = run.score(run.scored)
    scores = dict(found) if isinstance(found, Mapping) else {SCORE: float(found)}
    scores = run.agreed({name: float(value) for name, value in scores.items()})
    if run.training.best == SCORE and SCORE not in scores:
        raise ModelError(
            f"Expected a score named {SCORE!r}, since the best one is delivered; got "
            f"{', '.join(scores) or 'none'}. Give a number, or name one of them so."
        )
    return scores


def _keep(run: Run, row: dict[str, Any], *, scored: bool) -> None:
    """Save an epoch. It counts once the state is written: what comes before is written again."""
    rows = [*run.record.rows, row]
    if best_epoch(rows, run.training.best) == row["epoch"]:
        if run.scored is run.model:
            run.delivered.set_weights(run.model.get_weights())
        save_model(run.delivered, run.folder / BEST_MODEL)
    record = Record(rows, row["minutes"] if scored else run.record.scored)
    save_state(run.folder, run.state, record)
    run.record.rows, run.record.scored = record.rows, record.scored
    write_history(rows, run.folder)
