"""Block by block gives what all at once gives."""

import dataclasses

import numpy as np
import pytest

from tfseis.scores.surface_counts import BALL, MARGIN, FaultCounts
from tfseis.scores.surfaces import fault_scores

SHAPE = (23, 24, 25)


@pytest.fixture(scope="module")
def arrays():
    """A slanting fault, a shifted and noisy prediction, and a part that nobody labelled."""
    rng = np.random.default_rng(0)
    inline, crossline, sample = np.indices(SHAPE)
    faults = np.abs(crossline - inline / 2 - sample / 5) < 0.8
    shifted = np.roll(faults, 1, axis=1)
    probability = np.clip(0.2 + 0.55 * shifted + rng.normal(0, 0.15, SHAPE), 0, 1)
    return faults.astype("uint8"), probability.astype("float32"), rng.random(SHAPE) > 0.1


def counted(faults, probability, known, lines):
    counts = FaultCounts()
    for start in range(0, SHAPE[0], lines):
        low = max(0, start - MARGIN)
        block = slice(low, start + lines + MARGIN)
        inside = slice(start - low, start - low + lines)
        counts.add(faults[block], probability[block], known=known[block], inside=inside)
    return counts


@pytest.mark.parametrize("lines", [1, 4, 23])
def test_blocks_give_the_scores_of_the_whole(arrays, lines):
    found = counted(*arrays, lines).scores()
    faults, probability, known = arrays
    expected = fault_scores(faults, probability, known=known)
    assert 0.05 < expected.iou < expected.tolerant_iou < 1
    for field in dataclasses.fields(expected):
        wanted = getattr(expected, field.name)
        assert getattr(found, field.name) == pytest.approx(wanted, abs=1e-4), field.name


def test_the_baselines_are_what_random_faults_score(arrays):
    faults, probability, known = arrays
    counts = counted(*arrays, 5)
    rate = faults[known].mean()
    guess = (np.random.default_rng(1).random(SHAPE) < rate).astype("float32")
    random = counts.baselines()["random, at the true rate"]
    tried = fault_scores(faults, guess, known=known)
    assert random.iou == pytest.approx(tried.iou, abs=0.02)
    assert random.f1 == pytest.approx(tried.f1, abs=0.02)
    assert random.tolerant_iou == pytest.approx(tried.tolerant_iou, abs=0.08)
    background = counts.baselines()["all background"]
    nothing = fault_scores(faults, 0 * probability, known=known)
    for name in ("iou", "best_iou", "recall", "f1", "average_precision", "tolerant_iou"):
        assert getattr(background, name) == pytest.approx(getattr(nothing, name)), name
    assert np.isnan(background.precision)
    assert BALL == 33


def test_nothing_true_has_no_scores():
    counts = FaultCounts()
    counts.add(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))
    assert np.isnan(counts.scores().iou)
    assert np.isnan(counts.scores().tolerant_iou)
    assert np.isnan(counts.scores().best_iou)
