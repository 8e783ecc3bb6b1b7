"""The report of a gather training: scores, pictures before and after, learning curve."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tfseis.io.gathers.gather import Gather
from tfseis.jobs.gathers.denoiser import GatherDenoiser
from tfseis.scores.filters import BASELINES, middling
from tfseis.view import Report, gather_figure, learning_curve_figure

FILTER = "f-x deconvolution"  # plotted beside the network
LEAKAGE = (
    "Leakage: local correlation of what was removed with what was kept; chance leakage: what parts "
    "that have nothing in common give."
)
Picture = tuple[Gather, list[tuple[str, np.ndarray]]]


def gather_report(
    scores: pd.DataFrame,
    history: pd.DataFrame,
    pictures: Sequence[Picture],
    *,
    split: str,
    details: Mapping[str, Mapping[str, Any]],
) -> Report:
    """The sections of the report.

    Args:
        scores: one row a method.
        history: one row an epoch.
        pictures: gathers as each method leaves them.
        split: what was scored.
        details: further tables, such as the parameters of filters.
    """
    report = Report("Gathers")
    report.section("Scores").table(scores, f"{split}. {LEAKAGE}")
    for table in details.values():
        report.facts({key: str(value) for key, value in table.items()})
    report.section("Before, after, removed")
    for gather, kept in pictures:
        report.figure(gather_figure(gather, kept), "All panels in the grey of the gather.")
    return report.section("Training").figure(
        learning_curve_figure(history), "Nothing is chosen on what is scored."
    )


def gather_pictures(denoise: GatherDenoiser, gathers: Sequence[Gather]) -> list[Picture]:
    """Each gather as the network, and a filter of middling parameters, leave it."""
    filtered = middling(BASELINES[FILTER])
    return [
        (gather, [("network", denoise(gather)), (FILTER, filtered(gather))]) for gather in gathers
    ]
