import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError
from tfseis.io import open_segy
from tfseis.jobs.facies.channels import CHANNELS, margins
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.patches import (
    all_patches,
    patch_dataset,
    sections_as_channels,
    window_dataset,
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


@pytest.mark.parametrize("axes", [2, 3])
def test_sheared_and_stretched_crops_turn_about_the_label(axes):
    """Amplitudes that are the sample number: a crop then tells where it was taken."""
    size, halo, shape = 5, Halo(2, 2), (9, 8, 40)[-axes:]
    places = np.array([[4, 4, 20]])[:, -axes:]
    padded = tuple(n + 4 for n in shape)
    sample = np.broadcast_to(np.arange(padded[-1]) - 2.0, padded).astype("float32")
    volume = Volume(sample, halo, places, np.zeros(1, int))
    data = patch_dataset(
        [volume],
        crop_size=size,
        channels=CHANNELS["amplitude"],
        batch_size=200,
        seed=1,
        variation=Variation(shear=0.5, stretch=0.2),
    )
    crops = next(iter(data))[0].numpy()[..., 0]
    middle = (slice(None), *[2] * (axes - 1))
    np.testing.assert_allclose(crops[(*middle, 2)], 20, atol=1e-4)  # the label stays
    spacing = np.diff(crops, axis=-1)
    assert spacing.min() >= 0.8 - 1e-3
    assert spacing.max() <= 1.2 + 1e-3
    assert np.ptp(spacing, axis=0).max() > 0.3  # crops differ
    for axis in range(1, axes):
        dip = np.diff(crops, axis=axis)
        assert np.abs(dip).max() <= 0.5 + 1e-3
        assert np.ptp(dip) > 0.8


def test_warped_crops_repeat_the_edge_of_their_volume():
    sample = np.broadcast_to(np.arange(-2.0, 10.0), (7, 12)).astype("float32")
    volume = Volume(sample, Halo(2, 2), np.array([[1, 0], [1, 7]]), np.zeros(2, int))
    data = patch_dataset(
        [volume],
        crop_size=5,
        channels=CHANNELS["amplitude"],
        batch_size=100,
        seed=1,
        variation=Variation(shear=3.0, stretch=0.5),
    )
    crops = next(iter(data))[0].numpy()
    assert crops.min() == -2
    assert crops.max() <= 9
    assert crops.max() > 8.9


def test_windows_carry_the_label_of_every_sample():
    """Labels and amplitudes are the same function of the position, so they must stay together."""
    shape, halo = (9, 12), Halo(3, 2)
    places = np.argwhere(np.ones(shape, bool))
    classes = places[:, 0] * shape[1] + places[:, 1]
    some = np.flatnonzero(classes % 3 > 0)
    number = np.arange(np.prod(shape)).reshape(shape).astype("float32")
    volume = Volume(np.pad(number, (3, 2), mode="symmetric"), halo, places[some], classes[some])
    data = window_dataset(
        [volume],
        crop_size=6,
        channels=CHANNELS["amplitude"],
        batch_size=300,
        seed=2,
        variation=Variation(mirrored=(0, 1)),
    )
    crops, labels = (part.numpy() for part in next(iter(data)))
    assert crops.shape == (300, 6, 6, 1)
    known = labels >= 0
    np.testing.assert_array_equal(crops[..., 0][known], labels[known])
    outside = ~known & (crops[..., 0] % 3 > 0)  # only the reflected border has no label of its own
    assert known.mean() > 0.4
    assert outside.any()
    assert (labels[~known] == -1).all()


def test_warped_windows_keep_their_labels_within_half_a_sample():
    number = np.broadcast_to(np.arange(40.0), (20, 40)).astype("float32")
    places = np.argwhere(np.ones((20, 36), bool)) + [0, 0]
    volume = Volume(np.pad(number[:, :36], 4, mode="edge"), Halo(4, 4), places, places[:, 1])
    data = window_dataset(
        [volume],
        crop_size=8,
        channels=CHANNELS["amplitude"],
        batch_size=200,
        seed=2,
        variation=Variation(shear=0.5, stretch=0.2),
    )
    crops, labels = (part.numpy() for part in next(iter(data)))
    known = labels >= 0
    inner = known & (crops[..., 0] > 0.5) & (crops[..., 0] < 34.5)
    assert np.abs(crops[..., 0] - labels)[inner].max() <= 0.5 + 1e-3


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("sections", [3, 5])
def test_neighbouring_sections_are_channels(survey, amplitude, axis, sections):
    """Oracle: the cube padded by NumPy; every label of the middle section stays with it."""
    rows, columns = plane_axes(axis)
    beside, size = sections // 2, 4
    positions = np.argwhere(np.ones(amplitude.shape, bool))
    classes = np.arange(len(positions))
    places = np.flatnonzero(positions[:, axis] == 1)
    volume = section_volume(
        open_segy(survey),
        Section(axis, 1, places),
        (positions, classes),
        Halo(2, 1),
        PLAIN,
        flat=True,
        beside=beside,
    )
    data = all_patches(
        [volume],
        crop_size=(sections, size, size),
        channels=CHANNELS["amplitude"],
        batch_size=500,
        windows=True,
    )
    crops, labels = (part.numpy() for part in sections_as_channels(*next(iter(data))))
    assert crops.shape == (len(places), size, size, sections)
    assert labels.shape == crops.shape[:3]
    pad = [(2, 1)] * 3
    pad[axis] = (beside, beside)
    padded = np.pad(amplitude, pad, mode="symmetric")
    stack = np.moveaxis(padded, axis, -1)[..., 1 : 1 + sections]
    for crop, found, place in zip(crops, labels, positions[places], strict=True):
        i, j = place[rows], place[columns]
        np.testing.assert_allclose(crop * 100, stack[i : i + size, j : j + size], rtol=1e-5)
        known = found >= 0
        assert known[2, 2]
        np.testing.assert_allclose(
            crop[..., beside][known] * 100, amplitude.flat[found[known]], rtol=1e-5
        )


def test_crops_of_another_size_along_each_axis_are_mirrored_about_their_label():
    number = np.arange(9 * 8 * 12).reshape(9, 8, 12).astype("float32")
    volume = Volume(number, (Halo(1, 1), Halo(2, 1), Halo(3, 3)), np.array([[3, 2, 4]]), [0])
    data = patch_dataset(
        [volume],
        crop_size=(3, 4, 7),
        channels=CHANNELS["amplitude"],
        batch_size=60,
        seed=1,
        variation=Variation(mirrored=(0, 1)),
    )
    found = {crop.tobytes() for crop in next(iter(data))[0].numpy()[..., 0]}
    crop = number[3:6, 2:6, 4:11]
    assert crop[1, 2, 3] == number[4, 4, 7]
    flips = [crop[::a, ::b] for a in (1, -1) for b in (1, -1)]
    assert found == {np.ascontiguousarray(flipped).tobytes() for flipped in flips}
