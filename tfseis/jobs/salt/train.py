"""The salt job: the challenge's folder in; submission, network, scores and report out."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.io.images.folder import read_images, read_test_images
from tfseis.io.images.submission import write_submission
from tfseis.io.output import check_output, check_outputs, complete_or_absent
from tfseis.io.output_folder import forget_finished, job_folder
from tfseis.jobs.salt.pipeline import (
    SaltJob,
    SaltSettings,
    joined,
    probabilities,
    train_fold,
    trained_network,
)
from tfseis.learning.saving import load_model, save_model
from tfseis.models.recipe import recipe_for, with_recipe
from tfseis.scores.masks import Decision, decided, image_iou, kaggle_scores, search_decision
from tfseis.view.masks import mask_gallery, score_curves
from tfseis.view.report import Report

RESULTS = ("submission.csv", "model.keras", "out_of_fold.csv", "report.html")
SHOWN = 12  # images of each kind in the gallery


def salt(
    folder: str | Path,
    *,
    out: str | Path,
    settings: SaltSettings | None = None,
    skip: bool = False,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> dict:
    """Train on the challenge's images and predict its test images.

    Threshold, smallest mask and the epoch of each network are chosen on the images that are scored,
    those outside of its folds: the score is a bit too good for that.

    Args:
        folder: see `tfseis.io.read_images`.
        out: folder for submission.csv (if there are test images), model.keras, out_of_fold.csv,
            report.html, metrics.json; an interrupted run in it is gone on with.
        settings: network and training.
        skip: leave files that cannot be used out, rather than refuse them.
        overwrite: replace a finished run.
        command: recorded in metrics.json.
        progress: show bars.

    Returns:
        What metrics.json holds.

    Raises:
        FormatError: files that cannot be used.
        OutputError: `out` holds a finished run, or one of other settings.
    """
    settings, out = settings or SaltSettings(), Path(out)
    _prepare_folder(out, overwrite)
    job = SaltJob.of(read_images(folder, skip=skip, progress=progress), settings)
    histories, networks, scored, found = [], [], [], []
    for fold in range(settings.networks or settings.folds):
        place = out / "training" / f"fold-{fold}"
        histories.append(train_fold(job, fold, place, progress=progress))
        networks.append(trained_network(job, place))
        scored.append(np.flatnonzero(job.folds == fold))
        outside = job.data.only(scored[-1])
        found.append(probabilities(networks[-1], outside.images, outside.depths, job.recipe))
    numbers, probability = np.concatenate(scored), np.concatenate(found)
    truth = job.found.masks[numbers]
    decision = search_decision(truth, probability)
    model = _deliver(job, joined(networks), decision, out, progress=progress)
    table = _out_of_fold(job, numbers, decision.masks(probability))
    with complete_or_absent(out / "out_of_fold.csv", overwrite=True) as partial:
        table.to_csv(partial, index=False)
    metrics = _metrics(job, truth, probability, decision, histories) | {
        "parameters": int(model.count_params()), "command": command,
    }  # fmt: skip
    _report(job, metrics, table, decision.masks(probability), histories).write(out / "report.html")
    with complete_or_absent(out / "metrics.json", overwrite=True) as partial:
        partial.write_text(json.dumps(metrics, indent=1))
    return metrics


def submit(
    model: str | Path,
    folder: str | Path,
    path: str | Path,
    *,
    skip: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> None:
    """Predict the challenge's test images with a model that `salt` saved.

    Args:
        model: the ``.keras`` file.
        folder: see `tfseis.io.read_test_images`.
        path: the submission, a CSV file.
        skip: leave files that cannot be used out, rather than refuse them.
        overwrite: replace the submission.
        progress: show bars.
    """
    check_output(path, overwrite)
    network = load_model(model)
    recipe = recipe_for(network, "salt")
    ids, images, depths = read_test_images(folder, skip=skip, progress=progress)
    title = "predict" if progress else ""
    found = probabilities(network, images, depths, recipe, title=title)
    masks = decided(found, recipe.threshold, recipe.smallest)
    write_submission(path, ids, masks, overwrite=overwrite)


def salt_text(metrics: dict) -> str:
    """The result in a few lines."""
    return (
        f"{metrics['out_of_fold']:.4f} out of fold ({metrics['scored']} images; "
        f"{metrics['all_empty']:.4f} if all masks were empty), "
        f"{metrics['minutes']:.1f} minutes of training\n"
        f"threshold {metrics['threshold']}, masks below {metrics['smallest']} pixels emptied; "
        f"{metrics['at_half']:.4f} without either choice"
    )


def _prepare_folder(out: Path, overwrite: bool) -> None:
    """Refuse to replace a finished run; an interrupted one is gone on with."""
    job_folder(out, overwrite=overwrite)
    resumed = (out / "training").is_dir()
    check_outputs([out / name for name in RESULTS], [], overwrite or resumed)
    forget_finished(out)


def _deliver(
    job: SaltJob, network: keras.Model, decision: Decision, out: Path, *, progress: bool
) -> keras.Model:  # fmt: skip
    """Save the network with its recipe, and the submission."""
    recipe = replace(job.recipe, threshold=decision.threshold, smallest=decision.smallest)
    model = with_recipe(network, recipe)
    save_model(model, out / "model.keras")
    data = job.found
    if data.test:
        probability = probabilities(
            model, data.test_images, data.test_depths, recipe,
            title="predict test images" if progress else "",
        )  # fmt: skip
        masks = decision.masks(probability)
        write_submission(out / "submission.csv", data.test, masks, overwrite=True)
    return model


def _out_of_fold(job: SaltJob, numbers: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    """One row a scored image."""
    masks = job.found.masks[numbers]
    return pd.DataFrame(
        {
            "id": np.array(job.found.train)[numbers],
            "fold": job.folds[numbers],
            "depth": job.found.depths[numbers],
            "coverage": masks.mean(axis=(1, 2)),
            "predicted_coverage": predicted.mean(axis=(1, 2)),
            "iou": image_iou(masks, predicted),
            "score": kaggle_scores(masks, predicted),
        }
    )


def _metrics(
    job: SaltJob, truth: np.ndarray, probability: np.ndarray, decision: Decision, histories: list
) -> dict:
    data = job.found
    return {
        "out_of_fold": decision.score,
        "at_half": float(kaggle_scores(truth, decided(probability, 0.5, 0)).mean()),
        "all_empty": float(kaggle_scores(truth, np.zeros_like(truth)).mean()),
        "mean_iou": float(image_iou(truth, decision.masks(probability)).mean()),
        "scored": len(truth),
        "threshold": decision.threshold,
        "smallest": decision.smallest,
        "minutes": float(sum(history["minutes"].iloc[-1] for history in histories)),
        "epochs": [len(history) for history in histories],
        "settings": asdict(job.settings),
        "recipe": asdict(job.recipe),
        "images": {
            "train": len(data.train), "empty": int((~data.masks.any(axis=(1, 2))).sum()),
            "constant": data.constant, "without_depth": int(np.isnan(data.depths).sum()),
            "test": len(data.test), "skipped": data.problems,
        },
    }  # fmt: skip


def _report(
    job: SaltJob, metrics: dict, table: pd.DataFrame, predicted: np.ndarray, histories: list
) -> Report:
    report = Report("Salt on images", salt_text(metrics).splitlines()[0])
    report.section("Scores").text(
        "Each image is scored by a network that did not train on it. Threshold, smallest mask and "
        "epoch were chosen on the same images. Images of the challenge are cut from shared "
        "sections, which random folds cannot keep apart: other surveys will score lower."
    )
    names = ("out_of_fold", "at_half", "all_empty", "mean_iou", "threshold", "smallest", "minutes")
    report.facts({name.replace("_", " "): metrics[name] for name in names})
    kinds = pd.cut(table["coverage"], [-1, 0, 0.1, 0.5, 0.99, 1],
                   labels=["empty", "to 10 %", "to 50 %", "to 99 %", "full"])  # fmt: skip
    groups = table.groupby(kinds, observed=True)["score"].agg(["count", "mean"])
    report.table(groups.rename_axis("salt in the image"), "Score by coverage")
    _gallery(report.section("Images"), job, table, predicted)
    report.section("Training").figure(score_curves(histories), "Loss and score by epoch")
    return (
        report.section("Data")
        .facts(metrics["images"])
        .section("Settings")
        .facts(metrics["settings"])
    )


def _gallery(report: Report, job: SaltJob, table: pd.DataFrame, predicted: np.ndarray) -> None:
    """Best, median and worst of the images with salt."""
    place = {key: number for number, key in enumerate(job.found.train)}
    salty = table[table["coverage"] > 0].sort_values("iou", ascending=False, kind="stable")
    middle = max(0, len(salty) // 2 - SHOWN // 2)
    parts = {"best": salty[:SHOWN], "median": salty[middle : middle + SHOWN],
             "worst": salty[-SHOWN:]}  # fmt: skip
    for name, part in parts.items():
        if len(part):
            numbers = [place[key] for key in part["id"]]
            captions = [f"{r.id}  {r.iou:.2f}" for r in part.itertuples()]
            figure = mask_gallery(
                job.found.images[numbers], job.found.masks[numbers], predicted[part.index],
                captions, title=name,
            )  # fmt: skip
            report.figure(
                figure,
                f"The {name} of the images with salt, by intersection over union: truth solid "
                "green, prediction dashed red",
            )
