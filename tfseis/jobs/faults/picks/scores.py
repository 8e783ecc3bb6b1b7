"""Scores on picked lines: thin lines of what is found against thin lines of what was picked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from skimage.morphology import skeletonize

from tfseis.data.scaling import Scaling
from tfseis.jobs.faults.model import NARROW, FaultModel
from tfseis.jobs.faults.picks.crops import cube_in
from tfseis.jobs.faults.picks.folds import HeldOut
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import within

TOLERANCE = 2  # samples between a found and a picked line that count as the same
THRESHOLDS = np.round(np.arange(0.05, 1.0, 0.05), 2)  # among which one is chosen
HALF = 24  # lines on each side of one that is predicted, and traces beside a chunk of it
CHUNK = 128  # traces of a line that are predicted at once
BESIDE = 3  # lines on each side of one whose semblance is computed
Values = Callable[[PickedLine, Scaling], np.ndarray]


def thinned(mask: np.ndarray) -> np.ndarray:
    """Middle lines of a mask, one sample wide, bool of the shape (traces, samples)."""
    return skeletonize(mask)


def hits(found: np.ndarray, picked: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
    """Found samples near a pick, all found, picked samples near a found one, all picked.

    Args:
        found: thin lines, bool (traces, samples).
        picked: thin lines of the same shape.
        counted: samples that count, bool of the same shape; None for all.

    Returns:
        int64 (4,).

    Examples:
        >>> found, picked = np.eye(9, dtype=bool), np.eye(9, k=1, dtype=bool)
        >>> hits(found, picked).tolist(), hits(found, ~found & False).tolist()
        ([9, 9, 8, 8], [0, 9, 0, 0])
    """
    counted = np.ones(found.shape, bool) if counted is None else counted
    return np.array(
        [
            (found & within(picked, TOLERANCE) & counted).sum(),
            (found & counted).sum(),
            (picked & within(found, TOLERANCE) & counted).sum(),
            (picked & counted).sum(),
        ]
    )


def rates(counts: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 from the counts of `hits`; 0 where nothing is found or picked.

    Examples:
        >>> rates(np.array([9, 12, 8, 16]))["f1"]  # 0.75 and 0.5
        0.6
    """
    near_pick, found, near_found, picked = counts.tolist()
    precision, recall = near_pick / max(found, 1), near_found / max(picked, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"f1": f1, "precision": precision, "recall": recall}


@dataclass
class PickCounts:
    """Counts of one method, by what was held out and by threshold.

    Args:
        counts: for each part that was held out, int64 (thresholds, 4), see `hits`.
    """

    counts: list[np.ndarray] = field(default_factory=list)

    def add(
        self, lines: Sequence[PickedLine], fold: HeldOut, values: dict[int, np.ndarray]
    ) -> None:
        """Count one part.

        Args:
            lines: all picked lines.
            fold: the part.
            values: by the number of its lines, 0 to 1, (traces, samples).
        """
        total = np.zeros((len(THRESHOLDS), 4), "int64")
        for number, traces in fold.parts:
            counted = np.zeros(lines[number].picks.shape, bool)
            counted[traces] = lines[number].scored[traces]
            picked = thinned(lines[number].picks)
            for row, threshold in enumerate(THRESHOLDS):
                total[row] += hits(thinned(values[number] > threshold), picked, counted)
        self.counts.append(total)

    def at(self, threshold: float) -> dict[str, float]:
        """Scores of all parts at the threshold of the table next to this one."""
        return rates(np.sum(self.counts, axis=0)[nearest(threshold)])

    def each_at(self, threshold: float) -> list[dict[str, float]]:
        """Scores of each part at the threshold of the table next to this one."""
        return [rates(part[nearest(threshold)]) for part in self.counts]

    def by_others(self) -> tuple[dict[str, float], list[dict[str, float]]]:
        """Scores of all parts and of each, at the threshold that is best for the others."""
        rows = []
        for number, part in enumerate(self.counts):
            others = np.sum([*self.counts[:number], *self.counts[number + 1 :]], axis=0)
            rows.append(part[best_row(others)])
        return rates(np.sum(rows, axis=0)), [rates(row) for row in rows]

    def best_threshold(self) -> float:
        """The threshold of the largest F1 of all parts together."""
        return float(THRESHOLDS[best_row(np.sum(self.counts, axis=0))])


def nearest(threshold: float) -> int:
    """Row of the threshold next to a number."""
    return int(np.abs(THRESHOLDS - threshold).argmin())


def best_row(counts: np.ndarray) -> int:
    """Row with the largest F1, the middle one of equals."""
    f1 = np.array([rates(row)["f1"] for row in counts])
    rows = np.flatnonzero(f1 >= f1.max() - 1e-9)
    return int(rows[len(rows) // 2])


def line_probability(model: FaultModel, line: PickedLine, scaling: Scaling) -> np.ndarray:
    """Probability of a fault on a line, from the cube around it.

    Args:
        model: a fault model.
        line: the line.
        scaling: statistics of its survey.

    Returns:
        float32 (traces, samples).
    """
    traces, samples = line.picks.shape
    found = np.empty((traces, samples), "float32")
    start, size = [0, 0, 0], [0, 0, samples + -samples % model.multiple]
    across, along = line.axis, 1 - line.axis
    start[across], size[across] = _window(
        line.index - HALF, 2 * HALF, line.cube.shape[across], model.multiple
    )
    chunk = min(CHUNK, traces)
    for first in range(0, traces, chunk):
        last = min(first + chunk, traces)
        start[along], size[along] = _window(first - HALF, chunk + 2 * HALF, traces, model.multiple)
        box = (start[0], start[1], start[2]), (size[0], size[1], size[2])
        amplitude, _ = cube_in(line, scaling, *box)
        probability = model(amplitude[np.newaxis])[0, ..., 0]
        plane = probability.take(line.index - start[across], axis=across)
        found[first:last] = plane[first - start[along] : last - start[along], :samples]
    return found


def _window(wanted: int, size: int, whole: int, multiple: int) -> tuple[int, int]:
    """First index and length of a window along an axis, inside the cube as in `apply`.

    Few lines or traces lie in the middle of a mirrored slab there and here.
    """
    size += -size % multiple
    if whole < NARROW:
        return wanted, size
    size = min(size, whole + -whole % multiple)
    return max(0, min(wanted, whole - size)), size


def line_semblance(line: PickedLine, scaling: Scaling) -> np.ndarray:
    """How much each trace of a line differs from its neighbours, 0 to 1, (traces, samples)."""
    size = list(line.cube.shape)
    size[line.axis] = 2 * BESIDE + 1
    start = [0, 0, 0]
    start[line.axis] = line.index - BESIDE
    box = (start[0], start[1], start[2]), (size[0], size[1], size[2])
    return low_semblance(cube_in(line, scaling, *box)[0]).take(BESIDE, axis=line.axis)
