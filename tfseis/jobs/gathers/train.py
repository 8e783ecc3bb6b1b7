"""From pre-stack gathers, or none, to a network that takes noise out of them: `tfseis gathers`."""

import json
import sys
import time as clock
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

import tfseis
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.io.output import complete_or_absent
from tfseis.io.output_folder import forget_finished, job_folder
from tfseis.jobs.gathers.denoiser import GatherDenoiser, Windowing
from tfseis.jobs.gathers.patches import gather_split
from tfseis.jobs.gathers.pipeline import (
    GatherSettings,
    train_real,
    train_synthetic,
)
from tfseis.jobs.gathers.scores import as_records, real_scores, synthetic_scores
from tfseis.learning.saving import save_model
from tfseis.models.recipe import recipe_for
from tfseis.scores.filters import BASELINES, middling
from tfseis.view import Report, gather_figure, learning_curve_figure

MOST_SCORED = 40  # held-out gathers
SHOWN = 3  # pictures in a report
FILTER = "f-x deconvolution"  # drawn beside the network
SEED_OF_SCORES = 7  # so that scored gathers differ from those of any training


def denoiser(
    model: keras.Model,
    *,
    size: tuple[int, int] | None = None,
    stride: tuple[int, int] | None = None,
) -> GatherDenoiser:
    """A trained gather model, ready to be applied.

    Args:
        model: with its recipe.
        size: traces and samples of a window; the model's own if None.
        stride: the same from window to window.

    Raises:
        ModelError: no recipe, that of another job, or a stride above the size.
    """
    recipe = recipe_for(model, "gathers")
    windowing = Windowing(size=size or recipe.size, stride=stride or recipe.stride)
    return GatherDenoiser(model, recipe.channels, windowing, recipe.sample_interval)


def train_gathers(
    gathers: Gathers | None,
    *,
    out: str | Path,
    settings: GatherSettings | None = None,
    overwrite: bool = False,
    command: str = "",
) -> dict[str, Any]:
    """Train a network that takes noise out of gathers, and score it beside filters.

    Writes into `out`: model.keras, metrics.json, report.html, and training/, from which an
    interrupted run goes on.

    Args:
        gathers: real ones, without truth: some train, others are scored. None to train on
            synthetic ones and score on synthetic ones of other settings.
        out: folder for the results; is made.
        settings: network and training.
        overwrite: replace results in `out`.
        command: recorded in metrics.json.

    Returns:
        What metrics.json holds.

    Raises:
        TfseisError: what is wrong with the input, and what to do.
    """
    began, settings, out = clock.monotonic(), settings or GatherSettings(), Path(out)
    job_folder(out, overwrite=overwrite)
    forget_finished(out)
    facts: dict[str, Any] = {}
    if gathers is None:
        model, history = train_synthetic(settings, out / "training")
        scores, filters, pairs = synthetic_scores(
            denoiser(model), seed=SEED_OF_SCORES + settings.seed, samples=settings.samples
        )
        shown = [gather for gather, _ in pairs[:SHOWN]]
        facts |= {"filters": filters, "scored": f"{len(pairs)} synthetic gathers of other settings"}
    else:
        train, test = gather_split(gathers.lines, by=settings.split)
        model, history = train_real(
            settings, gathers, np.flatnonzero(train).tolist(), out / "training"
        )
        held_out = _some(np.flatnonzero(test), MOST_SCORED)
        scores, blind = real_scores(
            denoiser(model), (gathers.read(n) for n in held_out), seed=settings.seed
        )
        shown = [gathers.read(n) for n in held_out[:SHOWN]]
        facts |= {"blind traces foretold": blind, "gathers that trained": int(train.sum()),
                  "scored": f"{len(held_out)} of {int(test.sum())} held-out gathers"}  # fmt: skip
    save_model(model, out / "model.keras")
    metrics = {
        "tfseis": tfseis.__version__, "command": command or " ".join(sys.argv),
        "settings": asdict(settings), "parameters": model.count_params(), **facts,
        "scores": as_records(scores), "epochs": len(history),
        "minutes": round((clock.monotonic() - began) / 60, 2),
    }  # fmt: skip
    _report(out, metrics, scores, history, _pictures(denoiser(model), shown))
    with complete_or_absent(out / "metrics.json", overwrite=True) as partial:
        partial.write_text(json.dumps(metrics, indent=1))
    return metrics


def gather_score_text(metrics: dict[str, Any]) -> str:
    """The scores of metrics.json as a table to print."""
    table = pd.DataFrame(metrics["scores"]).T.round(3)
    lines = [metrics["scored"], table.to_string(na_rep="-")]
    if "blind traces foretold" in metrics:
        parts = (f"{name} {part:.3f}" for name, part in metrics["blind traces foretold"].items())
        lines.append(f"energy of hidden traces that is foretold: {', '.join(parts)}")
    return "\n".join(lines)


Picture = tuple[Gather, list[tuple[str, np.ndarray]]]


def _pictures(denoise: GatherDenoiser, gathers: list[Gather]) -> list[Picture]:
    """Each gather as the network, and a filter of middling parameters, leave it."""
    filtered = middling(BASELINES[FILTER])
    return [
        (gather, [("network", denoise(gather)), (FILTER, filtered(gather))]) for gather in gathers
    ]


def _some(numbers: np.ndarray, most: int) -> list[int]:
    """Evenly chosen ones."""
    chosen = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)
    return numbers[chosen].tolist()


def _report(
    out: Path,
    metrics: dict[str, Any],
    scores: pd.DataFrame,
    history: pd.DataFrame,
    pictures: list[Picture],
) -> None:
    report = Report("Gathers", f"tfseis {metrics['tfseis']}, {metrics['minutes']} minutes")
    report.section("Scores").table(scores, f"{metrics['scored']}. Leakage: local correlation of "
                                   "what was removed with what was kept; chance leakage: what "
                                   "parts that have nothing in common give.")  # fmt: skip
    for name in ("filters", "blind traces foretold"):
        if name in metrics:
            report.facts({key: str(value) for key, value in metrics[name].items()})
    report.section("Before, after, removed")
    for gather, kept in pictures:
        report.figure(gather_figure(gather, kept), "All panels in the grey of the gather.")
    report.section("Training").figure(learning_curve_figure(history), "Nothing is chosen on what "
                                      "is scored.")  # fmt: skip
    report.section("Run").facts({"command": metrics["command"], **metrics["settings"]})
    report.write(out / "report.html")
