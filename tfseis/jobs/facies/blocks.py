"""Held-out blocks: what is scored in them, and what is chosen by them for the delivered cube."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.data.splits import Fold
from tfseis.jobs.facies.evidence import USUAL, WEIGHTS, chosen_weight
from tfseis.jobs.facies.held_out import Block, HeldOut, Scored
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.calibration import calibration_table, fitted_temperature, tempered
from tfseis.scores.comparison import NETWORK, Score
from tfseis.tasks.run import HERE
from tfseis.tasks.task import Task
from tfseis.tasks.workers import Workers, do_tasks

NETWORK_DELIVERED = "network"
SPREAD = "labels along reflections"  # the baseline that follows structure, and needs no network


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


def score_blocks(
    survey: Survey, folder: Path, *, workers: Workers = HERE, progress: bool = True
) -> Blocks:
    """Score every label once, by a network that saw nothing within a guard gap of its block.

    The weight of the network beside spread labels, and the temperature, that a block is scored
    with are chosen on the other blocks.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints.
        workers: processes of this machine that train a network of a block each; a cluster, which
            need not see the folder, is not asked.
        progress: whether bars are shown.

    Returns:
        The score, None where it is not wanted or the labels are too narrow for two blocks with
        the gap between them; and what was chosen.
    """
    folds = survey.folds()
    if not folds:
        return Blocks()
    scored = _scored(survey, folder, folds, workers, progress)
    histories = [one.history for one in scored]
    score = Score.empty(survey.labels.legend)
    for one in scored:
        for name, matrix in one.confusion.items():
            score.confusion[name] += matrix
    score = Score(score.legend, score.confusion, folds, histories[0])
    blocks = [one.block for one in scored if one.block is not None]
    return _nested(score, blocks, histories) if blocks else Blocks(score, histories)


def _scored(
    survey: Survey, folder: Path, folds: list[Fold], workers: Workers, progress: bool
) -> list[Scored]:
    """What is known of each block, by this process or several at a time."""
    count = min(workers.count or 0, len(folds))
    work = HeldOut(survey, folder, tuple(folds), progress and not count)
    if not count or not _movable(work):
        count, work = 0, replace(work, progress=progress)
    found: dict[int, Scored] = {}
    nowhere = slice(0, 0), slice(0, 0)  # a block is no part of a result
    with tqdm(
        total=len(folds),
        desc="train without blocks",
        unit=" blocks",
        disable=not (progress and count),
    ) as bar:
        do_tasks(
            [Task(number, nowhere, 1) for number in range(len(folds))],
            work,
            lambda task, one, _: found.update({task.number: one.values}),
            workers=Workers(count) if count else HERE,
            states={},
            tick=bar.update,
        )
    return [found[number] for number in range(len(folds))]


def _movable(work: HeldOut) -> bool:
    """Whether other processes can have it; functions that a session defines cannot be sent."""
    try:
        pickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _nested(score: Score, blocks: list[Block], histories: list[pd.DataFrame]) -> Blocks:
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


def _chosen(blocks: Sequence[Block]) -> tuple[float, float, float]:
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


def _total(blocks: Sequence[Block], weight: float) -> np.ndarray:
    """Confusion matrix of all blocks with one weight."""
    return np.sum([block.confusion[weight] for block in blocks], axis=0)
