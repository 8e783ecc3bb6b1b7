"""Areas of different classes that share samples.

Where one lies inside the other, the inner one labels what both hold. Where they share a border, as
polygons with common corners do, nobody knows the class of the samples on it: neither labels them.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import place_text

STEPS = tuple(itertools.product((-1, 0, 1), repeat=3))  # to a sample and to those around it
MOST_OUTSIDE = 0.5  # of an area that lies inside another, along its border


def innermost(
    areas: Sequence[np.ndarray], classes: Sequence[int], files: Sequence[str], geometry: Geometry
) -> list[np.ndarray]:
    """The samples of each area that it labels.

    An area loses what one of another class inside it has, and what lies on a border with another
    class, a single sample wide.

    Args:
        areas: array indices of the samples in each area, int64 (samples, 3), each sample once.
        classes: class of each area. An area may lie inside several of another class together.
        files: file of each area, for messages.
        geometry: geometry of the cube.

    Returns:
        Array indices of what each area labels, int64 (samples, 3).

    Raises:
        LabelError: two areas of different classes share more than a border, and neither lies
            inside the other. What reaches out by one sample is forgiven.

    Examples:
        >>> from tfseis.geometry import Axis
        >>> axes = Axis("inline", 0, 1, 1), Axis("crossline", 0, 1, 1), Axis("sample", 0, 4, 9)
        >>> outer, inner = np.zeros((5, 3), int), np.zeros((2, 3), int)
        >>> outer[:, 2], inner[:, 2] = range(5), (2, 3)
        >>> left, _ = innermost([outer, inner], [0, 1], ["a.poly", "b.poly"], Geometry(*axes))
        >>> left[:, 2].tolist()
        [0, 1, 4]
    """
    samples = [np.sort(np.ravel_multi_index(tuple(area.T), geometry.shape)) for area in areas]
    pairs = _overlapping(areas, samples, classes)
    around: dict[tuple[int, int], list[np.ndarray]] = {}
    for one, other in [*pairs, *((other, one) for one, other in pairs)]:
        around.setdefault((one, classes[other]), []).append(samples[other])
    inside = {
        (index, name): _inside(samples[index], np.unique(np.concatenate(outer)), geometry)
        for (index, name), outer in around.items()
    }
    kept = list(samples)
    for pair in pairs:
        first, second = sorted(pair, key=lambda index: len(samples[index]))
        inner = [a for a, b in ((first, second), (second, first)) if inside[a, classes[b]]]
        equal = len(inner) == 2 and len(samples[first]) == len(samples[second])
        if not inner or equal:
            shared = np.intersect1d(samples[first], samples[second], assume_unique=True)
            if _is_border(shared, samples[first], samples[second], geometry):
                for one in pair:
                    kept[one] = np.setdiff1d(kept[one], shared, assume_unique=True)
                continue
            place = place_text(np.unravel_index(shared[0], geometry.shape), geometry)
            raise LabelError(
                f"{files[first]}: expected polygons of different classes to lie apart, or one "
                f"inside the other; one of {files[second]} shares {len(shared)} of "
                f"{len(samples[first])} samples, such as {place}. Cut one along the other."
            )
        outer = second if inner[0] == first else first
        kept[outer] = np.setdiff1d(kept[outer], samples[inner[0]], assume_unique=True)
    return [np.stack(np.unravel_index(flat, geometry.shape), axis=1) for flat in kept]


def _overlapping(
    areas: Sequence[np.ndarray], samples: Sequence[np.ndarray], classes: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs of areas of different classes that share samples."""
    boxes = {index: (a.min(axis=0), a.max(axis=0)) for index, a in enumerate(areas) if len(a)}
    found = []
    for one, other in itertools.combinations(boxes, 2):
        (low, high), (first, last) = boxes[one], boxes[other]
        near = classes[one] != classes[other] and (low <= last).all() and (first <= high).all()
        if near and np.isin(samples[one], samples[other]).any():
            found.append((one, other))
    return found


def _is_border(
    shared: np.ndarray, first: np.ndarray, second: np.ndarray, geometry: Geometry
) -> bool:
    """Whether each sample that two areas share touches some that only one has, of either."""
    alone = (np.setdiff1d(one, shared, assume_unique=True) for one in (first, second))
    return all(_beside(shared, one, geometry).all() for one in alone)


def _inside(inner: np.ndarray, outer: np.ndarray, geometry: Geometry) -> bool:
    """Whether samples lie among others, or beside them along the border."""
    outside = np.setdiff1d(inner, outer, assume_unique=True)
    if len(outside) > MOST_OUTSIDE * len(inner):
        return False
    return bool(_beside(outside, outer, geometry).all())


def _beside(samples: np.ndarray, others: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Whether each sample is one of the others or touches one, bool (samples,)."""
    places = np.stack(np.unravel_index(samples, geometry.shape), axis=1)
    beside = np.zeros(len(samples), bool)
    for step in STEPS:
        near = np.clip(places + step, 0, np.array(geometry.shape) - 1)
        beside |= np.isin(np.ravel_multi_index(tuple(near.T), geometry.shape), others)
    return beside
