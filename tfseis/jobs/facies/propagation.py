"""How far labels reach over a section: class probabilities from distances to labels.

Each class counts by the distance of its nearest label, measured where reflections are flat, to a
negative power. Power, offset and background are measured: some labels are hidden, and are found
again from the others.
Source: Shepard 1968, A two-dimensional interpolation function for irregularly-spaced data,
Proceedings of the 23rd ACM national conference, https://doi.org/10.1145/800186.810616.
Differs from it: classes in place of numbers, of each the nearest label alone; the power and how
much a trace counts beside a sample are those under which hidden labels are most likely.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import minimize
from scipy.spatial import KDTree

ALONGS = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02)  # samples that may count as much as one trace
PLAIN = 0.25  # the same while the pattern of the labels is looked at
HIDDEN = 600  # labels that are hidden one after another
MOST_DISTANCES = 20_000_000  # between hidden labels and others, of all trials
FEW_TRACES = 2  # with labels, on which a search along each is faster than a tree
FEWEST = 30  # hidden labels from which something can be learned
SOME = 3000  # samples for which the expected probability is looked at
TOUCHING = 1.1  # typical distance of labels of a class in samples, from which they are scattered
TOLERANCE = 0.05  # of the log loss, within which measures of distance count as equally good
USUAL = (1.5, 4.0, 0.01)  # power, offset and background where nothing is known
PRIOR = 0.1  # weight of these, as if so many of the hidden groups of labels had said so
LEAST_LIKELY = 1e-9  # keeps logarithms finite


@dataclass(frozen=True)
class Propagation:
    """How far the labels of a survey reach along its reflections and across them.

    Args:
        along: samples across the reflections that count as much as one trace along them.
        power: how fast a label loses influence with distance.
        offset: distance in samples that is added to every distance.
        background: what each class counts everywhere, beside labels.
    """

    along: float = 0.1
    power: float = USUAL[0]
    offset: float = USUAL[1]
    background: float = USUAL[2]

    def probability(self, distance: np.ndarray) -> np.ndarray:
        """Class probabilities from the distance of the nearest label of each class.

        Args:
            distance: samples, infinite for classes without a label, (.., classes).

        Examples:
            >>> one = Propagation(power=2.0, offset=1.0, background=0.0)
            >>> one.probability(np.array([0.0, 2.0, np.inf])).round(2).tolist()
            [0.9, 0.1, 0.0]
        """
        weight = (self.offset + distance) ** -self.power + self.background
        return weight / weight.sum(axis=-1, keepdims=True)


def class_distances(
    labels: np.ndarray, classes: np.ndarray, wanted: np.ndarray, count: int, along: float
) -> np.ndarray:
    """Distance of the nearest label of each class.

    Args:
        labels: trace and relative time in samples of each label, (labels, 2).
        classes: class index of each label, (labels,).
        wanted: the same coordinates of the samples that are asked for, (samples, 2).
        count: number of classes.
        along: samples across the reflections that count as much as one trace along them.

    Returns:
        Samples, float32 (samples, classes); infinite for a class without a label.
    """
    scale = np.array([along, 1.0])
    distance = np.full((len(wanted), count), np.inf, "float32")
    for number in np.unique(classes):
        distance[:, number] = _nearest_of(labels[classes == number] * scale, wanted * scale)
    return distance


def _nearest_of(labels: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Distance of the nearest label, float64 (samples,)."""
    traces = np.unique(labels[:, 0])
    if len(traces) > FEW_TRACES:
        return np.asarray(KDTree(labels).query(wanted, workers=-1)[0])
    nearest = np.full(len(wanted), np.inf)
    for trace in traces:
        times = np.sort(labels[labels[:, 0] == trace, 1])
        ends = np.concatenate([[-np.inf], times, [np.inf]])
        after = np.searchsorted(times, wanted[:, 1]) + 1
        apart = np.minimum(wanted[:, 1] - ends[after - 1], ends[after] - wanted[:, 1])
        np.minimum(nearest, apart**2 + (wanted[:, 0] - trace) ** 2, out=nearest)
    return np.sqrt(nearest)


def flattened(time: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Traces and relative times of samples, float64 (samples, 2)."""
    return np.column_stack([positions[:, 0], time[tuple(positions.T)]])


def spacing(positions: np.ndarray) -> float:
    """Median distance of a label from the nearest other one, in samples.

    Args:
        positions: array indices of the labels on a section, integers (labels, 2).

    Returns:
        Samples; 1 for a single label.
    """
    if len(positions) < 2:
        return 1.0
    return float(np.median(KDTree(positions).query(positions, k=2, workers=-1)[0][:, 1]))


def are_scattered(positions: np.ndarray, classes: np.ndarray) -> bool:
    """Whether labels of a class, in the mean over classes, touch no other one of it.

    Args:
        positions: array indices of the labels on a section, integers (labels, 2).
        classes: class index of each label, integers (labels,). One class alone says nothing.
    """
    parts = [positions[classes == number] for number in np.unique(classes)]
    return len(parts) > 1 and bool(np.mean([spacing(part) for part in parts]) > TOUCHING)


def measured_propagation(
    time: np.ndarray, positions: np.ndarray, classes: np.ndarray, *, seed: int = 0
) -> Propagation:
    """How far labels reach, from labels that are hidden.

    Scattered labels: for a random sample without a label, a label of the class that is nearest to
    it is hidden, together with all labels around it that have no counterpart around the sample.
    Painted areas: each is hidden as a whole, since a part of it is found too easily from the rest.
    Of the measures of distance with the lowest log loss on hidden labels, the one is taken under
    which the samples without a label have the highest expected probability.

    Args:
        time: relative time in samples, (traces, samples).
        positions: array indices of the labels, integers (labels, 2).
        classes: class index of each label, integers (labels,).
        seed: seed of the random choices.

    Returns:
        What was found; the default where all or too few samples are labelled, or all labels are
        of one class.
    """
    present, classes = np.unique(classes, return_inverse=True)
    rng, count = np.random.default_rng(seed), len(present)
    if count < 2 or len(positions) in (time.size, *range(FEWEST)):
        return Propagation()
    hide = _hidden_points if are_scattered(positions, classes) else _hidden_areas
    flat = flattened(time, positions)
    hidden = [
        (_nearest(np.abs(flat[left] - flat[one]), classes[left], count), classes[one], group)
        for one, left, group in hide(time.shape, positions, classes, rng)
    ]
    if len(hidden) < FEWEST:
        return Propagation()
    every = np.argwhere(np.ones(time.shape, bool))
    every, found = flattened(time, every[:: max(1, len(every) // SOME)]), []
    distances = np.array([distance for distance, *_ in hidden]).transpose(1, 0, 2)
    true, groups = np.array([rest for _, *rest in hidden]).T
    for along, distance in zip(ALONGS, distances, strict=True):
        one, loss = _fitted(along, distance, true, len(np.unique(groups)))
        likely = one.probability(class_distances(flat, classes, every, count, along))
        found.append((loss, likely.max(axis=-1).mean(), one))
    least = min(loss for loss, *_ in found)
    credible = [rest for loss, *rest in found if loss <= least + TOLERANCE]
    return max(credible, key=lambda one: one[0])[1]


Hidden = Iterator[tuple[int, np.ndarray, int]]  # a label, which labels are left, and its group


def _hidden_points(
    shape: tuple[int, ...], positions: np.ndarray, classes: np.ndarray, rng: np.random.Generator
) -> Hidden:
    """Labels that are hidden in the pattern in which labels are missing elsewhere."""
    labelled = np.zeros(shape, bool)
    labelled[tuple(positions.T)] = True
    empty, scale = np.argwhere(~labelled), np.array([PLAIN, 1.0])
    places, apart = KDTree(positions * scale), max(spacing(positions * scale), 1)
    pattern = ndimage.distance_transform_edt(~labelled, sampling=scale) <= apart
    count = min(HIDDEN, max(FEWEST, MOST_DISTANCES // len(positions)))
    empty, last = empty[rng.permutation(len(empty))[:count]], np.array(shape) - 1
    nearest = classes[places.query(empty * scale)[1]]
    for group, (sample, number) in enumerate(zip(empty, nearest, strict=True)):
        one = int(rng.choice(np.flatnonzero(classes == number)))
        there = np.abs(positions - positions[one] + sample)  # mirrored at the edges
        there = np.clip(np.minimum(there, 2 * last - there), 0, None)
        left = pattern[tuple(there.T)]
        left[one] = False
        if left.any():
            yield one, left, group


def _hidden_areas(
    shape: tuple[int, ...], positions: np.ndarray, classes: np.ndarray, rng: np.random.Generator
) -> Hidden:
    """Labels of connected areas, each hidden as a whole where its class has other areas."""
    areas = np.zeros(len(classes), "int64")
    for number in np.unique(classes):
        mine = classes == number
        mask = np.zeros(shape, bool)
        mask[tuple(positions[mine].T)] = True
        named, count = ndimage.label(mask, np.ones((3, 3)))
        if count > 1:
            areas[mine] = areas.max() + named[tuple(positions[mine].T)]
    groups = np.unique(areas[areas > 0])
    most = min(HIDDEN, max(FEWEST, MOST_DISTANCES // len(positions)))
    for group in groups:
        inside = np.flatnonzero(areas == group)
        for one in rng.permutation(inside)[: -(-most // len(groups))]:
            yield int(one), areas != group, int(group)


def _nearest(apart: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Distance of the nearest label of each class under each measure, (ALONGS, classes)."""
    nearest = np.full((len(ALONGS), count), np.inf)
    for number in np.unique(classes):
        traces, samples = apart[classes == number].T
        nearest[:, number] = [np.hypot(traces * along, samples).min() for along in ALONGS]
    return nearest


def _fitted(
    along: float, distance: np.ndarray, true: np.ndarray, groups: int
) -> tuple[Propagation, float]:
    """The propagation under which hidden labels are most likely, and its log loss."""
    rows, usual = np.arange(len(true)), np.log(USUAL)

    def loss(logarithms: np.ndarray) -> float:
        likely = Propagation(along, *np.exp(logarithms)).probability(distance)[rows, true]
        away = PRIOR / groups * ((logarithms - usual) ** 2).sum()
        return float(away - np.log(np.maximum(likely, LEAST_LIKELY)).mean())

    best = minimize(loss, usual, method="Nelder-Mead")
    return Propagation(along, *np.exp(best.x).tolist()), float(best.fun)
