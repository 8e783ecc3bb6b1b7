"""Fine-tune a fault model on picked lines of a cube; synthetic surveys keep what it knows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.data.scaling import Scaling
from tfseis.jobs.faults.losses import fault_loss
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.picks.crops import mixed_batches, picked_batches
from tfseis.jobs.faults.picks.folds import HeldOut, without
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.jobs.faults.picks.loss import EachCrop
from tfseis.jobs.faults.picks.scores import PickCounts, line_probability, line_semblance
from tfseis.jobs.faults.pipeline import FaultJob, training_of
from tfseis.jobs.faults.survey_crops import Pair
from tfseis.jobs.faults.variation import FAULT_VARIATIONS
from tfseis.learning.fitting import Plateau, Training, fit
from tfseis.models.recipe import recipe_of, with_recipe
from tfseis.named import chosen

MEMORY = 0.95  # part of the averaged weights that a step keeps: a training has few steps
WARM_UP = 10  # steps
AFTER, BEFORE, TUNED, SEMBLANCE = (
    "this network",
    "the model it started from",
    "the model it started from, threshold by picks",
    "low semblance, threshold by picks",
)


@dataclass(frozen=True)
class PickedJob:
    """A fine-tuning: what it starts from, its lines, and what is mixed with them.

    Args:
        job: the base and the synthetic surveys.
        lines: picked lines.
        scalings: statistics of the survey of each line.
        folds: parts of them to hold out in turn.
    """

    job: FaultJob
    lines: Sequence[PickedLine]
    scalings: Sequence[Scaling]
    folds: Sequence[HeldOut]

    @property
    def training(self) -> Training:
        """What `tfseis.learning.fitting` needs to know; the minutes are shared by all trainings."""
        settings = self.job.settings
        minutes = settings.minutes and settings.minutes / (len(self.folds) + 1)
        return replace(
            training_of(settings), minutes=minutes, memory=MEMORY, rate=Plateau(WARM_UP, 0.5)
        )

    def batches(self, lines: Sequence[PickedLine], first: int) -> Iterator[Pair]:
        """Batches from number `first` on: half of the crops picked, the others synthetic."""
        settings = self.job.settings
        synthetic = settings.batch_size // 2
        number = {id(line.cube): s for line, s in zip(self.lines, self.scalings, strict=True)}
        picked = picked_batches(
            lines,
            [number[id(line.cube)] for line in lines],
            shape=settings.crop_shape,
            count=settings.batch_size - synthetic,
            seed=settings.seed,
            variation=chosen(settings.variation, FAULT_VARIATIONS, "variation"),
            first_batch=first,
        )
        others = replace(self.job, settings=replace(settings, batch_size=synthetic))
        return mixed_batches(picked, others.batches(first))


def trained(
    job: PickedJob, lines: Sequence[PickedLine], folder: Path, title: str, *, progress: bool
) -> tuple[keras.Model, pd.DataFrame]:
    """The averaged network after training on some lines, and one row an epoch."""
    settings = job.job.settings
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(settings.precision)
    try:
        fitted = fit(
            job.job.build,
            lambda first: job.batches(lines, first),
            job.training,
            folder=folder,
            loss=EachCrop(fault_loss(settings.loss, settings.seed), settings.batch_size),
            title=title,
            progress=progress,
        )
    finally:
        keras.config.set_dtype_policy(before)
    return job.job.network_of(fitted.model), fitted.history


@dataclass
class HeldOutScores:
    """What was found on each part that was held out.

    Args:
        counts: by method: the network, the model it started from, low semblance.
        histories: one row an epoch of each training.
        values: what the first two methods give on the first line that was held out, (traces,
            samples); empty without one.
    """

    counts: dict[str, PickCounts]
    histories: list[pd.DataFrame]
    values: dict[str, np.ndarray]

    @property
    def threshold(self) -> float | None:
        """The best threshold of the network on all parts; None without any."""
        counts = self.counts[AFTER]
        return counts.best_threshold() if counts.counts else None


def held_out_scores(
    job: PickedJob,
    folder: Path,
    *,
    progress: bool,
    after: Callable[[], object] | None = None,
) -> HeldOutScores:
    """Score each part that is held out by a network that saw nothing near it.

    Args:
        job: the fine-tuning.
        folder: folder for checkpoints.
        progress: whether bars are shown.
        after: called after each part.
    """
    found = HeldOutScores({name: PickCounts() for name in (AFTER, BEFORE, SEMBLANCE)}, [], {})
    assert job.job.base is not None
    base = FaultModel(job.job.base)
    for number, fold in enumerate(job.folds, start=1):
        title = f"train without {fold.name}, {number} of {len(job.folds)}"
        network, history = trained(
            job, without(job.lines, fold), folder / f"part{number}", title, progress=progress
        )
        found.histories.append(history)
        tuned = FaultModel(with_recipe(network, recipe_of(job.job.base)))
        held = [(n, job.lines[n], job.scalings[n]) for n, _ in fold.parts]
        values = {
            AFTER: {n: line_probability(tuned, line, scaling) for n, line, scaling in held},
            BEFORE: {n: line_probability(base, line, scaling) for n, line, scaling in held},
            SEMBLANCE: {n: line_semblance(line, scaling) for n, line, scaling in held},
        }
        for name, each in values.items():
            found.counts[name].add(job.lines, fold, each)
        if not found.values:
            first = fold.parts[0][0]
            found.values.update({name: values[name][first] for name in (AFTER, BEFORE)})
        if after:
            after()
    return found
