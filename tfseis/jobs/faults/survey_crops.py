"""Crops of synthetic surveys: each survey is made once, and cut many times."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from tfseis.data.scaling import scaled
from tfseis.data.synthetic.survey import FaultSurvey
from tfseis.errors import GeometryError, ModelError

SurveyGenerator = Callable[..., FaultSurvey]
Pair = tuple[np.ndarray, np.ndarray]
CropVariation = Callable[[np.ndarray, np.ndarray, np.random.Generator], Pair]
Shape = tuple[int, int, int]
SIDES = (0.75, 1.0, 1.25)  # lengths of the sides of a survey, as parts of the usual ones
SURVEYS = 3  # surveys whose crops are shuffled
CROPS = 12  # crops of a survey: a voxel of 128^3 is seen one and a half times in crops of 64^3


def crop_dataset(
    generators: Sequence[SurveyGenerator],
    *,
    shape: Shape,
    batch_size: int,
    seed: int,
    survey_shape: Shape = (128, 128, 128),
    variation: CropVariation | None = None,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches of crops from synthetic surveys, which are never stored.

    Making a survey costs more than a training step on one crop: each gives `CROPS` crops, and
    those of `SURVEYS` surveys, each of sides of its own, are shuffled. Batch number n depends on
    `seed` and n alone.

    Args:
        generators: functions that make a survey from a shape and a seed; each survey takes one of
            them at random.
        shape: shape of a crop, (inlines, crosslines, samples).
        batch_size: number of crops in a batch.
        seed: seed of surveys and crops, 0 or more.
        survey_shape: shape of the usual survey; no side is shorter than that of a crop.
        variation: changes one crop, see `varied_crop`; None leaves crops as they are.
        first_batch: number of the first batch.

    Returns:
        Dataset of (amplitude, faults), both float32 (batch, inlines, crosslines, samples, 1);
        amplitudes scaled survey by survey, faults 0 or 1.
    """
    usual = np.maximum(survey_shape, shape)

    def group(number: np.ndarray) -> Pair:
        rng = np.random.default_rng((seed, int(number)))
        crops = []
        for _ in range(SURVEYS):
            generator = generators[int(rng.integers(len(generators)))]
            sides = np.maximum(np.rint(usual * rng.choice(SIDES, 3)), shape).astype(int)
            survey = generator(tuple(sides.tolist()), seed=int(rng.integers(2**62)))
            cube = scaled(survey.amplitude), survey.faults
            crops += [varied_crop(cube, shape, rng, variation) for _ in range(CROPS)]
        order = rng.permutation(len(crops))
        amplitude, faults = (
            np.stack(part)[order, ..., np.newaxis] for part in zip(*crops, strict=True)
        )
        return amplitude.astype("float32"), faults.astype("float32")

    def shaped(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pair = tf.numpy_function(group, [number], (tf.float32, tf.float32))
        return tuple(tf.ensure_shape(part, (SURVEYS * CROPS, *shape, 1)) for part in pair)

    first, left_out = divmod(first_batch * batch_size, SURVEYS * CROPS)
    groups = tf.data.Dataset.range(first, np.iinfo("int64").max).map(shaped).prefetch(1)
    crops = groups.unbatch().skip(left_out)
    return crops.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def varied_crop(
    cube: Pair, shape: Shape, rng: np.random.Generator, variation: CropVariation | None = None
) -> Pair:
    """A crop from anywhere in a cube, changed by a variation.

    Args:
        cube: scaled amplitudes and faults, (inlines, crosslines, samples).
        shape: shape of the crop.
        rng: random numbers that choose the place and the changes.
        variation: takes amplitudes and faults of the crop, float32, and `rng`, and returns both in
            the same shape. Where it has an attribute ``margin``, it sees up to so many samples
            more above and below, which are cut off afterwards. None for no changes.

    Raises:
        GeometryError: the cube is smaller than the crop.
        ModelError: the variation returns another shape.
    """
    room = np.subtract(cube[0].shape, shape)
    if room.min() < 0:
        raise GeometryError(
            f"Expected cubes of at least {tuple(shape)}; got {cube[0].shape}. Use smaller crops."
        )
    margin = min(getattr(variation, "margin", 0), int(room[2]) // 2)
    size = (shape[0], shape[1], shape[2] + 2 * margin)
    start = [int(rng.integers(whole - n + 1)) for whole, n in zip(cube[0].shape, size, strict=True)]
    part = tuple(slice(first, first + n) for first, n in zip(start, size, strict=True))
    amplitude, faults = (values[part] for values in cube)
    if variation is None:
        return amplitude, faults
    changed = variation(amplitude.astype("float32"), faults.astype("float32"), rng)
    shapes = [np.shape(values) for values in changed]
    if shapes != [size, size]:
        raise ModelError(
            f"Expected a variation that returns amplitudes and faults of the shape {size} that it "
            f"was given; got {' and '.join(map(str, shapes))}. Keep the shape of a crop."
        )
    middle = slice(margin, margin + shape[2])
    return changed[0][..., middle], changed[1][..., middle]
