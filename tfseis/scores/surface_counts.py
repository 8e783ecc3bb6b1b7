"""Scores of fault probabilities counted block by block, for cubes that do not fit in memory."""

from dataclasses import dataclass, field

import numpy as np

from tfseis.scores.surfaces import (
    THRESHOLD,
    TOLERANCE,
    FaultScores,
    average_precision,
    ratio,
    within,
)

BINS = 2**16  # bins of probability; scores over all thresholds are as fine as these
BALL = sum(
    i * i + j * j + k * k <= TOLERANCE**2
    for i in range(-TOLERANCE, TOLERANCE + 1)
    for j in range(-TOLERANCE, TOLERANCE + 1)
    for k in range(-TOLERANCE, TOLERANCE + 1)
)  # number of voxels within the tolerance of one
MARGIN = TOLERANCE  # context lines needed on either side of those that are counted


@dataclass
class FaultCounts:
    """Numbers of voxels from which a cube of any size is scored.

    Attributes:
        positive: number of true voxels in each bin of probability, int64, from 0 to 1.
        negative: number of all other voxels in each bin.
        hits: number of true voxels that are found, with a probability above 0.5.
        found: number of voxels that are found.
        near_found: number of found voxels within 2 voxels of a true one.
        near_true: number of true voxels within 2 voxels of a found one.
        near: number of voxels within 2 voxels of a true one.

    Examples:
        >>> counts = FaultCounts()
        >>> counts.add(np.array([[[1, 1, 0, 0]]]), np.array([[[0.9, 0.4, 0.6, 0.1]]]))
        >>> round(counts.scores().iou, 3), round(counts.scores().best_iou, 3)
        (0.333, 0.667)
    """

    positive: np.ndarray = field(default_factory=lambda: np.zeros(BINS + 1, "int64"))
    negative: np.ndarray = field(default_factory=lambda: np.zeros(BINS + 1, "int64"))
    hits: int = 0
    found: int = 0
    near_found: int = 0
    near_true: int = 0
    near: int = 0

    @property
    def true(self) -> int:
        """Number of true voxels."""
        return int(self.positive.sum())

    @property
    def all(self) -> int:
        """Number of labelled voxels."""
        return self.true + int(self.negative.sum())

    def add(
        self,
        faults: np.ndarray,
        probability: np.ndarray,
        *,
        known: np.ndarray | None = None,
        inside: slice = slice(None),
    ) -> None:
        """Count some lines.

        Args:
            faults: labels (lines, crosslines, samples), above 0 on faults.
            probability: fault probability, 0 to 1, of the same shape.
            known: bool of the same shape, False where there is no label; None for labels
                everywhere.
            inside: lines that are counted. Up to 2 lines on either side of them are context, from
                which the nearby faults are known.
        """
        known = np.ones(faults.shape, bool) if known is None else known
        faults, predicted = (faults > 0) & known, (probability > THRESHOLD) & known
        near_true, near_found = (within(mask)[inside] for mask in (faults, predicted))
        faults, predicted, known = faults[inside], predicted[inside], known[inside]
        place = np.floor(probability[inside] * BINS).astype("int64")
        self.positive += np.bincount(place[faults], minlength=BINS + 1)
        self.negative += np.bincount(place[known & ~faults], minlength=BINS + 1)
        self.hits += int((faults & predicted).sum())
        self.found += int(predicted.sum())
        self.near_found += int((predicted & near_true).sum())
        self.near_true += int((faults & near_found).sum())
        self.near += int((near_true & known).sum())

    def scores(self) -> FaultScores:
        """The scores of all voxels, as `fault_scores` gives them.

        Thresholds are rounded up to a multiple of 1 / 65536.
        """
        hits = np.cumsum(self.positive[::-1]).astype("float64")
        found = np.cumsum((self.positive + self.negative)[::-1]).astype("float64")
        some = np.diff(found, prepend=0) > 0  # bins that hold voxels
        thresholds = np.append((np.arange(BINS, -1, -1)[some] + 1)[1:] / BINS, 0.0)
        hits, found = hits[some], found[some]
        ious = hits / np.maximum(found + self.true - hits, 1)
        best = int(ious.argmax()) if self.true else None
        return FaultScores(
            iou=ratio(self.hits, self.found + self.true - self.hits),
            best_iou=float("nan") if best is None else float(ious[best]),
            best_threshold=float("nan") if best is None else float(thresholds[best]),
            precision=ratio(self.hits, self.found),
            recall=ratio(self.hits, self.true),
            f1=ratio(2 * self.hits, self.found + self.true),
            average_precision=average_precision(hits, found, self.true),
            tolerant_iou=self._tolerant(),
            volume_ratio=ratio(self.found, self.true),
        )

    def baselines(self) -> dict[str, FaultScores]:
        """Scores of trivial predictions by name: no fault anywhere, and faults at random.

        The random prediction marks as many voxels as the truth; its scores are expected values,
        which a large cube reaches.
        """
        rate = ratio(self.true, self.all)
        none = float("nan")
        recall = 1 - (1 - rate) ** BALL  # chance that one of the voxels nearby is marked
        f1 = ratio(2 * ratio(self.near, self.all) * recall, ratio(self.near, self.all) + recall)
        background = FaultScores(
            iou=0.0,
            best_iou=rate,
            best_threshold=0.0,
            precision=none,
            recall=0.0,
            f1=0.0,
            average_precision=rate,
            tolerant_iou=0.0,
            volume_ratio=0.0,
        )
        random = FaultScores(
            iou=rate / (2 - rate),
            best_iou=rate,
            best_threshold=0.0,
            precision=rate,
            recall=rate,
            f1=rate,
            average_precision=rate,
            tolerant_iou=f1 / (2 - f1),
            volume_ratio=1.0,
        )
        return {"all background": background, "random, at the true rate": random}

    def _tolerant(self) -> float:
        if not self.true or not self.found:
            return 0.0 if self.true or self.found else float("nan")
        precision, recall = self.near_found / self.found, self.near_true / self.true
        f1 = ratio(2 * precision * recall, precision + recall)
        return f1 / (2 - f1) if precision + recall else 0.0
