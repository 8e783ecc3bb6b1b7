"""A score beside those of its baselines: confusion matrices, and tables made from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tfseis.data.splits import Fold
from tfseis.io.labels.legend import Legend
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import accuracy, class_scores, mean_iou
from tfseis.view import Report, confusion_figure

NETWORK = "this network"  # name of what is scored, in tables


@dataclass(frozen=True)
class Score:
    """Confusion matrices of a network or cube and of each baseline, by name.

    Args:
        legend: names of the classes that are counted.
        confusion: numbers of samples, int64 (classes, classes) with the truth in rows, for what is
            scored and for each baseline.
        folds: blocks of a blocked score; empty for another one.
        history: learning curve of the training without the first block, whose loss is the
            validation loss; None for none.
        scored: name in `confusion` of what is scored.
        islands: isolated wrong islands for each million of scored samples; None where they were
            not counted.
        calibration: confidence beside accuracy, as `tfseis.scores.calibration_table` returns it;
            None where there is no confidence.
    """

    legend: Legend
    confusion: dict[str, np.ndarray]
    folds: Sequence[Fold] = ()
    history: pd.DataFrame | None = None
    scored: str = NETWORK
    islands: float | None = None
    calibration: pd.DataFrame | None = None

    @classmethod
    def empty(cls, legend: Legend) -> "Score":
        """A score before anything is counted.

        Args:
            legend: names of the classes.
        """
        names = [NETWORK, *BASELINES]
        return cls(legend, {n: np.zeros((len(legend), len(legend)), "int64") for n in names})

    @property
    def network(self) -> np.ndarray:
        """Confusion matrix of what is scored, int64 (classes, classes), truth in rows."""
        return self.confusion[self.scored]

    def comparison(self) -> pd.DataFrame:
        """Mean IoU and accuracy: one row for what is scored, then one for each baseline."""
        rows = {
            name: {"mean IoU": mean_iou(matrix), "accuracy": accuracy(matrix)}
            for name, matrix in self.confusion.items()
        }
        return pd.DataFrame(rows).T

    def classes(self) -> pd.DataFrame:
        """Table of `class_scores` of what is scored."""
        return class_scores(self.network, self.legend.names)

    def as_dict(self) -> dict[str, object]:
        """The score as plain values for a JSON file; None where a score has no value."""
        table = self.classes().astype(object)
        return {
            "mean_iou": mean_iou(self.network),
            "accuracy": accuracy(self.network),
            "wrong_islands_per_million": self.islands,
            "baselines": self.comparison().drop(self.scored).to_dict("index"),
            "classes": table.where(table.notna(), None).to_dict("index"),
            "confusion": self.network.tolist(),
            "blocks": [
                {
                    "axis": ("inline", "crossline")[fold.axis],
                    "start": fold.start,
                    "stop": fold.stop,
                    "train": int(fold.train.sum()),
                    "test": int(fold.test.sum()),
                }
                for fold in self.folds
            ],
        }


def add_score(report: Report, score: Score, what: str) -> None:
    """Add the tables and the confusion matrix of a score to a report.

    Args:
        report: report that they are added to.
        score: the score.
        what: which samples were scored, one sentence.
    """
    report.table(score.comparison(), f"{what} Baselines need no network.")
    report.table(score.classes(), "Class by class")
    if score.islands is not None:
        report.text(
            f"Connected bodies of one class in which no sample is right: {score.islands:.0f} in a "
            "million samples."
        )
    report.figure(confusion_figure(score.network, score.legend), "Confusion matrix; rows: truth.")
