"""Thinning, connecting and sticks, on faults whose place is known."""

import sys

import numpy as np
import pytest
from scipy import ndimage

from tfseis.geometry import Axis, Geometry
from tfseis.io.labels.sticks import read_sticks, write_sticks
from tfseis.jobs.faults.sticks import fault_sticks
from tfseis.jobs.faults.surfaces import connected, fault_surfaces
from tfseis.jobs.faults.thinning import CUT, meetings, thinned

SHAPE = (40, 50, 60)


@pytest.fixture(scope="module")
def probability():
    """Two dipping faults three samples wide, one along inlines and one along crosslines; dust."""
    inline, crossline, sample = np.indices(SHAPE)
    cube = np.full(SHAPE, 0.1, "float32")
    along = np.abs(crossline - (5 + sample / 3)) <= 1  # strikes along the inline axis
    cube[along] = 0.9
    across = (np.abs(inline - (35 - sample / 4)) <= 1) & (crossline > 30) & (sample < 48)
    cube[across] = 0.7
    cube[2, 45, 10:13] = 0.95
    return cube


@pytest.fixture(scope="module")
def surfaces(probability):
    return fault_surfaces(probability, smallest=50)


@pytest.fixture
def geometry():
    affine = np.array([[10.0, -7.5, 450_000.0], [7.5, 10.0, 6_780_000.0]])
    return Geometry(
        Axis("inline", 100, 2, 40), Axis("crossline", 300, 1, 50), Axis("sample", 12, 4, 60), affine
    )


def test_faults_are_thin_numbered_by_size_and_dust_is_left_out(surfaces, probability):
    assert len(surfaces) == 2
    (large, sure), (small, less) = surfaces.faults()
    assert len(large) > len(small) > 800
    assert np.allclose(sure, 0.9)
    assert np.allclose(less, 0.7)
    assert np.abs(large[:, 1] - (5 + large[:, 2] / 3)).max() <= 1
    assert np.abs(small[:, 0] - (35 - small[:, 2] / 4)).max() <= 1
    assert len(large) <= 1.1 * 40 * 60  # about one sample a trace and time slice
    assert len(fault_surfaces(probability)) == 3
    assert len(fault_surfaces(probability, threshold=0.8, smallest=50)) == 1


def test_a_thinned_mask_lies_in_the_mask_and_keeps_its_parts():
    mask = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=SHAPE), 3) > 0.03
    thin = thinned(mask)
    assert 0 < thin.sum() < mask.sum() / 2
    assert not (thin & ~mask).any()
    eight = np.ones((3, 3))
    for sample in range(0, 60, 7):
        parts, _ = ndimage.label(mask[..., sample], eight)
        rim = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
        inner = set(np.unique(parts)) - set(rim) - {0}
        kept = np.unique(parts[thin[..., sample]])
        assert inner <= set(kept)  # specks at the rim go on outside
        assert ndimage.label(thin[..., sample], eight)[1] == len(kept)


def test_blocks_are_joined(probability, surfaces, monkeypatch):
    module = sys.modules["tfseis.jobs.faults.thinning"]
    monkeypatch.setattr(module, "MARGIN", 8)
    monkeypatch.setattr(module, "BLOCK_SAMPLES", 1)
    again = fault_surfaces(probability, smallest=50)
    assert len(again) == 2
    for mine, other in zip(again.inlines(), surfaces.inlines(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_crossing_faults_are_cut_and_keep_their_samples():
    inline, crossline, sample = np.indices(SHAPE)
    cross = (np.abs(crossline - 25 - sample / 20) <= 1) | (np.abs(inline - 20 + sample / 15) <= 1)
    found = fault_surfaces(cross.astype("float32"), smallest=100)
    assert len(found) == 4
    assert len(found.positions) == thinned(cross).sum()
    for positions, _ in found.faults():
        level = positions[positions[:, 2] == 30]
        assert min(np.ptp(level[:, 0]), np.ptp(level[:, 1])) <= CUT + 1  # along one of the two
    spur = np.abs(crossline - 25) <= 1
    spur[20, 25:32, 30:33] = True  # a short one does not cut
    assert len(fault_surfaces(spur.astype("float32"), smallest=20)) == 1


def test_sections_hold_the_numbers(surfaces):
    cube = np.stack(list(surfaces.inlines()))
    assert cube.shape == SHAPE
    assert cube.dtype == "int16"
    assert (cube > 0).sum() == len(surfaces.positions)
    np.testing.assert_array_equal(cube[tuple(surfaces.positions.T)], surfaces.numbers)


def test_connected_as_labels_of_the_cells_are():
    rng = np.random.default_rng(0)
    for density in (0.002, 0.01, 0.03):
        positions = np.argwhere(rng.random((30, 31, 32)) < density)
        cells = np.zeros((15, 16, 16), bool)
        cells[tuple(positions.T // 2)] = True
        labels, count = ndimage.label(cells, np.ones((3, 3, 3)))
        expected = labels[tuple(positions.T // 2)]
        found = connected(positions)
        assert len(np.unique(found)) == count > 1
        assert len(np.unique(np.stack([found, expected]), axis=1)[0]) == count


def test_nothing_found_is_no_fault(geometry):
    nothing = fault_surfaces(np.zeros(SHAPE))
    assert len(nothing) == 0
    assert list(nothing.faults()) == []
    assert not np.stack(list(nothing.inlines())).any()
    assert fault_sticks(nothing, geometry) == []


@pytest.mark.parametrize("form", ["charisma", "opendtect"])
def test_sticks_lie_on_the_faults_and_come_back_from_files(surfaces, geometry, tmp_path, form):
    faults = fault_sticks(surfaces, geometry)
    assert [fault.name for fault in faults] == ["fault_1", "fault_2"]
    first, second = faults
    assert [nodes[0, 0] for nodes in first.nodes] == [100, 120, 140, 158, 178]
    assert {len(np.unique(nodes[:, 0])) for nodes in first.nodes} == {1}  # on inlines
    assert {len(np.unique(nodes[:, 1])) for nodes in second.nodes} == {1}  # on crosslines
    assert len(first.nodes) >= 4
    assert all(len(nodes) <= 6 for nodes in first.nodes)  # a plane needs few nodes
    for nodes in first.nodes:
        crossline, sample = nodes[:, 1] - 300, (nodes[:, 2] - 12) / 4
        assert np.abs(crossline - (5 + sample / 3)).max() <= 1.5
        assert np.ptp(sample) >= 50
    assert np.allclose(first.confidence, 0.9)
    assert np.allclose(second.confidence, 0.7)
    path = tmp_path / "faults.dat"
    write_sticks(path, faults, geometry, form=form)
    again = read_sticks(path, geometry)
    written = [*first.nodes, *second.nodes]
    assert len(again.nodes) == len(written)
    for nodes, expected in zip(again.nodes, written, strict=True):
        np.testing.assert_allclose(nodes, expected, atol=0.01)
    text = path.read_text()
    assert ("fault_2_0.70" if form == "charisma" else "\t0.70\n") in text


@pytest.mark.parametrize("density", [0, 0.02, 0.1, 0.3])
def test_meetings_are_squares_around_places_of_many_neighbours(density):
    """Counted by a loop: more than three samples of nine, the middle one among them."""
    thin = np.random.default_rng(0).random((17, 23, 3)) < density
    expected = np.zeros(thin.shape, bool)
    for i, j, k in np.argwhere(thin):
        if thin[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2, k].sum() > 3:
            expected[max(i - CUT, 0) : i + CUT + 1, max(j - CUT, 0) : j + CUT + 1, k] = True
    assert expected.any() == (density > 0.05)
    assert np.array_equal(meetings(thin), expected)
