import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError
from tfseis.io import open_segy
from tfseis.jobs.facies.channels import CHANNELS, margins
from tfseis.jobs.facies.patches import (
    all_patches,
    patch_dataset,
)
from tfseis.jobs.facies.sections import Section, plane_axes, section_volume
from tfseis.jobs.facies.variation import Variation

PLAIN = Scaling(0.0, 100.0)


@pytest.fixture
def volumes(survey):
    """Sections or slabs through every label of the whole cube; the class is the voxel's number."""
    cube = open_segy(survey)
    positions = np.argwhere(np.ones(cube.shape, bool))

    def made(crop_size, *, axis=0, channels="amplitude", flat=True, lines=None, classes=None):
        halo = Halo(*margins(crop_size, CHANNELS[channels]))
        numbers = np.arange(len(positions)) if classes is None else classes
        return [
            section_volume(
                cube,
                Section(axis, index, np.flatnonzero(positions[:, axis] == index)),
                (positions, numbers),
                halo,
                PLAIN,
                flat=flat,
            )
            for index in (lines or range(cube.shape[axis]))
        ]

    return made


def gathered(dataset):
    crops, classes = zip(*((c.numpy(), k.numpy()) for c, k in dataset), strict=True)
    return np.concatenate(crops), np.concatenate(classes)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("crop_size", [1, 4, 5])
def test_the_label_is_in_the_middle_and_borders_are_reflected(volumes, amplitude, axis, crop_size):
    """Oracle: every section padded by NumPy, every crop cut by hand."""
    rows, columns = plane_axes(axis)
    crops, voxels = gathered(
        all_patches(
            volumes(crop_size, axis=axis),
            crop_size=crop_size,
            channels=CHANNELS["amplitude"],
            batch_size=100,
        )
    )
    assert crops.shape == (504, crop_size, crop_size, 1)
    assert crops.dtype == np.float32
    middle = crop_size // 2
    np.testing.assert_allclose(crops[:, middle, middle, 0] * 100, amplitude.flat[voxels], rtol=1e-6)
    pad = [(0, 0)] * 3
    pad[rows] = pad[columns] = (crop_size, crop_size)
    padded = np.moveaxis(np.pad(amplitude, pad, mode="symmetric"), axis, 0)
    places = np.stack(np.unravel_index(voxels, amplitude.shape), 1)
    for crop, place in zip(crops[..., 0], places, strict=True):
        row, column = (place[a] + crop_size - middle for a in (rows, columns))
        expected = padded[place[axis], row : row + crop_size, column : column + crop_size]
        np.testing.assert_allclose(crop * 100, expected, rtol=1e-5)


def test_cubes_are_cut_around_their_labels_too(volumes, amplitude):
    crops, voxels = gathered(
        all_patches(
            volumes(4, flat=False, lines=[0, 3]),
            crop_size=4,
            channels=CHANNELS["amplitude"],
            batch_size=50,
        )
    )
    padded = np.pad(amplitude, 4, mode="symmetric")
    for crop, voxel in zip(crops[..., 0], voxels, strict=True):
        i, j, k = (n + 2 for n in np.unravel_index(voxel, amplitude.shape))
        np.testing.assert_allclose(crop * 100, padded[i : i + 4, j : j + 4, k : k + 4], rtol=1e-5)


def test_channels_are_shifted_windows_and_positions(volumes, amplitude):
    size, channels = 3, CHANNELS["seed"]
    crops, voxels = gathered(
        all_patches(
            volumes(size, channels="seed", lines=[2]),
            crop_size=size,
            channels=channels,
            batch_size=9,
        )
    )
    padded = np.pad(amplitude[2], 6, mode="symmetric")
    offset = np.arange(size) - size // 2
    for crop, voxel in zip(crops, voxels, strict=True):
        _, trace, sample = np.unravel_index(voxel, amplitude.shape)
        for number, channel in enumerate(channels[:6]):
            j = trace + 6 - 1 + size * channel.shift[0]
            k = sample + 6 - 1 + size * channel.shift[1]
            window = padded[j : j + size, k : k + size]
            np.testing.assert_allclose(crop[..., number] * 100, window, rtol=1e-5)
        traces, samples = np.meshgrid((trace + offset) / 7, (sample + offset) / 8, indexing="ij")
        np.testing.assert_allclose(crop[..., 6], traces, atol=1e-6)
        np.testing.assert_allclose(crop[..., 7], samples, atol=1e-6)


def test_some_labels_may_be_chosen_in_any_order(volumes):
    _, voxels = gathered(
        all_patches(
            volumes(1),
            crop_size=1,
            channels=CHANNELS["amplitude"],
            batch_size=2,
            chosen=np.array([503, 0, 77]),
        )
    )
    assert voxels.tolist() == [503, 0, 77]


@pytest.fixture
def rare(volumes):
    """504 labels: 4 of class 2, one of class 5, the others of class 0."""
    classes = np.zeros(504, "int64")
    classes[[0, 100, 300, 301]], classes[400] = 2, 5
    return volumes(2, classes=classes)


def drawn(volumes, batches, **options):
    options = {
        "crop_size": 2,
        "channels": CHANNELS["amplitude"],
        "batch_size": 30,
        "seed": 7,
    } | options
    return gathered(patch_dataset(volumes, **options).take(batches))


def test_classes_are_drawn_evenly_and_every_label_of_each(rare, amplitude):
    crops, classes = drawn(rare, 50)
    shares = np.bincount(classes) / len(classes)
    np.testing.assert_allclose(shares[[0, 2, 5]], 1 / 3, atol=0.05)
    assert shares.sum() == shares[[0, 2, 5]].sum()
    found = np.rint(crops[:, 1, 1, 0] * 100)
    assert set(found[classes == 5].tolist()) == {amplitude.flat[400]}
    labelled = np.sort(amplitude.flat[[0, 100, 300, 301]])
    seen, counts = np.unique(found[classes == 2], return_counts=True)
    np.testing.assert_array_equal(seen, labelled)
    np.testing.assert_allclose(counts / counts.sum(), 0.25, atol=0.07)
    assert len(np.unique(found[classes == 0])) > 200
    assert not set(found[classes == 0].tolist()) & set(found[classes != 0].tolist())


def test_the_same_seed_draws_the_same_batches_and_another_others(rare):
    first, again, other = (drawn(rare, 3, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first[:30] != first[30:60]).any()


def test_a_later_first_batch_goes_on_where_the_earlier_ones_stopped(rare):
    whole, rest = drawn(rare, 6), drawn(rare, 2, first_batch=4)
    for all_of_them, last in zip(whole, rest, strict=True):
        np.testing.assert_array_equal(all_of_them[4 * 30 :], last)


@pytest.mark.parametrize("crop_size", [4, 5])
def test_half_of_the_crops_are_mirrored_along_the_axes_that_are_named(volumes, crop_size):
    data = volumes(crop_size)
    options = {"crop_size": crop_size, "batch_size": 200}
    plain, classes = drawn(data, 1, **options)
    crops, same = drawn(data, 1, variation=Variation(mirrored=(0,)), **options)
    turned = crops[:, ::-1]
    lookup, _ = gathered(
        all_patches(data, crop_size=crop_size, channels=CHANNELS["amplitude"], batch_size=504)
    )
    upright = (crops == lookup[same]).all(axis=(1, 2, 3))
    mirrored = (turned == lookup[same]).all(axis=(1, 2, 3))
    assert (upright | mirrored).all()
    assert 0.35 < upright.mean() < 0.65
    assert (plain == lookup[classes]).all()


def test_no_labels_are_refused(volumes):
    empty = volumes(1, lines=[0])
    empty = [type(v)(v.amplitude, v.halo, v.positions[:0], v.classes[:0]) for v in empty]
    with pytest.raises(LabelError, match="at least one label; got none"):
        patch_dataset(empty, crop_size=1, channels=CHANNELS["amplitude"], batch_size=1, seed=0)
