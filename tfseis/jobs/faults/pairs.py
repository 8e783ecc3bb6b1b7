"""tf.data pipelines of cubes with their fault labels: made when they are needed, or given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfseis.data.fingerprint import file_digest
from tfseis.data.scaling import scaled
from tfseis.errors import FormatError, GeometryError
from tfseis.io.arrays import read_cube
from tfseis.io.cube_pairs import CubePair, cube_pairs
from tfseis.jobs.faults.held_cubes import HeldCubes
from tfseis.jobs.faults.survey_crops import (
    CropVariation,
    Pair,
    SurveyGenerator,
    varied_crop,
)

TRIES = 20  # attempts to find a crop with a known sample, where only some sections are labelled
HELD_OUT = 5  # one labelled cube in so many is scored and does not train


@dataclass(frozen=True)
class ArrayPair:
    """A cube and its fault labels in memory.

    Args:
        name: name of the cube.
        amplitude: float32 (inlines, crosslines, samples), scaled by the statistics of the cube.
        faults: int8 of the same shape: 1 fault, 0 none, -1 unknown; None without labels.
    """

    name: str
    amplitude: np.ndarray
    faults: np.ndarray | None


LabelledCube = CubePair | ArrayPair


def labelled_cubes(cubes: str | Path | Sequence[Any]) -> list[LabelledCube]:
    """Cubes with their fault labels, from a folder or from memory.

    Args:
        cubes: folder with ``seis/N.dat`` and ``fault/N.dat`` (or .npy); or a sequence of
            `tfseis.io.CubePair`, or of pairs of arrays (amplitude, faults), both (inlines,
            crosslines, samples), faults None where a cube has no labels.

    Raises:
        FormatError: there is no such folder, or something else than a pair.
        GeometryError: labels differ in shape from their cube.
    """
    if isinstance(cubes, (str, Path)):
        return list(cube_pairs(cubes))
    return [
        cube if isinstance(cube, (CubePair, ArrayPair)) else _array_pair(str(number), cube)
        for number, cube in enumerate(cubes)
    ]


def split_pairs(pairs: Sequence[LabelledCube]) -> tuple[list[LabelledCube], list[LabelledCube]]:
    """Labelled cubes that train, and those that are scored: every fifth, one of two at least.

    Raises:
        FormatError: no cube has labels.
    """
    labelled = [pair for pair in pairs if pair.faults is not None]
    if not labelled:
        raise FormatError(
            "Expected labels in fault/ for some cube in seis/, or pairs of amplitude and faults; "
            "found none. Add some, with the name of their cube."
        )
    if len(labelled) == 1:
        return labelled, []
    step = min(HELD_OUT, len(labelled))
    chosen = set(range(len(labelled) - 1, -1, -step))  # the last, and every fifth before it
    train = [pair for number, pair in enumerate(labelled) if number not in chosen]
    return train, [labelled[number] for number in sorted(chosen)]


def pairs_digest(pairs: Sequence[LabelledCube]) -> str:
    """Tells these cubes from others: names, samples of files, and the content of arrays."""
    digest = sha256()
    for pair in pairs:
        digest.update(pair.name.encode())
        if isinstance(pair, CubePair):
            files = [path for path in (pair.seismic, pair.faults) if path is not None]
            digest.update(" ".join(map(file_digest, files)).encode())
            continue
        for values in (pair.amplitude, pair.faults):
            digest.update(b"" if values is None else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:12]


def survey_dataset(
    generators: Sequence[SurveyGenerator],
    *,
    shape: tuple[int, int, int],
    batch_size: int,
    seed: int,
    variation: CropVariation | None = None,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches of synthetic surveys, each made for its batch and never stored.

    Batch number n depends on `seed` and n alone, so that an interrupted run is resumed exactly.

    Args:
        generators: functions that make a survey from a shape and a seed, such as those of
            `tfseis.data.synthetic.SURVEY_GENERATORS`; each survey takes one of them at random.
        shape: shape of a survey, (inlines, crosslines, samples).
        batch_size: number of surveys in a batch.
        seed: seed of surveys and changes, 0 or more.
        variation: changes one survey, see `varied_crop`; None leaves surveys as they are.
        first_batch: number of the first batch.

    Returns:
        Dataset of (amplitude, faults), both float32 (batch, inlines, crosslines, samples, 1);
        amplitudes scaled survey by survey, faults 0 or 1.
    """

    def one(rng: np.random.Generator) -> Pair:
        generator = generators[int(rng.integers(len(generators)))]
        survey = generator(shape, seed=int(rng.integers(2**62)))
        return varied_crop((scaled(survey.amplitude), survey.faults), shape, rng, variation)

    return _endless(one, shape, batch_size, seed, first_batch)


def pair_dataset(
    pairs: Sequence[LabelledCube],
    *,
    shape: tuple[int, int, int],
    batch_size: int,
    seed: int,
    variation: CropVariation | None = None,
    unlabelled: bool = False,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless batches of crops from labelled cubes, as `survey_dataset` gives them.

    Args:
        pairs: cubes as `labelled_cubes` gives them.
        shape: shape of a crop; each cube must hold one.
        batch_size: number of crops in a batch, each from a cube drawn at random.
        seed: seed of cubes, places and changes, 0 or more.
        variation: changes one crop, see `varied_crop`; None leaves crops as they are.
        unlabelled: whether cubes without labels are drawn too, everything of them unknown.
        first_batch: number of the first batch.

    Returns:
        Dataset as `survey_dataset`; each crop is scaled by the statistics of its whole cube, and
        labels are -1 where theirs are negative, which means unknown.

    Raises:
        FormatError: there is no pair, or one has no labels and `unlabelled` is False.
        GeometryError: (when drawn) a cube is smaller than a crop, or its labels differ in shape.
    """
    lonely = [pair.name for pair in pairs if pair.faults is None]
    if (lonely and not unlabelled) or not pairs:
        raise FormatError(
            f"Expected cubes with fault labels; got {lonely[0] if lonely else 'none at all'} "
            "without. Leave it out, or add its labels."
        )

    cubes = HeldCubes(pairs, read_pair)

    def one(rng: np.random.Generator) -> Pair:
        cube = cubes[int(rng.integers(len(pairs)))]
        for _ in range(TRIES):
            crop = varied_crop(cube, shape, rng, variation)
            if (crop[1] >= 0).any() or (cube[1] < 0).all():
                break
        return crop

    return _endless(one, shape, batch_size, seed, first_batch)


def read_pair(pair: LabelledCube) -> Pair:
    """Amplitudes and faults of a labelled cube.

    Returns:
        Scaled amplitudes, float32, and faults, int8, -1 where unknown; both (inlines, crosslines,
        samples).

    Raises:
        GeometryError: their shapes differ.
    """
    if isinstance(pair, CubePair):
        faults = None if pair.faults is None else read_cube(pair.faults)
        pair = _array_pair(pair.name, (read_cube(pair.seismic), faults))
    if pair.faults is None:
        return pair.amplitude, np.full(pair.amplitude.shape, -1, "int8")
    return pair.amplitude, pair.faults


def _array_pair(name: str, pair: Any) -> ArrayPair:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or np.ndim(pair[0]) != 3:
        raise FormatError(
            f"Cube {name}: expected a pair of arrays, amplitude and faults, of three axes each; "
            f"got {type(pair).__name__}. Give (amplitude, faults), faults None without labels."
        )
    amplitude, faults = np.asarray(pair[0]), pair[1]
    if faults is not None and amplitude.shape != np.shape(faults):
        raise GeometryError(
            f"Cube {name}: expected labels of its shape {amplitude.shape}; got "
            f"{np.shape(faults)}. Give those of the same cube."
        )
    labels = None if faults is None else np.sign(np.asarray(faults, "float32")).astype("int8")
    return ArrayPair(name, scaled(amplitude), labels)


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
