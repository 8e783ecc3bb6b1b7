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

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from tfseis.jobs.facies.classifier import Predicted
from tfseis.jobs.facies.log_probabilities import best_class, bounded, most_likely, planes
from tfseis.jobs.facies.propagation import Propagation
from tfseis.jobs.facies.reflections import carry, likeness, reflection_shift
from tfseis.jobs.facies.section_network import SectionNetwork, SeenSection
from tfseis.jobs.facies.spreading import Spread, spread_labels
from tfseis.tasks.threads import threads
from tfseis.windows import blocks

NEAR = 12  # lines on either side of a labelled one on which the drift is measured
HALVING = 0.04  # part of the samples that may drift before what was carried counts half
AHEAD = 1  # lines that the network is evaluated on while another one is used
LEG = 8  # lines that are classified before their state is kept
USUAL = 0.1  # halvings a line from which on the likeness of lines counts in full
NEARBY = Propagation(along=1.0, power=3.0, offset=1.0)  # of labels that lack classes: 1 or 2
FurtherLabels = Mapping[int, tuple[np.ndarray, np.ndarray]]
State = tuple[np.ndarray, np.ndarray]  # amplitudes, and evidence in planes, of a line


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
class _Line:
    """A line as it was recorded, and what the network says of it.

    Args:
        index: its array index.
        amplitude: scaled amplitudes (traces, samples).
        live: bool (traces, samples).
        predicted: log-probabilities of the network with its weight, in planes (classes, traces,
            samples); (classes, 1, 1) where it counts nothing.
    """

    index: int
    amplitude: np.ndarray
    live: np.ndarray
    predicted: np.ndarray


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
            Index of a line, the logarithm of its class probabilities in planes (classes, traces,
            samples), and its live mask (traces, samples); in the order of the walk.
        """
        with tqdm(total=len(wanted), unit=" lines", desc="follow", disable=not progress) as bar:
            first: dict[int, State] = {}  # both ways from a labelled line begin alike
            for way in self._ways(wanted):
                state = first.get(way.lines[0])
                indices = way.lines if state is None else way.lines[1:]
                with closing(self._lines(indices)) as lines:
                    for line in lines:
                        state = self._next(line, state)
                        if line.index == way.lines[0]:
                            first = {line.index: state}
                        if line.index in way.wanted:
                            bar.update()
                            yield line.index, state[1], line.live

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

    def classify(self, leg: Leg, before: State | None) -> tuple[list[Predicted], State | None]:
        """Classify the lines of a leg.

        Args:
            leg: one of `legs`.
            before: amplitudes and evidence at the last line of the leg that this one continues.

        Returns:
            The lines that are wanted, in ascending order, each a slab of one line; and amplitudes
            and evidence at the last line.
        """
        found, state = {}, before
        with closing(self._lines(leg.lines)) as lines:
            for line in lines:
                state = self._next(line, state)
                if line.index in leg.wanted:
                    found[line.index] = self._predicted(state[1], line.live)
        return [found[index] for index in leg.wanted], state

    def _predicted(self, evidence: np.ndarray, live: np.ndarray) -> Predicted:
        """Class and confidence of a line, as a slab of one line in cube axes."""
        found = (*most_likely(evidence, self.temperature), live)
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

    def _lines(self, indices: Iterable[int]) -> Generator[_Line, None, None]:
        """Lines in their order; the network is evaluated on the next one while one is used.

        The cube is read by the caller's thread alone, since not every reader allows several.
        """
        ahead = 0 if threads() == 1 else AHEAD
        waiting: deque[tuple[int, SeenSection, Future]] = deque()
        with ThreadPoolExecutor(1, "network") as pool:
            for index in indices:
                section = self.network.read(index)
                waiting.append((index, section, pool.submit(self._weighted, section)))
                if len(waiting) > ahead:
                    yield _line(*waiting.popleft())
            while waiting:
                yield _line(*waiting.popleft())

    def _weighted(self, section: SeenSection) -> np.ndarray:
        """Log-probabilities of the network with its weight, in planes."""
        if self.weight == 0:
            return np.full((self.classes, 1, 1), -np.log(self.classes), "float32")
        return bounded(self.weight * self.network.log_probability(section), axis=0)

    def _next(self, line: _Line, before: State | None) -> State:
        """Amplitudes and evidence of a line.

        Args:
            line: the line, labelled if nothing is before it.
            before: amplitudes and evidence of the line before it.
        """
        amplitude, predicted = line.amplitude, line.predicted
        if before is None:
            labels = planes(self.labelled[line.index].log_probability)
            evidence = bounded(predicted + labels, axis=0)
        else:
            previous, carried = before
            dead = ~line.live.any(axis=1, keepdims=True)  # traces that say nothing are passed over
            amplitude = np.where(dead, previous, amplitude)
            shift = reflection_shift(previous, amplitude)
            doubt = min(1.0, self.halvings / USUAL)
            kept = self.keep * likeness(carry(previous, shift), amplitude) ** doubt
            evidence = carry(carried, shift)
            evidence *= kept
            evidence += (1 - kept) * predicted
        if line.index in self.further:
            evidence = self._with_further(line.index, amplitude, evidence)
        return amplitude, evidence

    def _with_further(self, index: int, amplitude: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """The evidence of a line, replaced where its own labels are surer."""
        positions, classes = self.further[index]
        fullest = self.labelled[self._fullest]
        some = len(np.unique(classes)) < len(np.unique(fullest.classes))
        # how far labels reach was measured where labels of every class lie around
        propagation = NEARBY if some else fullest.propagation
        spread = spread_labels(amplitude, positions, classes, self.classes, propagation=propagation)
        surer = spread.right > most_likely(evidence)[1]
        evidence[:, surer] = bounded(spread.log_probability[surer]).T
        return evidence

    def _measured(self) -> float:
        """How much to keep, from how fast carried classes and the network's drift apart."""
        start, self.keep = self._fullest, 1.0
        if self.weight == 0:
            return 1.0
        distances, differences = [], []
        stop = min(self.cube.shape[self.axis], start + NEAR + 1)
        first = None
        for side in (range(start, stop), range(start, max(-1, start - NEAR - 1), -1)):
            state = first
            with closing(self._lines(side if first is None else side[1:])) as lines:
                for line in lines:
                    state = self._next(line, state)
                    if line.index == start:
                        first = state
                    elif line.live.any():
                        other = best_class(state[1]) != best_class(line.predicted)
                        distances.append(abs(line.index - start))
                        differences.append(other[line.live].mean())
        if len(set(distances)) < 2:
            return 1.0
        drift = max(np.polyfit(distances, differences, 1)[0], 0.0)
        return float(0.5 ** (drift / HALVING))


def _line(index: int, section: SeenSection, predicted: Future) -> _Line:
    return _Line(index, section.amplitude, section.live, predicted.result())
