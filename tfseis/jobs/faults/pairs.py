"""tf.data pipelines of cubes with their fault labels: made when they are needed, or from files."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from tfseis.errors import FormatError, GeometryError
from tfseis.io.arrays import CubePair, read_cube
from tfseis.jobs.faults.survey_crops import SurveyGenerator, Pair, scaled, varied_crop
from tfseis.jobs.faults.variation import Augmentation

TRIES = 20  # to find a crop with a known sample, where only some sections are labelled


def survey_dataset(
    generators: Sequence[SurveyGenerator],
    *,
    shape: tuple[int, int, int],
    batch_size: int,
    seed: int,
    rules: Augmentation | None = None,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches of synthetic surveys, each made for its batch and never stored.

    Batch number n depends on `seed` and n alone, so that a run resumes where it was interrupted.

    Args:
        generators: what makes a survey from a shape and a seed: those of
            `tfseis.data.synthetic.SURVEY_GENERATORS`.
            Each survey takes one of them at random.
        shape: (inlines, crosslines, samples).
        batch_size: surveys in a batch.
        seed: 0 or more.
        rules: how each is changed; None leaves them as they are.
        first_batch: number of the first batch.

    Returns:
        Dataset of (amplitude, faults), both float32 (batch, inlines, crosslines, samples, 1);
        amplitudes scaled survey by survey, faults 0 or 1.
    """

    def one(rng: np.random.Generator) -> Pair:
        generator = generators[int(rng.integers(len(generators)))]
        survey = generator(shape, seed=int(rng.integers(2**62)))
        return varied_crop((scaled(survey.amplitude), survey.faults), shape, rng, rules)

    return _endless(one, shape, batch_size, seed, first_batch)


def pair_dataset(
    pairs: Sequence[CubePair],
    *,
    shape: tuple[int, int, int],
    batch_size: int,
    seed: int,
    rules: Augmentation | None = None,
    unlabelled: bool = False,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches of crops from files, as `survey_dataset` gives them.

    Args:
        pairs: from `tfseis.io.cube_pairs`.
        shape: of a crop; each cube must hold one.
        batch_size: crops in a batch, each from a cube drawn at random.
        seed: 0 or more.
        rules: how each is changed; None leaves them as they are.
        unlabelled: whether cubes without labels are drawn too, everything of them unknown.
        first_batch: number of the first batch.

    Returns:
        Dataset as `survey_dataset`; each crop is scaled by the statistics of its whole cube, and
        labels are -1 where theirs are negative, which means unknown.

    Raises:
        FormatError: no pairs, or one without labels where each needs some.
        GeometryError: (when drawn) a cube that is smaller than a crop, or its labels differ in
            shape.
    """
    lonely = [pair.name for pair in pairs if pair.faults is None]
    if (lonely and not unlabelled) or not pairs:
        raise FormatError(
            f"Expected cubes with fault labels; got {lonely[0] if lonely else 'none at all'} "
            "without. Leave it out, or add its labels."
        )

    def one(rng: np.random.Generator) -> Pair:
        cube = read_pair(pairs[int(rng.integers(len(pairs)))])
        for _ in range(TRIES):
            crop = varied_crop(cube, shape, rng, rules)
            if (crop[1] >= 0).any() or (cube[1] < 0).all():
                break
        return crop

    return _endless(one, shape, batch_size, seed, first_batch)


def read_pair(pair: CubePair) -> Pair:
    """Scaled amplitudes, float32, and faults, int8 and -1 where unknown, of a pair's files.

    Raises:
        GeometryError: their shapes differ.
    """
    amplitude = read_cube(pair.seismic)
    if pair.faults is None:
        return scaled(amplitude), np.full(amplitude.shape, -1, "int8")
    faults = read_cube(pair.faults)
    if amplitude.shape != faults.shape:
        raise GeometryError(
            f"Cube {pair.name}: expected labels of its shape {amplitude.shape}; got "
            f"{faults.shape}. Give those of the same cube."
        )
    return scaled(amplitude), np.sign(faults).astype("int8")


def _endless(
    one: Callable[[np.random.Generator], Pair],
    shape: tuple[int, int, int],
    batch_size: int,
    seed: int,
    first_batch: int,
) -> tf.data.Dataset:
    def batch(number: np.ndarray) -> Pair:
        rngs = [np.random.default_rng((seed, int(number), place)) for place in range(batch_size)]
        drawn = [one(rng) for rng in rngs]
        amplitude, faults = (np.stack(part)[..., np.newaxis] for part in zip(*drawn, strict=True))
        return amplitude.astype("float32"), faults.astype("float32")

    def shaped(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pair = tf.numpy_function(batch, [number], (tf.float32, tf.float32))
        return tuple(tf.ensure_shape(part, (batch_size, *shape, 1)) for part in pair)

    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(shaped, tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
