"""Numbers that stand for no value, and times that count upwards."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.geometry import Axis
from tfseis.io import read_horizon, read_points


@pytest.fixture
def long(geometry):
    """A cube from 0 to 400 ms."""
    return replace(geometry, samples=Axis("sample", 0, 4, 101))


CODES = ["-1", "-1.00000", "0", "0.0", "9999900.000", "1e30", "1E+31", "3.4028235e38", "-999.25"]
CODES += ["-999", "-9999", "-9999.0", "-99999", "99999", "999999", "1e10", "nan", "****", "-1e30"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("sign", ["", "-"])
def test_codes_are_no_times(file, long, code, sign):
    rows = [f"100 {x} {code if x % 3 == 0 else f'{sign}{240 + x - 300}'}" for x in range(300, 308)]
    horizon = read_horizon(file("a.hor", "\n".join(rows)), long, reach=0)
    assert horizon.undefined == 3
    assert horizon.times[0, [1, 2, 4, 5, 7]].tolist() == [241, 242, 244, 245, 247]
    assert np.isfinite(horizon.times).sum() == 5


@pytest.mark.parametrize(
    "code",
    ["9999.99", "-9999.25", "99999.999", "-999.999", "999.25", "999.9", "999", "9999", "32767"],
)
@pytest.mark.parametrize("unit, factor", [("ms", 1), ("s", 1000)])
def test_codes_among_the_times_of_a_long_cube(file, long, code, unit, factor):
    deep = replace(long, samples=Axis("sample", 0, 4, 10_000))
    rows = [
        f"100 {x} {code if x % 3 == 0 else (2240.5 + x - 300) / factor}" for x in range(300, 308)
    ]
    horizon = read_horizon(file("a.hor", "\n".join(rows)), deep, reach=0)
    assert horizon.undefined == 3
    expected = [2241.5, 2242.5, 2244.5, 2245.5, 2247.5]
    assert horizon.times[0, [1, 2, 4, 5, 7]] == pytest.approx(expected)
    assert f"; {unit}; " in horizon.taken.line()


@pytest.mark.parametrize(
    "times",
    [(990, 999, 999, 1003), (940, 980.5, 999.25, 999.25), (800, 999, 1200), (999, 999, 999)],
)
def test_codes_that_belong_to_the_surface_are_times(file, long, times):
    deep = replace(long, samples=Axis("sample", 0, 4, 1000))
    text = "\n".join(f"100 {300 + k} {time}" for k, time in enumerate(times))
    horizon = read_horizon(file("a.hor", text), deep, reach=0)
    assert horizon.undefined == 0
    assert horizon.times[0, : len(times)].tolist() == list(times)


@pytest.mark.parametrize("times", [(0, 2, 5, 9), (-1, 0, 4, 8), (0, 0, 0, 0), (36, 0, 20, 3)])
def test_times_next_to_0_are_times(file, long, times):
    text = "\n".join(f"100 {300 + k} {time}" for k, time in enumerate(times))
    horizon = read_horizon(file("a.hor", text), long, reach=0)
    assert horizon.undefined == 0
    assert horizon.times[0, :4].tolist() == list(times)


def test_0_in_seconds_is_no_time_either(file, long):
    text = "100 300 0.0\n100 301 0.2415\n100 302 0.25\n"
    horizon = read_horizon(file("a.hor", text), long, reach=0)
    assert horizon.undefined == 1
    assert horizon.times[0, 1:3].tolist() == [241.5, 250]


def test_horizons_outside_the_times_of_a_part_of_a_cube_stay(file, long):
    text = "100 300 -40\n100 301 240\n100 302 900\n"
    horizon = read_horizon(file("a.hor", text), long, reach=0)
    assert (horizon.undefined, horizon.times[0, :3].tolist()) == (0, [-40, 240, 900])


@pytest.mark.parametrize(
    "times, expected",
    [
        ((-240, -316), (240, 316)),
        ((-4, -240), (4, 240)),
        ((-8, -12), (-8, -12)),
        ((8, -4), (8, -4)),
        ((240, 316), (240, 316)),
    ],
)
def test_signs_on_a_cube_that_begins_above_0(file, long, times, expected):
    above = replace(long, samples=Axis("sample", -12, 4, 101))
    text = "\n".join(f"100 {300 + k} {time}" for k, time in enumerate(times))
    assert read_horizon(file("a.hor", text), above).times[0, :2].tolist() == list(expected)
    places = read_points([file("a.pts", text)], above).positions[:, 2]
    assert places.tolist() == [(time + 12) // 4 for time in expected]


@pytest.mark.parametrize("last", [-12, 8, 200])
def test_seconds_on_a_cube_that_begins_above_0(file, long, last):
    above = replace(long, samples=Axis("sample", -100, 4, (last + 100) // 4 + 1))
    values = [-0.1, -0.052, last / 1000]
    text = "\n".join(f"100 {300 + k} {value}" for k, value in enumerate(values))
    assert read_points([file("a.pts", text)], above).positions[:, 2].tolist() == [
        *(0, 12, (last + 100) // 4)
    ]


def test_fractions_of_ms_on_a_cube_that_begins_above_0(file, long):
    above = replace(long, samples=Axis("sample", -100, 1, 144))
    text = "100 300 -56.8\n100 301 -40\n100 302 0.8\n"
    times = read_horizon(file("a.hor", text), above, reach=0).times
    assert times[0, :3].tolist() == [-56.8, -40, 0.8]


def test_signs_that_fit_in_part_are_asked_about(file, long):
    above = replace(long, samples=Axis("sample", -12, 4, 101))
    with pytest.raises(LabelError, match="some fit as they are and some with the other sign"):
        read_points([file("a.pts", "100 300 -8\n100 301 -240\n100 302 -900\n")], above)
