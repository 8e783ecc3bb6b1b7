"""Samples in the middle of faults, from a cube of fault probabilities.

What is above a threshold is thinned on every time slice, where all but the flattest faults are
lines. A block of inlines with a margin is held at a time, and of the faults their samples alone.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize
from tqdm import tqdm

from tfseis.windows import blocks, clip_window

MARGIN = 16  # inlines around a block, so that bands up to twice as wide thin as in the whole cube
BEYOND = 8  # a fault goes on outside the cube: the ends of bands are worn off
BLOCK_SAMPLES = 30_000_000  # read at a time
CUT = 4  # samples to either side of a place where lines meet
SHOW_BAR_AFTER = 2.0  # seconds


class Readable(Protocol):
    """An array, or a `tfseis.io.SegyCube`."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""

    def __getitem__(self, key: slice) -> np.ndarray:
        """Some inlines."""


@dataclass(frozen=True)
class ThinSamples:
    """The samples of thin faults.

    Args:
        shape: shape of the cube, (inlines, crosslines, samples).
        positions: int32 (samples, 3), array indices.
        probability: probability of a fault at each of them, float32 (samples,).
        met: whether faults meet there or a few samples beside, bool (samples,).
    """

    shape: tuple[int, int, int]
    positions: np.ndarray
    probability: np.ndarray
    met: np.ndarray


def thin_samples(
    probability: Readable, *, threshold: float = 0.5, progress: bool = False
) -> ThinSamples:
    """Thin what is above a threshold, some inlines at a time.

    Args:
        probability: (inlines, crosslines, samples), 0 to 1.
        threshold: a sample above it is part of a fault.
        progress: show a progress bar.

    Returns:
        Samples in the order of the array.
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
    return ThinSamples(shape, *every)


def thinned(mask: np.ndarray) -> np.ndarray:
    """The middle lines of a mask on every time slice, bool (inlines, crosslines, samples)."""
    thin = np.zeros(mask.shape, bool)
    inside = (slice(BEYOND, -BEYOND),) * 2
    for sample in np.flatnonzero(mask.any(axis=(0, 1))):
        longer = np.pad(mask[..., sample], BEYOND, mode="edge")
        thin[..., sample] = skeletonize(longer)[inside]
    return thin


def meetings(thin: np.ndarray) -> np.ndarray:
    """Where three or more lines meet on a time slice, and a few samples around.

    Args:
        thin: samples in the middle of faults, bool (inlines, crosslines, samples).

    Returns:
        bool of the same shape.
    """
    square = np.ones((3, 3, 1), "uint8")
    neighbours = ndimage.convolve(thin.astype("uint8"), square, mode="constant")
    around = (thin & (neighbours > 3)).view("uint8")
    for axis in (0, 1):  # one after the other: a square, at a fraction of the cost
        around = ndimage.maximum_filter1d(around, 2 * CUT + 1, axis=axis, mode="constant")
    return around.view(bool)
