"""From pre-stack gathers, or none, to a network that takes noise out of them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from tfseis.data.fingerprint import digest
from tfseis.errors import ModelError
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.contract import Finished
from tfseis.jobs.gathers.denoiser import GatherDenoiser, denoiser
from tfseis.jobs.gathers.memory import as_gathers, evenly
from tfseis.jobs.gathers.patches import PatchIndex, gather_split
from tfseis.jobs.gathers.pipeline import (
    INTERVAL,
    SYNTHETIC,
    build,
    check_own,
    patch_index,
    train_real,
    train_synthetic,
    training_of,
)
from tfseis.jobs.gathers.report import gather_pictures, gather_report
from tfseis.jobs.gathers.scores import gather_verdict, real_scores, split_score, synthetic_scores
from tfseis.jobs.gathers.settings import VARIATIONS, GatherSettings
from tfseis.jobs.metrics import Metrics
from tfseis.jobs.run import REPORT, RunFolder, check_folder
from tfseis.learning.fitting import trained_minutes
from tfseis.learning.saving import save_model
from tfseis.models.recipe import recipe_for

MODEL = "model.keras"
DIGESTED = 64  # gathers whose amplitudes tell the data from others
MOST_SCORED = 40  # held-out gathers that are scored at most
SHOWN = 3  # gathers in a report
SEED_OF_SCORES = 7  # so that scored gathers differ from those of any training
PREDICTED = "blind traces predicted"


@dataclass(frozen=True)
class RealGathers:
    """Gathers without truth, some of which train.

    Args:
        gathers: all of them.
        index: patches of those that train.
        test: numbers of those that are held out, int (gathers,).
    """

    gathers: Gathers
    index: PatchIndex
    test: np.ndarray


@dataclass(frozen=True)
class Trained:
    """A trained network and its scores.

    Args:
        model: the network with its recipe.
        denoise: the same, ready to be applied.
        history: one row an epoch.
        scores: one row a method.
        split: what was scored.
        details: parameters of the filters, or how well blind traces are predicted.
        data: what trained and what was scored.
        shown: gathers for the report.
    """

    model: keras.Model
    denoise: GatherDenoiser
    history: pd.DataFrame
    scores: pd.DataFrame
    split: str
    details: Mapping[str, Mapping[str, Any]]
    data: Mapping[str, Any]
    shown: list[Gather]


def train_gathers(
    gathers: str | Path | Gathers | Sequence[Any] | None = None,
    *,
    out: str | Path,
    settings: GatherSettings | None = None,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> Finished:
    """Train a network that takes noise out of gathers, and score it beside filters.

    The same call resumes an interrupted run.

    Args:
        gathers: real gathers, without truth, some of which train and others are scored: a path,
            gathers that `tfseis.io.open_gathers` opened, or a sequence of `tfseis.io.Gather` or of
            arrays (traces, samples). None to train on synthetic gathers, and to score on synthetic
            gathers of other settings.
        out: folder for ``model.keras``, ``metrics.json``, ``report.html`` and the checkpoints.
        settings: network and training; None for the defaults.
        overwrite: replace the results in `out`.
        command: what started the training, for the record.
        progress: show progress bars.

    Returns:
        The files that were written, the scores and a text for people.

    Raises:
        TfseisError: gathers, a setting or the folder cannot be used; the message says what to do.
    """
    began, settings = time.monotonic(), settings or GatherSettings()
    check_folder(out)
    real = None if gathers is None else _real_gathers(settings, as_gathers(gathers))
    if real is None:
        _check_variation(settings)
    _check_network(settings, real)
    check_own(settings, None if real is None else real.gathers.read(real.index.gathers[0]))
    training_of(settings)  # refuses a learning rate or a seed out of range
    run = RunFolder.begin(
        out,
        job="gathers",
        settings=settings,
        identity=_identity(real),
        results=(MODEL, REPORT),
        inputs=[gathers] if isinstance(gathers, (str, Path)) else [],
        overwrite=overwrite,
        command=command,
        began=began,
    )
    if real is None:
        return _deliver(run, _from_synthetic(settings, run.training, progress))
    return _deliver(run, _from_real(settings, real, run.training, progress))


def _real_gathers(settings: GatherSettings, gathers: Gathers) -> RealGathers:
    """Real gathers, split."""
    train, test = gather_split(gathers.lines, by=settings.split)
    index = patch_index(settings, gathers, np.flatnonzero(train).tolist())
    return RealGathers(gathers, index, np.flatnonzero(test))


def _check_network(settings: GatherSettings, real: RealGathers | None) -> None:
    """Build the network once before anything is written, so that a wrong one is refused here."""
    if real is None:
        build(settings, SYNTHETIC, INTERVAL)
    else:
        build(settings, settings.learn, real.gathers.sample_interval)


def _from_synthetic(settings: GatherSettings, folder: Path, progress: bool) -> Trained:
    model, history = train_synthetic(settings, folder, progress=progress)
    denoise = denoiser(model)
    scores, filters, pairs = synthetic_scores(
        denoise,
        seed=SEED_OF_SCORES + settings.seed,
        samples=settings.samples,
        progress=progress,
    )
    return Trained(
        model=model,
        denoise=denoise,
        history=history,
        scores=scores,
        split=f"{len(pairs)} synthetic gathers of other settings",
        details={"filters": filters},
        data={"training": "synthetic gathers", "scored_gathers": len(pairs)},
        shown=[gather for gather, _ in pairs[:SHOWN]],
    )


def _from_real(
    settings: GatherSettings, real: RealGathers, folder: Path, progress: bool
) -> Trained:
    model, history = train_real(settings, real.gathers, real.index, folder, progress=progress)
    held_out = evenly(real.test, MOST_SCORED)
    denoise = denoiser(model)
    scores, blind = real_scores(
        denoise,
        (real.gathers.read(number) for number in held_out),
        seed=settings.seed,
        progress=progress,
    )
    return Trained(
        model=model,
        denoise=denoise,
        history=history,
        scores=scores,
        split=f"{len(held_out)} of {len(real.test)} held-out gathers",
        details={PREDICTED: blind},
        data={
            "gathers": len(real.gathers),
            "training_gathers": len(real.index.gathers),
            "scored_gathers": len(held_out),
        },
        shown=[real.gathers.read(number) for number in held_out[:SHOWN]],
    )


def _deliver(run: RunFolder, trained: Trained) -> Finished:
    """Save the network, its scores and what made it."""
    save_model(trained.model, run.out / MODEL)
    score = split_score(trained.scores, trained.split, trained.details)
    metrics = Metrics(
        data=trained.data,
        parameters=trained.model.count_params(),
        scores=[score],
        epochs=[len(trained.history)],
        training_minutes=trained_minutes(run.training),
        verdict=gather_verdict(score),
        details={"recipe": asdict(recipe_for(trained.model, "gathers"))},
    )
    report = gather_report(
        trained.scores,
        trained.history,
        gather_pictures(trained.denoise, trained.shown),
        split=trained.split,
        details=trained.details,
    )
    return run.finish(metrics, _text(trained), (MODEL,), report)


def _text(trained: Trained) -> str:
    """The scores as a table, for people."""
    lines = [trained.split, trained.scores.round(3).to_string(na_rep="-")]
    if PREDICTED in trained.details:
        parts = (f"{name} {part:.3f}" for name, part in trained.details[PREDICTED].items())
        lines.append(f"part of the energy of hidden traces that is predicted: {', '.join(parts)}")
    return "\n".join(lines)


def _check_variation(settings: GatherSettings) -> None:
    if settings.variation not in VARIATIONS:
        raise ModelError(
            "Expected the variation 'usual' or 'none' for synthetic gathers, which vary by "
            f"themselves; got {settings.variation!r}. Leave --variation out, or give gathers."
        )


def _identity(real: RealGathers | None) -> str | dict[str, str]:
    """Tells the data of this run from others: shapes and numbers, and some gathers by content."""
    if real is None:
        return SYNTHETIC
    some = evenly(np.arange(len(real.gathers)), DIGESTED)
    return {
        "gathers": real.index.digest(),
        "amplitudes": digest(real.gathers.read(gather).amplitude for gather in some),
    }
