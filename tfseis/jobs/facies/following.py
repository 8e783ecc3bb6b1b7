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

from collections.abc import Callable, Iterator, Mapping, Sequence
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

NEAR = 12  # lines on either side of a labelled one on which the drift is measured
HALVING = 0.04  # part of the samples that may drift before what was carried counts half
USUAL = 0.1  # halvings a line from which on the likeness of lines counts in full
NEARBY = Propagation(along=1.0, power=3.0, offset=1.0)  # of labels that lack classes: 1 or 2
FurtherLabels = Mapping[int, tuple[np.ndarray, np.ndarray]]
_Line = tuple[np.ndarray, np.ndarray, np.ndarray]  # amplitudes, log-probabilities, live mask


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
        chosen = np.asarray(wanted)
        lines = np.array(list(self.labelled))
        nearest = lines[np.abs(chosen[:, np.newaxis] - lines).argmin(axis=1)]
        with tqdm(total=len(chosen), unit=" lines", desc="follow", disable=not progress) as bar:
            for start in np.unique(nearest).tolist():
                mine, first = set(chosen[nearest == start].tolist()), self._line(start)
                for side in (range(start, max(mine) + 1), range(start - 1, min(mine) - 1, -1)):
                    for index, evidence, _, live in self._outwards(start, side, first):
                        if index in mine:
                            bar.update()
                            yield index, evidence, live

    def predict_lines(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes.

        Arguments as in `walk`, whose order the lines have.
        """
        for index, evidence, live in self.walk(wanted, progress=progress):
            likely = tempered(evidence, self.temperature)
            found = (evidence.argmax(axis=-1), likely.max(axis=-1), live)
            classes, confidence, on = (np.expand_dims(values, self.axis) for values in found)
            yield (
                index,
                Predicted(
                    classes=np.where(on, classes, 0).astype("int16"),
                    confidence=np.where(on, confidence, 0).astype("float32"),
                    live=on,
                ),
            )

    def _outwards(
        self, start: int, side: range, first: _Line
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
        """Index, evidence, what the network alone says of it, and live mask of each line."""
        amplitude, predicted, live = first
        evidence = bounded(predicted + self.labelled[start].log_probability)
        doubt = min(1.0, self.halvings / USUAL)
        for index in side:
            if index != start:
                neighbour, predicted, live = self._line(index)
                dead = ~live.any(axis=1, keepdims=True)  # traces that say nothing are passed over
                neighbour = np.where(dead, amplitude, neighbour)
                shift = reflection_shift(amplitude, neighbour)
                moved = carry(amplitude[..., np.newaxis], shift)[..., 0]
                kept = (self.keep * likeness(moved, neighbour) ** doubt)[..., np.newaxis]
                evidence = kept * carry(evidence, shift) + (1 - kept) * predicted
                amplitude = neighbour
            if index in self.further:
                evidence = self._with_further(index, amplitude, evidence)
            yield index, evidence, predicted, live

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
        distances, differences, first = [], [], self._line(start)
        lines = range(max(0, start - NEAR), min(self.cube.shape[self.axis], start + NEAR + 1))
        for side in (range(start + 1, lines.stop), range(start - 1, lines.start - 1, -1)):
            for index, evidence, predicted, live in self._outwards(start, side, first):
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


def follow_cube(
    follower: Lines,
    parts: Parts,
    write: Callable[[Predicted, int, int], None],
    *,
    progress: bool = False,
) -> None:
    """Classify ``cube[parts]`` line after line; arguments as in `predict_cube`."""
    axis = follower.axis
    lines = list(range(*parts[axis].indices(follower.cube.shape[axis])))
    slab = tuple(slice(None) if a == axis else part for a, part in enumerate(parts))
    for index, found in follower.predict_lines(lines, progress=progress):
        block = Predicted(found.classes[slab], found.confidence[slab], found.live[slab])
        place = lines.index(index)
        write(block, place if axis == 0 else 0, place if axis == 1 else 0)
