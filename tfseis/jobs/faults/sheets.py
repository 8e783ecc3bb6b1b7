"""The surface of a fault: heights over its mean plane on a grid along strike and down dip.

Everything is in array indices here, a bin and a sample each counting as 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

SMOOTH = 2.5  # grid steps over which heights are averaged, since samples are rounded to bins
COVERED = 0.4  # of the samples that a full surface would hold nearby, from which there is surface
MARGIN = 2  # grid steps around the samples
TRIMMED, TRIMS = 3.0, 2  # standard deviations beyond which samples leave the mean plane; turns


@dataclass(frozen=True)
class Sheet:
    """The surface of a fault on a grid.

    Args:
        origin: array indices of grid node 0, 0 on the mean plane, float64 (3,).
        strike: unit vector along the strike, horizontal, (3,).
        dip: unit vector down the dip, (3,).
        normal: unit vector of the mean plane, its third component 0 or less, so that it points to
            the hanging wall, (3,).
        heights: distance from the mean plane along the normal at each node, float32 (along
            strike, down dip); NaN where there is no surface. Nodes are 1 apart.
    """

    origin: np.ndarray
    strike: np.ndarray
    dip: np.ndarray
    normal: np.ndarray
    heights: np.ndarray

    def places(self) -> np.ndarray:
        """Array indices of every node, float64 (along strike, down dip, 3); NaN where none."""
        along, down = np.ogrid[: self.heights.shape[0], : self.heights.shape[1]]
        return (
            self.origin
            + along[..., None] * self.strike
            + down[..., None] * self.dip
            + self.heights[..., None] * self.normal
        )


def sheet(positions: np.ndarray) -> Sheet:
    """The surface through the samples of a fault.

    Args:
        positions: array indices, (samples, 3), 3 or more that lie on no line.

    Examples:
        >>> inline, sample = (axis.ravel() for axis in np.mgrid[:30, :40])
        >>> found = sheet(np.stack([inline, 5 + sample, sample], axis=1))  # 45 degrees
        >>> found.normal.round(2).tolist(), round(float(np.nanmax(np.abs(found.heights))), 1)
        ([0.0, 0.71, -0.71], 0.0)
    """
    places = positions.astype("float64")
    centre, normal = _mean_plane(places)
    strike, dip = _directions(normal)
    offset = places - centre
    along, down, height = offset @ strike, offset @ dip, offset @ normal
    first = np.floor([along.min(), down.min()]) - MARGIN
    size = (np.ceil([along.max(), down.max()]) - first).astype(int) + MARGIN + 1
    node = np.rint(np.stack([along, down]) - first[:, None]).astype(int)
    count, total = np.zeros(size), np.zeros(size)
    np.add.at(count, tuple(node), 1)
    np.add.at(total, tuple(node), height)
    near, sums = (ndimage.gaussian_filter(x, SMOOTH, mode="constant") for x in (count, total))
    usual = float(np.median(near[tuple(node)]))
    heights = np.where(near > COVERED * usual, sums / np.maximum(near, 1e-9), np.nan)
    origin = centre + first[0] * strike + first[1] * dip
    return Sheet(origin, strike, dip, normal, heights.astype("float32"))


def triangles(nodes: np.ndarray) -> np.ndarray:
    """Triangles over a grid of nodes, three or four of which form a cell.

    Args:
        nodes: number of the vertex at each node, integers (rows, columns); -1 for none.

    Returns:
        Numbers of three vertices each, int64 (triangles, 3).

    Examples:
        >>> triangles(np.array([[0, 1], [2, -1]])).tolist()
        [[0, 1, 2]]
    """
    a, b, c, d = nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]
    whole = (a >= 0) & (b >= 0) & (c >= 0) & (d >= 0)
    found = [np.stack([x[whole] for x in three], axis=1) for three in ((a, b, c), (b, d, c))]
    for three in ((a, b, c), (b, d, c), (a, b, d), (a, d, c)):
        lone = ~whole & (three[0] >= 0) & (three[1] >= 0) & (three[2] >= 0)
        found.append(np.stack([x[lone] for x in three], axis=1))
    return np.concatenate(found).astype("int64")


def _mean_plane(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and normal of the plane through most of the samples, the normal upwards."""
    kept = places
    for turn in range(TRIMS + 1):
        centre = kept.mean(axis=0)
        normal = np.linalg.eigh(np.cov(kept.T))[1][:, 0]
        away = np.abs((places - centre) @ normal)
        limit = TRIMMED * max(float(np.std((kept - centre) @ normal)), 0.5)
        if turn < TRIMS:
            kept = places[away <= limit]
    return centre, -normal if normal[2] > 0 else normal


def _directions(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors along the strike and down the dip; any horizontal one for a level plane."""
    strike = np.array([normal[1], -normal[0], 0.0])
    length = np.linalg.norm(strike)
    strike = strike / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
    dip = np.cross(normal, strike)
    return strike, -dip if dip[2] < 0 else dip
