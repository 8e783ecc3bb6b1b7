from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from tfseis.errors import LabelError
from tfseis.jobs.salt.folds import image_folds
from tfseis.jobs.salt.variation import AS_RECORDED, DRAWS, ImageVariation, moved, sample, vary

SHAPE = (3, 13, 9, 1)
MIDDLE = 0.5  # of a die: no change


@pytest.fixture
def images():
    return np.random.default_rng(0).random(SHAPE).astype("float32")


def draws(**changes):
    names = {"flip": 0, "down": 1, "right": 2, "scale": 3, "shear": 4, "light": 6, "contrast": 7}
    values = np.full((SHAPE[0], DRAWS), MIDDLE, "float32")
    for name, value in changes.items():
        values[:, names[name]] = value
    return values


def random_dice(seed=0):
    return np.random.default_rng(seed).random((SHAPE[0], DRAWS)).astype("float32")


def varied(images, masks, draws, variation):
    return [np.asarray(of) for of in vary(images, masks, draws, variation)]


def test_nothing_changes_what_shall_stay_as_recorded(images):
    masks = (images > 0.5).astype("float32")
    found = varied(images, masks, random_dice(), AS_RECORDED)
    np.testing.assert_allclose(found[0], images, atol=1e-6)
    np.testing.assert_array_equal(found[1], masks)


def test_the_middle_of_every_die_changes_nothing(images):
    found = varied(images, images > 0.5, draws(), ImageVariation())
    np.testing.assert_allclose(found[0], images, atol=1e-5)


def test_mirroring_is_left_to_right_alone(images):
    only = replace(AS_RECORDED, flip=True)
    for die, expected in ((0.2, images[:, :, ::-1]), (0.8, images)):
        found = varied(images, images > 0.5, draws(flip=die), only)
        np.testing.assert_allclose(found[0], expected, atol=1e-6)
        np.testing.assert_array_equal(found[1], expected > 0.5)


def test_shifts_by_hand(images):
    only = replace(AS_RECORDED, shift=2 / 13)
    found = varied(images, images, draws(down=1.0), only)[0]
    np.testing.assert_allclose(found[:, :-2], images[:, 2:], atol=1e-5)
    np.testing.assert_allclose(found[:, -2:], images[:, :-3:-1], atol=1e-5)  # reflected


def test_shear_keeps_columns_in_place():
    rows, columns = (
        np.asarray(of) for of in moved((13, 9), draws(shear=1.0), replace(AS_RECORDED, shear=0.5))
    )
    np.testing.assert_allclose(np.diff(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.diff(rows, axis=2), 0.5, atol=1e-5)
    np.testing.assert_array_equal(columns[0], np.broadcast_to(np.arange(9), (13, 9)))


def test_scale_keeps_the_middle_and_the_dips():
    found = moved((13, 9), draws(scale=1.0), replace(AS_RECORDED, scale=0.5))
    rows, columns = (np.asarray(of) for of in found)
    assert (rows[0, 6, 4], columns[0, 6, 4]) == (6, 4)
    np.testing.assert_allclose(np.diff(rows, axis=1), 1.5, atol=1e-5)
    np.testing.assert_allclose(np.diff(columns, axis=2), 1.5, atol=1e-5)


def test_elastic_fields_bend_by_no_more_than_they_may():
    only = replace(AS_RECORDED, elastic=2.0)
    rows, columns = (np.asarray(of) for of in moved((101, 97), random_dice(), only))
    bend = np.abs(rows - np.arange(101)[:, None])
    assert 0.1 < bend.max() < 2 * 1.25**2  # cubic interpolation overshoots a little
    assert np.abs(columns - np.arange(97)).max() > 0.1
    assert (np.diff(rows, axis=1) > 0).all()  # no layer crosses another


def test_sampling_is_that_of_scipy(images):
    rng = np.random.default_rng(1)
    rows, columns = rng.uniform(-9, 22, (2, 3, 13, 9)).astype("float32")
    found = np.asarray(sample(images, rows, columns))
    for number in range(3):
        image, places = images[number, ..., 0].astype("float64"), [rows[number], columns[number]]
        expected = map_coordinates(image, places, order=1, mode="reflect")
        np.testing.assert_allclose(found[number, ..., 0], expected, atol=1e-5)


def test_image_and_mask_move_alike(images):
    still = replace(ImageVariation(), brightness=0, contrast=0)
    smooth = np.round(images)
    image, mask = varied(smooth, smooth, random_dice(), still)
    np.testing.assert_array_equal(image > 0.5, mask > 0.5)
    assert set(np.unique(mask)) <= {0, 1}
    assert (mask != smooth).any()


def test_light_and_contrast_leave_masks_alone(images):
    grey = 0.4 + 0.2 * images
    only = replace(AS_RECORDED, brightness=0.1, contrast=0.5)
    image, mask = varied(grey, images > 0.5, draws(light=1.0, contrast=1.0), only)
    mean = grey.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(image, mean + 1.5 * (grey - mean) + 0.1, atol=1e-5)
    np.testing.assert_array_equal(mask, images > 0.5)


def test_the_same_dice_give_the_same_variation(images):
    first, second, other = (
        varied(images, images > 0.5, random_dice(seed), ImageVariation())[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1


def test_folds_are_alike_in_coverage_and_depth():
    rng = np.random.default_rng(0)
    covers = np.where(rng.random(203) < 0.4, 0, rng.random(203))
    masks = np.arange(100).reshape(1, 10, 10) < 100 * covers[:, None, None]
    depths = rng.uniform(50, 950, 203)
    depths[7] = np.nan
    found = image_folds(masks, depths, folds=5)
    assert np.bincount(found).tolist() == [41, 41, 41, 40, 40]
    empty = [np.mean(~masks[found == fold].any(axis=(1, 2))) for fold in range(5)]
    assert np.ptp(empty) < 0.03
    assert np.ptp([masks[found == fold].mean() for fold in range(5)]) < 0.03
    assert np.ptp([np.nanmean(depths[found == fold]) for fold in range(5)]) < 60
    for folds in (1, 204):
        with pytest.raises(LabelError, match=f"got {folds} folds of 203"):
            image_folds(masks, depths, folds=folds)
