"""Two class cubes matched on the samples that they share, and counted line by line."""

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
    """Two cubes and the lines and samples that they share.

    Args:
        truth: cube of true classes.
        prediction: cube of predicted classes or probabilities.
        numbers: line numbers and sample times of the truth, one array for each axis.
        mine: for each axis, indices in the truth of the shared numbers.
        other: for each axis, indices in the prediction of the same numbers.
    """

    truth: ClassCube
    prediction: ClassCube
    numbers: tuple[np.ndarray, ...]
    mine: tuple[np.ndarray, ...]
    other: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, truth: ClassCube, prediction: ClassCube, wanted: Sequence[Range]) -> "Pair":
        """Two cubes matched by line numbers and times where both have them, else by position.

        Args:
            truth: cube of true classes.
            prediction: cube of predicted classes or probabilities.
            wanted: first and last number of the inlines and of the crosslines to compare, both
                included; None for no limit.

        Raises:
            GeometryError: the cubes share nothing in the wanted ranges, or have neither line
                numbers nor the same shape.
        """
        known = truth.numbers and prediction.numbers
        if not known and truth.shape != prediction.shape:
            raise GeometryError(
                f"Expected two cubes of one shape, since one has no line numbers; got "
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
        """What is compared, for people: names, shapes and the shared range of each axis."""
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
        """Count one inline of the truth: samples that are shared, and samples outside.

        Args:
            inline: array index of the inline in the truth.
            counts: counts that the inline is added to.
        """
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
    """Numbers of samples from which scores are made; their size does not grow with the cube.

    Args:
        samples: number of samples of a trace of the truth.

    Attributes:
        pairs: number of samples for each pair of true code and predicted code.
        depths: for each true code, number of scored samples at each sample index, int64 (samples,).
        outside: the same for samples of the truth outside the scored lines.
        unanswered: number of labelled samples without a prediction.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.pairs: dict[tuple[int, int], int] = {}
        self.depths: dict[int, np.ndarray] = {}
        self.outside: dict[int, np.ndarray] = {}
        self.unanswered = 0

    def add(self, truth: np.ndarray, guess: np.ndarray) -> None:
        """Count one inline.

        Args:
            truth: true codes, integers (crosslines, samples), -1 where unlabelled.
            guess: predicted codes of the same shape, -1 where there is no prediction.
        """
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
        """Count traces that are not scored.

        Args:
            truth: true codes, integers (traces, samples), -1 where unlabelled.
        """
        self._by_depth(truth, self.outside)

    def _by_depth(self, truth: np.ndarray, counts: dict[int, np.ndarray]) -> None:
        for code in np.flatnonzero(np.bincount(truth[truth >= 0])).tolist():
            here = (truth == code).sum(axis=0)
            check_few({code, *counts})
            counts[code] = counts.get(code, np.zeros(self.samples, "int64")) + here


def span(numbers: np.ndarray) -> str:
    """The smallest and the largest number in words, such as "100 to 450".

    Args:
        numbers: line numbers or times, at least one.
    """
    return f"{numbers.min():g} to {numbers.max():g}"


def check_few(codes: Collection[int]) -> None:
    """Refuse more codes than a class cube may have classes.

    Args:
        codes: class codes that were found.

    Raises:
        LabelError: there are too many.
    """
    if len(codes) > MOST_CLASSES:
        raise LabelError(
            f"Expected at most {MOST_CLASSES} classes; got more than that. Choose class cubes, "
            "not amplitudes."
        )


def _shared(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For the numbers that occur in both arrays, their indices in each."""
    near = TOLERANCE * min(_spacing(here), _spacing(there))
    order = np.argsort(there)
    place = np.searchsorted(there[order], here - near).clip(0, len(there) - 1)
    match = order[place]
    same = np.abs(there[match] - here) <= near
    return np.flatnonzero(same), match[same]


def _spacing(numbers: np.ndarray) -> float:
    return float(np.abs(np.diff(numbers)).min()) if len(numbers) > 1 else 1.0
