"""Held-out blocks: what is scored in them, and what is chosen by them for the delivered cube."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.data.splits import Fold
from tfseis.jobs.facies.evidence import (
    USUAL,
    WEIGHTS,
    chosen_weight,
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
from tfseis.scores.calibration import calibration_table, fitted_temperature, tempered
from tfseis.scores.classes import confusion_matrix
from tfseis.scores.comparison import NETWORK, Score

NETWORK_DELIVERED = "network"
SPREAD = "labels along reflections"  # the baseline that follows structure, and needs no network
MOST_CALIBRATED = 20_000  # labels of a block by which probabilities are calibrated


@dataclass(frozen=True)
class Blocks:
    """What held-out blocks say of a network and its labels.

    Args:
        score: confusion matrices; None where no score is wanted or possible.
        histories: history of each training.
        weight: how much the network counts beside labels that are spread; 0 where it does not.
        temperature: divides what is known of a class before it becomes a confidence, at most 1;
            without blocks the usual weight, under which the network's probabilities stay its own.
        network_temperature: the same for the network alone.
        calibration: confidence of labels of the blocks, and whether the prediction is right,
            each block calibrated by the others, (labels, 2).
    """

    score: Score | None = None
    histories: Sequence[pd.DataFrame] = ()
    weight: float = USUAL
    temperature: float = USUAL
    network_temperature: float = 1.0
    calibration: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def calibrated(self) -> bool:
        """Whether confidence was calibrated on these blocks."""
        return len(self.calibration) > 0

    @property
    def calibration_table(self) -> pd.DataFrame:
        """Confidence beside accuracy, as `tfseis.scores.calibration_table` returns it."""
        return calibration_table(*self.calibration.T)


@dataclass(frozen=True)
class _Block:
    """One block: true classes, and what network and spread labels say of some of them."""

    classes: np.ndarray
    network: np.ndarray
    spread: np.ndarray
    confusion: dict[float, np.ndarray]

    def fused(self, weight: float) -> np.ndarray:
        """Log-probabilities as they are where a line begins to be followed."""
        return bounded(bounded(weight * self.network) + self.spread)


def score_blocks(survey: Survey, folder: Path, *, progress: bool = True) -> Blocks:
    """Score every label once, by a network that saw nothing within a guard gap of its block.

    The weight of the network beside spread labels, and the temperature, that a block is scored
    with are chosen on the other blocks.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints.
        progress: whether bars are shown.

    Returns:
        The score, None where it is not wanted or the labels are too narrow for two blocks with
        the gap between them; and what was chosen.
    """
    labels, folds = survey.labels, survey.folds()
    if not folds:
        return Blocks()
    count, histories, blocks = len(labels.legend), [], []
    score = Score.empty(labels.legend)
    for number, fold in enumerate(folds, start=1):
        spreads = spread_survey(survey, fold.train) if survey.follows else None
        model, history = train(
            survey,
            folder / f"block{number}",
            survey.only(fold.train)
            if spreads is None
            else painted_volumes(survey, fold.train, spreads, fold),
            held_out=fold.test,
            title=f"train without block {number} of {len(folds)}",
            progress=progress,
        )
        histories.append(history)
        seen = labels.positions[fold.train], labels.classes[fold.train]
        truth = labels.classes[fold.test]
        for name, baseline in BASELINES.items():
            found = baseline(*seen, labels.positions[fold.test])
            score.confusion[name] += confusion_matrix(truth, found, count)
        if spreads is None:
            found = predict_labels(survey, model)[fold.test]
            score.confusion[NETWORK] += confusion_matrix(truth, found, count)
        else:
            blocks.append(_block(survey, model, fold, spreads))
    if blocks:
        return _nested(
            Score(labels.legend, score.confusion, folds, histories[0]), blocks, histories
        )
    return Blocks(Score(labels.legend, score.confusion, folds, histories[0]), histories)


def _block(survey: Survey, model: keras.Model, fold: Fold, spreads: Sequence) -> _Block:
    network = network_at_labels(survey, model, fold.test)
    spread = spread_at_labels(survey, spreads, fold.train, fold.test)
    classes = survey.labels.classes[fold.test]
    rng = np.random.default_rng(survey.settings.seed)
    some = np.sort(rng.permutation(len(classes))[:MOST_CALIBRATED])
    confusion = weight_scores(network, spread, classes)
    return _Block(classes[some], network[some], spread[some], confusion)


def _nested(score: Score, blocks: list[_Block], histories: list[pd.DataFrame]) -> Blocks:
    """Score each block with the weight and temperature of the others; choose both on all blocks."""
    confusion = {**score.confusion, SPREAD: _total(blocks, 0.0)}
    calibration = []
    for block in blocks:
        others = [other for other in blocks if other is not block]
        weight, temperature, _ = _chosen(others)
        confusion[NETWORK] = confusion[NETWORK] + block.confusion[weight]
        likely = tempered(block.fused(weight), temperature)
        right = likely.argmax(axis=-1) == block.classes
        calibration.append(np.column_stack([likely.max(axis=-1), right]))
    weight, temperature, alone = _chosen(blocks)
    return Blocks(
        Score(score.legend, confusion, score.folds, score.history),
        histories,
        weight=weight,
        temperature=temperature,
        network_temperature=alone,
        calibration=np.concatenate(calibration),
    )


def _chosen(blocks: Sequence[_Block]) -> tuple[float, float, float]:
    """Weight of the network, temperature of the fusion, and that of the network alone."""
    if not blocks:
        return USUAL, 1.0, 1.0
    weight = chosen_weight({w: _total(blocks, w) for w in WEIGHTS})
    classes = np.concatenate([block.classes for block in blocks])
    fused = np.concatenate([block.fused(weight) for block in blocks])
    network = np.concatenate([block.network for block in blocks])
    # Blocks lie farther from labels than most of the cube: there nothing may become less sure.
    temperature = min(1.0, fitted_temperature(fused, classes))
    return weight, temperature, fitted_temperature(network, classes)


def _total(blocks: Sequence[_Block], weight: float) -> np.ndarray:
    """Confusion matrix of all blocks with one weight."""
    return np.sum([block.confusion[weight] for block in blocks], axis=0)
