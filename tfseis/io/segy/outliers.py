"""Traces whose line numbers contradict the grid or their coordinates, mostly damaged headers.

A trace is never refused because its line is short or lies at an edge. Where map coordinates fit
the line numbers of a trace, nothing else counts against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy.affine import FIT_TRACES, fit_affine, map_places
from tfseis.io.segy.axes import line_axis
from tfseis.io.segy.file_order import detours, in_row, lines_apart
from tfseis.io.segy.padding import blank_traces, lines_begin_at_zero

FEW = 8  # number of traces below which none is refused
MOST = 0.01  # share of traces above which their order is not judged: the whole file is like that
MOST_OFF = 0.1  # share of traces above which coordinates that contradict the numbers do not count
LEAST_TRUSTED = 0.5  # share of traces, at least, that the fit of coordinates must rest on
CENTRAL = 2.0  # interquartile ranges around the median in which numbers of a survey lie
OFF = 0.5  # bins between the coordinates of a trace and those of its line numbers
ON_GRID = 0.25  # bins within which coordinates lie at a place of the grid
BLOCK = 2**18  # traces whose coordinates are held in memory at once


class OddTracesError(GeometryError):
    """Some traces have line numbers that contradict the grid or their coordinates.

    Attributes:
        traces: positions of these traces in the file, from 0.
    """

    def __init__(self, message: str, traces: np.ndarray) -> None:
        super().__init__(message)
        self.traces = traces


@dataclass(frozen=True)
class Agreement:
    """How the line numbers of traces agree with their map coordinates.

    Args:
        fits: traces whose coordinates are those of their line numbers, bool (traces,).
        off: traces whose coordinates are others, bool (traces,).
        affine: matrix (2, 3) of the coordinates, as in `Geometry`.
    """

    fits: np.ndarray
    off: np.ndarray
    affine: np.ndarray


def refuse_damaged(name: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Refuse traces with line numbers that their coordinates or neighbours contradict.

    Args:
        name: name of the file, for messages.
        columns: header fields, each (traces,).

    Returns:
        Mask of the traces whose coordinates fit their line numbers, bool (traces,).

    Raises:
        OddTracesError: there are some.
    """
    inline, crossline = columns["inline"], columns["crossline"]
    nothing = np.zeros(len(inline), bool)
    if len(inline) < FEW:
        return nothing
    if (blank := blank_traces(columns)).any() and not lines_begin_at_zero(columns, blank):
        raise _refusal(name, columns, blank, "and no map coordinates, but samples")
    apart = lines_apart(inline) | lines_apart(crossline)
    detour = nothing.copy()
    rest = ~_few(apart) if apart.any() else slice(None)  # damage makes no neighbours look odd
    detour[rest] = detours(inline[rest], crossline[rest])
    agreement = _agreement(columns, apart | detour)
    if agreement is None:
        if (odd := _few(apart) | _few(detour)).any():
            raise _refusal(name, columns, odd, "out of order with its neighbours")
        return nothing
    unknown = ~agreement.fits & ~agreement.off
    if (off := _wrong_numbers(columns, agreement, apart | detour)).any():
        raise _refusal(name, columns, off, "which its map coordinates contradict")
    if (odd := _few(apart & unknown) | _few(detour & unknown)).any():
        raise _refusal(name, columns, odd, "out of order with its neighbours")
    return agreement.fits


def refuse_strays(
    name: str,
    columns: Mapping[str, np.ndarray],
    cell: np.ndarray,
    axes: Sequence[Axis],
    fits: np.ndarray,
) -> None:
    """Refuse traces that share a place with a trace that is in a row with its neighbours.

    Of two traces at one place, the one that continues no row of neighbours has the wrong numbers.

    Args:
        name: name of the file, for messages.
        columns: header fields, each (traces,).
        cell: cell of each trace in the flattened grid, (traces,).
        axes: axes of inlines and crosslines.
        fits: traces whose coordinates fit their numbers, bool (traces,), which are never strays.

    Raises:
        OddTracesError: there are some.
    """
    order = np.argsort(cell, kind="stable")
    same = np.diff(cell[order]) == 0
    if not same.any() or len(cell) < FEW:
        return
    shared = np.zeros(len(cell), bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    row = in_row(columns["inline"], columns["crossline"], axes)
    stray = shared & ~row & ~fits & np.isin(cell, cell[shared & row])
    if 0 < np.count_nonzero(stray) <= max(MOST * len(cell), 1):
        raise _refusal(
            name, columns, stray, "where another trace lies in a row with its neighbours"
        )


def trace_number(columns: Mapping[str, np.ndarray], trace: int) -> int:
    """Number in the file, from 1, of one of the traces that are not left out."""
    return int(columns["position"][trace] if "position" in columns else trace) + 1


def _few(odd: np.ndarray) -> np.ndarray:
    """A mask of odd traces; all False where they are more than 1 %, as in files without order."""
    return odd if np.count_nonzero(odd) <= max(MOST * len(odd), 1) else np.zeros(len(odd), bool)


def _agreement(columns: Mapping[str, np.ndarray], suspect: np.ndarray) -> Agreement | None:
    """Compare numbers with coordinates; None where these form no plane, or few fit it."""
    traces = len(suspect)
    trusted = ~suspect
    for key in ("inline", "crossline"):
        trusted &= _central(columns[key])
    trusted = np.flatnonzero(trusted)
    if len(trusted) < LEAST_TRUSTED * traces:
        return None
    axes = [line_axis(key, columns[key][trusted]) for key in ("inline", "crossline")]
    trusted = trusted[:: max(len(trusted) // FIT_TRACES, 1)]
    some = {key: columns[key][trusted] for key in ("inline", "crossline", "x", "y", "scalar")}
    affine = fit_affine(axes[0], axes[1], some, outliers=MOST_OFF)
    if affine is None:
        return None
    bins = np.linalg.norm(affine[:, :2] * [axes[0].step, axes[1].step], axis=0).min()
    fits, off = np.zeros(traces, bool), np.zeros(traces, bool)
    for start in range(0, traces, BLOCK):
        part = slice(start, start + BLOCK)
        places, factor = map_places(columns, part)
        line = np.stack([columns["inline"][part], columns["crossline"][part]], axis=-1)
        misfit = np.linalg.norm(line @ affine[:, :2].T + affine[:, 2] - places, axis=1)
        known = (columns["x"][part] != 0) | (columns["y"][part] != 0)
        far = misfit > OFF * bins + factor  # coordinates are rounded
        fits[part], off[part] = known & ~far, known & far
    if np.count_nonzero(off) > max(MOST_OFF * traces, 1):
        return None
    return Agreement(fits, off, affine)


def _central(numbers: np.ndarray) -> np.ndarray:
    """Mask of numbers that lie near the middle of all, so that no far one tilts a fit."""
    some = numbers[:: max(len(numbers) // FIT_TRACES, 1)]
    low, middle, high = np.quantile(some, [0.25, 0.5, 0.75])
    if low == high:
        return np.ones(len(numbers), bool)
    return np.abs(numbers - middle) <= CENTRAL * (high - low)


def _wrong_numbers(
    columns: Mapping[str, np.ndarray], agreement: Agreement, suspect: np.ndarray
) -> np.ndarray:
    """Mask of traces off their coordinates of which the line numbers are wrong, bool (traces,).

    The coordinates are wrong instead where the numbers continue a row of traces, no trace that
    fits has the same numbers, and the coordinates lead to no hole of the grid.
    """
    off = agreement.off
    if not off.any():
        return off
    inline, crossline = columns["inline"], columns["crossline"]
    axes = [line_axis(key, columns[key][agreement.fits]) for key in ("inline", "crossline")]
    taken = _key(inline, crossline)
    contested = np.isin(taken, taken[agreement.fits])
    wrong = off & (suspect | contested | ~in_row(inline, crossline, axes))
    left = np.flatnonzero(off & ~wrong)
    some = {key: columns[key][left] for key in ("x", "y", "scalar")}
    places, _ = map_places(some)
    numbers = (places - agreement.affine[:, 2]) @ np.linalg.inv(agreement.affine[:, :2]).T
    index = np.stack([axis.fractional(numbers[:, n]) for n, axis in enumerate(axes)], axis=-1)
    counts = [axis.count for axis in axes]
    whole = np.rint(index)
    inside = ((whole >= 0) & (whole < counts) & (np.abs(index - whole) < ON_GRID)).all(axis=1)
    there = [axis.first + axis.step * whole[:, n] for n, axis in enumerate(axes)]
    there = [np.where(inside, values, 0).astype("int64") for values in there]
    wrong[left] = inside & ~np.isin(_key(there[0], there[1]), taken)
    return wrong


def _key(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """One number for each pair of line numbers, int64."""
    return (inline.astype("int64") << 32) + crossline


def _refusal(
    name: str, columns: Mapping[str, np.ndarray], odd: np.ndarray, what: str
) -> OddTracesError:
    first = int(np.argmax(odd))
    count = int(np.count_nonzero(odd))
    number = trace_number(columns, first)
    more = f" ({count - 1} more are like it)" if count > 1 else ""
    message = (
        f"{name}: expected line numbers that form a grid; trace {number} (of 1 to {len(odd)}) "
        f"has inline {columns['inline'][first]}, crossline {columns['crossline'][first]}, "
        f"{what}{more}. Leave it out (skip_traces), or correct its header."
    )
    return OddTracesError(message, columns.get("position", np.arange(len(odd)))[odd])
