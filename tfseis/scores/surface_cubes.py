"""A cube of fault probabilities, or of 0 and 1, scored against a cube of fault labels."""

from dataclasses import asdict, dataclass
from math import isnan

import numpy as np
import pandas as pd
from tqdm import tqdm

import tfseis
from tfseis.errors import LabelError
from tfseis.geometry import TOLERANCE
from tfseis.io.labels.class_cube import ClassCube, read_codes
from tfseis.scores.class_counts import Pair
from tfseis.scores.surface_counts import MARGIN, FaultCounts
from tfseis.scores.surfaces import FaultScores
from tfseis.view import Report
from tfseis.windows import blocks
from tfseis.wording import counted

PREDICTION = "this prediction"  # name of what is scored, in tables
BLOCK_SAMPLES = 4_000_000  # number of samples that are scored at a time
TRIED = 16  # number of lines from which probabilities are told from classes
SHOW_BAR_AFTER = 2.0  # seconds
COLUMNS = {
    "iou": "IoU at 0.5",
    "best_iou": "best IoU",
    "best_threshold": "at threshold",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
    "tolerant_iou": "Tol-IoU@2",
    "volume_ratio": "found / true",
}


@dataclass(frozen=True)
class FaultCubeScore:
    """A fault cube scored on the samples that it shares with its truth.

    Args:
        scores: scores of the prediction and of each baseline, by name.
        compared: what was compared, for people: files, lines, numbers of samples.
        notes: sentences that a reader of the numbers must know.
    """

    scores: dict[str, FaultScores]
    compared: dict[str, object]
    notes: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Table with one row for the prediction, then one for each baseline."""
        rows = {name: asdict(found) for name, found in self.scores.items()}
        return pd.DataFrame(rows).T.rename(columns=COLUMNS)

    def as_dict(self) -> dict[str, object]:
        """The score as plain values for a JSON file; None where a score has no value."""
        plain = {
            name: {k: None if isnan(value) else value for k, value in asdict(found).items()}
            for name, found in self.scores.items()
        }
        own = plain.pop(PREDICTION)
        return {
            "tfseis": tfseis.__version__,
            "compared": self.compared,
            "faults": own,
            "baselines": plain,
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """The table as text to print."""
        facts = "\n".join(f"{name}: {value}" for name, value in self.compared.items())
        table = self.table().T.round(3).to_string(na_rep="-")
        return "\n\n".join(
            [facts, f"Faults, and baselines that need no network\n{table}", *self.notes]
        )

    def report(self) -> Report:
        """The table as a page."""
        report = Report("Score of a fault cube", f"tfseis {tfseis.__version__}")
        report.section("Scores")
        report.table(
            self.table(), "The samples that both cubes hold; baselines that need no network"
        )
        report.section("What was compared").facts(self.compared)
        for note in self.notes:
            report.text(note)
        return report


def holds_probabilities(pair: Pair) -> bool:
    """Whether the truth holds 0 and 1 alone and the prediction fractions between 0 and 1.

    Some evenly spaced shared lines are looked at.

    Args:
        pair: both cubes, matched.
    """
    places = np.unique(np.linspace(0, len(pair.mine[0]) - 1, TRIED).astype(int)).tolist()
    fractions = False
    for place in places:
        truth, labelled = _line(pair.truth, int(pair.mine[0][place]), pair.mine)
        guess, answered = _line(pair.prediction, int(pair.other[0][place]), pair.other)
        if truth[labelled].max(initial=0) > 1 or guess[answered].max(initial=0) > 1:
            return False
        fractions |= bool((np.abs(guess - np.rint(guess)) > TOLERANCE)[answered].any())
    return fractions


def score_faults(pair: Pair, *, progress: bool) -> FaultCubeScore:
    """Score fault probabilities on the lines that two cubes share, a few lines at a time.

    Args:
        pair: both cubes, matched.
        progress: whether to show a bar when it takes more than two seconds.

    Raises:
        LabelError: the truth holds numbers above 1, the prediction numbers outside 0 to 1, or no
            shared sample is labelled and predicted.
    """
    counts = FaultCounts()
    unanswered = 0
    lines = len(pair.mine[0])
    size = max(1, BLOCK_SAMPLES // (len(pair.mine[1]) * len(pair.mine[2])))
    with tqdm(
        total=lines, desc="score", unit="inline", delay=SHOW_BAR_AFTER, disable=not progress
    ) as bar:
        for part in blocks(lines, size):
            around = range(max(0, part.start - MARGIN), min(lines, part.stop + MARGIN))
            read = [_shared(pair, place) for place in around]
            faults, probability, known, lacking = (np.stack(own) for own in zip(*read, strict=True))
            inside = slice(part.start - around.start, part.stop - around.start)
            counts.add(faults, probability, known=known, inside=inside)
            unanswered += int(lacking[inside].sum())
            bar.update(part.stop - part.start)
    if not counts.all:
        raise LabelError(
            f"Expected samples that {pair.truth.path.name} labels and {pair.prediction.path.name} "
            "predicts; got none on their shared lines. Score other lines."
        )
    return _found(pair, counts, unanswered)


def _found(pair: Pair, counts: FaultCounts, unanswered: int) -> FaultCubeScore:
    notes = [
        "The best threshold is chosen on the truth itself; compare models at 0.5. Tol-IoU@2 "
        "forgives 2 samples of the shared grid; faults at random score well on it too: see that "
        "row."
    ]
    if unanswered:
        notes.append(f"{counted(unanswered, 'labelled sample')} without a prediction, not counted.")
    if not counts.true:
        notes.append("The truth holds no fault on the shared lines.")
    compared = {**pair.facts(), "scored samples": counts.all, "fault samples": counts.true}
    scores = {PREDICTION: counts.scores(), **counts.baselines()}
    return FaultCubeScore(scores, compared, tuple(notes))


def _shared(pair: Pair, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Faults, probabilities, scored samples and samples without prediction of one shared line."""
    truth, labelled = _line(pair.truth, int(pair.mine[0][place]), pair.mine)
    guess, answered = _line(pair.prediction, int(pair.other[0][place]), pair.other)
    known = labelled & answered
    _check(pair.truth, truth[labelled], "0 and 1", bool((truth[labelled] <= 1).all()))
    _check(pair.prediction, guess[answered], "0 to 1", bool((guess[answered] <= 1).all()))
    return truth > 0, np.where(known, guess, 0), known, labelled & ~answered


def _line(
    cube: ClassCube, line: int, shared: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Values of one line where the other cube has samples too, and which of them are known."""
    key = slice(line, line + 1), slice(None), slice(None)
    values, known = read_codes(cube.codes, key, cube.ignore)
    place = np.ix_(*shared[1:])
    return values[0][place], known[0][place]


def _check(cube: ClassCube, values: np.ndarray, expected: str, good: bool) -> None:
    if not good:
        raise LabelError(
            f"{cube.path.name}: expected {expected} for a score of faults; got "
            f"{values.min():g} to {values.max():g}. Choose a fault cube."
        )
