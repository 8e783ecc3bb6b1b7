"""A salt network of images laid on the sections of a cube, along both horizontal axes.

A section is shown as an image: time downwards, amplitudes as grey. Grey is to the amplitudes'
median and spread what it is in the images of the TGS salt challenge, on which such networks train.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.windows import blocks, clip_window

# measured on 798 images of the challenge: median, and distance of the 5 % and 95 % quantiles in
# the units of `Scaling`
GREY, GREY_SPREAD = 0.4745, 0.1466
WINDOW = 448  # samples and traces predicted in one call, so that memory does not grow
BLOCK_SAMPLES = 3_000_000  # held at a time
MARGIN = 64  # around a window, cut off afterwards
NOWHERE = (Halo(), Halo(), Halo())

Network = Callable[[np.ndarray], np.ndarray]


def section_network(model: keras.Model, recipe: SaltRecipe) -> Network:
    """A function from a section, scaled (traces, samples), to the probability at its samples.

    Sections longer than a window are predicted window by window, each with a margin around it.
    Depth is unknown; the coordinate channel, if there is one, begins at the top of the window.

    Args:
        model: a trained salt model.
        recipe: its recipe.

    Returns:
        A function of float32 arrays of any size that gives float32 arrays of that size.
    """

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
    def forward(image: tf.Tensor) -> tf.Tensor:
        return image_probability(model, image[tf.newaxis, ..., tf.newaxis], recipe)[0, ..., 0]

    def network(section: np.ndarray) -> np.ndarray:
        image = np.clip(GREY + GREY_SPREAD * section.T, 0, 1).astype("float32")
        probability = np.empty(image.shape, "float32")
        for part, around, inside in _windows(image.shape):
            probability[part] = forward(image[around]).numpy()[inside]
        return probability.T

    return network


def salt_cube(
    network: Network,
    cube: Cube,
    *,
    parts: tuple[slice, slice, slice],
    scaling: Scaling,
    scratch: Path,
    write: Callable[[np.ndarray, np.ndarray, int], None],
    progress: bool = True,
) -> None:
    """Predict ``cube[parts]``: every inline, then every crossline, and the mean of both.

    Args:
        network: as `section_network` gives it.
        cube: what to read from.
        parts: range and stride along each axis, as slices with positive steps. With strides,
            sections are predicted whole and thinned afterwards.
        scaling: statistics of this survey.
        scratch: file for the predictions along inlines, as large as the result; removed.
        write: takes (probability, live, crossline): all inlines of some crosslines, and the first
            of these, in the result. Probability is 0 where not live.
        progress: show a bar.
    """
    ranges = [range(*part.indices(n)) for part, n in zip(parts, cube.shape, strict=True)]
    inlines, crosslines, samples = ranges
    every = [slice(r.start, r.stop) for r in ranges]
    steps = [slice(None, None, r.step) for r in ranges]
    total = len(inlines) + len(crosslines)
    try:
        shape = (len(inlines), len(crosslines), len(samples))
        along = np.memmap(scratch, "float32", "w+", shape=shape)
        with tqdm(total=total, unit=" sections", desc="predict", disable=not progress) as bar:
            for place, inline in enumerate(inlines):
                region = (slice(inline, inline + 1), every[1], every[2])
                amplitude, _ = read_region(cube, region, NOWHERE, scaling)
                along[place] = network(amplitude[0])[steps[1], steps[2]]
                bar.update()
            held = max(1, BLOCK_SAMPLES // max(1, (every[0].stop - every[0].start) * cube.shape[2]))
            for block in blocks(len(crosslines), held):
                chosen = crosslines[block]
                region = (every[0], slice(chosen.start, chosen.stop, chosen.step), every[2])
                amplitude, live = read_region(cube, region, NOWHERE, scaling)
                live = live[steps[0], :, steps[2]]
                across = np.stack(
                    [network(amplitude[:, i])[steps[0], steps[2]] for i in range(len(chosen))], 1
                )
                mean = (along[:, block] + across) / 2
                write(np.where(live, mean, 0).astype("float32"), live, block.start)
                bar.update(len(chosen))
    finally:
        scratch.unlink(missing_ok=True)


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
