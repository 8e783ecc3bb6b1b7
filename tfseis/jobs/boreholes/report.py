"""The report of a borehole training: scores, pictures of patches, label audit, planes."""

import numpy as np
import pandas as pd

from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes.patches import scaled_images
from tfseis.jobs.metrics import SplitScore
from tfseis.view import Report, learning_curve_figure, patch_sheet_figure

SHEET = 24  # patches in a sheet


def boreholes_report(
    score: SplitScore | None,
    *,
    history: pd.DataFrame,
    patches: Patches,
    found: np.ndarray,
    audit: pd.DataFrame,
    planes: pd.DataFrame,
) -> Report:
    """Sections of the report; its subtitle and last section come from `RunFolder`.

    Args:
        score: scores of the patches that did not train; None where all of them trained.
        history: one row an epoch.
        patches: all patches that were read.
        found: bool (patches, rows, columns), where the network marks.
        audit: labels by how much the network disagrees with them.
        planes: dip and azimuth of the planes that the marks form.
    """
    report = Report("Borehole images").section("Scores")
    if score is None:
        report.text("All labelled patches train: nothing is left to score.")
    else:
        rows = {score.split: score.network, **score.baselines, **score.details}
        about = f"Scored on {score.split}. All background: what needs no network."
        report.table(pd.DataFrame(rows).T, about)
    report.section("Patches").facts(patches.counts)
    some = np.linspace(0, len(patches) - 1, min(SHEET, len(patches))).astype(int)
    _sheet(
        report,
        patches,
        found,
        some,
        "Evenly chosen patches. Green: found; red: missed; blue: not in the label, or no label.",
    )
    report.section("Label audit")
    if len(audit):
        worst = audit["patch"].head(SHEET).to_numpy()
        report.table(
            audit.head(SHEET).drop(columns="patch"),
            "Labels that disagree most with the network; either may be wrong. All: audit.csv.",
        )
        _sheet(report, patches, found, worst, "The same as pictures, the most doubtful first.")
    else:
        report.text("No labels to compare.")
    if len(planes):
        report.section("Planes").table(planes.head(SHEET), "Dip and azimuth; all: planes.csv.")
    report.section("Training").figure(
        learning_curve_figure(history), "Nothing is chosen on the dashed line."
    )
    return report


def _sheet(
    report: Report, patches: Patches, found: np.ndarray, some: np.ndarray, caption: str
) -> None:
    chosen = patches.only(some)
    images = scaled_images(patches)[some, ..., 0]
    titles = [name.removeprefix("well_") for name in chosen.names()]
    report.figure(patch_sheet_figure(images, found[some], chosen.masks, titles), caption)
