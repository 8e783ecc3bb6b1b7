"""A cube of predicted classes scored against a cube of true classes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

import tfseis
from tfseis.errors import LabelError
from tfseis.io.labels.legend import Legend, legend_path, read_legend
from tfseis.scores.baselines import depth_only
from tfseis.scores.class_counts import Counts, Pair
from tfseis.scores.comparison import Score, add_score
from tfseis.view import Report
from tfseis.wording import counted

PREDICTION = "this prediction"  # name of what is scored, in tables
SHOW_BAR_AFTER = 2.0  # seconds


@dataclass(frozen=True)
class CubeScore:
    """A prediction scored on the samples that it shares with a truth.

    Args:
        score: confusion matrices of the prediction and of the baselines.
        compared: what was compared, for people: files, lines, number of samples.
        notes: sentences that a reader of the numbers must know.
    """

    score: Score
    compared: dict[str, object]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The score as plain values for a JSON file; None where a score has no value."""
        found = self.score.as_dict()
        del found["blocks"]
        classes = self.score.legend.table().to_dict("records")
        return {
            "tfseis": tfseis.__version__,
            "compared": self.compared,
            **found,
            "legend": classes,
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """All tables as text to print."""
        names = self.score.legend.names
        matrix = pd.DataFrame(self.score.network, pd.Index(names, name="truth"), names)
        tables = {
            "": "\n".join(f"{name}: {value}" for name, value in self.compared.items()),
            "Beside what needs no network": self.score.comparison().round(3).to_string(),
            "Class by class": self.score.classes().round(3).to_string(na_rep="-"),
            "Confusion matrix (rows: truth, columns: prediction)": matrix.to_string(),
            "Notes": "\n".join(self.notes),
        }
        shown = [f"{title}\n{table}".lstrip() for title, table in tables.items() if table]
        return "\n\n".join(shown)

    def report(self) -> Report:
        """All tables, and the confusion matrix as a figure."""
        report = Report("Score of a class cube", f"tfseis {tfseis.__version__}")
        report.section("Scores")
        add_score(report, self.score, "The samples that both cubes hold.")
        report.section("What was compared").facts(self.compared)
        for note in self.notes:
            report.text(note)
        return report


def score_classes(pair: Pair, *, progress: bool) -> CubeScore:
    """Score predicted classes on the samples that two cubes share, one inline at a time.

    Args:
        pair: both cubes, matched.
        progress: whether to show a bar when it takes more than two seconds.

    Raises:
        LabelError: no shared sample is labelled and predicted, or a cube holds too many classes.
    """
    counts = Counts(pair.truth.shape[2])
    bar = tqdm(
        range(pair.truth.shape[0]),
        desc="score",
        unit="inline",
        delay=SHOW_BAR_AFTER,
        disable=not progress,
    )
    for inline in bar:
        pair.count(inline, counts)
    return _scored(pair, counts)


def _scored(pair: Pair, counts: Counts) -> CubeScore:
    if not counts.pairs:
        raise LabelError(
            f"Expected samples that {pair.truth.path.name} labels and {pair.prediction.path.name} "
            "predicts; got none on their shared lines. Score other lines."
        )
    notes: list[str] = []
    codes = sorted({code for key in counts.pairs for code in key})
    if counts.outside:
        codes = sorted({*codes, *counts.outside})  # classes that a baseline may answer
    legend = _legend(pair, codes, notes)
    matrix = np.zeros((len(codes), len(codes)), "int64")
    for (true, guess), count in counts.pairs.items():
        matrix[codes.index(true), codes.index(guess)] = count
    depths = _table(counts.depths, codes, counts.samples)
    confusion = {PREDICTION: matrix, **_baselines(depths, counts, codes, notes)}
    if counts.unanswered:
        notes.append(
            f"{counted(counts.unanswered, 'labelled sample')} without a prediction, not counted; a "
            "prediction that leaves out what is difficult scores better for it."
        )
    compared = {**pair.facts(), "scored samples": int(matrix.sum())}
    if pair.truth.numbers is None or pair.prediction.numbers is None:
        notes.append("An .npy has no line numbers: samples were matched by position.")
    return CubeScore(Score(legend, confusion, scored=PREDICTION), compared, tuple(notes))


def _baselines(
    depths: np.ndarray, counts: Counts, codes: list[int], notes: list[str]
) -> dict[str, np.ndarray]:
    """Confusion matrices of trivial classifiers by name; notes say what they learned from."""
    if not counts.outside:
        notes.append(
            "Baseline: the most frequent class of the scored samples themselves, which nobody "
            "could know beforehand. The class by depth, and a copy of a labelled section, are not "
            "computed: the truth has no lines outside the scored ones to learn them from."
        )
        best = np.full(len(depths), depths.sum(axis=0).argmax())
        return {"most frequent class (of the truth itself)": _answers(depths, best)}
    notes.append(
        "Baselines learn from the truth's lines outside the scored ones. A copy of the labelled "
        "section is not computed: the truth does not say which lines were labelled."
    )
    learned = _table(counts.outside, codes, counts.samples)
    known = np.flatnonzero(learned.sum(axis=1))
    every = np.zeros((counts.samples, 3), "int64")
    every[:, 2] = np.arange(counts.samples)
    by_depth = depth_only(every[known], learned[known].argmax(axis=1), every)
    best = np.full(counts.samples, learned.sum(axis=0).argmax())
    return {
        "most frequent class": _answers(depths, best),
        "depth only": _answers(depths, by_depth),
    }


def _answers(depths: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Confusion matrix of one class for each sample index.

    `depths` (samples, classes) counts the true classes at each sample index, `answer` (samples,)
    holds the class that is answered there.
    """
    matrix = np.zeros((depths.shape[1], depths.shape[1]), "int64")
    np.add.at(matrix.T, answer, depths)
    return matrix


def _table(counts: dict[int, np.ndarray], codes: list[int], samples: int) -> np.ndarray:
    """Counts by sample index and class, int64 (samples, classes)."""
    nothing = np.zeros(samples, "int64")
    return np.stack([counts.get(code, nothing) for code in codes], axis=1)


def _legend(pair: Pair, codes: list[int], notes: list[str]) -> Legend:
    """Names from the truth's legend, else the prediction's; a note says where they differ."""
    found = Legend.of([f"class {code}" for code in codes], codes).table().set_index("code")
    named: dict[int, str] = {}
    for cube in (pair.prediction, pair.truth):
        beside = legend_path(cube.path)
        for row in read_legend(beside).table().to_dict("records") if beside.exists() else []:
            code = row["code"]
            if code in found.index:
                if named.get(code, row["name"]) != row["name"]:
                    notes.append(
                        f"Code {code} is {row['name']!r} in the truth's legend and "
                        f"{named[code]!r} in the prediction's: check that it is one class."
                    )
                named[code] = row["name"]
                found.loc[code] = row["name"], row["colour"]
    return Legend(tuple(codes), tuple(found["name"]), tuple(found["colour"]))
