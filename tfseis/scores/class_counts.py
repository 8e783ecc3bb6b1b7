"""Two class cubes on the samples that they share, counted line by line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from tfseis.errors import GeometryError, LabelError
from tfseis.geometry import TOLERANCE
from tfseis.io.labels.class_cube import ClassCube
from tfseis.io.labels.label_cube import MOST_CLASSES
from tfseis.scores.classes import confusion_matrix

AXES = ("inlines", "crosslines", "samples")
Range = tuple[float | None, float | None]


@dataclass(frozen=True)
class Pair:
    """Two cubes, and for each axis the indices in each of the numbers that they share."""

    truth: ClassCube
    prediction: ClassCube
    numbers: tuple[np.ndarray, ...]  # of the truth's axes
    mine: tuple[np.ndarray, ...]
    other: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, truth: ClassCube, prediction: ClassCube, wanted: Sequence[Range]) -> "Pair":
        """Matched by line numbers and times where both know them, else by shape.

        Raises:
            GeometryError: they share nothing in the wanted ranges of inlines and crosslines.
        """
        known = truth.numbers and prediction.numbers
        if not known and truth.shape != prediction.shape:
            raise GeometryError(
                f"Expected two cubes of one shape, since an .npy has no line numbers; got "
                f"{truth.shape} and {prediction.shape}. Save an .npz with line numbers, or SEG-Y."
            )
        counted = tuple(np.arange(size) for size in truth.shape)
        numbers = truth.numbers or prediction.numbers or counted
        others = prediction.numbers if known and prediction.numbers else numbers
        mine, other = [], []
        for name, here, there, (first, last) in zip(
            AXES, numbers, others, [*wanted, (None, None)], strict=True
        ):
            own, its = _shared(here, there)
            keep = np.ones(len(own), bool)
            keep &= True if first is None else here[own] >= first
            keep &= True if last is None else here[own] <= last
            if not keep.any():
                got = f"{span(here)} in the truth, {span(there)} in the prediction"
                raise GeometryError(
                    f"Expected {name} that truth and prediction share; got {got}, and none "
                    f"between {first} and {last}. Choose cubes and ranges of one survey."
                )
            mine.append(own[keep])
            other.append(its[keep])
        return cls(truth, prediction, tuple(numbers), tuple(mine), tuple(other))

    def facts(self) -> dict[str, object]:
        """What is compared, for people: files, shapes and the shared range of each axis."""
        shapes = " x ".join(str(len(own)) for own in self.mine)
        spans = [span(n[own]) for n, own in zip(self.numbers, self.mine, strict=True)]
        grid = ", ".join(f"{name} {span}" for name, span in zip(AXES, spans, strict=True))
        return {
            "truth": f"{self.truth.path.name}, {' x '.join(map(str, self.truth.shape))}",
            "prediction": (
                f"{self.prediction.path.name}, {' x '.join(map(str, self.prediction.shape))}"
            ),
            "shared grid": f"{shapes} ({grid})",
        }

    def count(self, inline: int, counts: "Counts") -> None:
        """Count one inline of the truth: what is shared, and what lies outside."""
        truth = self.truth.read((slice(inline, inline + 1), slice(None), slice(None)))[0]
        outside = np.ones(len(truth), bool)
        place = np.flatnonzero(self.mine[0] == inline)
        if place.size:
            outside[self.mine[1]] = False
            line = int(self.other[0][place[0]])
            guess = self.prediction.read((slice(line, line + 1), slice(None), slice(None)))[0]
            shared = np.full(truth.shape, -1)
            guessed = np.full(truth.shape, -1)
            mine, other = np.ix_(*self.mine[1:]), np.ix_(*self.other[1:])
            shared[mine], guessed[mine] = truth[mine], guess[other]
            counts.add(shared, guessed)
        counts.add_outside(truth[outside])


class Counts:
    """What the scores need, one class at most `MOST_CLASSES`: nothing grows with the cube.

    Attributes:
        pairs: how many samples have (true code, predicted code).
        depths: how many scored samples have each true code, by sample index.
        outside: the same for the truth outside the scored lines.
        unanswered: labelled samples without a prediction.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.pairs: dict[tuple[int, int], int] = {}
        self.depths: dict[int, np.ndarray] = {}
        self.outside: dict[int, np.ndarray] = {}
        self.unanswered = 0

    def add(self, truth: np.ndarray, guess: np.ndarray) -> None:
        """Count a line (crosslines, samples) of codes, -1 where there is none."""
        self.unanswered += int(((truth >= 0) & (guess < 0)).sum())
        both = np.where(guess >= 0, truth, -1)
        codes = np.flatnonzero(np.bincount(np.maximum([both, guess], 0).ravel()))
        check_few({*codes, *(code for pair in self.pairs for code in pair)})
        matrix = confusion_matrix(
            np.where(both >= 0, np.searchsorted(codes, both), -1),
            np.searchsorted(codes, guess),
            len(codes),
        )
        for row, column in np.argwhere(matrix):
            pair = int(codes[row]), int(codes[column])
            self.pairs[pair] = self.pairs.get(pair, 0) + int(matrix[row, column])
        self._by_depth(both, self.depths)

    def add_outside(self, truth: np.ndarray) -> None:
        """Count traces (traces, samples) that are not scored."""
        self._by_depth(truth, self.outside)

    def _by_depth(self, truth: np.ndarray, counts: dict[int, np.ndarray]) -> None:
        for code in np.flatnonzero(np.bincount(truth[truth >= 0])).tolist():
            here = (truth == code).sum(axis=0)
            check_few({code, *counts})
            counts[code] = counts.get(code, np.zeros(self.samples, "int64")) + here


def span(numbers: np.ndarray) -> str:
    """The smallest and the largest, in words."""
    return f"{numbers.min():g} to {numbers.max():g}"


def check_few(codes: Collection[int]) -> None:
    """Refuse more codes than a class cube has classes."""
    if len(codes) > MOST_CLASSES:
        raise LabelError(
            f"Expected at most {MOST_CLASSES} classes; got more than that. Choose class cubes, "
            "not amplitudes."
        )


def _shared(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices in both of the numbers that both hold."""
    near = TOLERANCE * min(_spacing(here), _spacing(there))
    order = np.argsort(there)
    place = np.searchsorted(there[order], here - near).clip(0, len(there) - 1)
    match = order[place]
    same = np.abs(there[match] - here) <= near
    return np.flatnonzero(same), match[same]


def _spacing(numbers: np.ndarray) -> float:
    return float(np.abs(np.diff(numbers)).min()) if len(numbers) > 1 else 1.0
