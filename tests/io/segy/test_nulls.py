"""Stand-ins for no value in samples are read as dead; numbers that are measured stay."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.data.scaling import survey_scaling
from tfseis.geometry import Axis
from tfseis.io import ArrayCube, create_result, open_gathers
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.nulls import limit_of, nulls_among

SHAPE = (7, 8, 60)
ZONE = np.s_[2:4, 3:, 10:]  # 500 samples of two inlines


@pytest.fixture
def long(geometry):
    return replace(geometry, samples=Axis("sample", 12, 4, SHAPE[2]))


def seismic(scale=100.0, centre=0.0, seed=0):
    return (centre + scale * np.random.default_rng(seed).normal(size=SHAPE)).astype("float32")


def written(path, values, geometry, **options):
    write_segy(path, values, geometry, **options)
    return path


@pytest.mark.parametrize("code", [1, 5, 6])
@pytest.mark.parametrize(
    "null", [1e30, -1e30, 1e35, 3.4e38, 1e10, 1e20, -999.25, -999, -9999, 9999, 99999, -9999.25]
)
def test_a_stand_in_reads_as_zero_and_dead_everywhere(tmp_path, long, code, null):
    values = seismic()
    values[ZONE] = null
    path = written(tmp_path / "cube.sgy", values, long, format=code)
    with pytest.warns(UserWarning, match=r"500 of 3360 samples .* stands for no value \(.*\)"):
        cube = open_segy(path)
    expected, real = values.copy(), np.ones(SHAPE, bool)
    expected[ZONE], real[ZONE] = 0, False
    read, live = cube.read(np.s_[...])
    assert_allclose(read, expected, rtol=1e-6)
    assert_array_equal(live, real)
    assert cube.nonfinite == 500
    for key in (
        np.s_[2],
        np.s_[:, 4],
        np.s_[..., 20],
        np.s_[3:1:-1, ::2, 50:5:-3],
        np.s_[3, 4, 20],
    ):
        assert_allclose(cube[key], expected[key], rtol=1e-6)
        assert_array_equal(cube.read(key)[1], real[key])
    assert survey_scaling(cube).spread == pytest.approx(
        survey_scaling(ArrayCube(np.where(real, values, np.nan), long)).spread, rel=1e-3
    )


@pytest.mark.parametrize("code", [2, 3])
@pytest.mark.parametrize("null", [-9999, -32768, -999])
def test_stand_ins_in_whole_numbers(tmp_path, long, code, null):
    values = np.rint(seismic())
    values[ZONE] = null
    with pytest.warns(UserWarning, match="stands for no value"):
        cube = open_segy(written(tmp_path / "cube.sgy", values, long, format=code))
    assert not cube.read(np.s_[...])[1][ZONE].any()


def test_two_stand_ins_and_nan_together(tmp_path, long):
    values = seismic()
    values[:2, :, :5], values[ZONE], values[6, 6, 6] = 1e30, -999.25, np.nan
    with pytest.warns(UserWarning, match=r"580 of 3360 samples .* \(-999.25, 1.0\d*e\+30\)"):
        cube = open_segy(written(tmp_path / "cube.sgy", values, long))
    live = cube.read(np.s_[...])[1]
    assert (~live).sum() == 581 == cube.nonfinite
    assert not cube[:2, :, :5].any()


def test_a_few_absurd_samples_need_no_warning(tmp_path, long, monkeypatch):
    """They lie in traces that are not looked at when the file is opened."""
    monkeypatch.setattr("tfseis.io.segy.samples.CHECKED_TRACES", 3)
    values = seismic()
    values[1, 1, 1:4] = 1e30
    cube = open_segy(written(tmp_path / "cube.sgy", values, long))
    assert_array_equal(cube.read(np.s_[1, 1])[1], values[1, 1] < 1e29)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(seismic(1e30), id="data of 1e30"),
        pytest.param(seismic(1e20), id="data of 1e20"),
        pytest.param(seismic(1e-30), id="data of 1e-30"),
        pytest.param(seismic(3e6), id="amplitudes of millions"),
        pytest.param(np.clip(seismic(8000), -9999, 9999), id="clipped at 9999"),
        pytest.param(np.rint(seismic(2000, 9999)), id="impedance around 9999"),
        pytest.param(np.rint(seismic(500)), id="whole numbers through -999"),
        pytest.param(np.where(seismic() > 0, 9999, 2500), id="two velocities"),
        pytest.param(np.where(seismic() > 0, 1, 0), id="mask"),
        pytest.param(seismic() * (seismic(1, 0, 1) > 1), id="muted"),
        pytest.param(np.repeat(np.linspace(1500, 5999, 10), 336).reshape(SHAPE), id="layers"),
        pytest.param(np.full(SHAPE, 9999.0), id="constant"),
        pytest.param(np.where(seismic() > 0, 999, np.clip(seismic(), 0, 1) * 5e3), id="low layer"),
        pytest.param(np.where(seismic(1) > 2, 1.0, seismic(1e-9)), id="spikes over rounding noise"),
        pytest.param(np.where(seismic(1) > 2.9, 1e10, seismic(3e9)), id="large and repeated"),
    ],
)
def test_measured_numbers_stay(tmp_path, long, values):
    cube = open_segy(written(tmp_path / "cube.sgy", values, long))
    assert_array_equal(cube[...], values.astype("float32"))
    assert cube.nonfinite == 0


def test_velocities_and_a_label_cube_with_stand_ins():
    velocity = np.abs(seismic(500, 3000)) + 1500
    velocity[0] = 0  # water, or dead traces
    velocity[ZONE] = -999.25
    assert nulls_among(velocity) == (-999.25,)
    labels = np.random.default_rng(0).integers(0, 6, SHAPE).astype("float32")
    labels[ZONE] = -999
    assert nulls_among(labels) == (-999.0,)
    assert nulls_among(np.where(labels < 0, 255, labels)) == ()  # a class until somebody says not


def test_noise_has_no_stand_ins():
    noise = np.random.default_rng(0).integers(0, 2**32, 9999, "u4").view("f4")
    assert limit_of(noise) == np.inf
    assert nulls_among(noise) == ()


def test_the_doctor_counts_them_apart_from_amplitudes(tmp_path, long):
    values = seismic()
    values[1], values[ZONE] = 1e30, 1e30
    found = diagnose(written(tmp_path / "cube.sgy", values, long))
    amplitudes = found.facts["amplitudes"]
    assert amplitudes["highest"] == values[values < 1e29].max()
    assert (amplitudes["nulls"], amplitudes["dead"]) == (980, 8)
    assert "No value: 1.000000015e+30 in 980 samples looked at" in describe(found)


def test_a_second_opening_knows_them_without_looking(tmp_path, long, monkeypatch):
    values = seismic()
    values[ZONE] = -999.25
    path = written(tmp_path / "cube.sgy", values, long)
    with pytest.warns(UserWarning, match="stands for no value"):
        first = open_segy(path)
    monkeypatch.setattr("tfseis.io.segy.cube.with_nulls", lambda *a: pytest.fail("looked again"))
    second = open_segy(path)
    assert second.layout == first.layout
    assert_array_equal(second.read(np.s_[...])[1], first.read(np.s_[...])[1])


def test_a_result_has_none(tmp_path, long):
    values = seismic()
    values[ZONE] = -999.25
    with pytest.warns(UserWarning, match="stands for no value"):
        cube = open_segy(written(tmp_path / "cube.sgy", values, long))
    with create_result(tmp_path / "out.sgy", cube, kind="classes") as writer:
        writer.write(np.full(SHAPE, -999, "int16"), inline=0, crossline=0)
    assert (writer.cube()[...] == -999).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (open_segy(tmp_path / "out.sgy")[...] == -999).all()


def test_gathers_read_them_as_dead(tmp_path, long):
    values = seismic()
    values[ZONE] = 1e30
    path = written(tmp_path / "cube.sgy", values, long)
    with pytest.warns(UserWarning, match="stands for no value"):
        gathers = open_gathers(path, by="cmp")
    amplitude = np.concatenate([gathers.read(n).amplitude for n in range(len(gathers))])
    assert np.abs(amplitude).max() < 1000


@pytest.mark.parametrize("null", [-999.25, -999, 999, -9999, 9999])
@pytest.mark.parametrize("code", [1, 5])
def test_a_usual_stand_in_among_larger_samples(tmp_path, long, null, code):
    values = seismic(scale=20_000.0)
    values[ZONE] = null
    path = written(tmp_path / "cube.sgy", values, long, format=code)
    with pytest.warns(UserWarning, match=r"500 of 3360 samples .* stands for no value"):
        cube = open_segy(path)
    values[ZONE] = 0
    assert_allclose(cube[...], values, rtol=1e-6)


def test_numbers_that_repeat_among_others_are_measured():
    rng = np.random.default_rng(0)
    whole = np.rint(rng.normal(scale=3000, size=20_000))
    classes = rng.choice([-5000.0, -999.0, 0.0, 999.0, 9999.0, 20_000.0], 20_000)
    constant = np.where(rng.random(20_000) < 0.3, 1500.0, rng.normal(scale=3000, size=20_000))
    clipped = np.clip(rng.normal(scale=9000, size=20_000), -9999, 9999)
    for values in (whole, classes, constant, clipped, np.clip(clipped, -999, 9999)):
        assert nulls_among(values) == ()
