"""What line numbers alone tell about single traces: rare lines, and the order of the file."""

from collections.abc import Sequence

import numpy as np

from tfseis.geometry import Axis

RARE = 0.001  # share of traces on a line, up to which it may be rare
HALF = 0.5  # share of the traces of a typical line, up to which it may be rare
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
    values, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    typical = np.median(counts[inverse])
    rare = counts <= max(min(RARE * len(numbers), HALF * typical), 1)
    values = values.astype("int64")
    usual = values[~rare]
    if len(usual) < 2:
        return np.zeros(len(numbers), bool)
    step = int(np.gcd.reduce(np.diff(usual)))
    off_grid = (values - usual[0]) % step != 0
    low, high = np.searchsorted(values, [usual[0], usual[-1]])
    near = np.diff(values) <= step
    chained = np.zeros(len(values), bool)
    chained[low : high + 1] = True
    chained[:low] = np.logical_and.accumulate(near[:low][::-1])[::-1]
    chained[high + 1 :] = np.logical_and.accumulate(near[high:])
    beyond = np.maximum(usual[0] - values, values - usual[-1])
    far = ~chained & (beyond > FAR * (usual[-1] - usual[0]))
    return (rare & (off_grid | far))[inverse]


def detours(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """Find traces whose two neighbours in the file continue each other without them.

    Args:
        inline: inline number of each trace, (traces,), in the order of the file.
        crossline: crossline number of each trace, (traces,).

    Returns:
        Mask of these traces, bool (traces,).
    """
    odd = np.zeros(len(inline), bool)
    steady = [np.count_nonzero(np.diff(numbers) == 0) for numbers in (inline, crossline)]
    slow, fast = (inline, crossline) if steady[0] >= steady[1] else (crossline, inline)
    before, here, after = (slow[:-2], slow[1:-1], slow[2:])
    left = (before == after) & (here != before)  # the line continues after this trace
    rise = np.diff(fast.astype("int64"))
    same = np.diff(slow) == 0
    direction = 1 if np.count_nonzero(rise[same] > 0) * 2 >= np.count_nonzero(same) else -1
    rise *= direction
    across = rise[:-1] + rise[1:]  # step from the trace before to the one after
    bent = (across > 0) & ((rise[:-1] < 0) | (rise[1:] < 0))
    forward = rise[same & (rise > 0)]
    if len(forward):  # a trace repeats its neighbour's number, and its own number is missing
        bent |= (across == 2 * np.median(forward)) & ((rise[:-1] == 0) | (rise[1:] == 0))
    bent &= same[:-1] & same[1:]
    odd[1:-1] = left | bent
    lines = np.diff(slow.astype("int64"))
    way = np.sign(np.sum(np.sign(lines)))
    lines = lines * way  # step from trace to trace; > 0 where the next line begins
    if way:
        strayed = (lines[:-1] + lines[1:] > 0) & ((lines[:-1] < 0) | (lines[1:] < 0))
        odd[1:-1] |= strayed
    return odd


def in_row(inline: np.ndarray, crossline: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Mask of traces one step along a line from the trace before or after, bool (traces,)."""
    steps = np.abs(np.diff(inline.astype("int64"))) / axes[0].step
    steps += np.abs(np.diff(crossline.astype("int64"))) / axes[1].step
    beside = steps == 1
    row = np.zeros(len(inline), bool)
    row[1:] |= beside
    row[:-1] |= beside
    return row
