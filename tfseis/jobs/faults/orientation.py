"""Which way thin faults face, and pieces of them that face one way.

A curved surface is fitted to the neighbours of each sample, again and again: neighbours count less
the farther they lie from the surface before, so that a fault that meets this one counts for little.
Where many neighbours lie off the surface, faults meet, and no piece reaches there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

THINNED = 3  # one of so many samples stands for its neighbours in a fit
NEIGHBOURS = 64  # of those, to which a surface is fitted: about 8 samples around
FARTHEST = 10.0  # samples to a neighbour of a fit at most
NEAR = 2.5  # samples at which a neighbour counts 0.6 of the nearest ones in the first fit
AWAY = 1.0  # samples from a surface at which a neighbour counts 0.6 of one within
PLANES, CURVED = 4, 2  # fits of a plane, then of a curved surface
SCALE = 8.0  # samples; squares of distances are divided by it, so that terms are of one size
RIDGE = 1e-2  # weight of no curvature against what one neighbour says
OFF = 1.75  # samples from the surface beyond which a neighbour is of another fault
MEETING = 0.25  # share of such neighbours from which on faults meet here
CROWDED = 0.1  # share of clear samples below which a surface has another one all along
LIFTED = 1.2  # samples that a sample may lie beside its own surface
CHUNK = 10_000  # samples whose neighbours are held at a time
NEXT, NEXT_NEAR = 20, 3.5  # neighbours that may belong to the same piece, and samples to them
BESIDE = 1.25  # samples from each other's plane up to which two neighbours are one piece
TURN = 7.0  # degrees by which neighbours of one piece may differ; bends turn 3 degrees


@dataclass(frozen=True)
class Orientation:
    """How a fault faces at each of its samples.

    Args:
        normal: unit vectors in samples, of either sign, float32 (samples, 3).
        clear: whether one fault alone passes there, bool (samples,).
    """

    normal: np.ndarray
    clear: np.ndarray


def orientation(positions: np.ndarray) -> Orientation:
    """The normal of the fault at each sample, and whether other faults are far.

    Args:
        positions: array indices, (samples, 3).

    Examples:
        >>> plane = np.argwhere(np.ones((17, 1, 19)))
        >>> np.abs(orientation(plane).normal).round(2)[160].tolist()
        [0.0, 1.0, 0.0]
    """
    normal = np.zeros((len(positions), 3), "float32")
    clear = np.zeros(len(positions), bool)
    some = positions[::THINNED].astype("float32")
    for part, distance, near in _neighbours(positions, some, NEIGHBOURS, FARTHEST):
        known = np.isfinite(distance)
        offsets = np.where(known[..., None], some[near] - positions[part, None], np.float32(0))
        close = np.exp(-0.5 * (np.where(known, distance, 0) / NEAR) ** 2) * known
        normal[part], height, off = _fitted(offsets, close, known)
        clear[part] = (off < MEETING) & (np.abs(height) < LIFTED)
    return Orientation(normal, clear)


def oriented_pieces(positions: np.ndarray, found: Orientation) -> np.ndarray:
    """Which clear samples form one surface that neither breaks nor turns.

    A surface that is hardly clear anywhere has another one beside it all along, and is a piece.

    Args:
        positions: array indices, (samples, 3).
        found: how the fault faces at each of them.

    Returns:
        A number for each, int64 (samples,), -1 where faults meet.
    """
    edges = _edges(positions.astype("float32"), found.normal)
    clear = found.clear
    apart = _components(edges[:, clear[edges].all(axis=0)], len(clear))
    whole = _components(edges, len(clear))
    share = np.bincount(whole, clear) / np.maximum(np.bincount(whole), 1)
    crowded = share[whole] < CROWDED if len(clear) else clear
    return np.where(crowded, len(clear) + whole, np.where(clear, apart, -1))


def _edges(places: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Neighbours that lie in each other's plane and face the same way, (2, edges)."""
    least, pairs = np.cos(np.deg2rad(TURN)), [np.empty((2, 0), "int32")]
    for part, distance, near in _neighbours(places, places, NEXT, NEXT_NEAR):
        row, column = np.nonzero(np.isfinite(distance))
        one, other = part[row], near[row, column]
        offset = places[other] - places[one]
        same = np.abs(_dot(normal[one], normal[other])) > least
        same &= np.abs(_dot(normal[one], offset)) < BESIDE
        same &= np.abs(_dot(normal[other], offset)) < BESIDE
        same &= one < other  # each pair once
        pairs.append(np.stack([one[same], other[same]]).astype("int32"))
    return np.concatenate(pairs, axis=1)


def _components(edges: np.ndarray, count: int) -> np.ndarray:
    if not count:
        return np.zeros(0, "int64")
    graph = coo_array((np.ones(edges.shape[1], bool), tuple(edges)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _neighbours(
    positions: np.ndarray, others: np.ndarray, count: int, farthest: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Some samples at a time: indices, and distances (inf for none) and indices of neighbours."""
    if not len(others):
        return
    tree = KDTree(others)
    for start in range(0, len(positions), CHUNK):
        part = np.arange(start, min(start + CHUNK, len(positions)))
        distance, near = tree.query(positions[part], count, distance_upper_bound=farthest)
        yield part, distance.astype("float32"), np.minimum(near, len(others) - 1)


def _fitted(
    offsets: np.ndarray, close: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normals, heights of the surfaces over the samples, and shares of neighbours off them."""
    weights = close
    for _ in range(PLANES):
        normal = _plane(offsets, weights)
        # The plane goes through the sample, or it would stay between two faults side by side.
        away = np.einsum("ijk,ik->ij", offsets, normal)
        weights = known * np.exp(-0.5 * (away / AWAY) ** 2)
    u, v = _tangents(normal)
    terms, height = _terms(offsets, u, v), np.einsum("ijk,ik->ij", offsets, normal)
    for _ in range(CURVED):
        bend = _least_squares(terms, height, weights)
        away = height - np.einsum("ijk,ik->ij", terms, bend)
        weights = known * np.exp(-0.5 * (away / AWAY) ** 2)
    normal = normal - bend[:, 1:2] * u - bend[:, 2:3] * v
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    off = (known & (np.abs(away) > OFF)).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return normal, bend[:, 0], off


def _plane(offsets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Normals of weighted planes."""
    total = np.maximum(weights.sum(axis=1), 1e-6)
    mean = np.einsum("ij,ijk->ik", weights, offsets) / total[:, None]
    inner = offsets - mean[:, None]
    moments = np.einsum("ij,ijk,ijl->ikl", weights, inner, inner)
    return np.linalg.eigh(moments)[1][..., 0]


def _tangents(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two directions in each plane, at right angles."""
    steep = np.abs(normal[:, :1]) > 0.7  # any axis that is not nearly the normal
    other = np.where(steep, np.eye(3, dtype="float32")[1], np.eye(3, dtype="float32")[0])
    u = np.cross(normal, other)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    return u, np.cross(normal, u)


def _terms(offsets: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Terms of a curved surface: 1, two slopes, three curvatures."""
    a, b = np.einsum("ijk,ik->ij", offsets, u), np.einsum("ijk,ik->ij", offsets, v)
    return np.stack([np.ones_like(a), a, b, a * a / SCALE, a * b / SCALE, b * b / SCALE], axis=2)


def _least_squares(terms: np.ndarray, height: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weighted = weights[..., None] * terms
    normal = np.einsum("ijk,ijl->ikl", weighted, terms)
    straight = np.diag([0, 0, 0, 1, 1, 1]) * RIDGE
    normal += straight * np.maximum(weights.sum(axis=1), 1)[:, None, None] + 1e-4 * np.eye(6)
    right = np.einsum("ijk,ij->ik", weighted, height)
    return np.linalg.solve(normal, right[..., None])[..., 0]


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", one, other)
