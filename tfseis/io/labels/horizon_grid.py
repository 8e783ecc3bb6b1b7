"""Horizon times on every trace, interpolated from nodes that lie anywhere."""

import numpy as np

REACH = 5  # bins; lines that are interpreted every tenth are joined, larger holes stay
NEIGHBOURS = np.ones((3, 3), bool)
OFF_CENTRE = 0.05  # bins; nodes farther from a bin centre belong to another grid


def gridded(bins: np.ndarray, times: np.ndarray, shape: tuple[int, ...], reach: int) -> np.ndarray:
    """Interpolate times on every trace.

    Nodes on bin centres keep their times; where any lies off its centre, all traces are
    interpolated. Several nodes in one bin are averaged. Holes are filled between nodes only.

    Args:
        bins: fractional array indices of the nodes, (nodes, 2), up to `reach` outside `shape`.
        times: finite times of the nodes, (nodes,).
        shape: number of inlines and crosslines.
        reach: largest distance in bins from a trace to a node; 0 fills no holes.

    Returns:
        Times, float64 of `shape`; NaN where no node lies within reach.
    """
    from scipy.ndimage import (  # noqa: PLC0415 - slow to import, and rarely needed
        binary_dilation,
        distance_transform_edt,
    )

    margin = reach + 1  # nodes around the survey help to fill its edges
    wide = tuple(size + 2 * margin for size in shape)
    nearest = np.rint(bins).astype("int64") + margin
    flat = np.ravel_multi_index(tuple(nearest.T), wide)
    counts = np.bincount(flat, minlength=wide[0] * wide[1]).reshape(wide)
    totals = np.bincount(flat, weights=times, minlength=wide[0] * wide[1]).reshape(wide)
    grid = np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
    inner = slice(margin, -margin)
    off_centre = np.abs(bins + margin - nearest).max() > OFF_CENTRE
    if not off_centre and counts[inner, inner].all():  # no holes
        return grid[inner, inner]
    near = distance_transform_edt(counts == 0) <= reach
    wanted = near if off_centre else near & (counts == 0)
    if reach and wanted.any():
        beside = binary_dilation(wanted, NEIGHBOURS)  # nodes farther away change nothing
        around = beside[tuple(nearest.T)]
        filled = _interpolated(bins[around] + margin, times[around], np.argwhere(wanted))
        grid[wanted] = np.where(np.isnan(filled), grid[wanted], filled)
    return grid[inner, inner]


def _interpolated(nodes: np.ndarray, times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Linear interpolation, along the line where all nodes lie on one; NaN outside the nodes."""
    from scipy.interpolate import LinearNDInterpolator  # noqa: PLC0415 - as above
    from scipy.spatial import QhullError  # noqa: PLC0415

    for across, along in ((0, 1), (1, 0)):
        if np.ptp(nodes[:, across]) <= OFF_CENTRE:
            order = np.argsort(nodes[:, along])
            x, y = nodes[order, along], times[order]
            values = np.interp(wanted[:, along], x, y, left=np.nan, right=np.nan)
            same = np.rint(nodes[0, across]) == wanted[:, across]
            return np.where(same, values, np.nan)
    try:
        return np.asarray(LinearNDInterpolator(nodes, times)(wanted))
    except QhullError:  # the nodes lie on a slanting line, or are fewer than three
        return np.full(len(wanted), np.nan)
