"""Traces whose line numbers do not fit those of their neighbours, mostly damaged headers."""

from collections.abc import Mapping, Sequence

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy.affine import map_places

FEW = 8  # number of traces below which none is refused
MOST = 0.01  # share of traces above which they are not refused: the whole file is like that
RARE = 0.001  # share of traces on a line that lies apart from all others
OFF = 0.5  # bins between the coordinates of a trace and those of its line numbers
BLOCK = 2**18  # traces whose coordinates are held in memory at once


class OddTracesError(GeometryError):
    """Some traces have line numbers that do not fit their neighbours'.

    Attributes:
        traces: positions of these traces in the file, from 0.
    """

    def __init__(self, message: str, traces: np.ndarray) -> None:
        super().__init__(message)
        self.traces = traces


def refuse_odd(name: str, columns: Mapping[str, np.ndarray]) -> None:
    """Refuse traces whose numbers break the order of the file, or lie far from all others.

    Raises:
        OddTracesError: there are some.
    """
    odd = odd_traces(columns["inline"], columns["crossline"])
    if odd.any():
        raise _refusal(name, columns, odd, "out of order with its neighbours")


def refuse_misplaced(
    name: str, columns: Mapping[str, np.ndarray], affine: np.ndarray, axes: Sequence[Axis]
) -> None:
    """Refuse traces whose numbers fit neither their coordinates nor the traces beside them.

    Raises:
        OddTracesError: there are some.
    """
    off = misplaced_traces(columns, affine, axes)
    if off.any():
        raise _refusal(name, columns, off, "which its map coordinates contradict")


def refuse_strays(
    name: str, columns: Mapping[str, np.ndarray], cell: np.ndarray, axes: Sequence[Axis]
) -> None:
    """Refuse traces that share a place with a trace that is in a row with its neighbours.

    Of two traces at one place, the one that continues no row of neighbours has the wrong numbers.

    Args:
        name: name of the file, for messages.
        columns: header fields, each (traces,).
        cell: cell of each trace in the flattened grid, (traces,).
        axes: axes of inlines and crosslines.

    Raises:
        OddTracesError: there are some.
    """
    order = np.argsort(cell, kind="stable")
    same = np.diff(cell[order]) == 0
    if not same.any() or len(cell) < FEW:
        return
    shared = np.zeros(len(cell), bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    row = _in_row(columns["inline"], columns["crossline"], axes)
    stray = shared & ~row & np.isin(cell, cell[shared & row])
    if 0 < np.count_nonzero(stray) <= max(MOST * len(cell), 1):
        raise _refusal(
            name, columns, stray, "where another trace lies in a row with its neighbours"
        )


def odd_traces(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """Find traces whose line numbers break the order of the file or lie far from all others.

    Args:
        inline: inline number of each trace, (traces,), in the order of the file.
        crossline: crossline number of each trace, (traces,).

    Returns:
        Mask of these traces, bool (traces,); all False where they would be more than 1 %, as in
        files without an order.
    """
    traces = len(inline)
    none = np.zeros(traces, bool)
    if traces < FEW:
        return none
    apart = _apart(inline) | _apart(crossline)
    if np.count_nonzero(apart) > max(MOST * traces, 1):
        apart = none
    detour = _detours(inline, crossline)
    if np.count_nonzero(detour) > max(MOST * traces, 1):
        detour = none
    return apart | detour


def misplaced_traces(
    columns: Mapping[str, np.ndarray], affine: np.ndarray, axes: Sequence[Axis]
) -> np.ndarray:
    """Find traces off their place by more than half a bin, and in no row with a neighbour.

    Returns:
        Mask of these traces, bool (traces,); all False where they would be more than 1 %.
    """
    traces = len(columns["inline"])
    off = np.zeros(traces, bool)
    if traces < FEW:
        return off
    bins = np.linalg.norm(affine[:, :2] * [axes[0].step, axes[1].step], axis=0).min()
    for start in range(0, traces, BLOCK):
        part = slice(start, start + BLOCK)
        places, factor = map_places(columns, part)
        line = np.stack([columns["inline"][part], columns["crossline"][part]], axis=-1)
        misfit = np.linalg.norm(line @ affine[:, :2].T + affine[:, 2] - places, axis=1)
        known = (columns["x"][part] != 0) | (columns["y"][part] != 0)
        off[part] = known & (misfit > OFF * bins + factor)  # coordinates are rounded
    off &= ~_in_row(columns["inline"], columns["crossline"], axes)
    return off if np.count_nonzero(off) <= max(MOST * traces, 1) else np.zeros(traces, bool)


def _apart(numbers: np.ndarray) -> np.ndarray:
    """Mask of traces on rare lines that lie off the grid of all others, or beyond a gap."""
    values, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    rare = counts <= max(RARE * len(numbers), 1)
    usual = values[~rare].astype("int64")
    if len(usual) < 2 or counts[rare].sum() > max(MOST * len(numbers), 1):
        return np.zeros(len(numbers), bool)
    step = int(np.gcd.reduce(np.diff(usual)))
    values = values.astype("int64")
    off_grid = (values - usual[0]) % step != 0
    gap = np.maximum(usual[0] - values, values - usual[-1]) > step
    return (rare & (off_grid | gap))[inverse]


def _detours(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """Mask of traces whose two neighbours in the file continue each other without them."""
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


def _in_row(inline: np.ndarray, crossline: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Mask of traces one step along a line from the trace before or after."""
    steps = np.abs(np.diff(inline.astype("int64"))) / axes[0].step
    steps += np.abs(np.diff(crossline.astype("int64"))) / axes[1].step
    beside = steps == 1
    row = np.zeros(len(inline), bool)
    row[1:] |= beside
    row[:-1] |= beside
    return row


def _refusal(
    name: str, columns: Mapping[str, np.ndarray], odd: np.ndarray, what: str
) -> OddTracesError:
    first = int(np.argmax(odd))
    count = int(np.count_nonzero(odd))
    more = f" ({count - 1} more are like it)" if count > 1 else ""
    message = (
        f"{name}: expected line numbers that form a grid; trace {first + 1} (of 1 to {len(odd)}) "
        f"has inline {columns['inline'][first]}, crossline {columns['crossline'][first]}, "
        f"{what}{more}. Leave it out (skip_traces), or correct its header."
    )
    return OddTracesError(message, np.flatnonzero(odd))
