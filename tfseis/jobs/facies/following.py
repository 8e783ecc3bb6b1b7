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

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfseis.data.regions import read_region
from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.reflections import SURE, carry, labelled, likeness, reflection_shift
from tfseis.selection import Parts

NEAR = 12  # lines on either side of a labelled one on which the drift is measured
HALVING = 0.04  # part of the samples that may drift before what was carried counts half
USUAL = 0.1  # halvings a line from which on the likeness of lines counts in full
Known = Mapping[int, tuple[np.ndarray, np.ndarray]]


class Follower:
    """A facies network and the labels of a survey, ready to classify its lines one after another.

    Args:
        classifier: trained 2D network that classifies every sample.
        cube: cube of the survey.
        scaling: centre and spread of its amplitudes.
        known: for each labelled line along the classifier's axis, by its array index: labelled
            positions on the section (labels, 2) and their class indices (labels,).
        keep: part of the log-probabilities that is kept from one line to the next, 0 to 1;
            measured if None.
    """

    def __init__(
        self,
        classifier: DenseClassifier,
        cube: Cube,
        scaling: Scaling,
        known: Known,
        *,
        keep: float | None = None,
    ) -> None:
        self.classifier, self.cube, self.scaling = classifier, cube, scaling
        self.known = dict(sorted(known.items()))
        self.axis = classifier.recipe.axis
        self._log_probabilities = classifier.forward(tf.nn.log_softmax)
        self.keep = self._measured() if keep is None else keep

    @property
    def halvings(self) -> float:
        """How often the weight of what is carried is halved from one line to the next."""
        return float(-np.log2(max(self.keep, 1e-6)))

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
        lines = np.array(list(self.known))
        nearest = lines[np.abs(chosen[:, np.newaxis] - lines).argmin(axis=1)]
        with tqdm(total=len(chosen), unit=" lines", desc="follow", disable=not progress) as bar:
            for start in np.unique(nearest).tolist():
                mine = set(chosen[nearest == start].tolist())
                for side in (range(start, max(mine) + 1), range(start - 1, min(mine) - 1, -1)):
                    for index, evidence, live in self._outwards(start, side):
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
            likely = np.exp(evidence - evidence.max(axis=-1, keepdims=True))
            found = (evidence.argmax(axis=-1), 1 / likely.sum(axis=-1), live)
            classes, confidence, on = (np.expand_dims(values, self.axis) for values in found)
            yield (
                index,
                Predicted(
                    classes=np.where(on, classes, 0).astype("int16"),
                    confidence=np.where(on, confidence, 0).astype("float32"),
                    live=on,
                ),
            )

    def _outwards(self, start: int, side: range) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        if not side:
            return
        amplitude, evidence, live = self._line(start)
        labelled(evidence, *self.known[start])
        doubt = min(1.0, self.halvings / USUAL)
        for index in side:
            if index != start:
                neighbour, predicted, live = self._line(index)
                shift = reflection_shift(amplitude, neighbour)
                moved = carry(amplitude[..., np.newaxis], shift)[..., 0]
                kept = (self.keep * likeness(moved, neighbour) ** doubt)[..., np.newaxis]
                evidence = kept * carry(evidence, shift) + (1 - kept) * predicted
                amplitude = neighbour
            yield index, evidence, live

    def _line(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Amplitudes, bounded log-probabilities and live mask of a line."""
        parts = [slice(None)] * 3
        parts[self.axis] = slice(index, index + 1)
        halo = self.classifier.halo
        block, live = read_region(self.cube, (parts[0], parts[1], parts[2]), halo, self.scaling)
        stack = np.moveaxis(block, self.axis, 0)
        rows, columns = (around for axis, around in enumerate(halo) if axis != self.axis)
        sizes = [length for axis, length in enumerate(self.cube.shape) if axis != self.axis]
        last = [max(size - 1, 1) for size in sizes]
        predicted = np.maximum(self._log_probabilities(stack, [0, 0], last)[0].numpy(), SURE)
        amplitude = stack[
            0, rows.before : rows.before + sizes[0], columns.before : columns.before + sizes[1]
        ]
        return amplitude, predicted, live.squeeze(self.axis)

    def _measured(self) -> float:
        """How much to keep, from how fast carried classes and the network's drift apart."""
        start = max(self.known, key=lambda line: len(self.known[line][1]))
        self.keep = 1.0
        distances, differences = [], []
        lines = range(max(0, start - NEAR), min(self.cube.shape[self.axis], start + NEAR + 1))
        for side in (range(start + 1, lines.stop), range(start - 1, lines.start - 1, -1)):
            for index, evidence, live in self._outwards(start, side):
                predicted = self._line(index)[1]
                other = evidence.argmax(axis=-1) != predicted.argmax(axis=-1)
                distances.append(abs(index - start))
                differences.append(other[live].mean() if live.any() else 0.0)
        if len(set(distances)) < 2:
            return 1.0
        drift = max(np.polyfit(distances, differences, 1)[0], 0.0)
        return float(0.5 ** (drift / HALVING))


def follow_cube(
    follower: Follower,
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
