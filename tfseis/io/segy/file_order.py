"""What line numbers alone tell about single traces: rare lines, and the order of the file."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tfseis.geometry import Axis

RARE = 0.001  # share of traces on a line, up to which it may be rare
HALF = 0.5  # share of the traces of a typical line, up to which it may be rare
LONGEST = 5  # odd traces side by side that are told apart
MANY = 5000  # odd traces above which the time for that is not spent
BESIDE = 3  # traces before and after them that must be in order
LINES = 4  # number of lines from which the step between them is known
FAR = 1.0  # extents of all other lines beyond which a rare line continues no survey


def lines_apart(numbers: np.ndarray) -> np.ndarray:
    """Find traces on rare lines that do not continue the other lines.

    A rare line continues the others where it lies among them, or where lines one step apart lead
    to it, as in a pointed corner. One beyond a gap does so up to one extent of the others.

    Args:
        numbers: inline or crossline number of each trace, (traces,).

    Returns:
        Mask of these traces, bool (traces,).
    """
    values, counts = np.unique(numbers, return_counts=True)
    by_size = np.argsort(counts)
    half = np.searchsorted(np.cumsum(counts[by_size]), len(numbers) / 2)
    typical = counts[by_size[half]]  # traces on the line of the median trace
    rare = counts <= max(min(RARE * len(numbers), HALF * typical), 1)
    values = values.astype("int64")
    usual = values[~rare]
    if len(usual) < 2:
        return np.zeros(len(numbers), bool)
    step = int(np.gcd.reduce(np.diff(usual)))
    off_grid = ((values - usual[0]) % step != 0) & (len(usual) >= LINES)
    low, high = np.searchsorted(values, [usual[0], usual[-1]])
    near = np.diff(values) <= step
    chained = np.zeros(len(values), bool)
    chained[low : high + 1] = True
    chained[:low] = np.logical_and.accumulate(near[:low][::-1])[::-1]
    chained[high + 1 :] = np.logical_and.accumulate(near[high:])
    beyond = np.maximum(usual[0] - values, values - usual[-1])
    far = ~chained & (beyond > FAR * (usual[-1] - usual[0]))
    odd = values[rare & (off_grid | far)]
    return np.isin(numbers, odd) if len(odd) else np.zeros(len(numbers), bool)


def detours(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """Find traces whose two neighbours in the file continue each other without them.

    Args:
        inline: inline number of each trace, (traces,), in the order of the file.
        crossline: crossline number of each trace, (traces,).

    Returns:
        Mask of these traces, bool (traces,).
    """
    odd = np.zeros(len(inline), bool)
    steady = [np.count_nonzero(numbers[1:] == numbers[:-1]) for numbers in (inline, crossline)]
    slow, fast = (inline, crossline) if steady[0] >= steady[1] else (crossline, inline)
    lines, rise = np.diff(slow.astype("int64")), np.diff(fast.astype("int64"))
    same = lines == 0
    odd[1:-1] = ~same[:-1] & (lines[:-1] + lines[1:] == 0)  # the line continues after this trace
    direction = 1 if np.count_nonzero(rise[same] > 0) * 2 >= np.count_nonzero(same) else -1
    rise *= direction
    across = rise[:-1] + rise[1:]  # step from the trace before to the one after
    bent = (across > 0) & ((rise[:-1] < 0) | (rise[1:] < 0))
    forward = rise[same & (rise > 0)]
    step = float(np.median(forward)) if len(forward) else 1.0
    if len(forward):  # a trace repeats its neighbour's number, and its own number is missing
        bent |= (across == 2 * step) & ((rise[:-1] == 0) | (rise[1:] == 0))
    odd[1:-1] |= bent & same[:-1] & same[1:]
    way = np.sign(np.sum(np.sign(lines)))
    lines *= way  # step from trace to trace; > 0 where the next line begins
    if way:
        odd[1:-1] |= (lines[:-1] + lines[1:] > 0) & ((lines[:-1] < 0) | (lines[1:] < 0))
    if odd.any() and _short_lines(slow, fast, odd):
        return np.zeros(len(odd), bool)
    if not 1 < np.count_nonzero(odd) <= MANY:
        return odd
    ahead = np.stack([slow, fast], axis=-1).astype("int64") * [int(way) or 1, direction]
    return _fewest(odd, ahead, step)


def _short_lines(slow: np.ndarray, fast: np.ndarray, odd: np.ndarray) -> bool:
    """Whether the file is in order line by line of the fast number, which odd traces share.

    Single traces at the sides of a row of traces look like detours from it. A trace with a wrong
    number has none of its neighbours beside it.

    Args:
        slow: number that mostly stays from trace to trace, (traces,).
        fast: the other number, (traces,).
        odd: mask of odd traces, (traces,).
    """
    lines, along = np.diff(fast.astype("int64")), np.diff(slow.astype("int64"))
    same = lines == 0
    shared = np.zeros(len(odd), bool)
    shared[1:] |= same
    shared[:-1] |= same
    in_order = [(steps > 0).all() or (steps < 0).all() for steps in (lines[~same], along[same])]
    return all(in_order) and bool(shared[odd].all())


def _fewest(odd: np.ndarray, ahead: np.ndarray, step: float) -> np.ndarray:
    """Of odd traces side by side, only those whose absence leaves the others in order.

    Args:
        odd: mask of odd traces, (traces,).
        ahead: numbers that grow in a file in order, slow and fast, int64 (traces, 2).
        step: usual step of the fast ones.
    """
    found = odd.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], odd.view("i1"), [0]])))
    for start, stop in edges.reshape(-1, 2):
        if not 1 < stop - start <= LONGEST:
            continue
        around = range(max(start - BESIDE, 0), min(stop + BESIDE, len(odd)))
        tried = [
            subset
            for count in range(1, stop - start + 1)
            for subset in combinations(range(start, stop), count)
        ]
        best = min(
            tried, key=lambda out: _disorder(ahead[[n for n in around if n not in out]], step)
        )
        found[start:stop] = False
        found[list(best)] = True
    return found


def _disorder(ahead: np.ndarray, step: float) -> tuple[int, int, int]:
    """Steps backwards, traces left out (fewer remain), and steps that are not the usual one."""
    lines, rise = np.diff(ahead, axis=0).T
    back = int(np.count_nonzero((lines < 0) | ((lines == 0) & (rise <= 0))))
    return back, -len(ahead), -int(np.count_nonzero((lines == 0) & (rise == step)))


def in_row(inline: np.ndarray, crossline: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Mask of traces one step along a line from the trace before or after, bool (traces,)."""
    steps = np.abs(np.diff(inline.astype("int64"))) / axes[0].step
    steps += np.abs(np.diff(crossline.astype("int64"))) / axes[1].step
    beside = steps == 1
    row = np.zeros(len(inline), bool)
    row[1:] |= beside
    row[:-1] |= beside
    return row
