"""Thin, numbered fault surfaces from a cube of fault probabilities.

What is above a threshold is thinned on every time slice, where all but the flattest faults are
lines; where lines meet they are cut, so that each piece is one surface. A block of inlines with a
margin is held at a time, and of the faults their samples alone.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from skimage.morphology import skeletonize
from tqdm import tqdm

from tfseis.windows import blocks, clip_window

MARGIN = 16  # inlines around a block, so that bands up to twice as wide thin as in the whole cube
BEYOND = 8  # a fault goes on outside the cube: the ends of bands are worn off
BLOCK_SAMPLES = 30_000_000  # read at a time
CUT = 4  # samples to either side of a place where lines meet
CELL = 2  # samples along an axis of a cell; what lies in neighbouring cells is connected
SHOW_BAR_AFTER = 2.0  # seconds


class Readable(Protocol):
    """An array, or a `tfseis.io.SegyCube`."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""

    def __getitem__(self, key: slice) -> np.ndarray:
        """Some inlines."""


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
    shape = probability.shape
    lines = max(1, BLOCK_SAMPLES // (shape[1] * shape[2]) - 2 * MARGIN)
    positions, values, met = [], [], []
    parts = list(blocks(shape[0], max(lines, 2 * MARGIN)))
    for part in tqdm(parts, desc="thin", delay=SHOW_BAR_AFTER, disable=not progress):
        around, _ = clip_window(part.start - MARGIN, part.stop + MARGIN, shape[0])
        block = np.asarray(probability[around])
        thin = thinned(block > threshold)
        inside = slice(part.start - around.start, part.stop - around.start)
        found = np.argwhere(thin[inside])
        met.append(meetings(thin)[inside][tuple(found.T)])
        values.append(block[inside][tuple(found.T)].astype("float32"))
        positions.append((found + [part.start, 0, 0]).astype("int32"))
    every = np.concatenate(positions), np.concatenate(values), np.concatenate(met)
    return _numbered(shape, *every, smallest)


def thinned(mask: np.ndarray) -> np.ndarray:
    """The middle lines of a mask on every time slice, bool (inlines, crosslines, samples)."""
    thin = np.zeros(mask.shape, bool)
    inside = (slice(BEYOND, -BEYOND),) * 2
    for sample in np.flatnonzero(mask.any(axis=(0, 1))):
        longer = np.pad(mask[..., sample], BEYOND, mode="edge")
        thin[..., sample] = skeletonize(longer)[inside]
    return thin


def meetings(thin: np.ndarray) -> np.ndarray:
    """Where three or more lines meet on a time slice, and a few samples around, bool."""
    square = np.ones((3, 3, 1))
    neighbours = ndimage.convolve(thin.astype("uint8"), square.astype("uint8"), mode="constant")
    many = thin & (neighbours > 3)
    around = np.ones((2 * CUT + 1, 2 * CUT + 1, 1), bool)
    return ndimage.binary_dilation(many, around) if many.any() else many


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


def _numbered(
    shape: tuple[int, int, int],
    positions: np.ndarray,
    values: np.ndarray,
    met: np.ndarray,
    smallest: int,
) -> FaultSurfaces:
    """Faults of some size, numbered from the largest down; where they meet, the nearest one."""
    parts = np.zeros(len(positions), "int32")
    apart = np.flatnonzero(~met)
    if len(apart):
        parts[apart] = connected(positions[apart])
        near = KDTree(positions[apart]).query(positions[met])[1] if met.any() else []
        parts[met] = parts[apart][near]
    sizes = np.bincount(parts)
    rank = np.empty(len(sizes), "int32")
    rank[np.argsort(-sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    kept = np.flatnonzero(sizes[parts] >= smallest)
    kept = kept[np.argsort(rank[parts[kept]], kind="stable")]
    return FaultSurfaces(shape, positions[kept], values[kept], rank[parts[kept]])
