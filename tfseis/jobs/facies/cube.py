"""A whole cube predicted block by block, so that memory does not grow with the cube."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tfseis.data.scaling import Scaling
from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import MOST_SAMPLES, DenseClassifier, Predicted
from tfseis.selection import Parts
from tfseis.tasks.task import Arrays, Found, Task, Tick
from tfseis.windows import blocks

BLOCK_SAMPLES = 3_000_000  # evaluated at a time
HELD_SAMPLES = 30_000_000  # predicted on time slices, until their traces are whole: 500 MB
TIME = 2  # the axis that is constant on a time slice
SMALLEST_SIDE = 32  # traces; narrower blocks would read more context than block


def block_tasks(classifier: DenseClassifier, cube: Cube, parts: Parts) -> list[Task]:
    """The blocks of whole traces in which a part of a cube is predicted.

    Args:
        classifier: trained network.
        cube: cube to read from.
        parts: range and stride along each axis, as slices with positive steps.
    """
    numbers = _ranges(cube, parts)
    return [
        Task(number, box, (box[0].stop - box[0].start) * (box[1].stop - box[1].start))
        for number, box in enumerate(_blocks(classifier, cube.geometry, numbers))
    ]


@dataclass(frozen=True)
class BlockWork:
    """Predicts blocks of whole traces.

    Args:
        classifier: trained network.
        cube: cube to read from.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: centre and spread of this survey's amplitudes.
    """

    classifier: DenseClassifier
    cube: Cube
    parts: Parts
    scaling: Scaling

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """Classes, confidence and live mask of a block."""
        inlines, crosslines, samples = _ranges(self.cube, self.parts)
        numbers = inlines[task.box[0]], crosslines[task.box[1]], samples
        read = self.cube.nonfinite
        found = _whole_traces(self.classifier, self.cube, numbers, self.scaling)
        tick(task.cost)
        values = found.classes, found.confidence, found.live
        return Found(values, counts={"nonfinite": self.cube.nonfinite - read})


def _ranges(cube: Cube, parts: Parts) -> tuple[range, range, range]:
    inlines, crosslines, samples = (
        range(*part.indices(length)) for part, length in zip(parts, cube.shape, strict=True)
    )
    return inlines, crosslines, samples


def evaluated_samples(classifier: DenseClassifier, cube: Cube, parts: Parts) -> int:
    """Samples, context included, that the network is applied to for ``cube[parts]``."""
    inlines, crosslines, samples = _ranges(cube, parts)
    total = 0
    for here, there in _blocks(classifier, cube.geometry, (inlines, crosslines, samples)):
        total += classifier.evaluated_samples((inlines[here], crosslines[there], samples))
    return total


def _whole_traces(
    classifier: DenseClassifier, cube: Cube, numbers: tuple[range, range, range], scaling: Scaling
) -> Predicted:
    """The prediction of whole traces; of a network on time slices, some slices after others."""
    inlines, crosslines, samples = numbers
    lines = _slice(inlines), _slice(crosslines)
    if not _on_time_slices(classifier):
        return classifier.predict(cube, (*lines, _slice(samples)), scaling)
    slices = max(1, BLOCK_SAMPLES // classifier.evaluated_samples((inlines, crosslines, range(1))))
    shape = len(inlines), len(crosslines), len(samples)
    found = Predicted(np.empty(shape, "int16"), np.empty(shape, "float32"), np.empty(shape, "bool"))
    for band in blocks(len(samples), slices):
        part = classifier.predict(cube, (*lines, _slice(samples[band])), scaling)
        found.classes[..., band], found.confidence[..., band] = part.classes, part.confidence
        found.live[..., band] = part.live
    return found


def _on_time_slices(classifier: DenseClassifier) -> bool:
    return classifier.flat and classifier.recipe.axis == TIME


def _blocks(
    classifier: DenseClassifier, geometry: Geometry, numbers: tuple[range, range, range]
) -> Iterator[tuple[slice, slice]]:
    """Blocks of the result, in positions along its inlines and crosslines."""
    if _on_time_slices(classifier):
        sizes = _tile(classifier, numbers)
    elif classifier.flat:
        sizes = _slab(classifier, geometry, numbers)
    else:
        side = max(SMALLEST_SIDE, int((BLOCK_SAMPLES // geometry.shape[2]) ** 0.5))
        sizes = [max(1, side // lines.step) for lines in numbers[:2]]
    for here in blocks(len(numbers[0]), sizes[0]):
        for there in blocks(len(numbers[1]), sizes[1]):
            yield here, there


def _tile(classifier: DenseClassifier, numbers: tuple[range, range, range]) -> list[int]:
    """Lines of the result along both axes: those by which the least context is evaluated.

    The result of a tile may be held, and a slice of it evaluated at once.
    """
    inlines, crosslines, samples = numbers
    around, beside = (halo.before + halo.after for halo in classifier.halo[:2])
    held = HELD_SAMPLES // len(samples)
    smallest = [max(1, SMALLEST_SIDE // lines.step) for lines in (inlines, crosslines)]
    best, sizes = float("inf"), smallest
    for count in range(1, len(inlines) + 1):
        rows = -(-len(inlines) // count)
        read = rows * inlines.step + around
        columns = min(held // rows, (MOST_SAMPLES // read - beside) // crosslines.step)
        if columns < 1 or (rows < smallest[0] and count > 1):
            continue
        parts = -(-len(crosslines) // columns)
        columns = -(-len(crosslines) // parts)
        evaluated = count * parts * read * (columns * crosslines.step + beside)
        if evaluated < best:
            best, sizes = evaluated, [rows, columns]
    return sizes


def _slab(
    classifier: DenseClassifier, geometry: Geometry, numbers: tuple[range, range, range]
) -> list[int]:
    """Lines of the result along both axes: sections as long as memory allows, as many as fit."""
    traces = max(1, BLOCK_SAMPLES // geometry.shape[2])
    across = classifier.recipe.axis
    along = 1 - across
    steps = [lines.step for lines in numbers]
    length = min(len(numbers[along]) * steps[along], max(SMALLEST_SIDE, traces))
    read = steps[across] if classifier.halo[across].before else 1  # for a line of the result
    sizes = [0, 0]
    sizes[along] = max(1, length // steps[along])
    sizes[across] = max(1, traces // (length * read))
    return sizes


def _slice(numbers: range) -> slice:
    return slice(numbers.start, numbers.stop, numbers.step)
