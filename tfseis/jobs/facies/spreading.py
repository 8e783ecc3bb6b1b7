"""Labels spread over a section: every sample has class probabilities.

Where labels mark the boundaries of classes, as picked horizons do, what lies between two labels of
one class on a trace is of this class. Elsewhere the distances of the labels decide.
"""

from dataclasses import dataclass

import numpy as np

from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.facies.propagation import (
    Propagation,
    class_distances,
    flattened,
    measured_propagation,
)
from tfseis.jobs.facies.reflections import relative_time

LEAST_DOUBT = 1e-3  # no label is surer than that
LEAST_LIKELY = 1e-4  # of a class, so that the network can contradict
PAINTED = 0.95  # mean probability of the samples that are painted
BETWEEN = 0.98  # probability of a class between its labels where these mark the boundaries
MARKED = 0.9  # part of the changes of class along traces that must lie between touching labels
TOUCHING = 2  # samples from one label to the next that count as touching: one may be missing
THIN = 0.05  # part of a trace up to which labels are a line along a boundary


@dataclass(frozen=True)
class Spread:
    """The labels of a section spread over all of its samples.

    Args:
        probability: of each class, float32 (traces, samples, classes).
        labels: number of labels.
        propagation: how far labels reach.
        near: samples so near to labels that on average they are hardly in doubt, bool
            (traces, samples).
    """

    probability: np.ndarray
    labels: int
    propagation: Propagation
    near: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """Class index of each sample, int16 (traces, samples)."""
        return self.probability.argmax(axis=-1).astype("int16")

    @property
    def right(self) -> np.ndarray:
        """Probability of that class, float32 (traces, samples)."""
        return self.probability.max(axis=-1)

    @property
    def log_probability(self) -> np.ndarray:
        """Logarithm of the class probabilities, float32 (traces, samples, classes)."""
        return np.log(np.maximum(self.probability, LEAST_LIKELY))

    def painted(self) -> np.ndarray:
        """Class of the labels and of the samples near them, beside boundaries too.

        Returns:
            int8 (traces, samples); -1 where nothing is painted.
        """
        return np.where(self.near, self.classes, UNLABELLED).astype("int8")


def spread_labels(
    section: np.ndarray,
    positions: np.ndarray,
    classes: np.ndarray,
    count: int,
    *,
    propagation: Propagation | None = None,
    seed: int = 0,
) -> Spread:
    """Spread the labels of a section over all of its samples.

    Args:
        section: amplitudes (traces, samples).
        positions: array indices of the labels, at least one, integers (labels, 2).
        classes: class index of each label, integers (labels,).
        count: number of classes.
        propagation: how far labels reach; measured on these labels if None.
        seed: seed by which labels are chosen that are hidden.
    """
    time = relative_time(section)
    marks = _marks(section.shape, positions, classes)
    if propagation is None:
        measured = not marks.thin and len(positions) < time.size
        propagation = Propagation()
        if measured:
            propagation = measured_propagation(time, positions, classes, seed=seed)
    likely = np.empty((*time.shape, count))
    inside = marks.between >= 0
    outside = ~inside
    outside[tuple(positions.T)] = False
    places = np.argwhere(outside)
    distance = class_distances(
        flattened(time, positions), classes, flattened(time, places), count, propagation.along
    )
    likely[outside] = np.minimum(propagation.probability(distance), 1 - LEAST_DOUBT)
    nearest = np.zeros(time.shape, "float32")
    nearest[outside] = distance.min(axis=-1)
    likely[inside] = _certain(marks.between[inside], count, 1 - BETWEEN)
    likely[tuple(positions.T)] = _certain(classes, count, LEAST_DOUBT)
    near = _hardly_in_doubt(nearest, likely.max(axis=-1))
    return Spread(likely.astype("float32"), len(classes), propagation, near)


def _hardly_in_doubt(distance: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The samples nearest to labels that together have a mean probability of `PAINTED`.

    They are not chosen one by one by their own probability: then those beside boundaries would be
    missing, and a network would not learn where classes end.
    """
    order = np.argsort(distance, axis=None, kind="stable")
    mean = np.cumsum(right.ravel()[order]) / np.arange(1, right.size + 1)
    enough = np.flatnonzero(mean >= PAINTED)
    near = np.zeros(right.size, bool)
    near[order[: enough[-1] + 1 if len(enough) else 0]] = True
    return near.reshape(right.shape)


@dataclass(frozen=True)
class _Marks:
    """What labels along boundaries say.

    Args:
        between: class of the samples without a label that boundaries enclose, -1 elsewhere,
            (traces, samples).
        thin: whether labels are lines along boundaries.
    """

    between: np.ndarray
    thin: bool


def _marks(shape: tuple[int, ...], positions: np.ndarray, classes: np.ndarray) -> _Marks:
    """Whether labels mark the boundaries of classes, and what then lies between them."""
    labels = np.full(shape, UNLABELLED)
    labels[tuple(positions.T)] = classes
    trace, sample = np.nonzero(labels >= 0)
    one, after = labels[trace, sample][:-1], labels[trace, sample][1:]
    on_one_trace, step = trace[1:] == trace[:-1], np.diff(sample)
    change = on_one_trace & (one != after)
    nothing = np.full(shape, UNLABELLED)
    if not change.any() or (step[change] <= TOUCHING).mean() < MARKED:
        return _Marks(nothing, False)
    breaks = np.flatnonzero(~on_one_trace | (step > TOUCHING))
    runs = np.diff(np.concatenate([[-1], breaks, [len(trace) - 1]]))
    thin = bool(np.median(runs) <= THIN * shape[1])
    upper, lower = _next_labels(labels)
    if thin:  # the first and the last class of a trace reach its ends
        upper, lower = (np.where(a >= 0, a, b) for a, b in ((upper, lower), (lower, upper)))
    enclosed = (labels < 0) & (upper >= 0) & (upper == lower)
    return _Marks(np.where(enclosed, upper, nothing), thin)


def _next_labels(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class of the next label above and below each sample, -1 where there is none."""
    every, last = np.arange(labels.shape[1]), labels.shape[1] - 1
    above = np.maximum.accumulate(np.where(labels >= 0, every, 0), axis=1)
    below = np.minimum.accumulate(np.where(labels >= 0, every, last)[:, ::-1], axis=1)[:, ::-1]
    upper, lower = (np.take_along_axis(labels, place, axis=1) for place in (above, below))
    return upper, lower


def _certain(classes: np.ndarray, count: int, doubt: float) -> np.ndarray:
    """Probability of one class each, the rest shared by the others, (samples, classes)."""
    return np.where(classes[:, np.newaxis] == np.arange(count), 1 - doubt, doubt / (count - 1))
