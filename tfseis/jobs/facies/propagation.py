"""Labels spread over a section: each sample takes the class of the nearest label.

Distances are measured where reflections are flat. How much a trace counts beside a sample is
measured on the labels. How likely the nearest label is right is measured too: some labels are
hidden, with others around them in the pattern in which labels are missing elsewhere.
Source: Stark 2004, Relative geologic time (age) volumes, The Leading Edge 23(9),
https://doi.org/10.1190/1.1803505.
Differs from it: the time is relative within one section, and follows local shifts.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.facies.reflections import reflection_shift

ALONGS = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02)  # samples that may count as much as one trace
PLAIN = 0.25  # the same while the pattern of the labels is looked at
HIDDEN = 600  # labels that are hidden one after another
MOST_DISTANCES = 20_000_000  # between hidden labels and others, of all trials
FEWEST = 30  # hidden labels from which something can be learned
LEAST_DOUBT = 1e-3  # no label is surer than that
SOME = 3000  # samples for which the distance of the nearest label is looked at
STEPS = 30  # of Newton's method
SHRINKAGE = 0.01  # keeps the odds finite where every hidden label is found
PAINTED = 0.9  # probability from which a sample between scattered labels is painted
TOUCHING = 1.1  # typical distance of labels of a class in samples, from which they are scattered
BETWEEN = 0.97  # least probability of a class that is labelled above and below, on one trace
THICKNESS = 0.2  # part of a trace that may lie between these two labels
TOLERANCE = 0.05  # of the log loss, within which measures of distance count as equally good


@dataclass(frozen=True)
class Propagation:
    """How far the labels of a survey reach along its reflections and across them.

    Args:
        along: samples across the reflections that count as much as one trace along them.
        odds: logarithm of the odds that the nearest label is right, at its place, and what is
            added to it for each unit of log(1 + distance); the distance is in samples.
    """

    along: float = 0.1
    odds: tuple[float, float] = (3.0, -1.6)

    def right(self, distance: np.ndarray) -> np.ndarray:
        """Probability that the nearest label is right at a distance in samples."""
        return 1 / (1 + np.exp(-(self.odds[0] + self.odds[1] * np.log1p(distance))))


@dataclass(frozen=True)
class Spread:
    """The labels of a section spread over all of its samples.

    Args:
        nearest: class index of the nearest label, int16 (traces, samples).
        right: probability that it is right, float32 (traces, samples).
        labels: number of labels.
        propagation: how far labels reach.
        scattered: whether labels of a class, in the mean over classes, touch no other one.
    """

    nearest: np.ndarray
    right: np.ndarray
    labels: int
    propagation: Propagation
    scattered: bool

    def log_probability(self, classes: int) -> np.ndarray:
        """Logarithm of the class probabilities, float32 (traces, samples, classes).

        Args:
            classes: number of classes; those that are not the nearest one's share what is left.
        """
        right = np.clip(self.right, 1 / classes, 1 - LEAST_DOUBT)[..., np.newaxis]
        of_nearest = self.nearest[..., np.newaxis] == np.arange(classes)
        return np.log(np.where(of_nearest, right, (1 - right) / (classes - 1))).astype("float32")

    def painted(self) -> np.ndarray:
        """Class of the labels, and between scattered ones where it is hardly in doubt.

        Returns:
            int8 (traces, samples); -1 where nothing is painted.
        """
        least = PAINTED if self.scattered else 1.0
        return np.where(self.right >= least, self.nearest, UNLABELLED).astype("int8")


def relative_time(section: np.ndarray) -> np.ndarray:
    """The sample of the middle trace that lies on the same reflection.

    Args:
        section: amplitudes (traces, samples).

    Returns:
        Time in samples, float64 (traces, samples).

    Examples:
        >>> wave = np.sin(np.arange(80) / 4)
        >>> dipping = np.stack([wave[5 - trace : 75 - trace] for trace in range(5)])
        >>> relative_time(dipping)[[0, 4], 40].round().tolist()
        [42.0, 38.0]
    """
    traces, samples = section.shape
    every, time = np.arange(samples, dtype="float64"), np.empty(section.shape)
    middle = traces // 2
    time[middle] = every
    if 1 in section.shape:
        time[:] = every
        return time
    shift = reflection_shift(section[:-1], section[1:])
    for trace in range(middle + 1, traces):
        time[trace] = _at(every + shift[trace - 1], time[trace - 1])
    for trace in range(middle - 1, -1, -1):
        time[trace] = _at(every - shift[trace], time[trace + 1])
    return time


def _at(places: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Times at fractional samples of a trace; beyond its ends they go on sample by sample."""
    last = len(time) - 1
    inside = np.clip(places, 0, last)
    return np.interp(inside, np.arange(last + 1), time) + (places - inside)


def spread_labels(
    section: np.ndarray,
    positions: np.ndarray,
    classes: np.ndarray,
    *,
    propagation: Propagation | None = None,
    seed: int = 0,
) -> Spread:
    """Spread the labels of a section over all of its samples.

    Args:
        section: amplitudes (traces, samples).
        positions: array indices of the labels, at least one, integers (labels, 2).
        classes: class index of each label, integers (labels,).
        propagation: how far labels reach; measured on these labels if None.
        seed: seed by which labels are chosen that are hidden.
    """
    time = relative_time(section)
    if propagation is None:
        propagation = measured_propagation(time, positions, classes, seed=seed)
    scale = np.array([propagation.along, 1.0])
    tree = KDTree(_flattened(time, positions) * scale)
    every = np.argwhere(np.ones(time.shape, bool))
    distance, index = tree.query(_flattened(time, every) * scale, workers=-1)
    nearest = classes[index].reshape(time.shape)
    right = np.minimum(propagation.right(distance.reshape(time.shape)), 1 - LEAST_DOUBT)
    above, between = _between(time.shape, positions, classes)
    nearest = np.where(between, above, nearest)
    right = np.where(between, np.maximum(right, BETWEEN), right)
    right[tuple(positions.T)], nearest[tuple(positions.T)] = 1, classes
    parts = [positions[classes == number] for number in np.unique(classes)]
    apart = np.mean([spacing(part) for part in parts])
    scattered = len(parts) > 1 and bool(apart > TOUCHING)  # one class alone says nothing
    return Spread(
        nearest.astype("int16"), right.astype("float32"), len(classes), propagation, scattered
    )


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


def measured_propagation(
    time: np.ndarray, positions: np.ndarray, classes: np.ndarray, *, seed: int = 0
) -> Propagation:
    """How far labels reach, from labels that are hidden.

    For a random sample without a label, a label of the class that is nearest to it is hidden,
    together with all labels around it that have no counterpart around the sample. Whether the
    nearest label that is left is right, and how far away it is, is noted for several measures of
    distance. Of those with the lowest log loss on the hidden labels, the one is taken under which
    the samples without a label have the highest expected probability.

    Args:
        time: relative time in samples, (traces, samples).
        positions: array indices of the labels, integers (labels, 2).
        classes: class index of each label, integers (labels,).
        seed: seed of the random choices.

    Returns:
        What was found; the default where all or too few samples are labelled, or all labels are
        of one class.
    """
    if len(np.unique(classes)) < 2:
        return Propagation()
    hidden = _hidden(time, positions, classes, np.random.default_rng(seed))
    if len(hidden) < FEWEST:
        return Propagation()
    every = np.argwhere(np.ones(time.shape, bool))
    every = _flattened(time, every[:: max(1, len(every) // SOME)])
    flat, found = _flattened(time, positions), []
    for along, (distance, right) in zip(ALONGS, hidden.transpose(1, 2, 0), strict=True):
        one = Propagation(along, _fitted(np.log1p(distance), right))
        likely = np.clip(one.right(distance), LEAST_DOUBT, 1 - LEAST_DOUBT)
        loss = -np.where(right > 0, np.log(likely), np.log(1 - likely)).mean()
        scale = np.array([along, 1.0])
        expected = one.right(KDTree(flat * scale).query(every * scale)[0]).mean()
        found.append((loss, expected, one))
    least = min(loss for loss, *_ in found)
    credible = [rest for loss, *rest in found if loss <= least + TOLERANCE]
    return max(credible, key=lambda one: one[0])[1]


def _hidden(
    time: np.ndarray, positions: np.ndarray, classes: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Distance of the nearest label and whether it is right, (hidden labels, ALONGS, 2)."""
    shape = np.array(time.shape)
    labelled = np.zeros(time.shape, bool)
    labelled[tuple(positions.T)] = True
    empty = np.argwhere(~labelled)
    if len(empty) == 0 or len(positions) < FEWEST:
        return np.empty((0, len(ALONGS), 2))
    scale = np.array([PLAIN, 1.0])
    places, apart = KDTree(positions * scale), max(spacing(positions * scale), 1)
    pattern = ndimage.distance_transform_edt(~labelled, sampling=scale) <= apart
    count = min(HIDDEN, max(FEWEST, MOST_DISTANCES // len(positions)))
    empty = empty[rng.permutation(len(empty))[:count]]
    nearest = classes[places.query(empty * scale)[1]]
    flat, found = _flattened(time, positions), []
    for sample, number in zip(empty, nearest, strict=True):
        one = rng.choice(np.flatnonzero(classes == number))
        there = np.abs(positions - positions[one] + sample)  # mirrored at the edges
        there = np.clip(np.minimum(there, 2 * (shape - 1) - there), 0, None)
        left = pattern[tuple(there.T)]
        left[one] = False
        if left.any():
            traces, samples = np.abs(flat[left] - flat[one]).T
            distance = [np.hypot(traces * along, samples) for along in ALONGS]
            best = [int(d.argmin()) for d in distance]
            right = classes[left][best] == classes[one]
            found.append([(d[i], r) for d, i, r in zip(distance, best, right, strict=True)])
    return np.array(found, "float64").reshape(-1, len(ALONGS), 2)


def _between(
    shape: tuple[int, ...], positions: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Class of the next label above, and whether the next one below is near and of this class."""
    labels = np.full(shape, UNLABELLED)
    labels[tuple(positions.T)] = classes
    every, last = np.arange(shape[1]), shape[1] - 1
    above = np.maximum.accumulate(np.where(labels >= 0, every, -1), axis=1)
    below = np.minimum.accumulate(np.where(labels >= 0, every, last + 1)[:, ::-1], axis=1)[:, ::-1]
    upper, lower = (
        np.take_along_axis(labels, np.clip(place, 0, last), axis=1) for place in (above, below)
    )
    inside = (above >= 0) & (below <= last) & (below - above <= THICKNESS * shape[1])
    return upper, inside & (upper == lower)


def _flattened(time: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Traces and relative times of samples, float64 (samples, 2)."""
    return np.column_stack([positions[:, 0], time[tuple(positions.T)]])


def _fitted(far: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of a logistic regression; the slope is never positive."""
    terms, odds = np.column_stack([np.ones_like(far), far]), np.zeros(2)
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-terms @ odds))
        gradient = terms.T @ (right - likely) - SHRINKAGE * odds
        curvature = (terms.T * (likely * (1 - likely))) @ terms + SHRINKAGE * np.eye(2)
        odds = odds + np.linalg.solve(curvature, gradient)
    if odds[1] > 0:
        share = np.clip(right.mean(), LEAST_DOUBT, 1 - LEAST_DOUBT)
        return float(np.log(share / (1 - share))), 0.0
    return float(odds[0]), float(odds[1])
