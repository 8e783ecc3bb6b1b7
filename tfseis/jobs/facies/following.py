"""Labels carried from labelled sections to other lines along the reflections.

From one line to the next each reflection moves up or down by a fraction of a sample. What is known
on a line (log-probabilities; labels where there are labels) moves with it, and is mixed with what
the network says of the next line. How much of it is kept from line to line is measured on the
survey: where the carried classes drift away from the network's quickly, the network counts more;
and so it does wherever a line resembles the one before less than usual, as at faults.
Source: Lucas and Kanade 1981, An iterative image registration technique with an application to
stereo vision, for the shifts; exponential smoothing for the mixture.
Differs from it: shifts along the samples alone, line by line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf
from scipy import ndimage
from scipy.spatial import cKDTree
from tqdm import tqdm

from tfseis.data.regions import read_region
from tfseis.data.scaling import Cube, Scaling
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.selection import Parts

SURE = -6.0  # natural logarithm: nothing is held less likely than 1 in 400, so that all may change
WINDOW = (3.0, 6.0)  # traces and samples: radius in which reflections move alike
REFINEMENTS = 3  # each adds at most a sample: dips up to 3 samples a line
DAMPING = 0.05  # of the mean energy: no shift where nothing reflects
NEAR = 12  # lines on either side of a labelled one, on which the drift is measured
HALVING = 0.04  # part of the samples that may drift before what was carried counts half
SPOKEN = 4.0  # samples across beds at which a label of few speaks half, at most
ALONG = 0.25  # of a sample: how far off a label one trace away is
USUAL = 0.1  # halvings a line from which on the likeness counts in full; where nothing drifts, not
Known = Mapping[int, tuple[np.ndarray, np.ndarray]]


def reflection_shift(section: np.ndarray, neighbour: np.ndarray) -> np.ndarray:
    """How far reflections lie deeper in a section than in its neighbour, in samples.

    Args:
        section: amplitudes (traces, samples).
        neighbour: the next section, of the same shape.

    Returns:
        Shift u, float32 (traces, samples): ``neighbour[x, t]`` resembles ``section[x, t + u]``.

    Examples:
        >>> wave = np.sin(np.arange(80) / 4)
        >>> shift = reflection_shift(np.tile(wave[:70], (9, 1)), np.tile(wave[1:71], (9, 1)))
        >>> float(np.median(shift).round(1))
        1.0
    """
    shift = np.zeros(section.shape, "float32")
    for _ in range(REFINEMENTS):
        moved = carry(section[..., np.newaxis], shift)[..., 0]
        slope = np.gradient((moved + neighbour) / 2, axis=1)
        both = ndimage.gaussian_filter((neighbour - moved) * slope, WINDOW)
        energy = ndimage.gaussian_filter(slope * slope, WINDOW)
        shift += np.clip(both / (energy + DAMPING * energy.mean() + 1e-12), -1, 1)
    return shift


def carry(values: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """What stands `shift` samples deeper, linearly interpolated; the last sample goes on below.

    Args:
        values: (traces, samples, classes).
        shift: (traces, samples).

    Examples:
        >>> carry(np.array([[[0.0], [10.0], [20.0]]]), np.array([[0.5, 0.0, 9.0]])).ravel().tolist()
        [5.0, 10.0, 20.0]
    """
    last = values.shape[1] - 1
    place = np.clip(np.arange(last + 1) + shift, 0, last)
    above = np.minimum(place.astype("int64"), max(last - 1, 0))
    part = (place - above).astype("float32")[..., np.newaxis]
    upper, lower = (
        np.take_along_axis(values, np.minimum(above + step, last)[..., np.newaxis], axis=1)
        for step in (0, 1)
    )
    return upper + part * (lower - upper)


def likeness(section: np.ndarray, neighbour: np.ndarray) -> np.ndarray:
    """How alike two sections are around each sample, 0..1; 1 for half of them.

    It is their correlation in a window, over its median.

    Examples:
        >>> wave = np.tile(np.sin(np.arange(60) / 3), (9, 1))
        >>> float(likeness(wave, wave).min().round(2)), float(likeness(wave, -wave).max())
        (1.0, 0.0)
    """
    ours, theirs, both = (
        ndimage.gaussian_filter(product, WINDOW)
        for product in (section * section, neighbour * neighbour, section * neighbour)
    )
    correlation = np.clip(both / np.sqrt(ours * theirs + 1e-12), 0, 1)
    return np.minimum(correlation / max(float(np.median(correlation)), 1e-6), 1)


def labelled(evidence: np.ndarray, positions: np.ndarray, classes: np.ndarray) -> None:
    """Let the labels of a section speak: at their samples alone, and more softly between them.

    Where labels lie apart as scattered points do, the nearest one speaks between them, half as much
    with each such distance (less one sample, 4 at most), and along the beds further than across.
    Painted areas say nothing of what lies beside them.

    Args:
        evidence: log-probabilities (traces, samples, classes); is changed.
        positions: of the labels, (labels, 2).
        classes: of the labels, (labels,).

    Examples:
        >>> evidence = np.zeros((1, 7, 2))
        >>> labelled(evidence, np.array([[0, 0], [0, 3], [0, 6]]), np.array([0, 1, 1]))
        >>> evidence[0, :4, 0].round(1).tolist()
        [0.0, 0.0, -4.2, -6.0]
    """
    class_map = np.full(evidence.shape[:2], -1)
    class_map[tuple(positions.T)] = classes
    distance, nearest = ndimage.distance_transform_edt(
        class_map < 0, sampling=(ALONG, 1), return_indices=True
    )
    apart = min(spacing(positions) - 1, SPOKEN)
    said = (distance == 0).astype("float32")
    if apart > 0:
        said = 0.5 ** (distance / apart)
    told = np.full_like(evidence, SURE)
    np.put_along_axis(told, class_map[tuple(nearest)][..., np.newaxis], 0, axis=-1)
    evidence += said[..., np.newaxis] * (told - evidence)


def spacing(positions: np.ndarray) -> float:
    """How far a label lies from the nearest other one: the median over all of them, in samples."""
    if len(positions) < 2:
        return 1.0
    return float(np.median(cKDTree(positions).query(positions, k=2)[0][:, 1]))


class Follower:
    """A facies network and the labels of a survey, ready to classify its lines one after another.

    Args:
        classifier: a trained 2D network.
        cube: the survey.
        scaling: its statistics.
        known: by array index of a labelled line along the classifier's axis: labelled positions
            on the section (labels, 2) and their class indices (labels,).
        keep: part of what is known that is kept from one line to the next, 0 to 1; measured when
            None.
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
        """How often what is known is halved from one line to the next; `USUAL` is a lot."""
        return float(-np.log2(max(self.keep, 1e-6)))

    def walk(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Follow reflections outwards from the nearest labelled line, through every line between.

        Args:
            wanted: array indices of the lines to give back.
            progress: show a bar.

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

    def predict_lines(self, wanted: Sequence[int]) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes."""
        for index, evidence, live in self.walk(wanted, progress=True):
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
                neighbour, said, live = self._line(index)
                shift = reflection_shift(amplitude, neighbour)
                moved = carry(amplitude[..., np.newaxis], shift)[..., 0]
                kept = (self.keep * likeness(moved, neighbour) ** doubt)[..., np.newaxis]
                evidence = kept * carry(evidence, shift) + (1 - kept) * said
                amplitude = neighbour
            yield index, evidence, live

    def _line(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Amplitudes, bounded log-probabilities and live mask of a line."""
        parts = [slice(None)] * 3
        parts[self.axis] = slice(index, index + 1)
        reach = self.classifier.reach
        block, live = read_region(self.cube, (parts[0], parts[1], parts[2]), reach, self.scaling)
        stack = np.moveaxis(block, self.axis, 0)
        rows, columns = (around for axis, around in enumerate(reach) if axis != self.axis)
        sizes = [length for axis, length in enumerate(self.cube.shape) if axis != self.axis]
        last = [max(size - 1, 1) for size in sizes]
        said = np.maximum(self._log_probabilities(stack, [0, 0], last)[0].numpy(), SURE)
        amplitude = stack[
            0, rows.before : rows.before + sizes[0], columns.before : columns.before + sizes[1]
        ]
        return amplitude, said, live.squeeze(self.axis)

    def _measured(self) -> float:
        """How much to keep, from how fast carried classes and the network's drift apart."""
        start = max(self.known, key=lambda line: len(self.known[line][1]))
        self.keep = 1.0
        distances, differences = [], []
        lines = range(max(0, start - NEAR), min(self.cube.shape[self.axis], start + NEAR + 1))
        for side in (range(start + 1, lines.stop), range(start - 1, lines.start - 1, -1)):
            for index, evidence, live in self._outwards(start, side):
                said = self._line(index)[1]
                other = evidence.argmax(axis=-1) != said.argmax(axis=-1)
                distances.append(abs(index - start))
                differences.append(other[live].mean() if live.any() else 0.0)
        if len(set(distances)) < 2:
            return 1.0
        drift = max(np.polyfit(distances, differences, 1)[0], 0.0)
        return float(0.5 ** (drift / HALVING))


def follow_cube(
    follower: Follower, parts: Parts, write: Callable[[Predicted, int, int], None]
) -> None:
    """Classify ``cube[parts]`` line after line; arguments as in `predict_cube`."""
    axis = follower.axis
    lines = list(range(*parts[axis].indices(follower.cube.shape[axis])))
    slab = tuple(slice(None) if a == axis else part for a, part in enumerate(parts))
    for index, found in follower.predict_lines(lines):
        block = Predicted(found.classes[slab], found.confidence[slab], found.live[slab])
        place = lines.index(index)
        write(block, place if axis == 0 else 0, place if axis == 1 else 0)
