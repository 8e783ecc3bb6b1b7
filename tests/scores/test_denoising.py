"""Scores of denoised gathers, filters to compare with, and losses."""

import numpy as np
import pytest
from keras import ops

from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.io import gather_of
from tfseis.learning.losses.denoising import GATHER_LOSSES, leakage_penalty
from tfseis.scores.denoising import (
    chance_leakage,
    gather_score,
    local_correlation,
    orthogonalised,
    score_table,
    signal_leakage,
    snr_gain,
)
from tfseis.scores.filters import (
    BASELINES,
    baseline_scores,
    best_settings,
    filled,
    fx_deconvolution,
    median_filter,
    middling,
    settings_of,
)


@pytest.fixture(scope="module")
def dipping():
    """A dipping wave of 20 Hz in 31 traces, without noise, and white noise."""
    time, trace = np.arange(200) * 0.004, np.arange(31)[:, np.newaxis]
    wave = np.cos(2 * np.pi * 20 * (time - 0.003 * trace)).astype("float32")
    noise = np.random.default_rng(0).normal(size=wave.shape).astype("float32")
    return wave, noise


def test_what_is_like_the_kept_part_leaks_and_noise_does_not(dipping):
    wave, noise = dipping
    gather = gather_of(wave + noise)
    assert signal_leakage(0.3 * wave, wave, gather) == pytest.approx(1)
    assert signal_leakage(-1e-6 * wave, wave, gather) == pytest.approx(1)
    assert signal_leakage(noise, wave, gather) < 0.12
    mixed = signal_leakage(noise + wave, wave, gather)
    assert mixed == pytest.approx(np.sqrt(1 / 3), abs=0.06)  # energies 1 and 1/2
    assert chance_leakage(noise, wave, gather) < 0.12
    assert signal_leakage(0 * wave, wave, gather) == 0


def test_leakage_is_found_where_it_is(dipping):
    wave, noise = dipping
    removed = noise.copy()
    removed[:, 100:] += 3 * wave[:, 100:]
    correlation, levels = local_correlation(removed, wave, gather_of(wave + removed))
    assert np.abs(correlation[:, 140:]).mean() > 0.8
    assert np.abs(correlation[:, :60]).mean() < 0.15
    assert levels.min() >= 0


def test_gain_by_hand_and_by_offset():
    signal = np.ones((6, 50))
    noise = np.ones((6, 50))
    kept = signal.copy()
    kept[:2] += 1  # near: nothing gained
    kept[2:4] += 0.1  # middle: 20 dB
    kept[4:] -= 0.01  # far: 40 dB
    order = np.array([4, 0, 2, 5, 1, 3])
    gather = gather_of((signal + noise)[order], offset=np.arange(6)[order])
    score = gather_score(gather, kept[order], signal[order])
    assert score.bands == pytest.approx((0, 20, 40), abs=1e-3)
    assert score.gain == pytest.approx(10 * np.log10(6 / (2 + 0.02 + 0.0002)), abs=1e-3)
    assert snr_gain(gather, gather.amplitude, signal[order]) == 0
    table = score_table([score, score])
    assert table["gain dB"] == pytest.approx(score.gain)
    assert "gain dB" not in score_table([gather_score(gather, kept[order])])


def test_leakage_is_not_known_where_removed_and_kept_lie_apart(dipping):
    """A mute of the first 20 samples, rotated, lies where the last samples are silent."""
    wave, noise = dipping
    kept, removed = wave.copy(), np.zeros_like(wave)
    kept[:, 90:] = 0
    removed[:, :20] = noise[:, :20]
    gather = gather_of(kept + removed)
    assert np.isnan(chance_leakage(removed, kept, gather))
    assert 0 < signal_leakage(removed, kept, gather) < 0.5
    score = gather_score(gather, kept)
    other = gather_score(gather_of(wave + noise), wave)
    assert score_table([score, other])["chance leakage"] == other.chance
    nothing, everything = gather_score(gather, gather.amplitude), gather_score(gather, 0 * kept)
    assert (nothing.leakage, everything.removed) == (0, 1)
    assert np.isnan([nothing.chance, everything.leakage, everything.chance]).all()


def test_thirds_without_traces_or_noise_do_not_count():
    """Two live traces of six: one near, one middle, none far; the near one holds no noise."""
    signal = np.ones((6, 50))
    noisy = signal.copy()
    noisy[4] += 1
    noisy[[0, 1, 2, 5]] = 0
    kept = np.where(noisy == 2, 1.1, noisy)
    score = gather_score(gather_of(noisy, offset=np.arange(6)), kept, signal)
    assert score.bands == pytest.approx((np.nan, 20, np.nan), abs=1e-3, nan_ok=True)
    assert score.gain == pytest.approx(20, abs=1e-3)
    full = gather_score(gather_of(signal + 1, offset=np.arange(6)), signal + 0.1, signal)
    table = score_table([score, full])
    assert [table[f"gain {band} dB"] for band in ("near", "middle", "far")] == pytest.approx(
        [20] * 3
    )
    silent = gather_score(gather_of(signal), kept, signal)
    assert np.isnan(silent.gain)
    assert not any("gain" in name for name in score_table([silent]))


def test_orthogonalisation_gives_back_what_was_taken_of_the_signal(dipping):
    wave, noise = dipping
    gather = gather_of(wave + 0.3 * noise)
    back = orthogonalised(0.6 * wave, gather)
    assert snr_gain(gather, 0.6 * wave, wave) < 1
    assert snr_gain(gather, back, wave) > 8
    assert signal_leakage(gather.amplitude - back, back, gather) < 0.15
    np.testing.assert_allclose(orthogonalised(wave, gather_of(wave)), wave, atol=1e-5)


def test_dead_samples_do_not_count(dipping):
    wave, noise = dipping
    values = wave + noise
    values[3] = 0
    gather = gather_of(values)
    kept = wave.copy()
    kept[3] = 99
    expected = np.square(noise[np.arange(31) != 3]).sum()
    assert snr_gain(gather, kept, wave) > 100
    one = snr_gain(gather, wave + 1, wave)
    assert one == pytest.approx(10 * np.log10(expected / (30 * 200)), abs=1e-3)
    other = signal_leakage(values - kept, kept, gather)
    kept[3] = 0
    assert other == signal_leakage(values - kept, kept, gather)


def test_fx_deconvolution_keeps_a_dipping_wave_and_takes_noise(dipping):
    wave, noise = dipping
    kept = fx_deconvolution(gather_of(wave), 0, 5, 1e-3)
    np.testing.assert_allclose(kept, wave, atol=0.02)
    gather = gather_of(wave + noise)
    assert snr_gain(gather, fx_deconvolution(gather, 0, 5, 0.03), wave) > 2
    few = gather_of(noise[:2])
    np.testing.assert_allclose(fx_deconvolution(few, 0, 5, 0.03), noise[:2], atol=1e-5)


def test_median_takes_spikes(dipping):
    flat = np.broadcast_to(dipping[0][:1], (31, 200)).copy()
    spiked = flat.copy()
    spiked[4, 30] = 90
    np.testing.assert_array_equal(median_filter(gather_of(spiked), 0, 3, 1), flat)


def test_low_cut_takes_ground_roll(dipping):
    wave, _ = dipping
    roll = 3 * np.cos(2 * np.pi * 4 * np.arange(200) * 0.004)
    gather = gather_of(wave + roll.astype("float32"))
    for baseline, values in (("median", (12, 1, 1)), ("f-x deconvolution", (12, 5, 1e-3))):
        kept = BASELINES[baseline].apply(gather, *values)
        assert snr_gain(gather, kept, wave) > 10


def test_dead_traces_are_filled_for_a_filter_and_stay_dead(dipping):
    values = dipping[0].copy()
    values[7], values[:, :20] = 0, 0
    gather = gather_of(values)
    whole = filled(gather)
    assert whole[7, 50] in {values[6, 50], values[8, 50]}
    for baseline in BASELINES.values():
        assert not middling(baseline)(gather)[~gather.live].any()


def test_filters_are_tuned_for_gain_within_a_leakage():
    made = synthetic_gather(
        150, seed=1, settings=SyntheticGatherSettings(traces=(12, 16), noise=(0, 0), roll=0)
    )
    pairs, median = [(made.gather, made.signal)], BASELINES["median"]

    def scored(settings):
        kept = median.apply(made.gather, *settings.values())
        return gather_score(made.gather, kept, made.signal)

    tried = [(some, baseline_scores(median, some, pairs)) for some in settings_of(median)]
    best = best_settings(tried)
    assert scored(best).gain == max(scored(s).gain for s in settings_of(median))
    leakages = sorted(scored(s).leakage for s in settings_of(median))
    allowed = best_settings(tried, leakage=leakages[3])
    assert scored(allowed).leakage <= leakages[3]
    assert best_settings(tried, leakage=0.0) is None


@pytest.mark.parametrize("name", GATHER_LOSSES)
def test_losses_are_least_at_the_truth_and_blind_where_nothing_counts(name, dipping):
    wave, noise = dipping
    weight = (np.arange(31) % 3 > 0)[:, np.newaxis] * np.ones(200)
    targets = np.stack([wave, weight, wave + noise], -1)[np.newaxis].astype("float32")
    output = wave[np.newaxis, ..., np.newaxis]
    loss = GATHER_LOSSES[name]
    least = float(loss(targets, ops.convert_to_tensor(output)))
    assert least < 0.01
    worse = float(loss(targets, ops.convert_to_tensor(output + 0.5)))
    assert worse > least + 0.05
    if name != "orthogonal":
        elsewhere = output + 9 * (weight[np.newaxis, ..., np.newaxis] == 0)
        same = float(loss(targets, ops.convert_to_tensor(elsewhere.astype("float32"))))
        assert same == pytest.approx(least, abs=1e-6)


def test_the_penalty_grows_with_what_leaks(dipping):
    wave, noise = dipping
    targets = np.stack([wave, np.ones_like(wave), wave + noise], -1)[np.newaxis]
    parts = [
        float(leakage_penalty(targets, ops.convert_to_tensor(part * wave[np.newaxis, ..., None])))
        for part in (1, 0.7, 0.3)
    ]
    assert parts[0] < 0.02 < parts[1] < parts[2]
