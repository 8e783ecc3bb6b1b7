"""Train a fault network on synthetic surveys, labelled cubes or a few picked lines of a cube."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import keras
import pandas as pd

from tfseis.data.fingerprint import digest, file_digest
from tfseis.errors import ModelError
from tfseis.io.cube import Cube, opened
from tfseis.io.labels.labels import Labels, Line
from tfseis.jobs.contract import Finished
from tfseis.jobs.faults.model import window_multiple
from tfseis.jobs.faults.networks import built_network, check_base
from tfseis.jobs.faults.own import check_own
from tfseis.jobs.faults.pairs import labelled_cubes, pairs_digest, split_pairs
from tfseis.jobs.faults.picks.files import read_picks
from tfseis.jobs.faults.picks.train import (
    PICKED_RESULTS,
    PICKED_UNSEEN,
    are_picked,
    check_picked,
    check_told,
    data_files,
    picked_job,
    picks_digest,
    train_picked,
)
from tfseis.jobs.faults.picks.training import PickedJob
from tfseis.jobs.faults.pipeline import ITSELF, UNSEEN, FaultJob, training_of
from tfseis.jobs.faults.results import RESULTS, deliver
from tfseis.jobs.faults.settings import NETWORKS, FaultSettings
from tfseis.jobs.run import REPORT, RunFolder, check_folder
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS, with_levels
from tfseis.learning.fitting import fit
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_for, recipe_of
from tfseis.named import name_of

SHIPPED = "faults"  # the model that comes with tfseis
Given: TypeAlias = keras.Model | str | Path


def train_faults(
    cubes: str | Path | Cube | Sequence[Any] | None = None,
    labels: Sequence[str | Path] | Labels = (),
    *,
    out: str | Path,
    settings: FaultSettings | None = None,
    teacher: Given | None = None,
    base: Given | None = None,
    lines: Sequence[Line] = (),
    complete: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
    unseen: int | None = None,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> Finished:
    """Train a fault network; the same call resumes an interrupted run, a higher limit goes on.

    With `labels` a trained model is fine-tuned on the lines that they pick: half of the crops are
    synthetic surveys, and each line is scored by a network that did not train on it.

    Args:
        cubes: folder with ``seis/N.dat`` and ``fault/N.dat`` (or .npy); or a sequence of
            `tfseis.io.CubePair` or of pairs of arrays (amplitude, faults), both (inlines,
            crosslines, samples), faults negative where unknown. Every fifth labelled cube is
            scored and does not train; with a teacher, cubes without labels train too. None for
            synthetic surveys. With `labels` the cube that they pick, or its path; or a sequence of
            `PickedLine`, which need no labels.
        labels: files of picked faults, see `picked_lines`; or `Labels`.
        out: folder for ``model.keras``, ``scores.csv``, ``history.csv``, ``report.html``,
            ``metrics.json`` and the checkpoints.
        settings: network and training; None for the defaults.
        teacher: a trained fault model that the network also learns from: an object, a file,
            "faults" for the one that comes with tfseis, or "itself" for the average of the
            network's own weights.
        base: a trained fault model to start from, given likewise; its network is taken. None for
            none, and for "faults" where picked lines train.
        lines: (axis, number) of the picked lines that train: 0 inline, 1 crossline; empty for
            those that hold the picks.
        complete: names of the label files on whose lines every fault was picked; "all" for all.
        reading: how label files are read, see `picked_lines`.
        unseen: number of synthetic surveys of each generator that are scored at the end; None for
            10, and for 2 where picked lines train.
        overwrite: start anew and replace what `out` holds.
        command: what started the training, for the record.
        progress: show progress bars.

    Returns:
        The files that were written, the scores and a text for people.

    Raises:
        FormatError: no labelled cubes are given, or a file is no model.
        LabelError: label files hold no thin picks on lines of the cube.
        ModelError: a model or a network gives no fault logits, or settings exclude each other.
        OutputError: `out` is a file, or holds a run of other data or settings.
    """
    began, settings = time.monotonic(), settings or FaultSettings()
    check_folder(out)
    with ExitStack() as stack:
        check_told(labels, lines, complete, reading)
        picked = are_picked(cubes, labels)
        settings = settings.completed(picked=picked)
        if picked:
            base = SHIPPED if base is None else base
            check_picked(settings, teacher)
        unseen = (PICKED_UNSEEN if picked else UNSEEN) if unseen is None else unseen
        folder: Any = None if picked else cubes
        job = _job(folder, settings, teacher, base, unseen)
        multiple = _checked_multiple(job)
        training = training_of(job.settings)  # refuses a learning rate or a limit out of range
        tuning = None
        if picked:
            given: Any = cubes
            if len(labels):
                cube = stack.enter_context(opened(given))
                given, notes = read_picks(
                    cube, labels, lines=lines, complete=complete, reading=reading
                )
                if progress:
                    print(*notes, sep="\n")
            tuning = picked_job(job, given)
        run = RunFolder.begin(
            out,
            job="faults",
            settings=job.settings,
            identity=_identity(job, teacher, base) | _picks(tuning),
            results=(*(PICKED_RESULTS if tuning else RESULTS), REPORT),
            limits={"epochs": training.epochs, "minutes": training.minutes},
            inputs=[*_files(teacher, base), *data_files(cubes, labels)],
            overwrite=overwrite,
            command=command,
            began=began,
        )
        if tuning:
            return train_picked(tuning, run, multiple=multiple, progress=progress)
        averaged, history = _trained(job, run, progress)
        return deliver(job, run, averaged, history, multiple=multiple, progress=progress)


def _picks(tuning: PickedJob | None) -> dict[str, str]:
    return {"picks": picks_digest(tuning.lines)} if tuning else {}


def _job(
    cubes: str | Path | Sequence[Any] | None,
    settings: FaultSettings,
    teacher: Given | None,
    base: Given | None,
    unseen: int,
) -> FaultJob:
    """What trains, from where; models loaded, cubes split."""
    if teacher is not None and settings.deep:
        raise ModelError("Expected a teacher or losses at each level; got both. Leave one out.")
    every = labelled_cubes(cubes) if cubes is not None else []
    pairs, held_out = split_pairs(every) if cubes is not None else ([], [])
    if teacher is not None:
        pairs = [*pairs, *(pair for pair in every if pair.faults is None)]
    start = _fault_model(base)
    if start is not None and settings.network == FaultSettings.network:
        settings = replace(settings, network=_network_of(start))
    itself = isinstance(teacher, str) and teacher == ITSELF
    return FaultJob(
        settings=settings,
        pairs=pairs,
        held_out=held_out,
        teacher=ITSELF if itself else _fault_model(teacher),
        base=start,
        unseen=unseen,
    )


def _network_of(base: keras.Model) -> str:
    """The network of a model to start from; a function that its file names is never imported."""
    name = str(recipe_of(base).network)
    if name not in NETWORKS:
        raise ModelError(
            f"Expected a model to start from whose network is one of {', '.join(NETWORKS)}; its "
            f"network is {name}, which a file cannot bring along. Give it: --network {name}."
        )
    return name


def _fault_model(given: Given | None) -> keras.Model | None:
    if given is None:
        return None
    model = as_model(given)
    recipe_for(model, "faults")
    return model


def _checked_multiple(job: FaultJob) -> int:
    """What windows must be a multiple of; a network that cannot be trained is refused."""
    network = built_network(job.settings.network)
    if job.base is not None:
        names = recipe_of(job.base).network, name_of(job.settings.network)
        check_base(network, job.base, names)
    if job.settings.deep:
        with_levels(network)
    check_own(job.settings, network, synthetic=not job.pairs)
    return window_multiple(network)


def _identity(job: FaultJob, teacher: Given | None, base: Given | None) -> dict[str, str]:
    """Tells the data of this run from others."""
    data = f"cubes {pairs_digest([*job.pairs, *job.held_out])}" if job.pairs else "synthetic"
    return {"cubes": data, "teacher": _told(teacher), "base": _told(base)}


def _told(given: Given | None) -> str:
    """Names a model, and says its weights, or samples of its file."""
    if isinstance(given, keras.Model):
        return digest(given.get_weights())
    return f"{given} {file_digest(given)}" if given and Path(given).is_file() else str(given)


def _files(*models: Given | None) -> list[str | Path]:
    """Those that are files, which must stay."""
    return [given for given in models if isinstance(given, (str, Path)) and Path(given).is_file()]


def _trained(job: FaultJob, run: RunFolder, progress: bool) -> tuple[keras.Model, pd.DataFrame]:
    """The averaged network, and one row an epoch."""
    draws = keras.random.SeedGenerator(job.settings.seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(job.settings.precision)
    try:
        fitted = fit(
            job.build,
            job.batches,
            training_of(job.settings),
            folder=run.training,
            loss=job.loss(),
            score=job.score,
            loss_weights=LEVEL_WEIGHTS if job.settings.deep else None,
            teach=lambda batches, averaged: job.targets(batches, averaged, draws),
            random=[draws, job.teacher],
            progress=progress,
        )
        return fitted.model, fitted.history
    finally:
        keras.config.set_dtype_policy(before)
