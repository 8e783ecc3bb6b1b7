"""Fine-tune a fault model on a few picked lines of one's own cube, and say whether it helped."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.errors import LabelError, ModelError
from tfseis.io.cells import table_text
from tfseis.io.labels.labels import Labels, Line
from tfseis.io.output import complete_or_absent
from tfseis.jobs.contract import Finished
from tfseis.jobs.faults.picks.folds import held_out
from tfseis.jobs.faults.picks.forecast import forecast
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.jobs.faults.picks.record import (
    picked_report,
    picked_score,
    picked_text,
    synthetic_score,
    verdict_of,
)
from tfseis.jobs.faults.picks.training import PickedJob, held_out_scores, trained
from tfseis.jobs.faults.pipeline import FaultJob
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.results import HISTORY, MODEL
from tfseis.jobs.faults.scores import score_cubes, unseen_surveys
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.metrics import Metrics
from tfseis.jobs.run import REPORT, RunFolder
from tfseis.learning.saving import save_model
from tfseis.models.recipe import recipe_of, with_recipe

PICKED_RESULTS = (MODEL, HISTORY)
PICKED_UNSEEN = 2  # synthetic surveys of each generator that are scored before and after


def are_picked(cubes: Any, labels: Sequence[Any] | Labels) -> bool:
    """Whether picked lines train, by what was given.

    Raises:
        ModelError: labels without a cube, or a cube without labels.
    """
    if isinstance(cubes, (list, tuple)) and cubes and isinstance(cubes[0], PickedLine):
        return True
    if len(labels) and cubes is None:
        raise ModelError("Expected the cube that the labels pick; got none. Give it before them.")
    if not len(labels) and isinstance(cubes, (str, Path)) and Path(cubes).is_file():
        raise ModelError(
            f"{Path(cubes).name}: expected picked labels with a cube, or a folder with seis/ and "
            "fault/; got a cube alone. Give files of picks after it."
        )
    return len(labels) > 0


def check_told(
    labels: Sequence[Any] | Labels,
    lines: Sequence[Line],
    complete: Sequence[str],
    reading: Mapping[str, Any] | None,
) -> None:
    """Refuse what is said of label files where none are given.

    Raises:
        ModelError: lines, complete files or a way of reading without labels.
    """
    if len(labels):
        return
    said = {"--inline or --crossline": lines, "--complete": complete}
    said |= {f"--{name}": value for name, value in (reading or {}).items()}
    for name, value in said.items():
        if value:
            raise ModelError(
                f"Expected label files for {name}, which says something of picked lines; got none. "
                f"Give CUBE LABELS, or leave {name} out."
            )


def check_picked(settings: FaultSettings, teacher: Any) -> None:
    """Refuse what does not go together with picked lines.

    Raises:
        ModelError: a teacher, losses at each level, or batches of one crop.
    """
    if settings.batch_size == 1:
        raise ModelError(
            "Expected batches of 2 crops or more, half of them picked and half synthetic; got 1. "
            "Raise --batch-size."
        )
    if teacher is not None or settings.deep:
        raise ModelError(
            f"Expected picked lines alone; got {'a teacher' if teacher else 'losses at each level'}"
            f" too. Leave {'--teacher' if teacher else '--deep'} out."
        )


def data_files(cubes: Any, labels: Sequence[str | Path] | Labels) -> list[str | Path]:
    """Paths of cubes and labels, which are read and must stay."""
    data = [cubes] if isinstance(cubes, (str, Path)) else [getattr(cubes, "path", None)]
    files = [] if isinstance(labels, Labels) else labels
    return [path for path in (*data, *files) if path is not None]


def picked_job(job: FaultJob, lines: Sequence[PickedLine]) -> PickedJob:
    """The fine-tuning of some lines.

    Where all lines are incomplete, every sample of them counts in scores: near picks alone, marking
    too much would cost nothing.

    Raises:
        LabelError: nothing is picked.
    """
    if not any(line.picks.any() for line in lines):
        raise LabelError("Expected picked faults on some line; got none. Give more label files.")
    if all(line.incomplete for line in lines):
        lines = [replace(line, scored=np.ones_like(line.scored)) for line in lines]
    known = {id(line.cube): line.cube for line in lines}
    scalings = {key: survey_scaling(cube) for key, cube in known.items()}
    return PickedJob(job, lines, [scalings[id(line.cube)] for line in lines], held_out(lines))


def picks_digest(lines: Sequence[PickedLine]) -> str:
    """Tells these lines and picks from others, by their amplitudes too."""
    found = sha256()
    for line in lines:
        found.update(f"{line.name} {line.cube.shape}".encode())
        for values in (line.cube[line.plane], line.targets, line.scored):
            found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()[:12]


def train_picked(job: PickedJob, run: RunFolder, *, multiple: int, progress: bool) -> Finished:
    """Train without each part in turn, score it, train on all, and record what came out.

    Args:
        job: the fine-tuning.
        run: folder of the run.
        multiple: number of samples that windows must be a multiple of.
        progress: show progress bars.
    """
    told = forecast(job) if progress else None
    if told:
        print(told.text)
        told.begin()
    base = job.job.base
    assert base is not None
    found = held_out_scores(
        job,
        run.training,
        progress=progress,
        after=(lambda: print(told.after())) if told else None,
    )
    network, history = trained(
        job, job.lines, run.training / "all", "train on all picks", progress=progress
    )
    found.histories.append(history)
    recipe = _recipe(job, network, multiple, recipe_of(base), found.threshold)
    model = with_recipe(network, recipe)
    save_model(model, run.out / MODEL)
    with complete_or_absent(run.out / HISTORY, overwrite=True) as partial:
        partial.write_text(table_text(history), encoding="utf-8")
    scores = []
    began = time.monotonic()
    if job.folds:
        scores.append(picked_score(found, job.folds, recipe_of(base).threshold))
    if job.job.unseen:
        scores.append(_synthetic(job, model, base, progress=progress))
    minutes = sum(float(one["minutes"].iloc[-1]) for one in found.histories)
    metrics = Metrics(
        data={"training": [line.name for line in job.lines], "scored": _told(job)},
        parameters=network.count_params(),
        scores=scores,
        epochs=[len(one) for one in found.histories],
        training_minutes=minutes,
        verdict=verdict_of(scores),
        details={
            "picked_samples": {line.name: int(line.picks.sum()) for line in job.lines},
            "scoring_minutes": (time.monotonic() - began) / 60,
            "recipe": asdict(recipe),
        },
    )
    text = picked_text(scores, minutes, recipe.threshold)
    return run.finish(metrics, text, (*PICKED_RESULTS, REPORT), picked_report(job, found, scores))


def _synthetic(job: PickedJob, model: keras.Model, base: keras.Model, *, progress: bool) -> Any:
    generators, count = tuple(SURVEY_GENERATORS), job.job.unseen
    cubes = list(unseen_surveys(generators, count, job.job.settings.survey_size))
    after, before = (
        score_cubes(one, cubes, baselines=False, progress=progress).table for one in (model, base)
    )
    return synthetic_score(after, before)


def _recipe(
    job: PickedJob,
    network: keras.Model,
    multiple: int,
    base: FaultRecipe,
    threshold: float | None,
) -> FaultRecipe:
    """That of the base, with a threshold by the picks."""
    settings = job.job.settings
    return replace(
        base,
        crop_size=settings.crop_size,
        threshold=base.threshold if threshold is None else threshold,
        scaling={},
        seed=settings.seed,
        version=tfseis.__version__,
        logits=network.output_shape[-1],
        multiple=multiple,
    )


def _told(job: PickedJob) -> list[str]:
    return [fold.name for fold in job.folds]
