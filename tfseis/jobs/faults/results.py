"""What a fault training delivers: the model, its scores, a report and a record of the run."""

import time
from dataclasses import asdict

import keras
import pandas as pd

import tfseis
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.io.cells import table_text
from tfseis.io.output import complete_or_absent
from tfseis.jobs.contract import Finished
from tfseis.jobs.faults.pipeline import FaultJob
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.report import fault_report
from tfseis.jobs.faults.scores import (
    BACKGROUND,
    EVERY,
    NETWORK,
    SCORES,
    SEMBLANCE,
    Scored,
    mean_scores,
    score_cubes,
)
from tfseis.jobs.metrics import Metrics, SplitScore
from tfseis.jobs.run import RunFolder
from tfseis.jobs.verdict import compared
from tfseis.learning.saving import save_model
from tfseis.models.recipe import with_recipe
from tfseis.named import name_of
from tfseis.wording import counted

WINDOW, OVERLAP = 128, 32  # samples, of the windows in which the model predicts
THRESHOLD = 0.5
MODEL, TABLE, HISTORY = "model.keras", "scores.csv", "history.csv"
RESULTS = (MODEL, TABLE, HISTORY)
REAL = (
    "A real survey may lie far from these: look at the picture, and compare a line or two with "
    "faults that you picked."
)


def deliver(
    job: FaultJob,
    run: RunFolder,
    averaged: keras.Model,
    history: pd.DataFrame,
    *,
    multiple: int,
    progress: bool,
) -> Finished:
    """Save the network with its recipe in float32, score it, and record what made it.

    Args:
        job: what was trained.
        run: folder of the run.
        averaged: the trained network, its weights averaged over steps.
        history: one row an epoch.
        multiple: number of samples that windows must be a multiple of.
        progress: show a progress bar.
    """
    network = job.network_of(averaged)
    recipe = _recipe(job, network, multiple)
    save_model(with_recipe(network, recipe), run.out / MODEL)
    count = len(job.held_out) if job.pairs else job.unseen * len(SURVEY_GENERATORS)
    began = time.monotonic()
    cubes = job.cubes(count if job.pairs else job.unseen)
    scored = score_cubes(network, cubes, total=count, progress=progress)
    scoring_minutes = (time.monotonic() - began) / 60
    for name, frame in ((TABLE, scored.table), (HISTORY, history)):
        with complete_or_absent(run.out / name, overwrite=True) as partial:
            partial.write_text(table_text(frame), encoding="utf-8")
    scores = split_scores(scored, synthetic=not job.pairs)
    metrics = Metrics(
        data=_data(job, count),
        parameters=network.count_params(),
        scores=scores,
        epochs=[len(history)],
        training_minutes=history["minutes"].iloc[-1],
        verdict=compared(scores, "iou", words="IoU", expect="" if job.pairs else REAL),
        details={
            "crops": int(history["steps"].sum()) * job.settings.batch_size,
            "scoring_minutes": scoring_minutes,
            "recipe": asdict(recipe),
        },
    )
    report = fault_report(scored, history, f"{counted(count, 'cube')} that did not train")
    return run.finish(metrics, training_text(metrics), RESULTS, report)


def _recipe(job: FaultJob, network: keras.Model, multiple: int) -> FaultRecipe:
    settings = job.settings
    return FaultRecipe(
        network=name_of(settings.network),
        crop_size=settings.crop_size,
        window=WINDOW,
        overlap=OVERLAP,
        threshold=THRESHOLD,
        scaling={},
        seed=settings.seed,
        version=tfseis.__version__,
        logits=network.output_shape[-1],
        multiple=multiple,
    )


def _data(job: FaultJob, count: int) -> dict[str, object]:
    """What trained and what was scored."""
    if not job.pairs:
        made = "synthetic surveys"
        return {"training": made, "scored": made, "scored_cubes": count}
    return {
        "training": [pair.name for pair in job.pairs],
        "scored": [pair.name for pair in job.held_out],
        "scored_cubes": count,
    }


def split_scores(scored: Scored, *, synthetic: bool) -> list[SplitScore]:
    """Mean scores of each group of cubes, those of all groups first.

    Args:
        scored: scores cube by cube.
        synthetic: whether the cubes are synthetic surveys.
    """
    if scored.table.empty:
        return []
    means = mean_scores(scored.table)
    found = []
    for group in means["group"].unique():
        rows = means[means["group"] == group].set_index("method")[list(SCORES)]
        numbers = {method: row.to_dict() for method, row in rows.iterrows()}
        where = "all generators" if group == EVERY else f"generator {group}"
        found.append(
            SplitScore(
                split=f"unseen synthetic surveys, {where}" if synthetic else "held-out cubes",
                network=numbers[NETWORK],
                baselines={name: numbers[name] for name in (SEMBLANCE, BACKGROUND)},
                details={"group": group},
            )
        )
    return found


def training_text(metrics: Metrics) -> str:
    """The result in a few lines, for people."""
    crops = metrics.details["crops"]
    lines = [f"{metrics.training_minutes:.1f} minutes of training, {counted(crops, 'crop')}"]
    for score in metrics.scores:
        for method, row in ((NETWORK, score.network), *score.baselines.items()):
            numbers = {name: float("nan") if row[name] is None else row[name] for name in SCORES}
            lines.append(
                f"{method}, {score.split}: IoU {numbers['iou']:.3f} (best threshold "
                f"{numbers['best_iou']:.3f}), within 2 voxels {numbers['tolerant_iou']:.3f}, "
                f"average precision {numbers['average_precision']:.3f}, found / true voxels "
                f"{numbers['volume_ratio']:.2f}"
            )
    if not metrics.scores:
        lines.append("one labelled cube: nothing is left to score the network on")
    return "\n".join(lines)
