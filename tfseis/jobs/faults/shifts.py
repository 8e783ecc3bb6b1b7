"""How far the reflections of one sheet lie below those of another: shifts that vary smoothly.

Source: Hale 2013, Methods to compute fault images, extract fault surfaces, and estimate fault
throws from 3D seismic images, https://doi.org/10.1190/geo2012-0331.1; Hirschmüller 2008, Stereo
processing by semiglobal matching and mutual information, https://doi.org/10.1109/TPAMI.2007.1166.
Differs from them: correlations in a window, summed along four directions on a coarse grid; where a
shift is unlike its neighbour's, that costs a fixed amount.
"""

import numpy as np
from scipy import ndimage

STEP = 4  # grid steps from one node with a shift to the next
WINDOW = 5.0  # standard deviation of the window in which reflections are compared, grid steps
FULL = 0.3  # share of the window that must be known
UNKNOWN = 0.4  # cost where nothing is known: that of a fair match, so that neighbours decide
CHANGES = (0.0, 0.02, 0.1)  # costs of a shift that differs by 0, 1, 2 from the neighbour's
JUMP = 0.8  # cost of any other change
LARGER = 0.002  # cost of each step of shift, so that of equal shifts the smaller is taken


def smooth_shifts(one: np.ndarray, other: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Shift at every fourth node in steps down, and the correlation there.

    Args:
        one: amplitudes (along strike, down dip), NaN where unknown.
        other: amplitudes of the same shape.
        most: largest shift, up or down, in steps.

    Returns:
        float32 (along strike / 4, down dip / 4) each, rounded up; the shift is given to parts of a
        step. The node is halfway between the two places that are compared.

    Examples:
        >>> one = np.random.default_rng(0).normal(size=(9, 60))
        >>> shift, alike = smooth_shifts(one, np.roll(one, 3, axis=1), 5)
        >>> shift.shape, round(float(np.median(shift)))
        ((3, 15), 3)
    """
    steps = np.arange(-most, most + 1)
    alike = np.stack([_alike(one, other, step) for step in steps.tolist()])
    known = np.isfinite(alike)
    larger = (LARGER * np.abs(steps)).astype("float32")[:, None, None]
    cost = np.where(known, 1 - alike, np.float32(UNKNOWN)) + larger
    total = np.zeros_like(cost)
    for axis, turn in ((1, 1), (1, -1), (2, 1), (2, -1)):
        total += _along(cost, axis, turn)
    best = total.argmin(axis=0)
    inner = best.clip(1, max(len(steps) - 2, 1))
    above, peak, below = (_taken(total, inner + k) for k in (-1, 0, 1))
    bend = above - 2 * peak + below
    part = np.where((bend > 0) & (best == inner), 0.5 * (above - below) / np.maximum(bend, 1e-9), 0)
    correlation = _taken(np.where(known, alike, -1), best)
    return (best - most + part.clip(-0.5, 0.5)).astype("float32"), correlation


def _alike(one: np.ndarray, other: np.ndarray, step: int) -> np.ndarray:
    """Correlation around every fourth node with a sheet that is moved up; NaN where unknown."""
    up, down = step // 2, step - step // 2
    a, b = _moved(one, -up), _moved(other, down)
    known = np.isfinite(a) & np.isfinite(b)
    a, b = np.where(known, a, 0), np.where(known, b, 0)
    ab, aa, bb, full = (
        ndimage.gaussian_filter(x.astype("float32"), WINDOW, mode="nearest", truncate=2.5)[
            ::STEP, ::STEP
        ]
        for x in (a * b, a * a, b * b, known)
    )
    return np.where(full > FULL, ab / np.sqrt(np.maximum(aa * bb, 1e-12)), np.nan)


def _moved(values: np.ndarray, step: int) -> np.ndarray:
    """Each column ``values[:, node + step]``, NaN beyond the ends."""
    moved = np.full(values.shape, np.nan, "float32")
    size = values.shape[1]
    if abs(step) < size:
        kept = slice(max(step, 0), size + min(step, 0))
        moved[:, max(-step, 0) : size - max(step, 0)] = values[:, kept]
    return moved


def _along(cost: np.ndarray, axis: int, turn: int) -> np.ndarray:
    """Cost of the best shifts on the way to each node along an axis, (shifts, rows, columns)."""
    turned = np.moveaxis(cost, axis, 0)[::turn]  # (nodes, shifts, others)
    total = np.empty_like(turned)
    total[0] = turned[0]
    for node in range(1, len(turned)):
        before = total[node - 1]
        least = before.min(axis=0)
        reached = np.broadcast_to(least + JUMP, before.shape).copy()
        for change, price in enumerate(CHANGES):
            stop = len(before) - change
            if stop > 0:
                np.minimum(reached[change:], before[:stop] + price, out=reached[change:])
                np.minimum(reached[:stop], before[change:] + price, out=reached[:stop])
        total[node] = turned[node] + reached - least
    return np.moveaxis(total[::turn], 0, axis)


def _taken(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """``values[index]`` at each node."""
    index = index.clip(0, len(values) - 1)
    return np.take_along_axis(values, index[None], axis=0)[0]
