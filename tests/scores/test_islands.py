import numpy as np

from tfseis.scores.islands import wrong_islands


def test_what_is_right_or_unknown_is_no_island():
    truth = np.array([[0, 0, 1, 1], [0, 0, 1, -1]])
    assert wrong_islands(truth, truth) == 0
    everywhere = np.where(truth < 0, 5, truth)
    assert wrong_islands(truth, everywhere) == 0


def test_a_body_that_reaches_its_own_class_is_no_island():
    truth = np.array([[0, 0, 0, 1]])
    assert wrong_islands(truth, np.array([[0, 1, 1, 1]])) == 0
    assert wrong_islands(truth, np.array([[1, 0, 1, 1]])) == 1
    assert wrong_islands(truth, np.array([[2, 0, 1, 1]])) == 1


def test_corners_do_not_connect():
    truth = np.zeros((2, 2), int)
    assert wrong_islands(truth, np.array([[1, 0], [0, 1]])) == 2
