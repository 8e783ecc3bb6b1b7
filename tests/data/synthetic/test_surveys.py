from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.data.synthetic.faulting import (
    Fault,
    elliptic_profile,
    even_profile,
    gaussian_profile,
    linear_profile,
    undo,
    undo_faults,
)
from tfseis.data.synthetic.fields import coarse_noise, spectral_field
from tfseis.data.synthetic.recording import convolved, footprint, quantised, smeared
from tfseis.data.synthetic.survey import SALT, Layers
from tfseis.data.synthetic.wavelets import gabor, ormsby, ricker, rotated

SHAPE = (24, 28, 40)
PLANE = Fault(
    centre=(12.3, 14.2, 20.1),
    strike=0.0,
    slope=0.5,
    flattening=0.0,
    bend=(0.0, 1.0, 0.0),
    throw=8.0,
    lateral=0.0,
    profile=even_profile(),
    reach=1e6,
)
BENT = replace(PLANE, strike=0.7, bend=(3.0, 8.0, 0.4), flattening=0.02)


@pytest.fixture(params=SURVEY_GENERATORS.values(), ids=SURVEY_GENERATORS)
def generator(request):
    return request.param


def grid(shape=SHAPE):
    return [axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]]


def test_the_seed_alone_decides_the_survey(generator):
    first, again, other = (generator((9, 10, 11), seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.amplitude, again.amplitude)
    np.testing.assert_array_equal(first.faults, again.faults)
    assert (first.amplitude != other.amplitude).any()


@pytest.mark.parametrize("shape", [(9, 10, 11), (8, 30, 17), (33, 8, 64)])
def test_every_cube_has_the_shape_and_type_it_promises(generator, shape):
    survey = generator(shape, seed=1)
    cubes = survey.amplitude, survey.faults, survey.throw, survey.facies, survey.salt
    assert [cube.dtype.name for cube in cubes] == ["float32", "uint8", "float32", "uint8", "uint8"]
    assert {cube.shape for cube in cubes} == {shape}
    assert survey.geometry.shape == shape
    assert survey.horizons.shape == (len(survey.names) - 2, *shape[:2])
    assert np.isfinite(survey.amplitude).all()
    assert survey.amplitude.std() == pytest.approx(1000, rel=1e-3)
    assert set(np.unique(survey.faults)) <= {0, 1}


def test_truths_agree_with_each_other(generator):
    for seed in range(6):
        survey = generator((40, 44, 48), seed=seed)
        assert not survey.throw[survey.faults == 0].any()
        assert 0.3 < survey.throw.max() <= 40
        salt = survey.names.index(SALT)
        np.testing.assert_array_equal(survey.facies == salt, survey.salt > 0)
        assert not survey.faults[survey.salt > 0].any()
        for number, horizon in enumerate(survey.horizons):
            inline, crossline = np.nonzero(np.isfinite(horizon))
            base = np.ceil(horizon[inline, crossline]).astype(int)
            below = survey.facies[inline, crossline, base]
            assert (below >= number + 1).all()


def test_some_surveys_hold_salt(generator):
    assert 1 <= sum(generator((12, 12, 24), seed=seed).salt.any() for seed in range(60)) <= 15
    assert all(generator((12, 12, 24), seed=seed, salty=1).salt.any() for seed in range(5))
    assert not any(generator((12, 12, 24), seed=seed, salty=0).salt.any() for seed in range(60))


def test_faults_are_thin_and_few(generator):
    parts = [generator((64, 64, 64), seed=seed).faults.mean() for seed in range(12)]
    assert 0.01 < np.mean(parts) < 0.07
    assert min(parts) > 0


def test_displacement_on_a_plane_by_hand():
    # hanging wall (f > 0) sinks by 8 samples and moves 0.5 * 8 traces along the dip
    before, on_surface, _ = undo(grid(), PLANE)
    before = [np.broadcast_to(place, SHAPE) for place in before]
    assert [place[20, 5, 20] for place in before] == pytest.approx([16, 5, 12], abs=1e-3)
    assert [place[4, 5, 20] for place in before] == [4, 5, 20]
    across = np.arange(24)[:, None] - 12.3 - 0.5 * (np.arange(40) - 20.1)
    np.testing.assert_array_equal(on_surface[:, 3], np.abs(across) <= 0.75)


@pytest.mark.parametrize("fault", [PLANE, BENT, replace(BENT, slope=1.7), replace(BENT, slope=0)])
def test_labels_lie_where_the_displacement_jumps(fault):
    """Voxels on either side of a jump are labelled, or their neighbour is; nothing else is."""
    _, labels, throw = undo_faults(SHAPE, [fault])
    before = undo(grid(), fault)[0][2] - grid()[2]
    jump = np.zeros(SHAPE, bool)
    for axis in range(3):
        step = np.abs(np.diff(np.broadcast_to(before, SHAPE), axis=axis)) > 4
        for part in (slice(None, -1), slice(1, None)):
            jump[tuple(part if a == axis else slice(None) for a in range(3))] |= step
    assert jump.any()
    assert (ndimage.binary_dilation(labels > 0, np.ones((3, 3, 3)))[jump]).all()
    assert (ndimage.binary_dilation(jump, np.ones((3, 3, 3)))[labels > 0]).all()
    assert throw.max() == pytest.approx(8)


@pytest.mark.parametrize("fault", [PLANE, BENT, replace(BENT, slope=1.7), replace(BENT, slope=0)])
def test_labels_are_continuous_and_one_or_two_voxels_wide(fault):
    _, labels, _ = undo_faults(SHAPE, [fault])
    # No way through from wall to wall over faces of voxels: the label has no hole.
    assert ndimage.label(labels == 0)[1] == 2
    # Nowhere three voxels thick: an erosion along all axes leaves nothing.
    assert not ndimage.binary_erosion(labels > 0, np.ones((3, 3, 3))).any()
    assert ndimage.label(labels, np.ones((3, 3, 3)))[1] == 1


def test_a_younger_fault_cuts_an_older_one():
    old = replace(PLANE, slope=0.0, strike=np.pi / 2, centre=(12.0, 14.2, 20.0))
    young = replace(PLANE, slope=0.0, lateral=6.0, throw=0.0)
    _, labels, _ = undo_faults(SHAPE, [young, old])
    near, far = labels[3, :, 5], labels[20, :, 5]  # foot wall stays, hanging wall is shifted
    assert near.nonzero()[0].tolist() == [14]
    assert far.nonzero()[0].tolist() == [20]


def test_older_faults_can_be_undone_later():
    together = undo_faults(SHAPE, [PLANE, BENT])
    places, young, _ = undo_faults(SHAPE, [PLANE])
    places, old, _ = undo_faults(SHAPE, [BENT], places)
    np.testing.assert_array_equal((young | old) > 0, together[1] > 0)
    for one, other in zip(places, together[0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_faults_keep_their_numbers_and_the_larger_throw_decides_where_they_meet():
    small = replace(PLANE, throw=3.0)
    large = replace(PLANE, slope=0.0, strike=np.pi / 2, centre=(12.0, 14.2, 20.0))
    _, numbers, throw = undo_faults(SHAPE, [small, large])
    alone = undo(grid(), small)[1]
    assert set(np.unique(numbers)) == {0, 1, 2}
    np.testing.assert_array_equal(throw[numbers == 1], np.float32(3))
    np.testing.assert_array_equal(throw[numbers == 2], np.float32(8))
    assert (numbers[alone] > 0).all()
    assert (numbers[alone] == 2).any()


def test_every_sample_of_a_fault_has_a_number(generator):
    for seed in range(4):
        survey = generator((40, 44, 48), seed=seed)
        np.testing.assert_array_equal(survey.fault_number > 0, survey.faults > 0)
        assert survey.fault_number.dtype == "uint16"


def test_throw_too_small_to_see_is_not_labelled():
    assert not undo_faults(SHAPE, [replace(PLANE, throw=0.4)])[1].any()
    assert undo_faults(SHAPE, [replace(PLANE, throw=0.6)])[1].any()
    assert undo_faults(SHAPE, [replace(PLANE, throw=-8.0)])[1].any()


def test_profiles_by_hand():
    v, w = np.array([0.0, 10.0, 20.0]), np.array([0.0, 0.0, 5.0])
    assert gaussian_profile(10.0, 5.0)(v, w).round(3).tolist() == [1.0, 0.607, 0.082]
    assert linear_profile(10.0)(v, np.array([-10.0, 0.0, 20.0])).tolist() == [0.0, 0.5, 1.0]
    assert np.broadcast_to(even_profile()(v, w), (1, 1, 3)).ravel().tolist() == [1, 1, 1]
    assert elliptic_profile(10.0, 5.0)(v, w).tolist() == [1.0, 0.0, 0.0]


def test_both_walls_share_the_slip():
    before, _, _ = undo(grid(), replace(PLANE, hanging=0.25))
    depth = np.broadcast_to(before[2], SHAPE)
    assert [depth[20, 0, 20], depth[4, 0, 20]] == pytest.approx([18, 26], abs=1e-3)


def test_layers_are_interpolated():
    layers = Layers(np.array([0.0, 4.0, 8.0, 8.0, 8.0]), first=10.0, bounds=np.array([]))
    assert layers.at(np.array([10.0, 10.125, 10.25], "float32")).tolist() == [0, 2, 4]


def test_wavelets_peak_where_they_should():
    frequency = np.fft.rfftfreq(512, 0.004)
    spectrum = np.abs(np.fft.rfft(ricker(30.0, 4.0), 512))
    assert frequency[spectrum.argmax()] == pytest.approx(30, abs=1.5)
    wavelet = ormsby((5, 12, 40, 60), 4.0)
    spectrum = np.abs(np.fft.rfft(wavelet, 512))
    spectrum /= spectrum.max()
    assert spectrum[(frequency > 15) & (frequency < 36)].min() > 0.85
    assert spectrum[frequency > 65].max() < 0.1
    wide, narrow = (np.abs(np.fft.rfft(gabor(30.0, 4.0, cycles), 512)) for cycles in (0.5, 1.0))
    assert frequency[narrow.argmax()] == pytest.approx(30, abs=1)
    assert (wide > wide.max() / 2).sum() == pytest.approx(
        2 * (narrow > narrow.max() / 2).sum(), 0.1
    )
    quarter = rotated(wavelet, np.pi / 2)
    np.testing.assert_allclose(quarter, -quarter[::-1], atol=0.03)


def test_what_processing_does():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=SHAPE).astype("float32")
    spike = np.zeros((1, 1, 41), "float32")
    spike[..., 20] = 1
    wavelet = rotated(ricker(30.0, 4.0), 0.8)
    np.testing.assert_allclose(convolved(spike, wavelet)[0, 0, 7:34], wavelet, atol=1e-6)
    assert len(np.unique(quantised(noise, 4.0))) <= 256
    assert np.abs(quantised(noise, 4.0) - noise)[np.abs(noise) < 3].max() < 0.02
    assert smeared(noise, 1.0).std() < 0.5 * noise.std()
    flat = np.broadcast_to(noise[:1, :1], SHAPE)
    np.testing.assert_allclose(smeared(flat, 1.0), flat, atol=1e-5)
    stripes = footprint(SHAPE, rng)
    assert np.abs(stripes).max() <= 1
    assert np.abs(stripes[..., 0]).mean() > np.abs(stripes[..., -1]).mean()


def test_fields_vary_as_slowly_as_asked():
    rng = np.random.default_rng(0)
    rough, smooth = (spectral_field((40, 50), power, 30, rng) for power in (2.0, 4.0))
    assert rough.shape == (40, 50)
    assert np.abs(np.diff(smooth)).mean() < 0.7 * np.abs(np.diff(rough)).mean()
    field = coarse_noise((20, 30, 40), (5.0, 10.0, 4.0), rng)
    assert field.shape == (20, 30, 40)
    assert np.abs(np.diff(field, axis=1)).mean() < np.abs(np.diff(field, axis=2)).mean()


def test_a_shape_too_small_is_refused(generator):
    with pytest.raises(ValueError, match=r"at least 8 inlines.*got \(7, 8, 9\)\. Choose"):
        generator((7, 8, 9))
