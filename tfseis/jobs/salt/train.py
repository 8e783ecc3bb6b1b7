"""From the challenge's folder to a submission, a network, scores and a report."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.io.cells import table_text
from tfseis.io.images.folder import ImageFolder, read_images
from tfseis.io.images.submission import write_submission
from tfseis.io.output import complete_or_absent
from tfseis.jobs.contract import Finished
from tfseis.jobs.metrics import Metrics, SplitScore
from tfseis.jobs.run import RunFolder, check_folder
from tfseis.jobs.salt.fitting import check_own, train_fold, trained_network, training
from tfseis.jobs.salt.pipeline import SaltTask, check_size, fold_folder, joined
from tfseis.jobs.salt.probabilities import probabilities
from tfseis.jobs.salt.report import salt_report
from tfseis.jobs.salt.settings import SaltSettings
from tfseis.jobs.verdict import compared
from tfseis.learning.saving import save_model
from tfseis.models.recipe import with_recipe
from tfseis.scores.masks import Decision, decided, image_iou, kaggle_scores, search_decision

RESULTS = ("submission.csv", "model.keras", "out_of_fold.csv", "report.html")
SPLIT = "images outside the folds that trained"
MOSAIC = "Images may be cut from shared sections: expect less on another survey."


@dataclass(frozen=True)
class OutOfFold:
    """What the networks say of images that did not train them.

    Args:
        numbers: which images, (images,).
        probability: float32 (images, rows, columns), 0 to 1.
        decision: threshold and smallest mask, chosen on these images.
    """

    numbers: np.ndarray
    probability: np.ndarray
    decision: Decision

    @property
    def masks(self) -> np.ndarray:
        """Masks after the decision, (images, rows, columns)."""
        return self.decision.masks(self.probability)


def train_salt(
    images: str | Path | ImageFolder,
    *,
    out: str | Path,
    settings: SaltSettings | None = None,
    skip: bool = False,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> Finished:
    """Train on the challenge's images and predict its test images.

    Threshold, smallest mask and the epoch of each network are chosen on the images that are scored,
    those outside of its folds; the score is slightly optimistic for that. Writes into `out`:
    submission.csv (if there are test images), model.keras, out_of_fold.csv, report.html,
    metrics.json, and training/, from which an interrupted run is resumed.

    Args:
        images: the challenge's folder or zip, see `tfseis.io.read_images`; or images in memory.
        out: folder for the results; is made.
        settings: network and training; None for the defaults.
        skip: leave out files that cannot be used, rather than refuse them.
        overwrite: replace a finished run in `out`.
        command: recorded in metrics.json.
        progress: show bars.

    Raises:
        FormatError: files that cannot be used.
        LabelError: too few images, or images that are not square.
        OutputError: `out` holds a finished run, or one of other data or settings.
    """
    began, settings, out = time.monotonic(), settings or SaltSettings(), Path(out)
    check_folder(out, overwrite=overwrite)
    given = [] if isinstance(images, ImageFolder) else [images]
    if not isinstance(images, ImageFolder):
        images = read_images(images, skip=skip, progress=progress)
    task = SaltTask.of(images, settings)
    training(settings, len(images.images))  # refuses a learning rate or a limit out of range
    check_size(task.build(), task.recipe.size)
    check_own(task)
    run = RunFolder.begin(
        out,
        job="salt",
        settings=settings,
        identity=task.identity(),
        results=RESULTS,
        inputs=given,
        overwrite=overwrite,
        command=command,
        began=began,
    )
    histories, networks = [], []
    for fold in range(settings.networks or settings.folds):
        folder = fold_folder(run.training, fold)
        fitted = train_fold(task, fold, folder, progress=progress)
        histories.append(fitted.history)
        networks.append(trained_network(task, fitted.model))
    outside = _outside(task, networks)
    table = _table(task, outside)
    with complete_or_absent(run.out / "out_of_fold.csv", overwrite=True) as partial:
        partial.write_text(table_text(table), encoding="utf-8")
    model = _deliver(task, joined(networks), outside.decision, run.out, progress=progress)
    metrics = _metrics(task, outside, histories, model)
    report = salt_report(task, metrics, table, outside.masks, histories)
    names = [name for name in RESULTS[:-1] if task.found.test or name != "submission.csv"]
    return run.finish(metrics, score_text(metrics), names, report)


def score_text(metrics: Metrics) -> str:
    """The result in a few lines."""
    score, details = metrics.scores[0], metrics.scores[0].details
    return (
        f"{score.network['kaggle_score']:.4f} out of fold ({details['images']} images; "
        f"{score.baselines['all masks empty']['kaggle_score']:.4f} if all masks were empty), "
        f"{metrics.training_minutes:.1f} minutes of training\n"
        f"threshold {details['threshold']}, masks below {details['smallest']} pixels emptied; "
        f"{details['kaggle_score_at_half']:.4f} without either choice"
    )


def _outside(task: SaltTask, networks: list[keras.Model]) -> OutOfFold:
    """Predict each image by the network that did not train on it."""
    numbers, found = [], []
    for fold, network in enumerate(networks):
        numbers.append(np.flatnonzero(task.folds == fold))
        part = task.data.only(numbers[-1])
        found.append(probabilities(network, part.images, part.depths, task.recipe))
    chosen, probability = np.concatenate(numbers), np.concatenate(found)
    return OutOfFold(chosen, probability, search_decision(task.found.masks[chosen], probability))


def _deliver(
    task: SaltTask, network: keras.Model, decision: Decision, out: Path, *, progress: bool
) -> keras.Model:
    """Save the network with its recipe, and the submission."""
    recipe = replace(task.recipe, threshold=decision.threshold, smallest=decision.smallest)
    model = with_recipe(network, recipe)
    save_model(model, out / "model.keras")
    data = task.found
    if data.test:
        title = "predict test images" if progress else ""
        probability = probabilities(model, data.test_images, data.test_depths, recipe, title=title)
        masks = decision.masks(probability)
        path = out / "submission.csv"
        write_submission(path, data.test, masks, every=data.asked, overwrite=True)
    return model


def _table(task: SaltTask, outside: OutOfFold) -> pd.DataFrame:
    """One row a scored image."""
    masks, predicted = task.found.masks[outside.numbers], outside.masks
    return pd.DataFrame(
        {
            "id": np.array(task.found.train)[outside.numbers],
            "fold": task.folds[outside.numbers],
            "depth": task.found.depths[outside.numbers],
            "coverage": masks.mean(axis=(1, 2)),
            "predicted_coverage": predicted.mean(axis=(1, 2)),
            "iou": image_iou(masks, predicted),
            "score": kaggle_scores(masks, predicted),
        }
    )


def _metrics(
    task: SaltTask, outside: OutOfFold, histories: list[pd.DataFrame], model: keras.Model
) -> Metrics:
    data, decision = task.found, outside.decision
    truth = data.masks[outside.numbers]
    empty = np.zeros_like(truth)
    at_half = decided(outside.probability, 0.5, 0)
    score = SplitScore(
        split=SPLIT,
        network={
            "kaggle_score": decision.score,
            "mean_iou": float(image_iou(truth, outside.masks).mean()),
        },
        baselines={
            "all masks empty": {
                "kaggle_score": float(kaggle_scores(truth, empty).mean()),
                "mean_iou": float(image_iou(truth, empty).mean()),
            }
        },
        details={
            "images": len(truth),
            "threshold": decision.threshold,
            "smallest": decision.smallest,
            "kaggle_score_at_half": float(kaggle_scores(truth, at_half).mean()),
        },
    )
    return Metrics(
        data={
            "train": len(data.train),
            "empty": int((~data.masks.any(axis=(1, 2))).sum()),
            "constant": data.constant,
            "without_depth": int(np.isnan(data.depths).sum()),
            "test": len(data.test),
            "skipped": data.problems,
        },
        parameters=model.count_params(),
        scores=[score],
        epochs=[len(history) for history in histories],
        training_minutes=float(sum(history["minutes"].iloc[-1] for history in histories)),
        verdict=compared([score], "kaggle_score", words="mean score", expect=MOSAIC),
    )
