"""The report of a fault training: scores, learning curve, recall by throw, one scored cube."""

from typing import Any

import numpy as np
import pandas as pd

from tfseis.jobs.faults.scores import Scored, UnseenCube, mean_scores
from tfseis.view import FaultSection, Report, fault_figure, learning_curve_figure

NOTE = (
    "IoU at a probability of 0.5, at the best threshold of each cube, and where faults within 2 "
    "voxels of each other count as the same; volume_ratio is found over true fault voxels."
)


def fault_report(scored: Scored, history: pd.DataFrame, split: str) -> Report:
    """The sections of the report.

    Args:
        scored: scores of the delivered network.
        history: one row an epoch.
        split: what was scored.
    """
    report = Report("Faults")
    report.section("Scores")
    if scored.table.empty:
        report.text("There was one labelled cube, so none was left to score the network on.")
    else:
        report.table(mean_scores(scored.table), f"Means over {split}. {NOTE}")
    if len(scored.throws):
        caption = "Share of the true fault voxels; how many are found, exactly and within 2 voxels."
        report.section("Recall by throw in samples").table(scored.throws, caption)
    if scored.first is not None:
        cube, probability = scored.first
        report.section("Truth and prediction")
        report.figure(truth_figure(cube, probability), f"The middle inline of {cube.name}.")
    report.section("Training").figure(
        learning_curve_figure(history), "No weights are chosen by what is scored."
    )
    return report


def truth_figure(cube: UnseenCube, probability: np.ndarray) -> Any:
    """The middle inline of a scored cube with its true faults, and with those predicted.

    Args:
        cube: the cube.
        probability: (inlines, crosslines, samples), 0 to 1.

    Returns:
        A Matplotlib figure.
    """
    middle = cube.amplitude.shape[0] // 2
    crosslines, samples = (range(size) for size in cube.amplitude.shape[1:])
    panels = (
        ("labelled faults", (cube.faults[middle] > 0).astype("float32")),
        ("probability of the network", probability[middle]),
    )
    return fault_figure(
        [
            FaultSection(cube.amplitude[middle], values, crosslines, samples, title)
            for title, values in panels
        ],
        title=f"{cube.name}, inline {middle}",
    )
