import numpy as np
import pytest

from tfseis.scores.baselines import BASELINES, copy_nearest, depth_only, most_frequent

POSITIONS = np.array([[3, 0, 2], [3, 1, 2], [3, 2, 2], [3, 0, 6], [3, 1, 6], [3, 5, 8]])
LABELS = np.array([1, 2, 2, 0, 0, 2])


def test_the_most_frequent_class_by_hand():
    assert most_frequent(POSITIONS, LABELS, np.zeros((2, 3), int)).tolist() == [2, 2]


def test_depth_only_by_hand():
    """Depth 2 holds 1 2 2, depth 6 holds 0 0, depth 8 holds 2; others take the nearest depth."""
    wanted = np.array([[0, 0, depth] for depth in (0, 2, 3, 5, 6, 8, 20)])
    assert depth_only(POSITIONS, LABELS, wanted).tolist() == [2, 2, 2, 0, 0, 2, 2]


def test_copy_nearest_equals_measuring_every_distance():
    rng = np.random.default_rng(0)
    positions, wanted = rng.integers(0, 40, (60, 3)), rng.integers(0, 40, (200, 3)) + 0.3
    classes = rng.integers(0, 5, 60)
    distance = np.linalg.norm(wanted[:, np.newaxis] - positions, axis=2)
    nearest = classes[distance.argmin(1)]
    np.testing.assert_array_equal(copy_nearest(positions, classes, wanted), nearest)


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_agree_on_types_and_on_nothing_wanted(name):
    guess = BASELINES[name](POSITIONS, LABELS, POSITIONS)
    assert guess.dtype == LABELS.dtype
    assert guess.shape == LABELS.shape
    assert BASELINES[name](POSITIONS, LABELS, np.empty((0, 3), int)).shape == (0,)


def test_a_copy_is_right_where_the_label_is():
    np.testing.assert_array_equal(copy_nearest(POSITIONS, LABELS, POSITIONS), LABELS)
