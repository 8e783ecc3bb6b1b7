"""Crops that are mirrored, sheared or stretched, windows of labels, and stacks of sections."""

import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.io import open_segy
from tfseis.jobs.facies.channels import CHANNELS
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
