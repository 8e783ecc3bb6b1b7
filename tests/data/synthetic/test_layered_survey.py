from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.picks import pick_points
from tfseis.data.synthetic import LAYERS, TEXTURES, SyntheticSurveySettings, facies_survey

SALT = len(TEXTURES) - 1
QUIET = SyntheticSurveySettings(noise=0.0)


@pytest.fixture(scope="module")
def survey():
    return facies_survey(seed=0)


def test_the_seed_alone_decides_the_survey():
    first, again, other = (facies_survey((7, 8, 9), seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.amplitude, again.amplitude)
    np.testing.assert_array_equal(first.facies, again.facies)
    assert (first.amplitude != other.amplitude).any()


def test_every_cube_has_the_shape_and_type_it_promises():
    survey = facies_survey((7, 8, 9))
    assert survey.geometry.shape == (7, 8, 9)
    assert survey.horizons.shape == (len(LAYERS) - 1, 7, 8)
    cubes = survey.amplitude, survey.facies, survey.faults, survey.horizons
    assert [cube.dtype.name for cube in cubes] == ["float32", "int16", "uint8", "float32"]
    assert {cube.shape for cube in cubes[:3]} == {(7, 8, 9)}
    assert np.isfinite(survey.amplitude).all()


def test_bins_are_25_m_squares():
    geometry = facies_survey((7, 8, 9)).geometry
    corner, next_inline, next_crossline = geometry.to_map([100, 101, 100], [300, 300, 301])
    along_inline, along_crossline = next_crossline - corner, next_inline - corner
    assert np.hypot(*along_inline) == pytest.approx(25)
    assert np.hypot(*along_crossline) == pytest.approx(25)
    assert along_inline @ along_crossline == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_each_class_fills_3_to_35_percent_and_lies_on_the_middle_inline(seed):
    survey = facies_survey(seed=seed)
    parts = np.bincount(survey.facies.ravel(), minlength=len(TEXTURES)) / survey.facies.size
    assert parts.min() > 0.03
    assert parts.max() < 0.35
    assert set(np.unique(survey.facies[32])) == set(range(len(TEXTURES)))


def test_facies_change_at_the_horizons(survey):
    trace = survey.facies[0, 0]  # far from the salt: every layer, from the top down
    layers = trace[np.sort(np.unique(trace, return_index=True)[1])]
    assert sorted(layers) == list(range(len(LAYERS)))
    for number, horizon in enumerate(survey.horizons):
        inline, crossline = np.nonzero(np.isfinite(horizon))
        base = np.ceil(horizon[inline, crossline]).astype(int)
        below = survey.facies[inline, crossline, base]
        above = survey.facies[inline, crossline, base - 1]
        assert (below == layers[number + 1]).mean() > 0.99
        assert (np.isin(above, [layers[number], SALT])).mean() > 0.97  # else a fault cut it out


def test_reflections_at_a_fault_stand_apart_by_its_throw():
    settings = replace(QUIET, fold_strength=0.0, tilt=0.0, faults=(1, 1), throw=(8.0, 8.0))
    settings = replace(settings, salt=(1e-6, 1e-6))
    with_fault = facies_survey((20, 30, 64), settings=settings, seed=1)
    without = facies_survey((20, 30, 64), settings=replace(settings, faults=(0, 0)), seed=1)
    assert with_fault.faults.any()
    assert not without.faults.any()
    jumps = [np.nanmax(np.abs(np.diff(h, axis=1))) for h in with_fault.horizons]
    assert max(jumps) > 3
    assert max(np.nanmax(np.abs(np.diff(h, axis=1))) for h in without.horizons) < 1.5


def test_throw_of_zero_is_no_fault():
    settings = SyntheticSurveySettings(throw=(0.0, 0.0))
    assert not facies_survey((20, 30, 40), settings=settings).faults.any()


def test_the_spectrum_follows_the_wavelet():
    shape, frequency = (16, 24, 128), np.fft.rfftfreq(128, 0.004)
    centres = []
    for peak in (20.0, 35.0):
        amplitude = facies_survey(shape, settings=replace(QUIET, frequency=peak)).amplitude
        spectrum = np.abs(np.fft.rfft(amplitude)).mean(axis=(0, 1))
        centres.append((frequency * spectrum).sum() / spectrum.sum())
    assert 20 < centres[0] < 33
    assert 35 < centres[1] < 50


def test_amplitudes_have_the_level_of_the_settings():
    settings = SyntheticSurveySettings(level=50.0)
    assert facies_survey((9, 10, 31), settings=settings).amplitude.std() == pytest.approx(
        50, rel=1e-3
    )


def test_textures_differ_as_they_are_named(survey):
    loud = [survey.amplitude[survey.facies == k].std() for k in range(len(TEXTURES))]
    assert loud[1] > 2 * loud[0]  # continuous over transparent
    assert loud[1] > 2 * loud[SALT]


def test_copying_the_labelled_section_is_no_solution(survey):
    far = survey.facies[np.abs(np.arange(64) - 32) >= 10]
    copied = np.broadcast_to(survey.facies[32], far.shape)
    assert 0.55 < _mean_iou(far, copied) < 0.8


def _mean_iou(truth, prediction):
    pairs = [(truth == k, prediction == k) for k in range(len(TEXTURES))]
    return np.mean([(a & b).sum() / (a | b).sum() for a, b in pairs])


def test_points_carry_the_class_below_them_in_every_class_and_most_columns(survey):
    indices, classes = pick_points(survey.facies, inline=20, fraction=0.3)
    np.testing.assert_array_equal(classes, survey.facies[tuple(indices.T)])
    assert set(indices[:, 0]) == {20}
    assert set(classes) == set(np.unique(survey.facies[20]))
    assert 0.29 < len(classes) / survey.facies[20].size < 0.36
    assert len(set(indices[:, 1])) > 0.8 * 96
    assert len(np.unique(indices, axis=0)) == len(indices)


def test_points_come_in_patches(survey):
    indices, _ = pick_points(survey.facies, inline=20, fraction=0.3)
    painted = np.zeros(survey.facies.shape[1:], "bool")
    painted[tuple(indices[:, 1:].T)] = True
    neighbour = painted[1:] & painted[:-1]
    assert neighbour.sum() > 0.8 * painted[1:].sum()  # 0.3 if points were scattered


def test_painting_all_gives_the_section(survey):
    indices, classes = pick_points(survey.facies[:7, :8, :9], inline=3, fraction=1.0)
    assert len(indices) == 72
    np.testing.assert_array_equal(classes, survey.facies[3, :8, :9].ravel())


def test_refusals():
    with pytest.raises(ValueError, match=r"at least 5 lines .* got \(4, 8, 9\)\. Choose a larger"):
        facies_survey((4, 8, 9))
    facies = np.zeros((7, 8, 9), "int16")
    with pytest.raises(ValueError, match=r"inline index of 0 to 6 .* got inline=7"):
        pick_points(facies, inline=7)
    with pytest.raises(ValueError, match="fraction above 0"):
        pick_points(facies, inline=3, fraction=0.0)
