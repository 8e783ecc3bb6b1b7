from dataclasses import replace

import keras
import numpy as np
import pytest

from tfseis.data.synthetic.borehole_image import borehole_patches
from tfseis.errors import LabelError, ModelError
from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes.alignment import misaligned_wells
from tfseis.jobs.boreholes.patches import (
    back_to_patches,
    label_counts,
    scaled_images,
    synthetic_patches,
    well_scalings,
    well_split,
    whole_wells,
)
from tfseis.jobs.boreholes.pipeline import Task
from tfseis.jobs.boreholes.settings import BoreholeSettings
from tfseis.jobs.boreholes.split import SYNTHETIC, split_patches
from tfseis.jobs.boreholes.variation import Variation, rolled

STILL = Variation(roll=False, mirror=False, noise=0, gain=0)


def synthetic(count=40, wells=(3, 5)):
    parts = [borehole_patches(count, seed=well) for well in wells]
    raw = np.concatenate([images for images, _ in parts])
    valid = raw > -999
    masks = np.concatenate([masks for _, masks in parts]).astype("int8")
    return Patches(
        np.where(valid, raw, 0),
        valid,
        np.repeat(wells, count),
        np.tile(range(count), len(wells)),
        np.where(valid, masks, -1),
        {},
    )


def test_labels_in_another_order_are_detected_in_their_well_alone():
    patches = synthetic()
    assert misaligned_wells(patches) == []
    masks = patches.masks.copy()
    masks[:40] = masks[np.random.default_rng(0).permutation(40)]
    assert misaligned_wells(replace(patches, masks=masks)) == [3]
    assert misaligned_wells(replace(patches, masks=np.roll(patches.masks, 1, axis=0))) == [3, 5]
    assert misaligned_wells(replace(patches, masks=None)) == []


def test_scaling_is_of_the_well_and_not_of_the_patch():
    patches = synthetic(6)
    images = patches.images.copy()
    images[:6] = images[:6] * 100 + 7
    once, again = scaled_images(patches), scaled_images(replace(patches, images=images))
    np.testing.assert_allclose(once[:6][patches.valid[:6]], again[:6][patches.valid[:6]], atol=1e-3)
    np.testing.assert_array_equal(once[6:], again[6:])
    assert (once[~patches.valid] == 0).all()
    assert set(well_scalings(patches)) == {3, 5}
    assert once.std(axis=(1, 2, 3)).std() > 0.05


def test_whole_wells_and_back():
    numbers = np.array([2, 0, 1, 4, 0, 1])
    wells = np.array([7, 7, 7, 7, 2, 2])
    images = np.arange(6 * 3 * 4, dtype="float32").reshape(6, 3, 4)
    patches = Patches(images, images >= 0, wells, numbers, None, {})
    parts = whole_wells(patches, images)
    assert [(part.well, part.numbers.tolist()) for part in parts] == [
        (2, [0, 1]),
        (7, [0, 1, 2]),
        (7, [4]),
    ]
    np.testing.assert_array_equal(parts[1].image, np.concatenate(images[[1, 2, 0]]))
    back = back_to_patches(patches, parts, [part.image for part in parts])
    np.testing.assert_array_equal(back, images)


def test_no_well_is_on_both_sides():
    wells = np.array([1, 6, 6, 14, 15, 1])
    train, test = well_split(wells, part=0.5, seed=1)
    assert not set(wells[train]) & set(wells[test])
    assert (train ^ test).all()
    assert len(set(wells[test])) == 2
    with pytest.raises(LabelError, match=r"among 1, 6, 14, 15, .* got 3\. Choose others"):
        well_split(wells, held_out=[3])
    with pytest.raises(LabelError, match="one or more left to train"):
        well_split(wells, held_out=[1, 6, 14, 15])


def test_counts_of_labels():
    patches = synthetic(2)
    counts = label_counts(patches)
    assert counts == {
        "labelled": int(patches.valid.sum()),
        "marked": int((patches.masks == 1).sum()),
    }
    assert label_counts(replace(patches, masks=None)) == {"labelled": 0, "marked": 0}


def batch(size=8):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(size, 5, 9, 1)).astype("float32")
    return keras.ops.convert_to_tensor(images), keras.ops.convert_to_tensor(images > 1)


def test_each_image_rolls_by_its_own_turns_as_numpy_does():
    images, _ = batch(4)
    turns = [0, 3, 8, -2]
    expected = [np.roll(image, turn, axis=1) for image, turn in zip(images, turns, strict=True)]
    np.testing.assert_array_equal(rolled(images, np.array(turns)), expected)


@pytest.mark.parametrize("change", [{"roll": True}, {"mirror": True}])
def test_moves_are_exact_and_move_the_mask_alike(change):
    images, masks = batch()
    moved, marks = replace(STILL, **change)(images, masks, 3)
    assert not np.array_equal(moved, images)
    np.testing.assert_array_equal(np.asarray(moved) > 1, marks)
    ours, theirs = (np.sort(np.asarray(of).reshape(8, -1)) for of in (moved, images))
    np.testing.assert_array_equal(ours, theirs)


def test_noise_and_gain_leave_the_mask_alone_and_the_seed_decides():
    images, masks = batch()
    tool = replace(STILL, noise=0.2, gain=0.3)
    one, marks = tool(images, masks, 1)
    again, _ = tool(images, masks, 1)
    other, _ = tool(images, masks, 2)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(marks, masks)
    gained, _ = replace(STILL, gain=0.3)(images, masks, 1)
    ratio = np.asarray(gained) / np.asarray(images)
    assert 0.7 <= ratio.min() <= ratio.max() <= 1.3
    assert np.ptp(ratio, axis=(1, 2, 3)).max() < 1e-5
    still, _ = STILL(images, masks, 1)
    np.testing.assert_array_equal(still, images)


def test_a_tool_that_cannot_be():
    with pytest.raises(ModelError, match=r"gain from 0 to below 1; got 0\.1 and 1\.5"):
        Variation(gain=1.5)


def breakouts(jitter, *, turned=0, count=20, wells=(1, 2)):
    """Two dark bands on opposite sides of the hole, at one azimuth all along a well."""
    rng = np.random.default_rng(1)
    images, masks = [], []
    for _ in range(count * len(wells)):
        mask = np.zeros((12, 36), bool)
        first = 8 + rng.integers(-jitter, jitter + 1)
        mask[:, first : first + 6] = mask[:, first + 18 : first + 24] = True
        images.append(rng.normal(100, 5, mask.shape) - 60 * mask)
        masks.append(np.roll(mask, turned, axis=1))
    images = np.array(images, "float32")
    wells, numbers = np.repeat(wells, count), np.tile(range(count), len(wells))
    return Patches(images, images < np.inf, wells, numbers, np.array(masks, "int8"), {})


@pytest.mark.parametrize("jitter", [0, 1, 2, 4])
def test_breakouts_at_one_azimuth_are_not_misaligned(jitter):
    assert misaligned_wells(breakouts(jitter)) == []


def test_labels_at_one_azimuth_that_mark_nothing_are_misaligned():
    patches = breakouts(0)
    blank = np.random.default_rng(0).normal(size=patches.images.shape).astype("float32")
    assert misaligned_wells(replace(patches, images=blank)) == [1, 2]


@pytest.mark.parametrize("columns", [8, 36, 180])
def test_synthetic_patches_of_any_width(columns):
    patches = synthetic_patches(70, 3, columns=columns)
    assert patches.images.shape == patches.masks.shape == (70, 36, columns)
    assert np.unique(patches.wells).tolist() == [1, 2]
    marked = (patches.masks == 1).mean()
    assert 0.02 < marked < 0.3
    if columns == 36:
        usual = borehole_patches(60, seed=30_000)[1]
        np.testing.assert_array_equal(patches.masks[:60] == 1, (usual == 1) & patches.valid[:60])


def test_where_synthetic_patches_train_labelled_wells_are_scored():
    patches = synthetic(20)
    masks = patches.masks.copy()
    masks[:20] = np.roll(masks[:20], 1, axis=0)  # those of well 3 do not line up
    split = split_patches(replace(patches, masks=masks), synthetic=70, held_out=None, seed=0)
    assert (split.wells_trained, split.wells_held_out, split.dropped) == ([], [5], [3])
    assert len(split.training) == 70
    np.testing.assert_array_equal(split.testing.masks, patches.masks[20:])
    chosen = split_patches(patches, synthetic=70, held_out=[3], seed=0)
    assert chosen.wells_held_out == [3]
    with pytest.raises(LabelError, match=r"among those with labels, 3, 5; got 4\. Choose"):
        split_patches(patches, synthetic=70, held_out=[4], seed=0)
    none = split_patches(replace(patches, masks=None), synthetic=70, held_out=None, seed=0)
    assert (none.kind, none.wells_held_out) == (SYNTHETIC, [])


def test_patches_that_train_and_are_scored_count_in_the_identity_of_a_run():
    """Wells 1 and 2 are among both; a further synthetic patch is other data."""
    unseen = synthetic_patches(120, seed=1)
    less, more = (
        Task(BoreholeSettings(), synthetic_patches(count, seed=0), unseen).identity()
        for count in (60, 61)
    )
    assert less != more
