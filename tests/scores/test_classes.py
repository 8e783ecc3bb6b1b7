import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfseis.errors import LabelError
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix, mean_iou

CLASSES = 4
PAIRS = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=80
).map(lambda rows: np.array(rows).T)
NAMES = ("a", "b", "c", "d")


@given(PAIRS)
def test_counts_equal_a_loop(pairs):
    matrix = confusion_matrix(*pairs, CLASSES)
    expected = np.zeros((CLASSES, CLASSES), int)
    for truth, guess in pairs.T:
        expected[truth, guess] += 1
    np.testing.assert_array_equal(matrix, expected)


@given(PAIRS)
def test_each_class_equals_counting_its_hits(pairs):
    truth, guess = pairs
    table = class_scores(confusion_matrix(truth, guess, CLASSES), NAMES)
    for number, name in enumerate(NAMES):
        hit = np.sum((truth == number) & (guess == number))
        there, said = np.sum(truth == number), np.sum(guess == number)
        row = table.loc[name]
        assert row["support"] == there
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = [hit / said, hit / there, 2 * hit / (there + said)]
            expected.append(hit / np.sum((truth == number) | (guess == number)))
        np.testing.assert_allclose(
            row[["precision", "recall", "f1", "iou"]].astype(float), expected
        )


def test_averages_equal_those_of_keras():
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, CLASSES, (2, 500))
    guess[::2] = truth[::2]
    matrix = confusion_matrix(truth, guess, CLASSES)
    iou = keras.metrics.MeanIoU(CLASSES)
    iou.update_state(truth, guess)
    assert mean_iou(matrix) == pytest.approx(float(iou.result()), rel=1e-5)
    hot = np.eye(CLASSES, dtype="float32")
    table = class_scores(matrix, NAMES)
    for average, row in (("macro", "mean"), ("weighted", "weighted")):
        f1 = keras.metrics.F1Score(average)
        f1.update_state(hot[truth], hot[guess])
        assert table.loc[row, "f1"] == pytest.approx(float(f1.result()), rel=1e-5)
    hits = keras.metrics.Accuracy()
    hits.update_state(truth, guess)
    assert accuracy(matrix) == pytest.approx(float(hits.result()), rel=1e-5)


def test_by_hand_with_a_class_never_predicted_and_one_never_there():
    """Rows are the truth: a 3 of 4 found, b never predicted, c predicted but absent, d nowhere."""
    matrix = np.array([[3, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    table = class_scores(matrix, NAMES)
    assert table["precision"].tolist()[:2] == [
        pytest.approx(3 / 5),
        pytest.approx(np.nan, nan_ok=True),
    ]
    assert table["recall"].tolist()[:2] == [0.75, 0]
    assert table.loc["c", "iou"] == 0
    assert table.loc["d", ["precision", "recall", "f1", "iou"]].isna().all()
    assert table.loc["mean", "iou"] == pytest.approx((3 / 6 + 0) / 2)
    assert table.loc["mean", "precision"] == pytest.approx((3 / 5 + 0) / 2)
    assert table.loc["weighted", "recall"] == pytest.approx(3 / 6)
    assert table["support"].tolist() == [4, 2, 0, 0, 6, 6]
    assert mean_iou(matrix) == pytest.approx(0.25)
    assert accuracy(matrix) == 0.5


def test_unlabelled_samples_do_not_count():
    truth = np.array([[0, -1], [1, -9]])
    matrix = confusion_matrix(truth, np.array([[0, 1], [0, 0]]), 2)
    assert matrix.tolist() == [[1, 0], [1, 0]]


def test_nothing_to_score_has_no_score():
    nothing = np.zeros((2, 2), int)
    assert np.isnan(mean_iou(nothing))
    assert accuracy(nothing) == 0
    assert class_scores(nothing, ("a", "b"))["support"].tolist() == [0] * 4


def test_shapes_must_agree():
    with pytest.raises(LabelError, match=r"one shape; got \(3,\) and \(2,\)"):
        confusion_matrix(np.zeros(3, int), np.zeros(2, int), 2)
