import numpy as np
import pytest

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import gaussian_survey, spectral_survey
from tfseis.data.synthetic.survey import FaultSurvey
from tfseis.jobs.faults.survey_crops import (
    CROPS,
    SURVEYS,
    crop_dataset,
    varied_crop,
)
from tfseis.jobs.faults.variation import MARGIN, USUAL, Variation

SHAPE = (8, 9, 10)
NEVER = Variation(**dict.fromkeys(set(Variation.__dataclass_fields__) - {"factors"}, 0.0))


def some(dataset, count):
    return [tuple(np.asarray(part) for part in batch) for batch in dataset.take(count)]


def numbered(shape, *, seed):
    """A survey whose faults are where its amplitude is above the median."""
    made = gaussian_survey(shape, seed=seed)
    place = np.arange(made.faults.size, dtype="float32").reshape(shape)
    faults = (place > np.median(place)).astype("uint8")
    return FaultSurvey(**{**vars(made), "amplitude": place, "faults": faults})


def test_batches_depend_on_seed_and_number_alone():
    def stream(seed, first=0):
        generators = (gaussian_survey, spectral_survey)
        return crop_dataset(
            generators,
            shape=SHAPE,
            batch_size=5,
            seed=seed,
            survey_shape=(12, 12, 14),
            first_batch=first,
        )

    late = SURVEYS * CROPS // 5  # the batch that two groups of surveys share
    first = some(stream(3), late + 2)
    again, other = some(stream(3, late), 2), some(stream(4), 1)
    for one, two in zip(first[late:], again, strict=True):
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])
    assert (first[0][0] != other[0][0]).any()
    amplitude, faults = first[0]
    assert amplitude.shape == faults.shape == (5, *SHAPE, 1)
    assert amplitude.dtype == faults.dtype == "float32"
    assert set(np.unique(faults)) <= {0, 1}


def test_crops_keep_amplitude_and_label_together_and_are_scaled_by_their_survey():
    stream = crop_dataset([numbered], shape=SHAPE, batch_size=SURVEYS * CROPS, seed=0)
    ((amplitude, faults),) = some(stream, 1)
    np.testing.assert_array_equal(faults, amplitude > 0)  # the median scales to 0
    assert len({crop.tobytes() for crop in amplitude}) == SURVEYS * CROPS
    assert {bool(crop.any()) for crop in faults} == {True, False}  # from all over the survey


def test_changes_happen_before_the_middle_is_cut_out():
    size = np.add(SHAPE, (0, 0, 2 * MARGIN))
    samples = np.broadcast_to(np.arange(float(size[2]), dtype="float32"), size)
    stretch = Variation(**{**vars(NEVER), "stretch": 1.0, "factors": USUAL.factors})
    for seed in range(9):
        crop, _ = varied_crop((samples, samples), SHAPE, np.random.default_rng(seed), stretch)
        assert crop.shape == SHAPE
        assert (np.diff(crop, axis=2) > 0).all()  # no sample is repeated at an edge


def test_without_a_variation_crops_are_cut_only():
    rng = np.random.default_rng(0)
    cube = rng.normal(size=(9, 9, 30)), rng.integers(0, 2, (9, 9, 30))
    crop, _ = varied_crop(cube, (9, 9, 30), rng)
    np.testing.assert_array_equal(crop, cube[0])
    crop, faults = varied_crop(cube, (9, 9, 30), rng, NEVER)
    np.testing.assert_array_equal(faults, cube[1])
    with pytest.raises(ValueError, match=r"at least \(9, 9, 31\); got \(9, 9, 30\)\. Use smaller"):
        varied_crop(cube, (9, 9, 31), rng)


def test_a_constant_cube_scales_to_zero():
    assert not scaled(np.full((3, 4, 5), 7.0)).any()


def test_a_function_varies_crops_without_a_margin():
    cube = np.random.default_rng(0).normal(size=(9, 10, 30)), np.ones((9, 10, 30), "int8")

    def flipped(amplitude, faults, rng):
        return -amplitude, faults

    plain, labels = varied_crop(cube, SHAPE, np.random.default_rng(1))
    crop, same = varied_crop(cube, SHAPE, np.random.default_rng(1), flipped)
    np.testing.assert_array_equal(crop, -plain.astype("float32"))
    np.testing.assert_array_equal(same, labels)
    with pytest.raises(ValueError, match=r"shape \(8, 9, 10\) that it was given; got \(8, 9, 9\)"):
        varied_crop(cube, SHAPE, np.random.default_rng(1), lambda a, f, rng: (a[..., 1:], f))
