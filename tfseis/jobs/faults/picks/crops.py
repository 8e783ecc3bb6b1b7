"""Crops around picked lines, mixed with crops of synthetic surveys."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.jobs.faults.survey_crops import CropVariation, Pair, Shape, varied_crop
from tfseis.windows import clip_window

TRIES = 20  # attempts to find a crop in which something is known
Places = tuple[int, int, int]


def picked_batches(
    lines: Sequence[PickedLine],
    scalings: Sequence[Scaling],
    *,
    shape: Shape,
    count: int,
    seed: int,
    variation: CropVariation | None = None,
    first_batch: int = 0,
) -> Iterator[Pair]:
    """Endless batches of crops around picked lines; number n depends on `seed` and n alone.

    Args:
        lines: lines that train.
        scalings: statistics of the survey of each.
        shape: shape of a crop, (inlines, crosslines, samples).
        count: number of crops in a batch.
        seed: seed of lines, places and changes.
        variation: changes one crop, see `varied_crop`.
        first_batch: number of the first batch.

    Yields:
        Amplitudes and targets, float32 (batch, inlines, crosslines, samples, 1); targets are -1
        off the lines.
    """
    number = first_batch
    while True:
        rngs = [np.random.default_rng((seed, number, place)) for place in range(count)]
        crops = [picked_crop(lines, scalings, shape, rng, variation) for rng in rngs]
        amplitude, targets = (np.stack(part)[..., np.newaxis] for part in zip(*crops, strict=True))
        yield amplitude.astype("float32"), targets.astype("float32")
        number += 1


def mixed_batches(picked: Iterable[Pair], synthetic: Iterable[Pair]) -> Iterator[Pair]:
    """Batches of both, the picked crops first, as tensors of a shape that is known."""
    for pairs in zip(picked, synthetic, strict=False):
        amplitude, targets = (
            tf.constant(np.concatenate([np.asarray(part) for part in parts]))
            for parts in zip(*pairs, strict=True)
        )
        yield amplitude, targets


def picked_crop(
    lines: Sequence[PickedLine],
    scalings: Sequence[Scaling],
    shape: Shape,
    rng: np.random.Generator,
    variation: CropVariation | None = None,
) -> Pair:
    """A crop of the cube around a place on one of some lines, with the targets of all of them.

    The line lies in the middle half of the crop. Beyond the borders of the cube amplitudes are
    mirrored and nothing is known; so a 2D line becomes a slab of copies of itself.

    Args:
        lines: the lines, of one cube or of several.
        scalings: statistics of the survey of each.
        shape: shape of the crop.
        rng: random numbers that choose line, place and changes.
        variation: changes the crop.

    Returns:
        Scaled amplitudes and targets, float32 of that shape.
    """
    margin = getattr(variation, "margin", 0)
    size = (shape[0], shape[1], shape[2] + 2 * margin)
    for _ in range(TRIES):
        number = int(rng.integers(len(lines)))
        start = _start(lines[number], shape, rng)
        start = (start[0], start[1], start[2] - margin)
        targets = targets_in([line for line in lines if _same(line, lines[number])], start, size)
        if (targets >= 0).any():
            break
    amplitude, live = cube_in(lines[number], scalings[number], start, size)
    targets[~live] = UNLABELLED
    return varied_crop((amplitude, targets), shape, rng, variation)


def cube_in(
    line: PickedLine, scaling: Scaling, start: Places, size: Shape
) -> tuple[np.ndarray, np.ndarray]:
    """Scaled amplitudes of a box of the cube of a line, mirrored beyond its borders.

    Args:
        line: a line of the cube.
        scaling: statistics of the survey.
        start: array indices of the first sample, which may be negative.
        size: number of inlines, crosslines and samples.

    Returns:
        Amplitudes, float32, and which samples are live, bool; both of that size.
    """
    inside, halos = [], []
    for first, length, whole in zip(start, size, line.cube.shape, strict=True):
        part, missing = clip_window(first, first + length, whole)
        inside.append(part)
        halos.append(missing)
    around = Halo(*halos[0]), Halo(*halos[1]), Halo(*halos[2])
    amplitude, alive = read_region(line.cube, (inside[0], inside[1], inside[2]), around, scaling)
    return amplitude, np.pad(alive, halos)


def targets_in(lines: Sequence[PickedLine], start: Places, size: Shape) -> np.ndarray:
    """Targets of some lines of one cube in a box, float32; -1 off the lines.

    Where lines cross, a fault on either is a fault.
    """
    targets = np.full(size, UNLABELLED, "float32")
    for line in lines:
        across = line.index - start[line.axis]
        if not 0 <= across < size[line.axis]:
            continue
        cuts = [
            clip_window(start[axis], start[axis] + size[axis], line.cube.shape[axis])
            for axis in (1 - line.axis, 2)
        ]
        known = line.targets[tuple(part for part, _ in cuts)]
        place = tuple(
            slice(missing[0], missing[0] + part.stop - part.start) for part, missing in cuts
        )
        plane = targets[across] if line.axis == 0 else targets[:, across]
        plane[place] = np.maximum(plane[place], known)
    return targets


def _start(line: PickedLine, shape: Shape, rng: np.random.Generator) -> Places:
    """First sample of a crop: anywhere along the line, which lies in its middle half."""
    start = [0, 0, 0]
    for axis, (length, whole) in enumerate(zip(shape, line.cube.shape, strict=True)):
        room = whole - length
        start[axis] = int(rng.integers(room + 1)) if room > 0 else room // 2
    length = shape[line.axis]
    start[line.axis] = line.index - length // 4 - int(rng.integers(max(1, length // 2)))
    return start[0], start[1], start[2]


def _same(line: PickedLine, other: PickedLine) -> bool:
    return line.cube is other.cube
