"""Scores against picks, counted by hand."""

import numpy as np
import pytest

from benchmarks.real_faults import LINES, Line, best, hits, maps, picked_lines, scores, thinned

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


def test_lines_of_kerry_have_picks(data):
    lines = picked_lines(data / "kerry_faults" / "kerry_inlines_30-60.npz")
    assert [line.name for line in lines] == ["30", "40", "50", "60"]
    assert all(line.amplitude.shape == line.picked.shape == (600, 100) for line in lines)
    assert 0.02 < np.mean([line.picked.mean() for line in lines]) < 0.03
