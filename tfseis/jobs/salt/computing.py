"""What computes a salt network, and in which precision, as the user and the data want it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
from scipy.special import expit

from tfseis.data.regions import read_region
from tfseis.data.scaling import Scaling
from tfseis.inference.agreement import Chosen, mask_agreement
from tfseis.inference.numbered import Numbered, Window
from tfseis.inference.precision import precision_of
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.jobs.salt.preparation import frame, prepare
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.sections import NOWHERE, grey_image
from tfseis.models.recipe import recipe_for
from tfseis.selection import Parts

SIDE = 256  # samples and traces of a window of a section that is compared
SIZES = 4  # of images, from which on their batches have more shapes than are kept compiled


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Args:
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "auto", "float32", "bfloat16" or "int8", see
            `tfseis.inference.precision.with_precision`.
        progress: whether a bar is shown.
    """

    backend: str = "auto"
    precision: str = "auto"
    progress: bool = True


def section_runtime(
    model: keras.Model, cube: Cube, parts: Parts, scaling: Scaling, wish: Wish
) -> tuple[Runtime, Chosen]:
    """What computes a salt model on the sections of a cube.

    Args:
        model: trained salt model.
        cube: the survey.
        parts: range and stride along each axis that will be predicted.
        scaling: statistics of the survey.
        wish: what the user asks for.
    """
    recipe = recipe_for(model, "salt")
    ends = [range(*part.indices(length)) for part, length in zip(parts, cube.shape, strict=True)]
    read = [r.stop - r.start for r in ends]
    work = (len(ends[0]) * read[1] + len(ends[1]) * read[0]) * read[2]
    counts = [[1 if a == axis else -(-n // SIDE) for a, n in enumerate(read)] for axis in (0, 1)]
    for axis in (0, 1):
        counts[axis][axis] = len(ends[axis])
    totals = [int(np.prod(one)) for one in counts]

    def window(number: int) -> Window:
        axis = int(number >= totals[0])
        places = np.unravel_index(number - axis * totals[0], counts[axis])
        region = [
            slice(r.start + int(p) * SIDE, min(r.start + (int(p) + 1) * SIDE, r.stop))
            for p, r in zip(places, ends, strict=True)
        ]
        line = ends[axis][int(places[axis])]
        region[axis] = slice(line, line + 1)
        section, live = read_region(cube, (region[0], region[1], region[2]), NOWHERE, scaling)
        image = grey_image(section.squeeze(axis))
        return prepared(image, recipe, live=live.squeeze(axis).T)

    return _runtime(Runtime(model, wish.backend, work=work), recipe, sum(totals), window, wish)


def image_runtime(
    model: keras.Model,
    sizes: list[tuple[int, ...]],
    read: Callable[[int], tuple[np.ndarray, float]],
    wish: Wish,
) -> tuple[Runtime, Chosen]:
    """What computes a salt model on images, each also mirrored.

    Args:
        model: trained salt model.
        sizes: rows and columns of each image.
        read: takes the number of an image; gives it, uint8 (rows, columns), and its depth in
            metres or NaN.
        wish: what the user asks for.
    """
    recipe = recipe_for(model, "salt")
    work = 2 * sum(int(np.prod(size)) for size in sizes)
    runtime = Runtime(model, wish.backend, work=work, many_sizes=len(set(sizes)) > SIZES)

    def window(number: int) -> Window:
        image, depth = read(number)
        return prepared(image, recipe, depth=depth)

    return _runtime(runtime, recipe, len(sizes), window, wish)


def prepared(
    image: np.ndarray,
    recipe: SaltRecipe,
    *,
    live: np.ndarray | None = None,
    depth: float = np.nan,
) -> Window:
    """An image as the network sees it, and which of the pixels there count.

    Args:
        image: uint8, or floating from 0 to 1, (rows, columns).
        recipe: how it is prepared.
        live: pixels that count, bool of the same shape; None for all.
        depth: in metres, NaN where unknown.
    """
    batch = image[np.newaxis, ..., np.newaxis]
    inputs = np.asarray(prepare(batch, recipe, np.array([depth], "float32")))[0]
    some = np.ones(image.shape) if live is None else live
    mask = some[np.newaxis, ..., np.newaxis].astype("float32")
    return inputs, np.asarray(frame(mask, recipe, interpolation="nearest"))[0, ..., 0] > 0


def _runtime(
    runtime: Runtime,
    recipe: SaltRecipe,
    total: int,
    window: Callable[[int], Window],
    wish: Wish,
) -> tuple[Runtime, Chosen]:
    """The library and the precision that suit the windows."""
    return precision_of(
        runtime,
        wish.precision,
        Numbered(total, window),
        partial(mask_agreement, threshold=recipe.threshold),
        answer=lambda logits: expit(logits[..., 0]),
        progress=wish.progress,
    )
