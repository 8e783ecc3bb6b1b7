"""Surfaces of faults and throws on them, of planes and slips that are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from tfseis.data.synthetic.faulting import Fault, even_profile, undo_faults
from tfseis.jobs.faults.sheets import sheet, triangles
from tfseis.jobs.faults.shifts import smooth_shifts
from tfseis.jobs.faults.thinning import thin_samples
from tfseis.jobs.faults.throw import read_at, throws

SHAPE = (40, 56, 100)
PLANE = Fault(
    centre=(20.0, 28.0, 50.0),
    strike=1.2,
    slope=0.4,
    flattening=0.0,
    bend=(0.0, 1.0, 0.0),
    throw=8.0,
    lateral=0.0,
    profile=even_profile(),
    reach=1e6,
)


def faulted(fault, dip=(0.0, 0.0), seed=0):
    """Reflections of random beds that a fault displaces, and its surface."""
    places, numbers, _ = undo_faults(SHAPE, [fault])
    beds = ndimage.gaussian_filter1d(np.random.default_rng(seed).normal(size=400), 1.5)
    age = places[2] - dip[0] * places[0] - dip[1] * places[1]
    amplitude = np.interp(age + 100, np.arange(400), beds).astype("float32")
    positions = thin_samples((numbers > 0).astype("float32")).positions
    return np.broadcast_to(amplitude, SHAPE), sheet(positions)


@pytest.mark.parametrize("throw", [8.0, -6.0, 3.0, 15.0])
@pytest.mark.parametrize("dip", [(0.0, 0.0), (0.2, -0.3)])
def test_throws_are_those_of_the_slip(throw, dip):
    amplitude, found = faulted(replace(PLANE, throw=throw), dip)
    (values,) = throws(amplitude, [found])
    assert values.shape == found.heights[::4, ::4].shape
    assert np.isnan(values[np.isnan(found.heights[::4, ::4])]).all()
    assert np.nanmedian(values) == pytest.approx(throw, abs=1)
    assert (np.abs(values[np.isfinite(values)] - throw) < 1.5).mean() > 0.8


def test_blocks_of_inlines_give_the_same_throws(monkeypatch):
    amplitude, found = faulted(PLANE)
    (whole,) = throws(amplitude, [found])
    monkeypatch.setattr("tfseis.jobs.faults.throw.BLOCK_SAMPLES", 1)
    np.testing.assert_allclose(throws(amplitude, [found])[0], whole, atol=1e-4)
    assert throws(amplitude, []) == []


def test_places_between_samples_are_interpolated_and_outside_is_unknown():
    cube = np.arange(3 * 4 * 5, dtype="float32").reshape(3, 4, 5)
    places = np.array([[0.5, 1, 2], [2, 3, 4], [2.1, 0, 0], [np.nan, 0, 0]])
    np.testing.assert_allclose(read_at(cube, places), [17, 59, np.nan, np.nan])


def test_shifts_by_hand():
    one = np.random.default_rng(0).normal(size=(20, 60)).astype("float32")
    one = ndimage.gaussian_filter1d(one, 1.0, axis=1)
    shift, alike = smooth_shifts(one, np.roll(one, 5, axis=1), 9)
    assert shift.shape == (5, 15)
    assert np.abs(shift[:, 3:-3] - 5).max() < 0.3
    assert alike[:, 3:-3].min() > 0.97
    unknown = np.full_like(one, np.nan)
    assert not smooth_shifts(unknown, one, 4)[0].any()


@pytest.mark.parametrize("slope", [0.0, 0.4, 1.2])
def test_a_sheet_lies_on_its_plane(slope):
    _, found = faulted(replace(PLANE, slope=slope))
    across = np.array([np.cos(1.2), np.sin(1.2), -slope]) / np.hypot(1, slope)
    assert np.rad2deg(np.arccos(min(abs(found.normal @ across), 1))) < 1
    assert found.normal[2] <= 0
    assert found.dip[2] >= 0
    places = found.places()[np.isfinite(found.heights)]
    assert np.abs((places - PLANE.centre) @ across).max() < 1


def test_triangles_fill_cells_of_three_or_four_nodes():
    nodes = np.arange(6).reshape(2, 3)
    assert len(triangles(nodes)) == 4
    nodes[1, 2] = -1
    assert len(triangles(nodes)) == 3
    assert len(triangles(np.full((3, 3), -1))) == 0
