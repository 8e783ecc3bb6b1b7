"""How far reflections shift from one section to the next, and labels between the labelled samples.

Source: Lucas and Kanade 1981, An iterative image registration technique with an application to
stereo vision, https://www.ijcai.org/Proceedings/81-2/Papers/017.pdf.
Differs from it: reflections are shifted along the samples alone.
"""

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

SURE = -6.0  # natural logarithm: no class counts as less likely than 1 in 400, so each can change
WINDOW = (3.0, 6.0)  # traces and samples: radius within which reflections move alike
REFINEMENTS = 3  # each adds at most a sample: dips up to 3 samples a line
DAMPING = 0.05  # part of the mean energy: no shift where nothing reflects
SPREAD = 4.0  # samples across beds at which the weight of a scattered label is halved, at most
ALONG = 0.25  # samples: a label one trace away counts as this far away


def reflection_shift(section: np.ndarray, neighbour: np.ndarray) -> np.ndarray:
    """How much deeper reflections lie in a section than in its neighbour, in samples.

    Args:
        section: amplitudes (traces, samples).
        neighbour: amplitudes of the next section, of the same shape.

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
    """Values from `shift` samples deeper, linearly interpolated; the last sample repeats below.

    Args:
        values: array (traces, samples, classes).
        shift: shift of each sample, (traces, samples), in samples.

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
    """How alike two sections are around each sample, 0 to 1; 1 for half of the samples.

    It is the correlation of the two in a window, divided by its median.

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
    """Put the labels of a section into its log-probabilities, in place.

    Scattered labels are spread to nearby samples with decaying weight: the nearest label counts,
    and its weight halves with each typical distance between labels (less one sample, 4 at most),
    further along the beds than across. Labels of painted areas are not spread.

    Args:
        evidence: log-probabilities (traces, samples, classes), which are changed.
        positions: array indices of the labels on the section, (labels, 2).
        classes: class index of each label, (labels,).

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
    apart = min(spacing(positions) - 1, SPREAD)
    weight = (distance == 0).astype("float32")
    if apart > 0:
        weight = 0.5 ** (distance / apart)
    certain = np.full_like(evidence, SURE)
    np.put_along_axis(certain, class_map[tuple(nearest)][..., np.newaxis], 0, axis=-1)
    evidence += weight[..., np.newaxis] * (certain - evidence)


def spacing(positions: np.ndarray) -> float:
    """Median distance of a label from the nearest other one, in samples.

    Args:
        positions: array indices of the labels on a section, (labels, 2).
    """
    if len(positions) < 2:
        return 1.0
    return float(np.median(cKDTree(positions).query(positions, k=2)[0][:, 1]))
