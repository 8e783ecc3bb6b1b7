import numpy as np
import pytest

from tfseis.data import scaling
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import FormatError
from tfseis.inference.block_tensors import block_statistics
from tfseis.io import ArrayCube, open_segy, write_segy


@pytest.fixture
def cube(tmp_path, geometry):
    def made(amplitude, **options):
        path = tmp_path / "cube.sgy"
        write_segy(path, amplitude, geometry, overwrite=True, **options)
        return open_segy(path)

    return made


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(3.0, 2.0, (7, 8, 9)).astype("float32")


def test_numbers_by_hand(cube):
    """0 .. 503 in any order: median 251.5, 5 % at 25.15, 95 % at 477.85."""
    values = np.random.default_rng(0).permutation(504).reshape(7, 8, 9)
    found = survey_scaling(cube(values.astype("float32")))
    assert found.centre == pytest.approx(251.5)
    assert found.spread == pytest.approx(452.7 / 3.2897, rel=1e-5)


def test_the_spread_of_a_normal_distribution_is_its_deviation(monkeypatch, geometry):
    class Large:
        shape = (50, 60, 70)

        def read(self, key):
            count = len(range(*key[0].indices(50)))
            values = np.random.default_rng(key[0].start).normal(5, 3, (count, 60, 70))
            return values.astype("float32"), np.ones(values.shape, bool)

    found = survey_scaling(Large())
    assert found.centre == pytest.approx(5, abs=0.05)
    assert found.spread == pytest.approx(3, rel=0.02)
    monkeypatch.setattr(scaling, "MOST_SAMPLES", 5_000)  # thinned out
    assert survey_scaling(Large()).spread == pytest.approx(3, rel=0.1)


def test_spikes_holes_and_dead_traces_do_not_count(cube, noise, ragged):
    expected = survey_scaling(cube(noise, live=ragged))
    samples = noise[ragged]
    low, centre, high = np.quantile(samples, [0.05, 0.5, 0.95])
    assert expected.centre == pytest.approx(centre, rel=1e-6)
    assert expected.spread == pytest.approx((high - low) / 3.2897, rel=1e-6)
    bad = noise.copy()
    bad[~ragged] = 0  # dead instead of missing
    assert survey_scaling(cube(bad)) == expected
    bad[3, 3, 2:4] = np.nan, np.inf
    mended = survey_scaling(cube(bad))
    assert mended.centre == pytest.approx(expected.centre, abs=0.05)
    assert mended.spread == pytest.approx(expected.spread, rel=0.02)
    bad[3, 3, 2:4] = 1e30
    with pytest.warns(UserWarning, match="stands for no value"):
        assert survey_scaling(cube(bad)) == mended
    bad[3, 3, 2:4] = 1e9  # a spike is a number
    assert survey_scaling(cube(bad)).spread == pytest.approx(expected.spread, rel=0.1)


def test_a_muted_zone_that_leaves_nothing_else_between_the_quantiles_does_not_count():
    class Muted:
        shape = (4, 10, 100)

        def read(self, key):
            values = np.zeros((1, 10, 100), "float32")
            values[..., :4] = np.random.default_rng(1).permutation(40).reshape(1, 10, 4) - 60
            return values, np.ones(values.shape, bool)

    found = survey_scaling(Muted())
    assert found.centre == pytest.approx(-40.5)
    assert found.spread == pytest.approx(0.9 * 39 / 3.2897, rel=1e-5)


@pytest.mark.parametrize("value", [0.0, 4.0])
def test_amplitudes_that_do_not_vary_are_refused(cube, value):
    with pytest.raises(
        FormatError, match=r"\.sgy: expected amplitudes that vary; found .* in 7 .*Choose a file"
    ):
        survey_scaling(cube(np.full((7, 8, 9), value, "float32")))


def test_applied_by_hand():
    amplitude = np.array([1, 5, -1e9, 1e9, np.nan, np.inf, 7], "float32")
    live = np.array([True, True, True, True, False, False, False])
    scaled = Scaling(1.0, 2.0).apply(amplitude, live)
    assert scaled.tolist() == [0, 2, -10, 10, 0, 0, 0]
    assert scaled.dtype == np.float32


def test_a_scaling_survives_a_model_file():
    assert Scaling(**Scaling(1.5, 2.5).as_dict()) == Scaling(1.5, 2.5)
    assert str(Scaling(1.5, 2.5)) == "centre 1.5, spread 2.5"


@pytest.mark.parametrize("share", [0, 0.2, 0.3, 0.5, 0.7, 0.85, 0.9, 0.95])
def test_mutes_do_not_change_the_spread(share):
    """Exact zeros inside live traces; noise has none."""
    rng = np.random.default_rng(3)
    samples = rng.normal(5, 100, 200_000)
    samples[: int(share * len(samples))] = 0
    found = scaling.samples_scaling(rng.permutation(samples))
    assert found.spread == pytest.approx(100, rel=0.16 if share < 0.34 else 0.02)


@pytest.mark.parametrize("dead, spikes", [(0.0, 0.08), (0.5, 0.04), (0.9, 0.01), (0.97, 0.005)])
def test_spikes_in_dead_traces_do_not_make_the_spread(dead, spikes):
    """Of a few live samples they are more than 5 %; a block in TensorFlow is scaled alike."""
    rng = np.random.default_rng(5)
    amplitude = rng.normal(7, 100, (40, 50, 60)).astype("float32")
    amplitude[rng.random(amplitude.shape[:2]) < dead] = 0
    amplitude[rng.random(amplitude.shape) < spikes] = 1e9
    samples = amplitude[amplitude.any(axis=2)]
    found = scaling.samples_scaling(samples)
    assert found.spread == pytest.approx(100, rel=0.25)
    assert found.centre == pytest.approx(7, abs=30)
    centre, spread = block_statistics(amplitude)
    assert (float(centre), float(spread)) == pytest.approx((found.centre, found.spread), rel=1e-4)


def test_few_zeros_stay_among_the_samples():
    samples = np.random.default_rng(0).permutation(np.r_[np.zeros(300), np.arange(1, 701.0)])
    low, centre, high = np.quantile(samples, [0.05, 0.5, 0.95])
    assert scaling.samples_scaling(samples) == Scaling(centre, (high - low) / 3.2897)


@pytest.mark.parametrize("live_line", [0, 1, 57, 99])
@pytest.mark.parametrize("dead", ["missing", "zero"])
def test_a_survey_whose_evenly_spaced_inlines_are_empty_is_scaled(live_line, dead):
    values = np.zeros((100, 6, 7), "float32")
    values[live_line] = np.random.default_rng(1).normal(3, 2, (6, 7))
    live = np.ones((100, 6), bool)
    if dead == "missing":
        live[:] = False
        live[live_line] = True
    found = survey_scaling(ArrayCube(values, live=live))
    low, centre, high = np.quantile(values[live_line], [0.05, 0.5, 0.95])
    assert found.centre == pytest.approx(centre)
    assert found.spread == pytest.approx((high - low) / 3.2897, rel=1e-6)
