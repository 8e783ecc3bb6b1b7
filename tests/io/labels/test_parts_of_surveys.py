"""Labels of a whole survey on a part of it: what lies outside is left out and counted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import LabelError
from tfseis.geometry import Axis
from tfseis.io import open_label_cube, read_horizon, read_labels, read_lines
from tfseis.io.arrays import NUMBERS
from tfseis.io.segy.create import write_segy


@pytest.fixture
def part(geometry):
    """Four inlines, three crosslines and five samples in the middle."""
    return geometry.sliced((slice(2, 6), slice(3, 6), slice(1, 6)))


@pytest.mark.parametrize("kind", ["npz", "sgy"])
def test_label_cubes(tmp_path, geometry, part, kind):
    codes = np.random.default_rng(0).integers(0, 3, geometry.shape).astype("int16")
    codes[3, 4] = 0  # a trace of class 0 alone is no dead one
    path = tmp_path / f"labels.{kind}"
    if kind == "npz":
        numbers = {name: axis.numbers for name, axis in zip(NUMBERS, geometry.axes, strict=True)}
        np.savez(path, labels=codes, **numbers)
    else:
        write_segy(path, codes, geometry, format=3)
    cube = open_label_cube(path, part)
    assert cube.lines(0) == [104, 106, 108, 110]
    lines = [(0, 106), (1, 304), (2, 20)]
    labels = read_lines(cube, lines)
    inside = codes[2:6, 3:6, 1:6]
    found = np.array(labels.legend.codes)[labels.classes]
    assert_array_equal(found, inside[tuple(labels.positions.T)])
    assert len(labels) == 3 * 5 + 4 * 5 + 4 * 3 - (5 + 3 + 4 - 1)
    with pytest.raises(LabelError, match="inline numbers among 200 to 206 step 2; got 100"):
        open_label_cube(path, replace(part, inlines=replace(part.inlines, first=200)))


SQUARE = "{0} 303 16\n{0} 305 16\n{0} 305 24\n{0} 303 24\n\n"


def test_polygons(file, part):
    path = file("a.poly", SQUARE.format(106) + SQUARE.format(100) + SQUARE.format(112))
    labels = read_labels([path], part)
    assert set(labels.positions[:, 0].tolist()) == {1}
    assert labels.notes[0].endswith("left out: 2 around no sample of the cube")
    with pytest.raises(LabelError, match="a polygon around at least one sample of the cube"):
        read_labels([file("b.poly", SQUARE.format(100))], part)


def test_sticks(file, part):
    path = file("a.sticks", "106 304 12 0\n106 304 28 0\n100 300 12 1\n100 300 28 1\n")
    labels = read_labels([path], part)
    assert labels.positions.tolist() == [[1, 1, k] for k in range(4)]
    assert labels.notes[0].endswith("left out: 3 outside the cube")


def test_intervals_between_horizons(file, part):
    traces = [(i, x) for i in range(100, 114, 2) for x in range(300, 308)]
    paths = [
        file(f"{name}.hor", "".join(f"{i} {x} {time}\n" for i, x in traces))
        for name, time in zip("abcd", (17, 18, 26, 34), strict=True)
    ]
    cube = replace(part, samples=Axis("sample", 20, 4, 3))  # 20 to 28 ms
    labels = read_labels(paths, cube, unit="ms")
    assert labels.legend.names == ("b to c", "c to d")
    assert np.bincount(labels.classes).tolist() == [12 * 2, 12]
    assert labels.notes[0].endswith("1 interval outside the cube, a to b")
    with pytest.raises(LabelError, match="a to b: expected samples between the horizons; got none"):
        read_labels(paths[:2], cube, unit="ms")
    thin = replace(part, samples=Axis("sample", 16, 4, 4))
    with pytest.raises(LabelError, match="a to b: expected samples between the horizons; got none"):
        read_labels(paths, thin, unit="ms")  # inside, but thinner than a sample


def test_a_horizon_below_the_cube_bounds_a_class_where_its_unit_is_said(file, part):
    rows = [(i, x) for i in range(100, 114, 2) for x in range(300, 308)]
    top = file("top.hor", "".join(f"{i} {x} 24\n" for i, x in rows))
    base = file("base.hor", "".join(f"{i} {x} 900\n" for i, x in rows))
    with pytest.raises(LabelError, match="and no other inside"):
        read_labels([top, base], part)
    labels = read_labels([top, base], part, unit={"base.hor": "ms"})
    assert set(labels.positions[:, 2].tolist()) == {2, 3, 4}
    titled = file("base.hor", "inline crossline twt_ms\n" + base.read_text())
    assert_array_equal(read_labels([top, titled], part).positions, labels.positions)


def test_seconds_of_a_longer_survey_are_asked_about(file, part):
    short = replace(part, samples=Axis("sample", 0, 4, 50))
    path = file("a.hor", "104 303 0.6\n106 304 0.91\n")
    message = r"a.hor: expected times on a cube of 0 to 196 ms; got 0.6 to 0.91, .*--unit s or"
    with pytest.raises(LabelError, match=message):
        read_horizon(path, short)
    assert read_horizon(path, short, unit="s", reach=0).times[0, 0] == 600
    path = file("b.hor", "104 303 0.06\n106 304 0.091\n")
    assert read_horizon(path, short, reach=0).times[1, 1] == 91
