"""Line numbers made from map coordinates, for files without usable line numbers."""

from collections.abc import Mapping

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.segy.affine import map_places

NEIGHBOURHOOD = 400  # traces around the middle of the survey from which the bins are found
PARALLEL = 0.3  # sine of the angle below which two directions count as one
FIT = 0.25  # bins that a trace may lie off its grid point
OFF = 0.01  # share of traces that may lie farther off
LEAST = 9  # number of traces from which a grid can be found
ROUNDS = 60  # at most, in which the fitted neighbourhood grows to the whole survey
GROWTH = 1.5  # factor by which its radius grows from round to round
MOST_BINS = 2**24  # along an axis


def numbers_from_places(name: str, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Number the lines of the grid that map coordinates form, from 1.

    Crossline numbers count along the direction in which the file runs from trace to trace.

    Args:
        name: name of the file, for messages.
        columns: x, y and scalar of each trace, as `scan_headers` returns them.

    Returns:
        Columns "inline" and "crossline", int32 (traces,).

    Raises:
        GeometryError: the coordinates form no grid.
    """
    places, _ = map_places(columns)
    indices = grid_indices(places) if len(places) >= LEAST else None
    if indices is None:
        raise GeometryError(
            f"{name}: expected map coordinates that form a grid; those of its {len(places)} traces "
            "do not. Name other bytes (x_byte, y_byte), or use line numbers."
        )
    steady = np.count_nonzero(np.diff(indices, axis=0) == 0, axis=0)
    if steady[1] > steady[0]:
        indices = indices[:, ::-1]
    for axis in range(2):  # numbers grow in the direction of the file
        if np.sign(np.diff(indices[:, axis])).sum() < 0:
            indices[:, axis] *= -1
    indices = indices - indices.min(axis=0) + 1
    return {
        "inline": indices[:, 0].astype("int32"),
        "crossline": indices[:, 1].astype("int32"),
    }


def grid_indices(places: np.ndarray) -> np.ndarray | None:
    """Find whole-number grid coordinates of points on a regular grid of any direction.

    Args:
        places: map coordinates, float64 (points, 2).

    Returns:
        Grid coordinates, int64 (points, 2); None where the points form no grid.
    """
    middle = places[np.argmin(_distance(places, np.median(places, axis=0)))]
    distance = _distance(places, middle)
    near = np.argsort(distance, kind="stable")[:NEIGHBOURHOOD]
    basis = _shortest_steps(places[near])
    if basis is None:
        return None
    origin, radius = middle, float(distance[near].max())
    for _ in range(ROUNDS):  # a grid known nearby predicts where farther points lie
        inside = distance <= radius
        bins = np.rint((places[inside] - origin) @ np.linalg.inv(basis))
        design = np.column_stack([bins, np.ones(len(bins))])
        fitted, _, rank, _ = np.linalg.lstsq(design, places[inside], rcond=None)
        if rank < 3 or abs(np.linalg.det(fitted[:2])) < PARALLEL * abs(np.linalg.det(basis)):
            return None
        basis, origin = fitted[:2], fitted[2]
        if inside.all():
            break
        radius *= GROWTH
    exact = (places - origin) @ np.linalg.inv(basis)
    indices = np.rint(exact)
    off = (np.abs(exact - indices) > FIT).any(axis=1)
    if np.count_nonzero(off) > OFF * len(places) or np.ptp(indices, axis=0).max() > MOST_BINS:
        return None
    if not np.ptp(indices, axis=0).all():
        return None
    return indices.astype("int64")


def _distance(places: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return np.abs(places - middle).max(axis=1)


def _shortest_steps(places: np.ndarray) -> np.ndarray | None:
    """The two shortest steps between neighbours, as rows (2, 2); None where there are none."""
    steps = (places[:, None] - places[None]).reshape(-1, 2)
    lengths = np.linalg.norm(steps, axis=1)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    if not len(order):
        return None
    first = steps[order[0]]
    sine = np.abs(steps @ [-first[1], first[0]]) / (lengths.clip(min=1e-9) * lengths[order[0]])
    across = order[sine[order] > PARALLEL]
    if not len(across):
        return None
    return np.stack([first, steps[across[0]]])
