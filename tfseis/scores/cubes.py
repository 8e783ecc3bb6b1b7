"""One class or fault cube scored against another, whoever made them: `tfseis score`."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

import tfseis
from tfseis.errors import LabelError
from tfseis.io.labels.class_cube import open_class_cube
from tfseis.io.labels.legend import Legend, legend_path, read_legend
from tfseis.io.output import check_output, complete_or_absent
from tfseis.io.segy.cube import SegyCube
from tfseis.scores.baselines import depth_only
from tfseis.scores.class_counts import Counts, Pair, Range
from tfseis.scores.comparison import Score, add_score
from tfseis.scores.surface_cubes import FaultCubeScore, holds_probabilities, score_faults
from tfseis.view import Report

PREDICTION = "this prediction"
SHOW_BAR_AFTER = 2.0  # seconds


@dataclass(frozen=True)
class CubeScore:
    """A prediction scored on the samples that it shares with a truth.

    Args:
        score: confusion matrices of the prediction and of the baselines.
        compared: what was compared, for people: files, lines, numbers of samples.
        notes: what a reader of the numbers must know.
    """

    score: Score
    compared: dict[str, object]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For a JSON file: plain numbers, None where a score has no value."""
        found = self.score.as_dict()
        del found["blocks"]
        classes = self.score.legend.table().to_dict("records")
        return {
            "tfseis": tfseis.__version__, "compared": self.compared, **found,
            "legend": classes, "notes": list(self.notes),
        }  # fmt: skip

    def text(self) -> str:
        """Every table, to print."""
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
        """The same tables, and the confusion matrix as a figure."""
        report = Report("Score of a class cube", f"tfseis {tfseis.__version__}")
        report.section("Scores")
        add_score(report, self.score, "The samples that both cubes hold.")
        report.section("What was compared").facts(self.compared)
        for note in self.notes:
            report.text(note)
        return report


def score(
    truth: str | Path | SegyCube,
    prediction: str | Path | SegyCube,
    *,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    faults: bool = False,
    json_file: str | Path | None = None,
    html_file: str | Path | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> CubeScore | FaultCubeScore:
    """Score a class or fault cube on the samples that it shares with another.

    Samples are matched by line numbers and times, so that either cube may cover a part of the
    other, or fewer lines; where one is an ``.npy`` array, by position, and shapes must be equal.
    Classes are matched by their codes; a prediction with fractions between 0 and 1, of a truth
    of 0 and 1, is scored as fault probabilities. Unlabelled samples and missing traces do not
    count. Some inlines are held in memory at a time.

    Args:
        truth: SEG-Y file (or opened cube), ``.npy``, or ``.npz`` with line numbers; see
            `tfseis.io.open_class_cube`.
        prediction: the same.
        inlines: first and last inline to score; None for all that both hold.
        crosslines: first and last crossline to score.
        faults: score as faults, also where the prediction holds 0 and 1 alone.
        json_file: where to write the score as JSON, if wanted.
        html_file: where to write it as a page, if wanted.
        overwrite: whether files of these names may be replaced.
        progress: show a bar when it takes more than two seconds.

    Raises:
        FormatError: a file is no class cube.
        GeometryError: the two share no samples, or none in the range.
        LabelError: a file holds fractions or too many classes, or no shared sample is labelled.
        OutputError: a result exists or cannot be written.
    """
    for path in (json_file, html_file):
        if path is not None:
            check_output(path, overwrite)
    pair = Pair.of(open_class_cube(truth), open_class_cube(prediction), (inlines, crosslines))
    if faults or holds_probabilities(pair):
        found: CubeScore | FaultCubeScore = score_faults(pair, progress=progress)
    else:
        found = _score_classes(pair, progress)
    if json_file is not None:
        with complete_or_absent(Path(json_file), overwrite) as partial:
            partial.write_text(json.dumps(found.as_dict(), indent=1, allow_nan=False))
    if html_file is not None:
        found.report().write(html_file)
    return found


def _score_classes(pair: Pair, progress: bool) -> CubeScore:
    counts = Counts(pair.truth.shape[2])
    bar = tqdm(
        range(pair.truth.shape[0]), desc="score", unit="inline", delay=SHOW_BAR_AFTER,
        disable=not progress,
    )  # fmt: skip
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
        codes = sorted({*codes, *counts.outside})  # what a baseline may answer
    legend = _legend(pair, codes, notes)
    matrix = np.zeros((len(codes), len(codes)), "int64")
    for (true, guess), count in counts.pairs.items():
        matrix[codes.index(true), codes.index(guess)] = count
    depths = _table(counts.depths, codes, counts.samples)
    confusion = {PREDICTION: matrix, **_baselines(depths, counts, codes, notes)}
    if counts.unanswered:
        notes.append(
            f"{counts.unanswered} labelled samples have no prediction and do not count; a "
            "prediction that leaves out what is difficult scores better for it."
        )
    compared = {**pair.facts(), "scored samples": int(matrix.sum())}
    if pair.truth.numbers is None or pair.prediction.numbers is None:
        notes.append("An .npy has no line numbers: samples were matched by position.")
    return CubeScore(Score(legend, confusion, scored=PREDICTION), compared, tuple(notes))


def _baselines(
    depths: np.ndarray, counts: Counts, codes: list[int], notes: list[str]
) -> dict[str, np.ndarray]:
    """Confusion matrices of what needs no network, by name; says where they come from."""
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
    """Confusion matrix of one answer a sample index; `depths` (samples, classes) counts truths."""
    matrix = np.zeros((depths.shape[1], depths.shape[1]), "int64")
    np.add.at(matrix.T, answer, depths)
    return matrix


def _table(counts: dict[int, np.ndarray], codes: list[int], samples: int) -> np.ndarray:
    """Counts by sample index and class, int64 (samples, classes)."""
    nothing = np.zeros(samples, "int64")
    return np.stack([counts.get(code, nothing) for code in codes], axis=1)


def _legend(pair: Pair, codes: list[int], notes: list[str]) -> Legend:
    """Names from the truth's legend, else the prediction's; says where these contradict."""
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
