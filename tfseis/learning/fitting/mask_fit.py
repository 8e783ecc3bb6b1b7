"""Training of mask networks against the clock: averaged weights, resumption, best checkpoint."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.errors import ModelError
from tfseis.learning.fitting.clocked import Clock, average, begin, keep
from tfseis.learning.losses.masks import LossSum, lovasz_hinge, mask_crossentropy
from tfseis.learning.saving import save_model
from tfseis.learning.tracking import trackers

MOST_LOVASZ = 0.9  # of the loss, at the end of the training
SALT_SHARE, DEEP_SHARE = 0.2, 0.3  # of the losses that only train
WARM_UP = 0.03  # of the training, until the learning rate is reached


@dataclass(frozen=True, kw_only=True)
class MaskTraining:
    """How long and how fast a mask network trains.

    Args:
        epochs: at most.
        steps: batches in an epoch.
        minutes: at most, interrupted runs included; None for no limit. The learning rate follows
            whichever limit is nearer, so that it ends at 0 in time.
        learning_rate: of AdamW, the largest; rises briefly, then falls to 0 along a cosine.
        weight_decay: of AdamW.
        memory: of the averaged weights: the part that each step keeps.
        patience: epochs without a better score after which training stops.
        seed: of weights, dropout and drawing.
    """

    epochs: int
    steps: int
    minutes: float | None = None
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    memory: float = 0.998
    patience: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.steps) < 1:
            raise ModelError(
                f"Expected at least one epoch of one step; got {self.epochs} epochs of "
                f"{self.steps}. Raise the smaller one."
            )
        if self.minutes is not None and self.minutes <= 0:
            raise ModelError(f"Expected a time limit above 0 minutes; got {self.minutes}.")


def fit_masks(
    build: Callable[[], keras.Model],
    batches: Callable[[int], Iterable],
    training: MaskTraining,
    score: Callable[[keras.Model], float],
    *,
    folder: str | Path,
    title: str = "train",
    progress: bool = True,
) -> pd.DataFrame:
    """Train a mask network, or go on where an interrupted run in `folder` stopped.

    ``best.keras`` holds the averaged weights of the epoch with the best score.

    Args:
        build: makes the untrained network, from images to the dict that `light_unet` gives when
            supervised, or to ``mask`` alone.
        batches: takes the number of the first batch; gives endless (inputs, masks).
        training: epochs, minutes, rates, seed.
        score: of a network on images that do not train; larger is better.
        folder: for checkpoints and ``history.csv``.
        title: what the progress bar says.
        progress: show a bar.

    Returns:
        One row an epoch: epoch, loss, score, learning_rate, minutes (since the first start).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(training.seed)
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=training.weight_decay, clipnorm=5.0)
    model, averaged, history = begin(build, optimizer, folder)
    loss = LossSum([mask_crossentropy, lovasz_hinge], [1.0, 0.0])
    model.compile(model.optimizer, **_objective(model, loss))
    clock = Clock(training, 60 * history[-1]["minutes"] if history else 0.0)
    stream = iter(batches(len(history) * training.steps))
    bar = tqdm(total=training.epochs, initial=len(history), unit=" epochs", desc=title,
               disable=not progress)  # fmt: skip
    log = keras.callbacks.CallbackList(trackers(folder, title), model=model)
    log.on_train_begin()
    best = max((row["score"] for row in history), default=-np.inf)
    while not history or not (  # one step at least, however short the time
        len(history) >= training.epochs or clock.over or _tired(history, training)
    ):
        total = 0.0
        for step in range(len(history) * training.steps, (len(history) + 1) * training.steps):
            part = clock.part(step)
            model.optimizer.learning_rate = training.learning_rate * rate(part)
            loss.shares.assign([1 - MOST_LOVASZ * part, MOST_LOVASZ * part])
            inputs, masks = next(stream)
            total += float(
                model.train_on_batch(inputs, _truth(model, masks), return_dict=True)["loss"]
            )
            average(averaged, model, training.memory, step)
            if clock.over:
                break
        row = {"epoch": len(history), "loss": total / training.steps, "score": score(averaged),
               "learning_rate": float(model.optimizer.learning_rate)}  # fmt: skip
        history.append(row | {"minutes": clock.seconds / 60})
        if row["score"] > best:
            best = row["score"]
            save_model(averaged, folder / "best.keras")
        log.on_epoch_end(row["epoch"], row)
        keep(model, averaged, history, folder)
        bar.update()
        bar.set_postfix(loss=f"{row['loss']:.3f}", score=f"{row['score']:.3f}")
    bar.close()
    log.on_train_end()
    return pd.DataFrame(history)


def rate(part: float) -> float:
    """The learning rate of a part of the training, as a part of the largest.

    Examples:
        >>> [rate(part) for part in (0, WARM_UP, 1)]
        [0.0, 1.0, 0.0]
    """
    if part < WARM_UP:
        return part / WARM_UP
    return (1 + cos(pi * (part - WARM_UP) / (1 - WARM_UP))) / 2


def _objective(model: keras.Model, loss: LossSum) -> dict:
    """Losses of each output, and their weights."""
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)
    losses = {"mask": loss, "salt": crossentropy, "deep": crossentropy}
    weights = {"mask": 1.0, "salt": SALT_SHARE, "deep": DEEP_SHARE}
    names = list(model.output)
    return {
        "loss": {name: losses[name] for name in names},
        "loss_weights": {name: weights[name] for name in names},
    }


def _truth(model: keras.Model, masks: Any) -> dict:
    """What each output shall be."""
    masks = keras.ops.convert_to_numpy(masks)
    count, rows, columns = masks.shape[:3]
    truth = {"mask": masks}
    if "salt" in model.output:
        truth["salt"] = masks.max(axis=(1, 2, 3))[:, None]
        half = masks.reshape(count, rows // 2, 2, columns // 2, 2).mean(axis=(2, 4))[..., None]
        truth["deep"] = np.repeat(half, model.output["deep"].shape[-1], axis=-1)
    return truth


def _tired(history: list[dict], training: MaskTraining) -> bool:
    """Whether the score has not risen for long."""
    scores = [row["score"] for row in history]
    return bool(scores) and len(scores) - 1 - int(np.argmax(scores)) >= training.patience
