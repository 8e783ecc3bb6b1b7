"""A whole cube predicted block by block, so that memory does not grow with the cube."""

from collections.abc import Callable, Iterator

from tqdm import tqdm

from tfseis.data.scaling import Scaling
from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.selection import Parts
from tfseis.windows import blocks

BLOCK_SAMPLES = 3_000_000  # held at a time
TIME = 2  # the axis that is constant on a time slice
SMALLEST_SIDE = 32  # traces; narrower blocks would read more context than block


def predict_cube(
    classifier: DenseClassifier,
    cube: Cube,
    *,
    parts: Parts,
    scaling: Scaling,
    write: Callable[[Predicted, int, int], None],
    progress: bool = True,
) -> None:
    """Predict ``cube[parts]`` and hand it on in blocks of whole traces.

    Args:
        classifier: trained network.
        cube: cube to read from.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: centre and spread of this survey's amplitudes.
        write: function of (block, inline, crossline): a predicted block, and the array indices of
            its first inline and crossline in the result.
        progress: whether a bar is shown.
    """
    inlines, crosslines, samples = (
        range(*part.indices(length)) for part, length in zip(parts, cube.shape, strict=True)
    )
    places = list(_blocks(classifier, cube.geometry, inlines, crosslines))
    total = len(inlines) * len(crosslines)
    with tqdm(total=total, unit=" traces", desc="predict", disable=not progress) as bar:
        for here, there in places:
            block = (_slice(inlines[here]), _slice(crosslines[there]), _slice(samples))
            result = classifier.predict(cube, block, scaling)
            write(result, here.start, there.start)
            bar.update(result.live.shape[0] * result.live.shape[1])


def evaluated_samples(classifier: DenseClassifier, cube: Cube, parts: Parts) -> int:
    """Samples, context included, that the network is applied to for ``cube[parts]``."""
    inlines, crosslines, samples = (
        range(*part.indices(length)) for part, length in zip(parts, cube.shape, strict=True)
    )
    total = 0
    for here, there in _blocks(classifier, cube.geometry, inlines, crosslines):
        total += classifier.evaluated_samples((inlines[here], crosslines[there], samples))
    return total


def _blocks(
    classifier: DenseClassifier, geometry: Geometry, inlines: range, crosslines: range
) -> Iterator[tuple[slice, slice]]:
    """Blocks of the result, in positions along its inlines and crosslines.

    Along sections they are as long as memory allows, across them as many as fit.
    """
    traces = max(1, BLOCK_SAMPLES // geometry.shape[2])
    counts, lengths, steps = (
        [len(lines) for lines in (inlines, crosslines)],
        [len(lines) * lines.step for lines in (inlines, crosslines)],
        [lines.step for lines in (inlines, crosslines)],
    )
    across = classifier.recipe.axis if classifier.flat else TIME
    if across == TIME:
        side = max(SMALLEST_SIDE, int(traces**0.5))
        sizes = [max(1, side // step) for step in steps]
    else:
        along = 1 - across
        length = min(lengths[along], max(SMALLEST_SIDE, traces))
        sizes = [0, 0]
        sizes[along] = max(1, length // steps[along])
        read = steps[across] if classifier.halo[across].before else 1  # for a line of the result
        sizes[across] = max(1, traces // (length * read))
    for here in blocks(counts[0], sizes[0]):
        for there in blocks(counts[1], sizes[1]):
            yield here, there


def _slice(numbers: range) -> slice:
    return slice(numbers.start, numbers.stop, numbers.step)
