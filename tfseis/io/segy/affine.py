"""Map coordinates of SEG-Y traces, as an affine function of their line numbers."""

from collections.abc import Mapping

import numpy as np

from tfseis.geometry import Axis

FIT_TRACES = 100_000  # enough traces for a stable least-squares fit
OUTLIERS = 0.01  # share of traces whose coordinates may be off
FEW = 8  # number of traces from which one may be off
TRUSTED = 0.9  # share of traces, those that fit best, that the next fit uses
REFITS = 8
PARALLEL = 1e-3  # sine of the angle below which the two line directions count as parallel


def map_places(
    columns: Mapping[str, np.ndarray], part: slice = slice(None)
) -> tuple[np.ndarray, np.ndarray]:
    """Map coordinates of traces, with the scalar of their headers (byte 71) applied.

    A scalar below 0 divides the coordinates, one above 0 multiplies them, and 0 means 1.

    Args:
        columns: x, y and scalar of each trace, as `scan_headers` returns them.
        part: the traces that are wanted.

    Returns:
        Coordinates, float64 (traces, 2), and the factors applied to them, (traces,).
    """
    scalar = columns["scalar"][part].astype("float64")
    factor = np.where(scalar < 0, -1 / np.minimum(scalar, -1), np.maximum(scalar, 1))
    return np.stack([columns["x"][part] * factor, columns["y"][part] * factor], axis=-1), factor


def fit_affine(
    inlines: Axis,
    crosslines: Axis,
    columns: Mapping[str, np.ndarray],
    *,
    outliers: float = OUTLIERS,
) -> np.ndarray | None:
    """Fit map coordinates as an affine function of line numbers, by least squares.

    The traces that fit worst are left out and the fit is repeated, so that single wrong headers do
    not move it.

    Args:
        inlines: axis of inline numbers.
        crosslines: axis of crossline numbers.
        columns: inline, crossline, x, y and scalar (byte 71) of each trace, as `scan_headers`
            returns them. Traces with x = y = 0 have no coordinates.
        outliers: share of traces whose coordinates may be off.

    Returns:
        The (2, 3) matrix of `Geometry`; None where most traces have no coordinates, the
        coordinates lie on one straight line, or too many of them are off by more than a bin.
    """
    part = slice(None, None, max(len(columns["x"]) // FIT_TRACES, 1))
    places, _ = map_places(columns, part)
    known = (columns["x"][part] != 0) | (columns["y"][part] != 0)
    if known.sum() < max(3, len(known) / 2):  # three points span a plane
        return None
    bins = [
        axis.fractional(columns[axis.name][part][known]) for axis in (inlines, crosslines)
    ]  # array indices instead of line numbers, so that the fit is well conditioned
    design = np.stack([*bins, np.ones(len(bins[0]))], axis=-1)
    places = places[known]
    centre = np.median(places, axis=0)
    trusted = np.ones(len(places), bool)
    for _ in range(REFITS):  # each time without the traces that fitted worst
        matrix, _, rank, _ = np.linalg.lstsq(design[trusted], places[trusted] - centre, rcond=None)
        if rank < 3:
            return None
        lengths = np.linalg.norm(matrix[:2], axis=1)
        misfit = np.linalg.norm(design @ matrix + centre - places, axis=1)
        trusted = misfit <= max(np.quantile(misfit, TRUSTED), lengths.min() / 10)
        if trusted.all():
            break
    flat = abs(np.linalg.det(matrix[:2])) < PARALLEL * lengths.prod()
    off = np.count_nonzero(misfit > lengths.min())
    if flat or not lengths.all() or off > max(outliers * len(misfit), len(misfit) >= FEW):
        return None
    linear = matrix[:2].T / [inlines.step, crosslines.step]
    offset = matrix[2] + centre - linear @ [inlines.first, crosslines.first]
    return np.column_stack([linear, offset])
