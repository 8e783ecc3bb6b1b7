"""Scores against picks, counted by hand."""

import numpy as np
import pytest

from benchmarks.oriented_semblance import bed_slope, oriented_semblance, ridges
from benchmarks.real_faults import (
    LINES,
    Line,
    best,
    hits,
    maps,
    picked_lines,
    scores,
    thinned,
)

ROW = np.arange(30)


def section(*traces, rows=20):
    """bool (30 traces, samples) with an upright line at each of some traces."""
    return np.repeat(np.isin(ROW, traces)[:, np.newaxis], rows, axis=1)


def test_samples_within_two_of_a_pick_are_found():
    picked, found = section(10, 20), section(12, 25)
    assert hits(found, picked).tolist() == [20, 40, 20, 40]
    assert hits(section(13), picked).tolist() == [0, 20, 0, 40]


def test_lines_are_counted_together():
    lines = [Line("1", section(), section(10)), Line("2", section(), section(5, 15, 25))]
    found = [0.9 * section(10), 0.9 * section(6)]
    got = scores(found, lines, 0.5)
    assert got["precision"] == 1
    assert got["recall"] == 0.5
    assert got["F1"] == pytest.approx(2 / 3)
    assert got["Tol-IoU@2"] == pytest.approx(0.5)
    assert np.isnan(scores(found, lines, 0.95)["precision"])


def test_the_best_threshold_is_the_one_of_the_largest_f1():
    lines = [Line("1", section(), section(10))]
    found = [0.6 * section(10) + 0.3 * section(20)]
    assert best(found, lines)["F1"] == 1
    assert 0.3 <= best(found, lines)["threshold"] < 0.6


def test_wide_marks_are_thinned_and_short_pieces_can_be_left_out():
    wide = section(9, 10, 11)
    assert thinned(wide).sum() <= 20
    assert (thinned(wide).sum(axis=0) <= 1).all()
    wide[25, 3:6] = True
    assert thinned(wide)[25].any()
    assert not thinned(wide, shortest=5)[25].any()


def test_a_section_is_repeated_and_its_middle_line_taken():
    lines = [Line("1", np.random.default_rng(0).normal(size=(30, 20)), section(10))]
    (shape,) = {values.shape for values in maps(lines, lambda cube: 0 * cube)}
    assert shape == (30, 20)
    numbered = maps(lines, lambda cube: np.arange(len(cube))[:, None, None] + 0 * cube)
    assert np.unique(numbered[0]).tolist() == [LINES // 2]


def dipping(fault=None, throw=6):
    """Beds that fall by half a sample a trace, beyond a steep fault shifted by its throw."""
    trace, sample = np.meshgrid(np.arange(60), np.arange(70), indexing="ij")
    depth = sample - 0.5 * trace
    if fault is not None:
        depth = depth - throw * (trace > fault + 0.2 * sample)
    rng = np.random.default_rng(0)
    beds = np.convolve(rng.normal(size=400), np.hanning(9), "same")
    return np.interp(depth + 100, np.arange(400), beds)


def test_the_slope_of_beds_is_found():
    assert np.median(bed_slope(dipping())) == pytest.approx(0.5, abs=0.05)
    assert np.median(bed_slope(np.flip(dipping(), 0))) == pytest.approx(-0.5, abs=0.05)


def test_oriented_semblance_marks_a_fault_between_dipping_beds_and_nothing_else():
    found = oriented_semblance(dipping(fault=20))
    ridge = ridges(found)
    strongest = ridge.argmax(axis=0)[10:60]
    np.testing.assert_allclose(strongest, 20.5 + 0.2 * np.arange(10, 60), atol=2)
    trace = np.arange(60)[:, np.newaxis]
    far = np.abs(trace - 20.5 - 0.2 * np.arange(70)) > 6
    assert found[far].mean() < 0.1 * found[~far].max()
    assert (np.count_nonzero(ridge, axis=0) < 25).all()


def test_lines_of_kerry_have_picks(data):
    lines = picked_lines(data / "kerry_faults" / "kerry_inlines_30-60.npz")
    assert [line.name for line in lines] == ["30", "40", "50", "60"]
    assert all(line.amplitude.shape == line.picked.shape == (600, 100) for line in lines)
    assert 0.02 < np.mean([line.picked.mean() for line in lines]) < 0.03
