"""Labels carried from labelled sections to other lines along the reflections.

From one line to the next each reflection moves up or down by a fraction of a sample. The
log-probabilities of a line (of the labels, where there are labels) are shifted with it and mixed
with those that the network predicts for the next line. The part that is kept from line to line is
measured on the survey: where the carried classes drift away from the predicted ones quickly, the
network counts more; and so it does wherever a line resembles the one before less than usual, as at
faults.
Source: exponential smoothing; the shifts are those of `tfseis.jobs.facies.reflections`.
Differs from it: the part that is kept is measured, and is smaller where two lines differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from tqdm import tqdm

from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import Predicted
from tfseis.jobs.facies.propagation import Propagation
from tfseis.jobs.facies.reflections import bounded, carry, likeness, reflection_shift
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.spreading import Spread, spread_labels
from tfseis.scores.calibration import tempered
from tfseis.selection import Parts
from tfseis.tasks.task import Arrays, Found, Task, Tick
from tfseis.windows import blocks

NEAR = 12  # lines on either side of a labelled one on which the drift is measured
HALVING = 0.04  # part of the samples that may drift before what was carried counts half
LEG = 8  # lines that are classified before their state is kept
USUAL = 0.1  # halvings a line from which on the likeness of lines counts in full
NEARBY = Propagation(along=1.0, power=3.0, offset=1.0)  # of labels that lack classes: 1 or 2
EMPTY = np.zeros((0, 0, 0))  # of a leg of which no line is wanted
FurtherLabels = Mapping[int, tuple[np.ndarray, np.ndarray]]
_Line = tuple[np.ndarray, np.ndarray, np.ndarray]  # amplitudes, log-probabilities, live mask
_State = tuple[np.ndarray, np.ndarray]  # amplitudes and evidence of a line


@dataclass(frozen=True)
class Leg:
    """Some lines that are classified one after another.

    Args:
        lines: array indices of the lines, in the order in which they are passed.
        wanted: those that are given back, ascending and without gaps among the wanted ones.
        continues: whether the leg goes on where the one before it ends.
    """

    lines: tuple[int, ...]
    wanted: tuple[int, ...]
    continues: bool = False


@dataclass(frozen=True)
class _Way:
    """Lines from a labelled one outwards, and those of them that are wanted."""

    lines: range
    wanted: set[int]


class Follower:
    """A facies network and the labels of a survey, ready to classify its lines one after another.

    Args:
        network: trained 2D network that classifies every sample, and the cube.
        labelled: for each labelled line along the network's axis, by its array index: its labels,
            spread over it.
        classes: number of classes.
        further: for each other line that labels lie on, by its array index: their positions on the
            line (labels, 2) and class indices (labels,). They count where they are surer than what
            is carried to them.
        weight: of the network's log-probabilities beside the labels; 0 where it counts nothing,
            and is not evaluated.
        temperature: divides the log-probabilities before they become a confidence.
        keep: part of the log-probabilities that is kept from one line to the next, 0 to 1;
            measured if None.
    """

    def __init__(
        self,
        network: SectionNetwork,
        labelled: Mapping[int, Spread],
        classes: int,
        *,
        further: FurtherLabels | None = None,
        weight: float = 1.0,
        temperature: float = 1.0,
        keep: float | None = None,
    ) -> None:
        self.network, self.classes = network, classes
        self.weight, self.temperature = weight, temperature
        self.axis, self.cube = network.axis, network.cube
        self.labelled, self.further = dict(sorted(labelled.items())), further or {}
        self._fullest = max(self.labelled, key=lambda line: self.labelled[line].labels)
        self.keep = self._measured() if keep is None else keep

    @property
    def halvings(self) -> float:
        """How often the weight of what is carried is halved from one line to the next."""
        return float(-np.log2(max(self.keep, 1e-6)))

    def without_network(self) -> "Follower":
        """The same labels carried along reflections by themselves."""
        return Follower(self.network, self.labelled, self.classes, further=self.further, weight=0.0)

    def walk(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Follow reflections outwards from the nearest labelled line, through every line between.

        Args:
            wanted: array indices of the lines to give back.
            progress: whether a bar is shown.

        Yields:
            Index of a line, the logarithm of its class probabilities (traces, samples, classes),
            and its live mask (traces, samples); in the order of the walk.
        """
        with tqdm(total=len(wanted), unit=" lines", desc="follow", disable=not progress) as bar:
            first: dict[int, _State] = {}  # both ways from a labelled line begin alike
            for way in self._ways(wanted):
                state = first.get(way.lines[0])
                for index in way.lines if state is None else way.lines[1:]:
                    evidence, _, live, state = self._next(index, state)
                    if index == way.lines[0]:
                        first = {index: state}
                    if index in way.wanted:
                        bar.update()
                        yield index, evidence, live

    def predict_lines(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes.

        Arguments as in `walk`, whose order the lines have.
        """
        for index, evidence, live in self.walk(wanted, progress=progress):
            yield index, self._predicted(evidence, live)

    def legs(self, wanted: Sequence[int]) -> list[Leg]:
        """The ways outwards from the labelled lines, cut into legs of a few lines.

        Args:
            wanted: array indices of the lines to classify.
        """
        legs = []
        for way in self._ways(wanted):
            for part in blocks(len(way.lines), LEG):
                lines = way.lines[part]
                chosen = tuple(sorted(way.wanted.intersection(lines)))
                legs.append(Leg(tuple(lines), chosen, continues=part.start > 0))
        return legs

    def classify(self, leg: Leg, before: _State | None) -> tuple[list[Predicted], _State | None]:
        """Classify the lines of a leg.

        Args:
            leg: one of `legs`.
            before: amplitudes and evidence at the last line of the leg that this one continues.

        Returns:
            The lines that are wanted, in ascending order, each a slab of one line; and amplitudes
            and evidence at the last line.
        """
        found, state = {}, before
        for index in leg.lines:
            evidence, _, live, state = self._next(index, state)
            if index in leg.wanted:
                found[index] = self._predicted(evidence, live)
        return [found[index] for index in leg.wanted], state

    def _predicted(self, evidence: np.ndarray, live: np.ndarray) -> Predicted:
        """Class and confidence of a line, as a slab of one line in cube axes."""
        likely = tempered(evidence, self.temperature)
        found = (evidence.argmax(axis=-1), likely.max(axis=-1), live)
        classes, confidence, on = (np.expand_dims(values, self.axis) for values in found)
        return Predicted(
            classes=np.where(on, classes, 0).astype("int16"),
            confidence=np.where(on, confidence, 0).astype("float32"),
            live=on,
        )

    def _ways(self, wanted: Sequence[int]) -> Iterator[_Way]:
        """From each labelled line to both sides, as far as lines are wanted that are nearest to it.

        The way downwards begins at the labelled line too, which it does not give back.
        """
        chosen = np.asarray(wanted)
        starts = np.array(list(self.labelled))
        nearest = starts[np.abs(chosen[:, np.newaxis] - starts).argmin(axis=1)]
        for start in np.unique(nearest).tolist():
            mine = set(chosen[nearest == start].tolist())
            for lines in (range(start, max(mine) + 1), range(start, min(mine) - 1, -1)):
                there = mine.intersection(lines) - ({start} if lines.step < 0 else set())
                if there:
                    yield _Way(lines, there)

    def _next(
        self, index: int, before: _State | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, _State]:
        """Evidence of a line, what the network alone says of it, its live mask, and the state.

        Args:
            index: array index of the line, labelled if nothing is before it.
            before: amplitudes and evidence of the line before it.
        """
        amplitude, predicted, live = self._line(index)
        if before is None:
            evidence = bounded(predicted + self.labelled[index].log_probability)
        else:
            previous, carried = before
            dead = ~live.any(axis=1, keepdims=True)  # traces that say nothing are passed over
            amplitude = np.where(dead, previous, amplitude)
            shift = reflection_shift(previous, amplitude)
            moved = carry(previous[..., np.newaxis], shift)[..., 0]
            doubt = min(1.0, self.halvings / USUAL)
            kept = (self.keep * likeness(moved, amplitude) ** doubt)[..., np.newaxis]
            evidence = kept * carry(carried, shift) + (1 - kept) * predicted
        if index in self.further:
            evidence = self._with_further(index, amplitude, evidence)
        return evidence, predicted, live, (amplitude, evidence)

    def _with_further(self, index: int, amplitude: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """The evidence of a line, replaced where its own labels are surer."""
        positions, classes = self.further[index]
        fullest = self.labelled[self._fullest]
        some = len(np.unique(classes)) < len(np.unique(fullest.classes))
        # how far labels reach was measured where labels of every class lie around
        propagation = NEARBY if some else fullest.propagation
        spread = spread_labels(amplitude, positions, classes, self.classes, propagation=propagation)
        surer = spread.right > tempered(evidence, 1.0).max(axis=-1)
        certain = bounded(spread.log_probability)
        return np.where(surer[..., np.newaxis], certain, evidence)

    def _line(self, index: int) -> _Line:
        """Amplitudes, log-probabilities of the network with its weight, and live mask of a line."""
        amplitude, predicted, live = self.network.read(index, predict=self.weight > 0)
        if self.weight == 0:
            shape = (*amplitude.shape, self.classes)
            return amplitude, np.full(shape, -np.log(self.classes), "float32"), live
        return amplitude, bounded(self.weight * predicted), live

    def _measured(self) -> float:
        """How much to keep, from how fast carried classes and the network's drift apart."""
        start, self.keep = self._fullest, 1.0
        if self.weight == 0:
            return 1.0
        distances, differences = [], []
        lines = range(max(0, start - NEAR), min(self.cube.shape[self.axis], start + NEAR + 1))
        *_, first = self._next(start, None)
        for side in (range(start + 1, lines.stop), range(start - 1, lines.start - 1, -1)):
            state = first
            for index in side:
                evidence, predicted, live, state = self._next(index, state)
                if not live.any():
                    continue
                other = evidence.argmax(axis=-1) != predicted.argmax(axis=-1)
                distances.append(abs(index - start))
                differences.append(other[live].mean())
        if len(set(distances)) < 2:
            return 1.0
        drift = max(np.polyfit(distances, differences, 1)[0], 0.0)
        return float(0.5 ** (drift / HALVING))


class Lines(Protocol):
    """What classifies a cube line after line."""

    axis: int
    cube: Cube

    def predict_lines(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes."""
        ...

    def legs(self, wanted: Sequence[int]) -> list[Leg]:
        """The wanted lines in groups, see `Follower.legs`."""
        ...

    def classify(self, leg: Leg, before: _State | None) -> tuple[list[Predicted], _State | None]:
        """Classify the lines of one group, see `Follower.classify`."""
        ...


def line_tasks(lines: Lines, parts: Parts) -> list[Task]:
    """The legs by which a part of a cube is classified.

    Args:
        lines: what classifies.
        parts: range and stride along each axis, as slices with positive steps.

    Returns:
        Tasks whose `what` is a `Leg`.
    """
    axis = lines.axis
    ranges = [range(*part.indices(n)) for part, n in zip(parts, lines.cube.shape, strict=True)]
    whole = slice(0, len(ranges[1 - axis]))
    tasks: list[Task] = []
    for number, leg in enumerate(lines.legs(list(ranges[axis]))):
        mine = slice(0, 0)
        if leg.wanted:
            mine = slice(ranges[axis].index(leg.wanted[0]), ranges[axis].index(leg.wanted[-1]) + 1)
        box = (mine, whole) if axis == 0 else (whole, mine)
        after = number - 1 if leg.continues else None
        tasks.append(Task(number, box, len(leg.lines), leg, after))
    return tasks


@dataclass(frozen=True)
class LineWork:
    """Classifies legs of lines.

    Args:
        lines: what classifies.
        parts: range and stride along each axis.
    """

    lines: Lines
    parts: Parts

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """Classes, confidence and live mask of the lines of a leg that are wanted."""
        axis, read = self.lines.axis, self.lines.cube.nonfinite
        before = None if state is None else (state[0], state[1])
        found, after = self.lines.classify(task.what, before)
        tick(task.cost)
        slab = tuple(slice(None) if a == axis else part for a, part in enumerate(self.parts))
        values = tuple(
            np.concatenate([getattr(one, name)[slab] for one in found], axis) if found else EMPTY
            for name in ("classes", "confidence", "live")
        )
        return Found(values, after, {"nonfinite": self.lines.cube.nonfinite - read})
