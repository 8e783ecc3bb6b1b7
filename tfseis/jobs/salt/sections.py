"""A salt network of images laid on the sections of a cube, along both horizontal axes.

A section is shown as an image: time downwards, amplitudes as grey. Grey is to the amplitudes'
median and spread what it is in the images of the TGS salt challenge, on which such networks train.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.selection import Parts
from tfseis.tasks.task import Arrays, Found, Task, Tick
from tfseis.windows import blocks, clip_window

# measured on 798 images of the challenge: median, and distance of the 5 % and 95 % quantiles in
# the units of `Scaling`
GREY, GREY_SPREAD = 0.4745, 0.1466
WINDOW = 448  # samples and traces predicted in one call, so that memory does not grow
BLOCK_SAMPLES = 12_000_000  # of the sections of a group
MARGIN = 64  # around a window, cut off afterwards
NOWHERE = (Halo(), Halo(), Halo())

Network = Callable[[np.ndarray], np.ndarray]


def section_network(model: keras.Model | Runtime, recipe: SaltRecipe) -> Network:
    """A function from a section, scaled (traces, samples), to the probability at its samples.

    Sections longer than a window are predicted window by window, each with a margin around it.
    Depth is unknown; the coordinate channel, if there is one, begins at the top of the window.

    Args:
        model: a trained salt model, or what computes it.
        recipe: its recipe.

    Returns:
        A function of float32 arrays of any size that gives float32 arrays of that size.
    """
    runtime = Runtime(model, "keras") if isinstance(model, keras.Model) else model

    def network(section: np.ndarray) -> np.ndarray:
        image = grey_image(section)
        probability = np.empty(image.shape, "float32")
        for part, around, inside in _windows(image.shape):
            seen = image[around][np.newaxis, ..., np.newaxis]
            found = np.asarray(image_probability(runtime, seen, recipe))
            probability[part] = found[0, ..., 0][inside]
        return probability.T

    return network


def grey_image(section: np.ndarray) -> np.ndarray:
    """A scaled section (traces, samples) as an image (samples, traces), float32 from 0 to 1."""
    return np.clip(GREY + GREY_SPREAD * section.T, 0, 1).astype("float32")


def section_tasks(cube: Cube, parts: Parts) -> list[Task]:
    """Groups of inlines, and groups of crosslines, whose mean is the result.

    Args:
        cube: what to read from.
        parts: range and stride along each axis, as slices with positive steps.

    Returns:
        Tasks whose `what` is the axis of their sections: 0 for inlines, 1 for crosslines.
    """
    ranges = _ranges(cube, parts)
    tasks: list[Task] = []
    for axis in (0, 1):
        others = ranges[1 - axis]
        read = (others.stop - others.start) * cube.shape[2]
        for part in blocks(len(ranges[axis]), max(1, BLOCK_SAMPLES // read)):
            box = [slice(0, len(ranges[0])), slice(0, len(ranges[1]))]
            box[axis] = part
            tasks.append(Task(len(tasks), (box[0], box[1]), part.stop - part.start, axis))
    return tasks


def mean_probability(parts: Sequence[Arrays]) -> Arrays:
    """The mean of the probabilities on inlines and on crosslines, 0 where not live; and what is.

    Args:
        parts: probability and live mask by the one, and by the other.
    """
    (along, live), (across, _) = parts
    return np.where(live, (along + across) / 2, 0).astype("float32"), live


@dataclass(frozen=True)
class SectionWork:
    """Predicts groups of sections of a cube; with strides, whole sections, which are thinned.

    Args:
        runtime: what computes a trained salt model.
        recipe: its recipe.
        cube: what to read from.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: statistics of this survey.
    """

    runtime: Runtime
    recipe: SaltRecipe
    cube: Cube
    parts: Parts
    scaling: Scaling

    @cached_property
    def network(self) -> Network:
        """The network on sections, made once in each process."""
        return section_network(self.runtime, self.recipe)

    def __getstate__(self) -> dict[str, Any]:
        """All but the network, which each process makes itself."""
        return {name: value for name, value in self.__dict__.items() if name != "network"}

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """Probability of salt and live mask on some sections."""
        axis, ranges = task.what, _ranges(self.cube, self.parts)
        region = [slice(r.start, r.stop) for r in ranges]
        mine = ranges[axis][task.box[axis]]
        region[axis] = slice(mine[0], mine[-1] + 1, mine.step)
        steps = [slice(None, None, r.step) for r in ranges]
        steps[axis] = slice(None)
        read = self.cube.nonfinite
        amplitude, live = read_region(
            self.cube, (region[0], region[1], region[2]), NOWHERE, self.scaling
        )
        found = []
        for section in np.moveaxis(amplitude, axis, 0):
            found.append(self.network(section)[steps[1 - axis], steps[2]])
            tick(1)
        probability = np.stack(found, axis)
        return Found(
            (probability, live[steps[0], steps[1], steps[2]]),
            counts={"nonfinite": self.cube.nonfinite - read},
        )


def _ranges(cube: Cube, parts: Parts) -> list[range]:
    return [range(*part.indices(n)) for part, n in zip(parts, cube.shape, strict=True)]


Box = tuple[slice, slice]


def _windows(shape: tuple[int, ...]) -> Iterator[tuple[Box, Box, Box]]:
    """Parts of an image; each with its margin; where the part lies in that."""
    for rows in blocks(shape[0], WINDOW):
        for columns in blocks(shape[1], WINDOW):
            around = [
                clip_window(part.start - MARGIN, part.stop + MARGIN, length)[0]
                for part, length in zip((rows, columns), shape, strict=True)
            ]
            inside = [
                slice(part.start - wide.start, part.stop - wide.start)
                for part, wide in zip((rows, columns), around, strict=True)
            ]
            yield (rows, columns), (around[0], around[1]), (inside[0], inside[1])
