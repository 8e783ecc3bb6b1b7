"""Training with checkpoints, early stopping, a log, and resumption after an interruption."""

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.errors import ModelError, OutputError
from tfseis.learning.saving import load_model
from tfseis.learning.tracking import trackers

LARGEST_SEED = 2**32 - 1  # that NumPy takes
Batches = Iterable[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, kw_only=True)
class Training:
    """How long and how fast to train.

    Args:
        epochs: at most.
        steps: batches in an epoch.
        learning_rate: of Adam at the start; falls to 0 along a cosine.
        patience: epochs without a lower loss after which training stops.
        seed: of weights, dropout and drawing.
    """

    epochs: int
    steps: int
    learning_rate: float = 1e-3
    patience: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.steps) < 1:
            raise ModelError(
                f"Expected at least one epoch of one step; got {self.epochs} epochs of "
                f"{self.steps}. Raise the smaller one."
            )
        if not 0 <= self.learning_rate < np.inf:
            raise ModelError(
                f"Expected a learning rate of 0 or more; got {self.learning_rate}. Try 1e-3."
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ModelError(
                f"Expected a seed from 0 to {LARGEST_SEED}; got {self.seed}. Choose another."
            )


def fit(
    build: Callable[[], keras.Model],
    batches: Callable[[int], Batches],
    training: Training,
    *,
    folder: str | Path,
    loss: Callable | keras.losses.Loss,
    accuracy: Callable = keras.metrics.sparse_categorical_accuracy,
    validation: Batches | None = None,
    run: str = "",
    title: str = "train",
    progress: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a network, or go on where an interrupted run in `folder` stopped.

    Nothing is chosen on `validation`: it is only drawn beside the training loss, so that a score
    on the same samples stays honest. The weights with the lowest training loss are returned.

    Args:
        build: makes the untrained network.
        batches: takes the number of the first batch wanted; gives endless (inputs, labels) that
            depend on that number alone, such as `tfseis.data.patch_dataset`.
        training: epochs, rates, seed.
        folder: for ``last.keras`` and ``best.keras`` (checkpoints), ``history.csv``, and
            TensorBoard's log where TensorBoard is installed.
        loss: on logits.
        accuracy: of logits; what the log calls accuracy.
        validation: finite batches, scored after each epoch: a tf.data.Dataset or a PyDataset.
        run: what else tells this run from another: data, network, labels.
        title: what the progress bar says.
        progress: show a bar.

    Returns:
        The model with its best weights, and the history: one row an epoch with epoch, loss,
        accuracy, learning_rate (and val_loss, val_accuracy).

    Raises:
        OutputError: `folder` holds a run with other settings.
        ModelError: the loss was finite in no epoch.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    check_same_run(folder, training, run)
    keras.utils.set_random_seed(training.seed)
    begun = build()
    if (folder / "last.keras").exists():
        model = load_model(folder / "last.keras")
        _continue_dropout(model, begun)
        past = _read_history(folder, int(model.optimizer.iterations) // training.steps)
    else:
        model = begun
        past = _read_history(folder, 0)
        rate = keras.optimizers.schedules.CosineDecay(
            training.learning_rate, training.epochs * training.steps
        )
        measure = keras.metrics.MeanMetricWrapper(accuracy, name="accuracy")
        model.compile(keras.optimizers.Adam(rate), loss=loss, metrics=[measure])
    stop = ResumedEarlyStopping(past, patience=training.patience)
    if not stop.exhausted(training.epochs):
        model.fit(
            batches(len(past) * training.steps),
            initial_epoch=len(past),
            epochs=training.epochs,
            steps_per_epoch=training.steps,
            validation_data=validation,
            shuffle=False,  # Keras warns of a generator that it cannot shuffle
            callbacks=[
                *_callbacks(folder, past),
                *trackers(folder, run),
                stop,
                EpochBar(training, title, progress),
            ],
            verbose=0,
        )
    if not (folder / "best.keras").exists():
        raise ModelError(
            "Expected a loss that is finite in some epoch; got none. Lower the learning rate, or "
            "look for amplitudes that are not scaled."
        )
    return load_model(folder / "best.keras"), _read_history(folder)


def same_run(folder: Path, training: object, run: str) -> bool:
    """Whether the run in `folder` is this one; both as for `fit`."""
    return (folder / "run.txt").read_text() == f"{training} {run}"


def _continue_dropout(model: keras.Model, begun: keras.Model) -> None:
    """Set random numbers where they were: Keras saves neither their seeds nor their place."""
    for layer, fresh in zip(model.layers, begun.layers, strict=True):
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            seed, _ = keras.ops.convert_to_numpy(fresh.seed_generator.state)
            place = int(model.optimizer.iterations)  # one draw a step
            layer.seed_generator.state.assign(np.array([seed, place]))


class ResumedEarlyStopping(keras.callbacks.EarlyStopping):
    """Early stopping on the training loss that counts the epochs of an interrupted run."""

    def __init__(self, past: pd.DataFrame, patience: int) -> None:
        super().__init__(monitor="loss", patience=patience, mode="min")
        self.past = past

    def exhausted(self, epochs: int) -> bool:
        """Whether the run in the past has ended already."""
        if len(self.past) in (0, epochs):
            return len(self.past) == epochs
        return len(self.past) - 1 - int(self.past["loss"].argmin()) >= self.patience

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start from the best epoch so far."""
        super().on_train_begin(logs)
        if len(self.past):
            self.best = self.past["loss"].min()
            self.best_epoch = int(self.past["loss"].argmin())
            self.wait = len(self.past) - 1 - self.best_epoch


class EpochBar(keras.callbacks.Callback):
    """One progress bar a training, an epoch a tick."""

    def __init__(self, training: Training, title: str, progress: bool) -> None:
        super().__init__()
        self.training, self.title, self.progress = training, title, progress

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open the bar."""
        self.bar = tqdm(
            total=self.training.epochs, unit=" epochs", desc=self.title, disable=not self.progress
        )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Move it and show loss and accuracy."""
        self.bar.update(epoch + 1 - self.bar.n)
        shown = {k: v for k, v in (logs or {}).items() if k == "loss" or k.endswith("accuracy")}
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in shown.items()})

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close it."""
        self.bar.close()


class LearningRate(keras.callbacks.Callback):
    """Add the learning rate at the end of the epoch to its log; comes before the CSV."""

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Add it."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class Checkpoint(keras.callbacks.Callback):
    """Save the model after each epoch whose loss is below all others; the file is never half."""

    def __init__(self, path: Path, below: float = np.inf, *, always: bool = False) -> None:
        super().__init__()
        self.path, self.below, self.always = path, below, always

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save it beside its place, then move it there."""
        loss = (logs or {})["loss"]
        if self.always or loss < self.below:
            self.below = loss
            partial = self.path.with_name(f"partial-{self.path.name}")
            self.model.save(partial)
            partial.replace(self.path)


def _callbacks(folder: Path, past: pd.DataFrame) -> list[keras.callbacks.Callback]:
    """The last checkpoint comes last: an epoch counts once everything of it is written."""
    best = float(past["loss"].min()) if len(past) else np.inf
    callbacks = [
        LearningRate(),
        Checkpoint(folder / "best.keras", best if np.isfinite(best) else np.inf),
        keras.callbacks.CSVLogger(str(folder / "history.csv"), append=True),
        Checkpoint(folder / "last.keras", always=True),
    ]
    if keras.backend.backend() == "tensorflow" and importlib.util.find_spec("tensorboard"):
        callbacks.append(keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False))
    return callbacks


def _read_history(folder: Path, epochs: int | None = None) -> pd.DataFrame:
    """The log, one row an epoch; cut after `epochs`, on disk too, if that is given."""
    path = folder / "history.csv"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    if epochs is not None and len(lines) > epochs + 1:
        lines = lines[: epochs + 1] if epochs else []
        replace_text(path, "".join(lines))
    return pd.read_csv(path) if lines else pd.DataFrame()


def check_same_run(folder: Path, training: object, run: str) -> None:
    """Remember what a run is; refuse to go on with another."""
    note = folder / "run.txt"
    if note.exists() and not same_run(folder, training, run):
        raise OutputError(
            f"{folder} holds another run. Expected {note.read_text()}; got {training} {run}. Use "
            "the same settings to go on with it, or --overwrite to start anew."
        )
    replace_text(note, f"{training} {run}")


def replace_text(path: Path, text: str) -> None:
    """Write a file that is never half."""
    partial = path.with_name(f"partial-{path.name}")
    partial.write_text(text)
    partial.replace(path)
