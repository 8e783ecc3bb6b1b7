"""A score beside its baselines: confusion matrices, and the tables that come from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tfseis.data.splits import Fold
from tfseis.io.labels.legend import Legend
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import accuracy, class_scores, mean_iou
from tfseis.view import Report, confusion_figure

NETWORK = "this network"


@dataclass(frozen=True)
class Score:
    """Confusion matrices (truth in rows) of a network or cube and of each baseline, by name.

    Args:
        legend: the classes that are counted.
        confusion: int64 (classes, classes) for what is scored and for each baseline.
        folds: the blocks of a blocked score.
        history: training without the first block, with its loss as validation.
        scored: name in `confusion` of what is scored.
        islands: isolated wrong islands in a million scored samples, where they were counted.
    """

    legend: Legend
    confusion: dict[str, np.ndarray]
    folds: Sequence[Fold] = ()
    history: pd.DataFrame | None = None
    scored: str = NETWORK
    islands: float | None = None

    @classmethod
    def empty(cls, legend: Legend) -> "Score":
        """A score before anything is counted."""
        names = [NETWORK, *BASELINES]
        return cls(legend, {n: np.zeros((len(legend), len(legend)), "int64") for n in names})

    @property
    def network(self) -> np.ndarray:
        """The matrix of what is scored."""
        return self.confusion[self.scored]

    def comparison(self) -> pd.DataFrame:
        """Mean IoU and accuracy, one row what is scored, then one a baseline."""
        rows = {
            name: {"mean IoU": mean_iou(matrix), "accuracy": accuracy(matrix)}
            for name, matrix in self.confusion.items()
        }
        return pd.DataFrame(rows).T

    def classes(self) -> pd.DataFrame:
        """Precision, recall, F1, IoU and support of what is scored, one row a class."""
        return class_scores(self.network, self.legend.names)

    def as_dict(self) -> dict[str, object]:
        """For metrics.json: plain numbers, None where a score has no value."""
        table = self.classes().astype(object)
        return {
            "mean_iou": mean_iou(self.network),
            "accuracy": accuracy(self.network),
            "wrong_islands_per_million": self.islands,
            "baselines": self.comparison().drop(self.scored).to_dict("index"),
            "classes": table.where(table.notna(), None).to_dict("index"),
            "confusion": self.network.tolist(),
            "blocks": [
                {"axis": ("inline", "crossline")[fold.axis], "start": fold.start, "stop": fold.stop,
                 "train": int(fold.train.sum()), "test": int(fold.test.sum())}
                for fold in self.folds
            ],
        }  # fmt: skip


def add_score(report: Report, score: Score, what: str) -> None:
    """Add the tables and the confusion matrix of a score to a report."""
    report.table(score.comparison(), f"{what} Beside it: what needs no network.")
    report.table(score.classes(), "Class by class")
    if score.islands is not None:
        report.text(
            f"Bodies of one class in which no sample is right: {score.islands:.0f} in a million "
            "samples."
        )
    report.figure(confusion_figure(score.network, score.legend), "Confusion matrix; rows: truth.")
