"""Scores of fault probabilities against thin labels; NumPy and SciPy only."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tfseis.errors import LabelError

THRESHOLD = 0.5  # probability above which a voxel is called a fault
TOLERANCE = 2  # distance in voxels that tolerant scores forgive


@dataclass(frozen=True)
class FaultScores:
    """How well faults were found; NaN where a score has no denominator.

    Args:
        iou: intersection over union at the threshold of a fault, 0 to 1.
        best_iou: largest intersection over union at any threshold. It is chosen on the truth, so
            that it is no fair score.
        best_threshold: threshold of `best_iou`, the largest probability that is no fault there.
        precision: share of the found voxels that are true, at the threshold.
        recall: share of the true voxels that are found, at the threshold.
        f1: harmonic mean of precision and recall, at the threshold.
        average_precision: area under precision against recall, as a sum of steps.
        tolerant_iou: intersection over union that forgives a shift of 2 voxels, at the threshold.
        volume_ratio: number of found over number of true voxels, at the threshold; above 1 the
            found faults are too thick or too many.
    """

    iou: float
    best_iou: float
    best_threshold: float
    precision: float
    recall: float
    f1: float
    average_precision: float
    tolerant_iou: float
    volume_ratio: float


def fault_scores(
    faults: np.ndarray,
    probability: np.ndarray,
    *,
    known: np.ndarray | None = None,
    threshold: float = THRESHOLD,
) -> FaultScores:
    """Score probabilities, or a binary cube, against fault labels.

    Args:
        faults: labels of any shape, above 0 on faults.
        probability: fault probability, 0 to 1, of the same shape; or a mask of 0 and 1.
        known: bool of the same shape, False where there is no label; None for labels everywhere.
        threshold: a voxel is called a fault above this probability, 0 to below 1, as in the masks
            that are written.

    Returns:
        The scores.

    Raises:
        LabelError: the shapes differ, or a probability lies outside 0 to 1.

    Examples:
        >>> found = fault_scores(np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.1]))
        >>> round(found.iou, 3), round(found.best_iou, 3), found.best_threshold
        (0.333, 0.667, 0.1)
    """
    faults, probability = np.asarray(faults) > 0, np.asarray(probability)
    known = np.ones(faults.shape, bool) if known is None else np.asarray(known, bool)
    _check(faults, probability, known)
    truth = faults[known]
    hits, found, thresholds = _curve(truth, probability[known])
    count = int(truth.sum())
    predicted = (probability > threshold) & known
    hit, total = int((predicted & faults).sum()), int(predicted.sum())
    ious = hits / np.maximum(found + count - hits, 1)
    best = int(ious.argmax()) if len(ious) else None
    return FaultScores(
        iou=ratio(hit, total + count - hit),
        best_iou=float(ious[best]) if best is not None and count else float("nan"),
        best_threshold=float(thresholds[best]) if best is not None and count else float("nan"),
        precision=ratio(hit, total),
        recall=ratio(hit, count),
        f1=ratio(2 * hit, total + count),
        average_precision=average_precision(hits, found, count),
        tolerant_iou=tolerant_iou(faults & known, predicted),
        volume_ratio=ratio(total, count),
    )


def tolerant_iou(faults: np.ndarray, predicted: np.ndarray, tolerance: float = TOLERANCE) -> float:
    """Intersection over union that forgives a shift.

    It is F1 / (2 - F1), where F1 is made of precision and recall within a distance.

    Args:
        faults: true fault voxels, bool of any shape.
        predicted: found fault voxels, bool of the same shape.
        tolerance: Euclidean distance in voxels at which a voxel still counts as found.

    Returns:
        0 to 1; NaN where there is neither a true nor a found voxel.

    Examples:
        >>> row = np.arange(9)
        >>> tolerant_iou(row == 3, row == 5), tolerant_iou(row == 3, row == 6)
        (1.0, 0.0)
    """
    if not faults.any() or not predicted.any():
        return 0.0 if faults.any() or predicted.any() else float("nan")
    precision = within(faults, tolerance)[predicted].mean()
    recall = within(predicted, tolerance)[faults].mean()
    if precision + recall == 0:
        return 0.0
    f1 = 2 * precision * recall / (precision + recall)
    return float(f1 / (2 - f1))


def within(mask: np.ndarray, distance: float = TOLERANCE) -> np.ndarray:
    """Which voxels lie near a mask.

    Args:
        mask: bool of any shape.
        distance: Euclidean distance in voxels.

    Returns:
        bool of the same shape, True where a voxel of the mask lies within the distance.
    """
    if not mask.any():
        return mask
    return ndimage.distance_transform_edt(~mask) <= distance


def _curve(truth: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True and all voxels found above each threshold, from the highest down.

    Thresholds are the probabilities that occur, but for the largest; and 0, where all is found.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, len(ranked) > 0))  # of equal ones
    thresholds = np.append(ranked[last][1:], np.zeros(min(len(last), 1), ranked.dtype))
    return np.cumsum(truth[order])[last].astype("float64"), last + 1.0, thresholds


def average_precision(hits: np.ndarray, found: np.ndarray, count: int) -> float:
    """Area under precision against recall, as a sum of steps.

    Args:
        hits: number of true voxels found at each threshold, from the highest threshold down.
        found: number of all voxels found at each threshold.
        count: number of true voxels.

    Returns:
        0 to 1; NaN where there is no true voxel.
    """
    if not count:
        return float("nan")
    return float(np.sum(np.diff(hits, prepend=0) / count * hits / found))


def ratio(part: float, whole: float) -> float:
    """A part over a whole.

    Args:
        part: dividend.
        whole: divisor.

    Returns:
        The quotient; NaN where the whole is 0.
    """
    return float(part / whole) if whole else float("nan")


def _check(faults: np.ndarray, probability: np.ndarray, known: np.ndarray) -> None:
    if not faults.shape == probability.shape == known.shape:
        raise LabelError(
            f"Expected faults, probabilities and known samples of one shape; got {faults.shape}, "
            f"{probability.shape}, {known.shape}. Cut them to the same part."
        )
    if probability.size and not (probability.min() >= 0 and probability.max() <= 1):
        raise LabelError(
            f"Expected probabilities between 0 and 1; got {probability.min():g} to "
            f"{probability.max():g}. Apply the sigmoid to logits first."
        )
