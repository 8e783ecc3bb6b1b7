"""Surveys with long steep faults: what they promise, and the parts that they alone have."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.synthetic.bodies import chimneys
from tfseis.data.synthetic.faulting import Fault, even_profile, undo, undo_faults, wavy_profile
from tfseis.data.synthetic.steep import SEEN, THROWS, _faults, _imaged, steep_survey

UPRIGHT = Fault(
    centre=(20.4, 4.0, 8.0),
    strike=0.0,
    slope=0.0,
    flattening=0.0,
    bend=(0.0, 1.0, 0.0),
    throw=6.0,
    lateral=0.0,
    profile=even_profile(),
    reach=1e6,
)


def places(shape):
    return [axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]]


@pytest.mark.parametrize("shape", [(9, 10, 11), (8, 30, 17), (33, 8, 64)])
def test_every_cube_has_the_shape_and_type_it_promises(shape):
    survey, again = (steep_survey(shape, seed=2) for _ in range(2))
    cubes = survey.amplitude, survey.faults, survey.throw, survey.facies, survey.salt
    assert [cube.dtype.name for cube in cubes] == ["float32", "uint8", "float32", "uint8", "uint8"]
    assert {cube.shape for cube in cubes} == {shape}
    assert survey.geometry.shape == shape
    assert survey.amplitude.std() == pytest.approx(1000, rel=1e-3)
    np.testing.assert_array_equal(survey.amplitude, again.amplitude)


def test_truths_agree_and_some_surveys_have_no_fault():
    shares = []
    for seed in range(30):
        survey = steep_survey((24, 26, 40), seed=seed, salty=0.3)
        assert not survey.throw[survey.faults == 0].any()
        assert not survey.faults[survey.salt > 0].any()
        shares.append(survey.faults.mean())
    assert 0 in shares
    assert 0.01 < np.mean(shares) < 0.15


def test_throws_can_be_seen_and_most_faults_are_steep():
    peak = 0.1
    made = [
        fault
        for seed in range(60)
        for fault in _faults((128, 128, 128), peak, np.random.default_rng(seed))
    ]
    broken = [fault for fault in made if fault.drag < 1]
    throws = np.abs([fault.throw for fault in broken])
    assert np.median(throws) > SEEN / peak
    assert throws.max() <= max(THROWS[1], 7 * SEEN / peak)
    assert np.mean([fault.slope < 0.25 for fault in broken]) > 0.5
    assert len(broken) < len(made)  # the others are flexures


def test_drag_bends_beds_beside_a_fault_and_leaves_less_of_a_step():
    dragged = replace(UPRIGHT, drag=0.5, drag_reach=2.0)
    before, on_surface, _ = undo(places((40, 8, 16)), dragged)
    sunk = 16 - 1 - np.broadcast_to(before[2], (40, 8, 16))[:, 0, 15]
    across = np.arange(40) - 20.4
    expected = np.where(across > 0, 6.0 * (1 - 0.5 * np.exp(-np.abs(across) / 2)), 0)
    np.testing.assert_allclose(sunk, expected, atol=1e-3)
    assert on_surface[20:21].all()
    _, _, throw = undo_faults((40, 8, 16), [dragged])
    assert throw.max() == pytest.approx(3.0)


def test_a_flexure_is_no_fault():
    _, labels, throw = undo_faults((40, 8, 16), [replace(UPRIGHT, drag=1.0)])
    assert not labels.any()
    assert not throw.any()


def test_slip_of_a_wavy_profile_stays_between_its_bounds():
    place = np.linspace(-200, 200, 400, dtype="float32")
    slip = wavy_profile(0.4, (11.0, 17.0), (0.3, 1.0))(place[:, None], place[None])
    assert slip.max() == pytest.approx(1, abs=0.01)
    assert slip.min() == pytest.approx(0.4 * 0.4, abs=0.01)


def test_an_image_of_a_level_bed_is_its_wavelet():
    cube = np.zeros((16, 18, 64), "float32")
    cube[..., 32] = 1
    image = _imaged(cube, 0.15, 0.5, dip=1.0, curved=2.0)
    assert np.ptp(image, axis=(0, 1)).max() < 1e-5
    assert image[0, 0].argmax() == 32
    np.testing.assert_allclose(image[0, 0, 33:60], image[0, 0, 31:4:-1], atol=1e-5)  # zero phase
    turned = _imaged(cube, 0.15, 0.5, dip=1.0, phase=np.pi)
    np.testing.assert_allclose(turned, -image, atol=1e-4)


def test_steep_events_are_lost_in_an_image():
    trace, sample = np.meshgrid(np.arange(64), np.arange(64), indexing="ij")

    def kept(dip):
        wave = np.sin(2 * np.pi * (8 / 64) * (sample - dip * trace)).astype("float32")
        cube = np.repeat(wave[np.newaxis], 8, 0)
        return _imaged(cube, 8 / 64, 0.5, dip=1.0).std() / cube.std()

    assert kept(0.25) == pytest.approx(1, abs=0.02)
    assert kept(1.0) == pytest.approx(0.5, abs=0.02)
    assert kept(2.0) < 0.1


def test_remaining_curvature_delays_dips_by_their_square():
    trace, sample = np.meshgrid(np.arange(64), np.arange(64), indexing="ij")
    wave = np.cos(2 * np.pi * (4 / 64) * (sample - 0.5 * trace)).astype("float32")
    cube = np.repeat(wave[np.newaxis], 8, 0)
    plain, late = (_imaged(cube, 4 / 64, 0.5, dip=9.0, curved=c)[0, 0] for c in (0.0, 4.0))
    # Of a wave exp(2 pi i f t), a phase of 2 pi c f p^2 is an advance of c p^2 samples.
    shift = np.angle(np.fft.rfft(late)[4] / np.fft.rfft(plain)[4]) / (2 * np.pi * 4 / 64)
    assert abs(shift) == pytest.approx(4.0 * 0.5**2, abs=0.02)


def test_chimneys_take_a_part_of_amplitudes_in_columns():
    lost = chimneys((20, 24, 60), np.random.default_rng(3))
    assert lost.dtype == np.float32
    assert 0 <= lost.min() <= lost.max() < 1
    assert lost.max() > 0.2
