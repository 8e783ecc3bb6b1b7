from dataclasses import replace

import numpy as np
import pytest
from keras import ops
from scipy import ndimage, signal

from tfseis.data.synthetic import gaussian_survey
from tfseis.jobs.faults.changes import (
    band_limited,
    flipped,
    gained,
    noisy,
    rotated,
    stretched,
    turned,
    turned_phase,
    with_dead_traces,
)
from tfseis.jobs.faults.variation import Variation, varied, varied_batches

SHAPE = (2, 9, 10, 32, 1)
NEVER = Variation(**dict.fromkeys(set(Variation.__dataclass_fields__) - {"factors"}, 0.0))


@pytest.fixture
def pair():
    survey = gaussian_survey((18, 10, 32), seed=2)
    amplitude, faults = survey.amplitude / 1000, survey.faults.astype("float32")
    return amplitude.reshape(SHAPE), faults.reshape(SHAPE)


def numpy(pair):
    return tuple(ops.convert_to_numpy(part) for part in pair)


def traces(cube):
    """Traces in any order."""
    return np.sort(np.asarray(cube).reshape(-1, SHAPE[3]), axis=0)


@pytest.mark.parametrize("axis", [0, 1])
def test_flips_mirror_both_alike_and_keep_every_trace(pair, axis):
    amplitude, faults = numpy(flipped(*pair, axis=axis))
    np.testing.assert_array_equal(amplitude, np.flip(pair[0], axis + 1))
    np.testing.assert_array_equal(faults, np.flip(pair[1], axis + 1))
    np.testing.assert_array_equal(numpy(flipped(amplitude, faults, axis=axis))[0], pair[0])


def test_time_is_never_turned_over(pair):
    with pytest.raises(ValueError, match=r"0 \(inlines\) or 1 .*got 2\. Time is never"):
        flipped(*pair, axis=2)
    ramp = np.broadcast_to(np.arange(32.0, dtype="f4")[:, None], SHAPE)
    geometry = Variation(polarity=0, phase=0, band=0, gain=0, noise=0, dead=0)
    for seed in range(20):
        after, _ = numpy(varied(ramp, ramp, seed=seed, variation=geometry))
        assert (np.diff(after, axis=3) > -1e-3).all()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_keep_every_trace(pair, quarters):
    amplitude, faults = numpy(turned(*pair, quarters=quarters))
    np.testing.assert_array_equal(traces(amplitude), traces(pair[0]))
    np.testing.assert_array_equal(traces(faults), traces(pair[1]))
    back = numpy(turned(amplitude, faults, quarters=4 - quarters))
    np.testing.assert_array_equal(back[0], pair[0])
    np.testing.assert_array_equal(amplitude, np.rot90(pair[0], quarters, (1, 2)))


@pytest.mark.parametrize("degrees", [0, 180])
def test_rotation_by_known_angles(pair, degrees):
    amplitude, faults = numpy(rotated(*pair, degrees=degrees))
    wanted = numpy(turned(*pair, quarters=degrees // 90))
    np.testing.assert_allclose(amplitude, wanted[0], atol=1e-4)
    np.testing.assert_array_equal(faults, wanted[1])


def test_rotation_keeps_amplitude_and_fault_together_and_faults_thin():
    faults = np.zeros((1, 31, 31, 8, 1), "float32")
    faults[:, :, 14:16] = 1
    amplitude, labels = numpy(rotated(faults, faults, degrees=30))
    assert set(np.unique(labels)) == {0, 1}
    assert ((amplitude > 0.5) == (labels > 0)).mean() > 0.98
    assert not ndimage.binary_erosion(labels[0, 5:-5, 5:-5, 4, 0], np.ones((3, 3))).any()
    across = np.argwhere(labels[0, 5:26, :, 4, 0])
    slope = np.polyfit(across[:, 0], across[:, 1], 1)[0]
    assert abs(slope) == pytest.approx(np.tan(np.deg2rad(30)), rel=0.1)


def test_stretch_moves_events_by_its_factor_and_keeps_traces_in_place():
    ramp = np.broadcast_to(np.arange(33.0, dtype="f4")[:, None], (1, 3, 4, 33, 1))
    after, _ = numpy(stretched(ramp, ramp, factor=1.25))
    np.testing.assert_allclose(after[0, 0, 0, :, 0], 16 + (np.arange(33) - 16) / 1.25, rtol=1e-5)
    shorter, labels = numpy(stretched(ramp, ramp, factor=0.8))
    assert shorter[0, 0, 0, [0, 16, 32], 0].tolist() == [0, 16, 32]
    np.testing.assert_allclose(labels, shorter, atol=0.5)


def test_phase_keeps_the_spectrum_and_what_it_turns_back(pair):
    half = ops.convert_to_numpy(turned_phase(pair[0], degrees=180))
    np.testing.assert_allclose(half, -pair[0], atol=1e-3)
    time = np.arange(64)
    tone = np.cos(2 * np.pi * time / 8) * signal.windows.hann(64)
    cube = tone.astype("f4").reshape(1, 1, 1, 64, 1)
    quarter = turned_phase(cube, degrees=90)
    back = ops.convert_to_numpy(turned_phase(quarter, degrees=-90))
    np.testing.assert_allclose(back, cube, atol=0.02)
    quarter = ops.convert_to_numpy(quarter).ravel()
    np.testing.assert_allclose(quarter, (signal.hilbert(tone) * 1j).real, atol=0.02)
    spectra = (np.abs(np.fft.rfft(trace)) for trace in (quarter, tone))
    np.testing.assert_allclose(*spectra, atol=0.3)  # of 16 at the peak


def test_a_band_keeps_what_lies_inside(pair):
    time = np.arange(256)
    tones = [np.cos(2 * np.pi * f * (time + 0.5)) for f in (0.01171875, 0.0625, 0.25)]
    cube = sum(tones).astype("f4").reshape(1, 1, 1, 256, 1)
    kept = ops.convert_to_numpy(band_limited(cube, low=0.03, high=0.15)).ravel()
    np.testing.assert_allclose(kept, tones[1], atol=0.01)


def test_gain_keeps_signs_noise_the_mean_dead_traces_the_others(pair):
    amplitude = pair[0]
    louder = ops.convert_to_numpy(gained(amplitude, top=0.5, base=1.5))
    np.testing.assert_array_equal(np.sign(louder), np.sign(amplitude))
    np.testing.assert_allclose(louder[..., 0, 0], 0.5 * amplitude[..., 0, 0], rtol=1e-5)
    np.testing.assert_allclose(louder[..., -1, 0], 1.5 * amplitude[..., -1, 0], rtol=1e-5)
    noise = ops.convert_to_numpy(noisy(amplitude, ratio=0.3, seed=1)) - amplitude
    assert noise.std() == pytest.approx(0.3 * amplitude.std(), rel=0.1)
    assert abs(noise.mean()) < 0.01
    dead = ops.convert_to_numpy(with_dead_traces(amplitude, share=0.3, seed=1))
    gone = (dead == 0).all(axis=(3, 4))
    assert 0.15 < gone.mean() < 0.45
    np.testing.assert_array_equal(dead[~gone], amplitude[~gone])


def test_levels_and_gains_are_those_of_parts_of_a_survey(pair):
    def ratios(variation, at):
        changed = (numpy(varied(*pair, seed=seed, variation=variation))[0] for seed in range(40))
        return [float(np.median(cube[..., at, :] / pair[0][..., at, :])) for cube in changed]

    level = ratios(replace(NEVER, level=1), slice(None))
    assert 0.15 <= min(level) < 0.3
    assert 2 < max(level) <= 3
    gains = [ratios(replace(NEVER, gain=1), at) for at in (0, -1)]
    assert 0.3 <= np.min(gains) < 0.5
    assert 1.5 < np.max(gains) <= 2
    assert np.ptp(np.log(np.divide(*gains))) > 2  # grows in some, falls in others


def test_the_seed_alone_decides(pair):
    first, again, other = (numpy(varied(*pair, seed=seed)) for seed in (7, 7, 8))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert any((a.shape != b.shape) or (a != b).any() for a, b in zip(first, other, strict=True))
    batches = [pair] * 4
    late = list(varied_batches(batches[2:], seed=3, first_batch=2))
    for one, two in zip(list(varied_batches(batches, seed=3))[2:], late, strict=True):
        np.testing.assert_array_equal(*(ops.convert_to_numpy(part[0]) for part in (one, two)))


def test_a_variation_without_chances_changes_nothing_and_sizes_always_stay(pair):
    np.testing.assert_array_equal(numpy(varied(*pair, seed=0, variation=NEVER)), pair)
    for seed in range(8):
        amplitude, faults = numpy(varied(*pair, seed=seed))
        assert amplitude.shape == faults.shape == SHAPE
        assert np.isfinite(amplitude).all()
        assert set(np.unique(faults)) <= {0, 1}
