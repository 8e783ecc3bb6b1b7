"""One held-out block: a network that is trained without it, and what it says of the block."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.data.splits import Fold
from tfseis.jobs.facies.evidence import (
    network_at_labels,
    painted_volumes,
    predict_labels,
    spread_at_labels,
    spread_survey,
    weight_scores,
)
from tfseis.jobs.facies.log_probabilities import bounded
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import train
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import confusion_matrix
from tfseis.scores.comparison import NETWORK
from tfseis.tasks.task import Arrays, Found, Task, Tick

MOST_CALIBRATED = 20_000  # labels of a block by which probabilities are calibrated


@dataclass(frozen=True)
class Block:
    """What network and spread labels say of some labels of a block.

    Args:
        classes: true class indices, (labels,).
        network: log-probabilities of the network, (labels, classes).
        spread: log-probabilities of labels that were spread, (labels, classes).
        confusion: confusion matrix of all labels of the block for each weight of the network.
    """

    classes: np.ndarray
    network: np.ndarray
    spread: np.ndarray
    confusion: dict[float, np.ndarray]

    def fused(self, weight: float) -> np.ndarray:
        """Log-probabilities as they are where a line begins to be followed."""
        return bounded(bounded(weight * self.network) + self.spread)


@dataclass(frozen=True)
class Scored:
    """A block that was scored.

    Args:
        history: history of the training.
        confusion: confusion matrix of each baseline; of the network too where labels are not
            followed along reflections.
        block: what is weighed against other blocks, where they are.
    """

    history: pd.DataFrame
    confusion: dict[str, np.ndarray]
    block: Block | None


@dataclass(frozen=True)
class HeldOut:
    """Trains a network without a block, and scores the block; a task is one block by its number.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints.
        folds: the blocks.
        progress: whether bars are shown.
    """

    survey: Survey
    folder: Path
    folds: tuple[Fold, ...]
    progress: bool

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """A block that was scored, see `Scored`."""
        survey, fold, number = self.survey, self.folds[task.number], task.number + 1
        labels, count = survey.labels, len(survey.labels.legend)
        spreads = spread_survey(survey, fold.train) if survey.follows else None
        model, history = train(
            survey,
            self.folder / f"block{number}",
            survey.only(fold.train)
            if spreads is None
            else painted_volumes(survey, fold.train, spreads, fold),
            held_out=fold.test,
            title=f"train without block {number} of {len(self.folds)}",
            progress=self.progress,
        )
        seen = labels.positions[fold.train], labels.classes[fold.train]
        truth, confusion, block = labels.classes[fold.test], {}, None
        for name, baseline in BASELINES.items():
            found = baseline(*seen, labels.positions[fold.test])
            confusion[name] = confusion_matrix(truth, found, count)
        if spreads is None:
            found = predict_labels(survey, model)[fold.test]
            confusion[NETWORK] = confusion_matrix(truth, found, count)
        else:
            block = _block(survey, model, fold, spreads)
        tick(task.cost)
        return Found(Scored(history, confusion, block))


def _block(survey: Survey, model: keras.Model, fold: Fold, spreads: Sequence) -> Block:
    network = network_at_labels(survey, model, fold.test)
    spread = spread_at_labels(survey, spreads, fold.train, fold.test)
    classes = survey.labels.classes[fold.test]
    rng = np.random.default_rng(survey.settings.seed)
    some = np.sort(rng.permutation(len(classes))[:MOST_CALIBRATED])
    confusion = weight_scores(network, spread, classes)
    return Block(classes[some], network[some], spread[some], confusion)
