from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.synthetic.gather import synthetic_gather
from tfseis.data.synthetic.gather_noise import ground_roll, random_noise
from tfseis.data.synthetic.gather_settings import UNSEEN, SyntheticGatherSettings
from tfseis.errors import GeometryError

# one reflection, nothing that moves or hides it
PLAIN = SyntheticGatherSettings(
    missing=0,
    dead=0,
    reflections=(0, 0),
    decay=(0, 0),
    multiples=0,
    statics=0,
    corrected=0,
    muted=0,
    noise=(60, 60),
    roll=0,
    erratic=0,
    velocity=(2000, 2000),
    gradient=(0, 0),
    avo=(0, 0),
    spacing=(15, 15),
    near=(0, 0),
    peak=(25, 25),
    linear=0,
    mirrored=0,
    intervals=(4.0,),
)


def lone(settings=PLAIN):
    """A gather of one reflection, the first that seeds give early enough."""
    for seed in range(40):
        made = synthetic_gather(400, seed=seed, settings=settings)
        envelope = (made.signal**2).sum(axis=0)
        if envelope[:20].sum() + envelope[250:].sum() < 1e-6 * envelope.sum():
            return made
    raise AssertionError


def test_the_same_seed_gives_the_same_gather_and_another_one_another():
    one, same, other = (synthetic_gather(200, seed=s) for s in (4, 4, 5))
    np.testing.assert_array_equal(one.gather.amplitude, same.gather.amplitude)
    assert one.gather.shape != other.gather.shape
    assert one.gather.amplitude.dtype == one.signal.dtype == "float32"


def test_noise_is_as_strong_as_asked_and_masks_hold_nothing():
    for seed in range(8):
        made = synthetic_gather(300, seed=seed, settings=replace(UNSEEN, noise=(3, 3)))
        noise, live = made.gather.amplitude - made.signal, made.gather.live
        ratio = 10 * np.log10((made.signal**2).sum() / (noise**2).sum())
        assert ratio == pytest.approx(3, abs=0.05)
        assert not made.gather.amplitude[~live].any()
        assert not made.signal[~live].any()
        assert (np.diff(made.gather.offset) > 0).all()


def test_a_reflection_lies_on_its_hyperbola_and_flat_after_correction():
    made = lone()
    peak = np.abs(made.signal).argmax(axis=1) * 0.004
    near, far = 0, len(peak) - 1
    expected = np.sqrt(peak[near] ** 2 + (made.gather.offset[far] / 2000) ** 2)
    assert peak[far] == pytest.approx(expected, abs=0.013)
    flat = lone(replace(PLAIN, corrected=1.0, velocity_error=0.0))
    peaks = np.abs(flat.signal).argmax(axis=1)[flat.gather.live.mean(axis=1) > 0.9]
    assert np.ptp(peaks) <= 3


def test_gathers_shot_the_other_way_run_from_far_to_near():
    one, other = lone(), lone(replace(PLAIN, mirrored=1.0))
    np.testing.assert_array_equal(other.signal[::-1], one.signal)
    np.testing.assert_array_equal(other.gather.offset, -one.gather.offset[::-1])
    np.testing.assert_array_equal(other.gather.live[::-1], one.gather.live)


def test_direct_waves_are_straight():
    settings = replace(PLAIN, linear=1, linear_velocity=(3000, 3000), noise=(80, 80))
    straight = 0
    for seed in range(12):
        made = synthetic_gather(400, seed=seed, settings=settings)
        delay = np.round(np.abs(made.gather.offset) / 3000 / 0.004).astype(int)
        moved = np.stack([np.roll(row, -d) for row, d in zip(made.signal, delay, strict=True)])
        straight += moved[:, :150].mean(axis=0).std() > 0.5 * made.signal[:, :300].std()
    assert 2 <= straight <= 11


def test_amplitude_follows_offset_as_intercept_and_gradient_say():
    made = lone(replace(PLAIN, avo=(-1, -1)))
    height = np.abs(made.signal).max(axis=1)
    start = np.abs(made.signal).argmax(axis=1)[0] * 0.004
    slow = (made.gather.offset / 2000) ** 2
    expected = 1 - slow / (start**2 + slow)
    np.testing.assert_allclose(height / height[0], expected, atol=0.12)


def test_dead_traces_missing_traces_and_mute():
    settings = replace(PLAIN, missing=0.5, dead=0.5, muted=1.0)
    made = [synthetic_gather(300, seed=s, settings=settings).gather for s in range(10)]
    assert any(not g.live.any(axis=1).all() for g in made)
    assert any(np.ptp(np.diff(g.offset)) > 1 for g in made)
    assert any((g.live.any(axis=1) & ~g.live.all(axis=1)).any() for g in made)
    assert len({len(g.offset) for g in made}) > 5


def test_ground_roll_is_slow_and_low():
    rng = np.random.default_rng(0)
    time, offset = np.arange(500) * 0.004, 25.0 * np.arange(1, 40)
    roll = ground_roll(time, offset, (400, 400), (8, 8), rng)
    power = (np.abs(np.fft.rfft(roll)) ** 2).sum(axis=0)
    frequency = np.fft.rfftfreq(500, 0.004)
    assert (power * frequency).sum() / power.sum() < 14
    early = time < 0.5 * offset[:, np.newaxis] / 400
    assert (roll[early] ** 2).sum() < 0.02 * (roll**2).sum()
    assert roll.std() == pytest.approx(1)


def test_random_noise_differs_from_trace_to_trace():
    noise = random_noise((50, 400), np.random.default_rng(1))
    correlation = np.corrcoef(noise)
    assert np.abs(correlation[~np.eye(50, dtype=bool)]).mean() < 0.12
    assert noise.std(axis=1).min() < 0.8
    assert noise.std(axis=1).max() > 1.2


def test_too_small_a_gather_is_refused():
    with pytest.raises(GeometryError, match="at least 4 traces and 32 samples; got 24 and 31"):
        synthetic_gather(31, seed=0)
