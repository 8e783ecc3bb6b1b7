"""Thin, numbered fault surfaces from a cube of fault probabilities.

Thin faults are cut where they meet on time slices, so that each piece is one surface.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from tfseis.jobs.faults.thinning import Readable, ThinSamples, thin_samples

CELL = 2  # samples along an axis of a cell; what lies in neighbouring cells is connected


@dataclass(frozen=True)
class FaultSurfaces:
    """The samples of thin faults, those of one fault together.

    Args:
        shape: shape of the cube, (inlines, crosslines, samples).
        positions: int32 (samples, 3), array indices.
        probability: probability of a fault at each of them, float32 (samples,).
        numbers: number of the fault of each of them, int32 (samples,), ascending; 1 is the
            largest fault.
    """

    shape: tuple[int, int, int]
    positions: np.ndarray
    probability: np.ndarray
    numbers: np.ndarray

    def __len__(self) -> int:
        return int(self.numbers.max(initial=0))

    def faults(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions and probabilities of each fault, the largest first."""
        ends = np.searchsorted(self.numbers, np.arange(1, len(self) + 2))
        for start, stop in itertools.pairwise(ends.tolist()):
            yield self.positions[start:stop], self.probability[start:stop]

    def inlines(self) -> Iterator[np.ndarray]:
        """Number of the fault at each sample, 0 for none: int16 (crosslines, samples) an inline."""
        order = np.argsort(self.positions[:, 0], kind="stable")
        ends = np.searchsorted(self.positions[order, 0], np.arange(self.shape[0] + 1))
        for start, stop in itertools.pairwise(ends.tolist()):
            some = order[start:stop]
            section = np.zeros(self.shape[1:], "int16")
            known = np.minimum(self.numbers[some], np.iinfo("int16").max)
            section[tuple(self.positions[some, 1:].T)] = known
            yield section


def fault_surfaces(
    probability: Readable, *, threshold: float = 0.5, smallest: int = 1, progress: bool = False
) -> FaultSurfaces:
    """Thin what is above a threshold, connect it, and keep faults of some size.

    Faults that cross are cut there, a fault in two by the other.

    Args:
        probability: (inlines, crosslines, samples), 0 to 1.
        threshold: a sample above it is part of a fault.
        smallest: smallest number of samples of a thinned fault.
        progress: show a progress bar.

    Returns:
        Faults, the largest first.

    Examples:
        >>> cube = np.zeros((7, 8, 9))
        >>> cube[:, 3:6] = 0.8  # a vertical fault, three samples wide
        >>> found = fault_surfaces(cube)
        >>> len(found), np.unique(found.positions[:, 1]).tolist()
        (1, [4])
    """
    thin = thin_samples(probability, threshold=threshold, progress=progress)
    return cut_faults(thin, smallest=smallest)


def cut_faults(thin: ThinSamples, *, smallest: int = 1) -> FaultSurfaces:
    """Thin faults that are cut where they meet on time slices, and connected elsewhere.

    Args:
        thin: samples of thin faults.
        smallest: smallest number of samples of a fault.
    """
    apart, parts = np.flatnonzero(~thin.met), np.zeros(len(thin.positions), "int32")
    if len(apart):
        parts[apart] = connected(thin.positions[apart])
        met = thin.positions[thin.met]
        parts[thin.met] = parts[apart][KDTree(thin.positions[apart]).query(met)[1]]
    return numbered(thin, parts, smallest)


def connected(positions: np.ndarray) -> np.ndarray:
    """Which positions hang together: a number for each, int32 (positions,).

    Positions are connected when their cells of 2 samples a side are one or touch each other.

    Args:
        positions: integers, (positions, axes), 0 or more.

    Examples:
        >>> connected(np.array([[0, 0], [3, 1], [9, 9]])).tolist()
        [0, 0, 1]
    """
    cells = positions.astype("int64") // CELL + 1
    sizes = cells.max(axis=0, initial=0) + 2  # one free cell on every side
    weights = np.append(np.cumprod(sizes[:0:-1])[::-1], 1)
    own, place = np.unique(cells @ weights, return_inverse=True)
    pairs = []
    for step in itertools.product((-1, 0, 1), repeat=positions.shape[1]):
        offset = int(np.dot(step, weights))
        if offset > 0:  # each pair once
            other = np.searchsorted(own, own + offset).clip(0, max(len(own) - 1, 0))
            met = np.flatnonzero(own[other] == own + offset) if len(own) else other
            pairs.append(np.stack([met, other[met]]))
    edges = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(edges.shape[1], bool), tuple(edges)), shape=(len(own),) * 2)
    return connected_components(graph, directed=False)[1][place]


def numbered(thin: ThinSamples, parts: np.ndarray, smallest: int) -> FaultSurfaces:
    """Faults of some size, numbered from the largest down.

    Args:
        thin: samples of thin faults.
        parts: which samples are of one fault, integers (samples,); negative for those of none.
        smallest: smallest number of samples of a fault.
    """
    known = np.flatnonzero(parts >= 0)
    sizes = np.bincount(parts[known])
    rank = np.empty(len(sizes), "int32")
    rank[np.argsort(-sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    kept = known[sizes[parts[known]] >= smallest]
    kept = kept[np.argsort(rank[parts[kept]], kind="stable")]
    return FaultSurfaces(
        thin.shape, thin.positions[kept], thin.probability[kept], rank[parts[kept]]
    )
