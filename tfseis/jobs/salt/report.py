"""The report of a salt training: scores, the best and the worst images, curves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tfseis.jobs.metrics import Metrics
from tfseis.jobs.salt.pipeline import SaltTask
from tfseis.view import Report
from tfseis.view.masks import mask_gallery, score_curves

SHOWN = 12  # images of each kind in the gallery
COVERAGES = {"empty": 0.0, "to 10 %": 0.1, "to 50 %": 0.5, "to 99 %": 0.99, "full": 1.0}


def salt_report(
    task: SaltTask,
    metrics: Metrics,
    table: pd.DataFrame,
    predicted: np.ndarray,
    histories: Sequence[pd.DataFrame],
) -> Report:
    """Sections of the report; its subtitle and last section come from `RunFolder`.

    Args:
        task: images and settings.
        metrics: what the training recorded.
        table: one row a scored image, with ``id``, ``coverage``, ``iou`` and ``score``.
        predicted: masks of the scored images in the order of the table.
        histories: one table a network, one row an epoch.
    """
    score = metrics.scores[0]
    report = Report("Salt on images").section("Scores")
    report.text(
        "Each image is scored by a network that did not train on it. Threshold, smallest mask and "
        "epoch were chosen on the same images. Images of the challenge are cut from shared "
        "sections, which random folds cannot keep apart: other surveys will score lower."
    )
    report.table(pd.DataFrame({"this network": score.network, **score.baselines}).T, score.split)
    report.facts({name.replace("_", " "): value for name, value in score.details.items()})
    kinds = pd.cut(table["coverage"], [-1, *COVERAGES.values()], labels=list(COVERAGES))
    groups = table.groupby(kinds, observed=True)["score"].agg(["count", "mean"])
    report.table(groups.rename_axis("salt in the image"), "Score by coverage")
    _gallery(report.section("Images"), task, table, predicted)
    report.section("Training").figure(score_curves(histories), "Loss and score by epoch")
    return report.section("Data").facts(metrics.data)


def _gallery(report: Report, task: SaltTask, table: pd.DataFrame, predicted: np.ndarray) -> None:
    """Best, median and worst of the images with salt."""
    place = {key: number for number, key in enumerate(task.found.train)}
    salty = table[table["coverage"] > 0].sort_values("iou", ascending=False, kind="stable")
    middle = max(0, len(salty) // 2 - SHOWN // 2)
    parts = {
        "best": salty[:SHOWN],
        "median": salty[middle : middle + SHOWN],
        "worst": salty[-SHOWN:],
    }
    for name, part in parts.items():
        if not len(part):
            continue
        numbers = [place[key] for key in part["id"]]
        captions = [f"{row.id}  {row.iou:.2f}" for row in part.itertuples()]
        figure = mask_gallery(
            task.found.images[numbers],
            task.found.masks[numbers],
            predicted[part.index],
            captions,
            title=name,
        )
        report.figure(
            figure,
            f"The {name} of the images with salt, by intersection over union: truth solid green, "
            "prediction dashed red",
        )
