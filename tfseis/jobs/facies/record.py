"""What a facies training records in metrics.json, and its scores as text for people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tfseis.jobs.facies.blocks import NETWORK_DELIVERED, Blocks
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.metrics import Metrics, SplitScore, Verdict
from tfseis.jobs.verdict import BETTER, SAME, compared
from tfseis.scores.calibration import calibration_error
from tfseis.scores.classes import accuracy, mean_iou
from tfseis.scores.comparison import NETWORK, Score

BLOCKS = "held-out blocks"
LINES = "other lines"
SPLITS = {
    BLOCKS: "each block of the labelled sections, by a network that was trained without the labels "
    "in it and within the guard gap",
    LINES: "whole lines of the truth that are no training lines, by the network with the labels",
}
LEAKING = "random_training_points"  # in the details; never among the scores
LEAKS = "these points, or their neighbours, trained: not to be reported"


def split_score(score: Score, split: str) -> SplitScore:
    """A score as metrics.json holds it.

    Args:
        score: confusion matrices of the network and of each baseline.
        split: `BLOCKS` or `LINES`.
    """
    rows = {
        name: {"mean_iou": mean_iou(matrix), "accuracy": accuracy(matrix)}
        for name, matrix in score.confusion.items()
    }
    return SplitScore(
        split=split,
        network=rows.pop(score.scored),
        baselines=rows,
        details={
            "what": SPLITS[split],
            "wrong_islands_per_million": score.islands,
            "classes": score.classes().to_dict("index"),
            "confusion": score.network,
            "blocks": [
                {
                    "axis": ("inline", "crossline")[fold.axis],
                    "start": fold.start,
                    "stop": fold.stop,
                    "train": int(fold.train.sum()),
                    "test": int(fold.test.sum()),
                }
                for fold in score.folds
            ],
        },
    )


def facies_metrics(
    survey: Survey,
    *,
    parameters: int,
    scores: Sequence[SplitScore],
    leaking: Mapping[str, float],
    guide: Follower | None,
    blocks: Blocks,
    on_lines: Score | None,
    delivered: str,
    epochs: list[int],
    training_minutes: float,
    backend: str,
    minutes: Mapping[str, float],
) -> Metrics:
    """What metrics.json records of a training.

    Args:
        survey: cube, labels and settings.
        parameters: number of weights of the delivered model.
        scores: scores on samples that did not train.
        leaking: scores at random training points.
        guide: what follows reflections from line to line; None where they are not followed.
        blocks: what held-out blocks say.
        on_lines: score on other lines, if there is one.
        delivered: what classified the cube: "network", or the name of a baseline.
        epochs: epochs of each training, that of the delivered model last.
        training_minutes: minutes of all trainings together.
        backend: what computed the labelled cube, where the network classified it.
        minutes: how long each stage took, see `tfseis.jobs.facies.stages`.
    """
    cube, labels = survey.cube, survey.labels
    return Metrics(
        data={
            "cube": {
                "file": cube.name,
                "shape": cube.shape,
                "grid": cube.geometry.signature(),
                "missing_traces": int((~cube.live).sum()),
                "nonfinite_samples_read": cube.nonfinite,
            },
            "scaling": survey.scaling.as_dict(),
            "legend": labels.legend.table().to_dict("records"),
            "labels": np.bincount(labels.classes, minlength=len(labels.legend)),
        },
        parameters=parameters,
        scores=list(scores),
        epochs=epochs,
        training_minutes=training_minutes,
        verdict=facies_verdict(scores, survey.guard(), delivered),
        details={
            "guard_gap": survey.guard(),
            "backend": backend,
            "minutes": dict(minutes),
            "kept_from_line_to_line": None if guide is None else guide.keep,
            "weight_of_the_network": None if guide is None else guide.weight,
            "delivered": delivered,
            "calibration": _calibration(blocks, on_lines),
            LEAKING: {**leaking, "leaks": LEAKS},
        },
    )


def _calibration(blocks: Blocks, on_lines: Score | None) -> dict[str, Any] | None:
    """Temperatures, and how far confidence and accuracy lie apart where they were not fitted."""
    if not blocks.calibrated:
        return None
    lines = on_lines.calibration if on_lines is not None else None
    return {
        "temperature": blocks.temperature,
        "temperature_of_the_network_alone": blocks.network_temperature,
        "error_in_blocks": calibration_error(blocks.calibration_table),
        "error_on_lines": None if lines is None else calibration_error(lines),
    }


def facies_verdict(
    scores: Sequence[SplitScore], gap: int, delivered: str = NETWORK_DELIVERED
) -> Verdict:
    """Whether the network is better than none in held-out blocks, and what to expect elsewhere.

    Args:
        scores: scores on samples that did not train, those of the blocks first.
        gap: samples between training and test labels.
        delivered: what classified the cube: "network", or the name of what needs none.
    """
    expect = ""
    if scores and scores[0].split == BLOCKS:
        expect = (
            f"Expect this at {gap} samples from the labels and more; nearer it is better, and "
            "lines far from labelled ones may be worse."
        )
    found = compared(scores, "mean_iou", words="mean IoU", expect=expect)
    if delivered == NETWORK_DELIVERED:
        return found
    rank = SAME if found.rank == BETTER else found.rank
    text = found.text.replace("Better than", "No better than", 1)
    return Verdict(rank=rank, text=f"{text} The cube holds {delivered}.")


def score_of(metrics: Mapping[str, Any], split: str) -> Mapping[str, Any] | None:
    """The score of one split in metrics.json, None where there is none.

    Args:
        metrics: what metrics.json holds.
        split: `BLOCKS` or `LINES`.
    """
    return next((score for score in metrics["scores"] if score["split"] == split), None)


def beats_baselines(metrics: Mapping[str, Any]) -> bool:
    """Whether the mean IoU in held-out blocks is above that of every baseline.

    Args:
        metrics: what metrics.json holds.
    """
    blocked = score_of(metrics, BLOCKS)
    if blocked is None:
        return False
    ours = blocked["network"]["mean_iou"]
    return all(ours > other["mean_iou"] for other in blocked["baselines"].values())


def score_text(metrics: Mapping[str, Any]) -> str:
    """The scores as a table to print: mean IoU, and accuracy in brackets.

    Args:
        metrics: what metrics.json holds; its scores and details are enough.
    """
    details = metrics["details"]
    if not metrics["scores"]:
        return (
            f"No score: none was asked for, or the labels are too narrow for blocks with a gap of "
            f"{details['guard_gap']} samples. Label a wider part of the section, use a smaller "
            "--crop-size, or give --truth."
        )
    columns = {
        score["split"]: {
            name: f"{row['mean_iou']:.3f} ({row['accuracy']:.3f})"
            for name, row in {NETWORK: score["network"], **score["baselines"]}.items()
        }
        for score in metrics["scores"]
    }
    leaking = details[LEAKING]["mean_iou"]
    return (
        f"mean IoU (accuracy)\n{pd.DataFrame(columns).to_string()}\n"
        f"random training points: {leaking:.3f}, a number that leaks; do not report it"
    )
