"""Planes of known dip and azimuth are found again."""

import numpy as np
import pytest

from tfseis.data.synthetic import Plane, SyntheticBoreholeSettings, borehole
from tfseis.errors import ModelError
from tfseis.jobs.boreholes.hole import Hole, hole_of
from tfseis.jobs.boreholes.sinusoids import fit_planes

QUIET = SyntheticBoreholeSettings(lines=0, fractures=0)


def drawn(planes, rows=60, columns=36, thickness=1):
    mask = np.zeros((rows, columns), bool)
    for plane in planes:
        line = np.rint(plane.rows(columns)).astype(int)
        for shift in range(-thickness, thickness + 1):
            inside = (line + shift >= 0) & (line + shift < rows)
            mask[(line + shift)[inside], np.flatnonzero(inside)] = True
    return mask


def angle_error(found, truth):
    return abs((found - truth + 180) % 360 - 180)


def matched(found, truth):
    """Pairs of a true plane and the fitted one nearest in depth."""
    return [(plane, min(found, key=lambda f: abs(f.row - plane.row))) for plane in truth]


def assert_close(found, truth):
    assert len(found) == len(truth)
    for plane, fit in matched(found, truth):
        assert abs(fit.dip - plane.dip) < 3
        assert plane.dip < 8 or angle_error(fit.azimuth, plane.azimuth) < 15
        assert abs(fit.row - plane.row) < 1


@pytest.mark.parametrize("dip", [0, 10, 30, 50, 65])
@pytest.mark.parametrize("azimuth", [0, 100, 275])
def test_one_plane(dip, azimuth):
    truth = [Plane(28.3, dip, azimuth)]
    assert_close(fit_planes(drawn(truth)), truth)


def test_several_planes_among_noise_and_a_line_along_the_hole():
    truth = [Plane(15, 40, 30), Plane(28, 20, 200), Plane(44, 55, 310)]
    mask = drawn(truth)
    mask |= np.random.default_rng(1).random(mask.shape) < 0.02
    mask[:, [0, 35]] = True
    assert_close(fit_planes(mask), truth)


def test_broken_planes_and_one_that_leaves_the_image():
    mask = drawn([Plane(6, 60, 90)])
    mask[:, 7:12] = False
    (fit,) = fit_planes(mask)
    assert abs(fit.dip - 60) < 3
    assert angle_error(fit.azimuth, 90) < 15
    assert fit.coverage < 1


@pytest.mark.parametrize("seed", range(8))
def test_marks_of_the_generator(seed):
    settings = SyntheticBoreholeSettings(lines=0.2, fractures=0.5)
    image = borehole(90, seed=seed, settings=settings)
    inside = [p for p in image.fractures if p.rows().min() > 2 and p.rows().max() < 87]
    apart = [p for p in inside if all(q is p or abs(q.row - p.row) > 4 for q in image.fractures)]
    for plane, fit in matched(fit_planes(image.mask, most=8), apart):
        assert abs(fit.dip - plane.dip) < 3
        assert angle_error(fit.azimuth, plane.azimuth) < 15


@pytest.mark.parametrize("mask", ["nothing", "lines along the hole", "a spot", "noise"])
def test_no_plane_where_there_is_none(mask):
    image = np.zeros((40, 36), bool)
    if mask == "lines along the hole":
        image[:, [0, 1, 17, 18, 35]] = True
    if mask == "a spot":
        image[10:14, 5:9] = True
    if mask == "noise":
        image |= np.random.default_rng(0).random(image.shape) < 0.03
    assert fit_planes(image) == []


def test_rolled_in_is_rolled_out():
    mask = drawn([Plane(30, 45, 120)])
    (fit,), (rolled,) = fit_planes(mask), fit_planes(np.roll(mask, 9, axis=1))
    assert angle_error(rolled.azimuth, fit.azimuth + 90) < 1
    assert abs(rolled.dip - fit.dip) < 0.5


def test_not_an_image():
    with pytest.raises(ModelError, match=r"\(rows, columns\); got shape \(2, 3, 4\)"):
        fit_planes(np.zeros((2, 3, 4)))


TOOLS = [(192, 2.54, 216.0), (360, 2.5, 96.0), (180, 10.0, 216.0), (120, 0.5, 150.0)]


@pytest.mark.parametrize("columns, row_height, diameter", TOOLS)
@pytest.mark.parametrize("dip", [20, 45, 65])
def test_dips_follow_from_the_size_of_the_samples(columns, row_height, diameter, dip):
    amplitude = diameter / 2 * np.tan(np.radians(dip)) / row_height
    angle = 2 * np.pi * np.arange(columns + 1) / columns - np.radians(90)
    rows = int(2 * amplitude) + 40
    line = rows / 2 + amplitude * np.cos(angle)
    mask = np.zeros((rows, columns), bool)
    for column in range(columns):
        first, last = sorted(np.rint(line[column : column + 2]).astype(int))
        mask[first : last + 1, column] = True
    (fit,) = fit_planes(mask, hole=Hole(diameter=diameter, row_height=row_height))
    assert abs(fit.dip - dip) < 1.5
    assert angle_error(fit.azimuth, 90) < 3


def test_a_hole_needs_both_sizes_above_zero():
    assert hole_of(None, None) is None
    assert hole_of(200, 3).height(100) == pytest.approx(3 / (2 * np.pi))
    with pytest.raises(ModelError, match=r"got 200 and None\. Give --hole-diameter and --row-heig"):
        hole_of(200, None)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ModelError, match="above 0 mm"):
            hole_of(wrong, 2)
