"""Labels made from arrays."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import LabelError
from tfseis.io import Labels, read_points, write_points


def test_labels_at_indices_and_at_numbers_are_the_same(geometry):
    positions = np.argwhere(np.random.default_rng(0).random(geometry.shape) < 0.3)
    classes = positions[:, 2] // 4
    numbers = np.stack(
        [axis.numbers[i] for axis, i in zip(geometry.axes, positions.T, strict=True)], axis=1
    )
    jitter = np.random.default_rng(1).uniform(-0.2, 0.2, positions.shape) * [2, 1, 8]
    for labels in (
        Labels.at_indices(positions, classes, geometry),
        Labels.at_numbers(numbers, classes, geometry),
        Labels.at_numbers((numbers + jitter).tolist(), classes.tolist(), geometry),
    ):
        assert_array_equal(labels.positions, positions)
        assert_array_equal(labels.classes, classes)
        assert labels.positions.dtype == labels.classes.dtype == "int64"
        assert labels.legend.codes == (0, 1, 2)
        assert labels.legend.names == ("class 0", "class 1", "class 2")


def test_labels_from_arrays_equal_those_from_a_file(tmp_path, geometry):
    made = Labels.at_numbers(
        [[100, 301, 12], [112, 307, 44], [104, 303, 28]], ["salt", "chalk", "salt"], geometry
    )
    read = read_points(write_points(tmp_path, made, geometry), geometry)
    assert read.legend == made.legend
    order = np.lexsort(made.positions.T[::-1]), np.lexsort(read.positions.T[::-1])
    assert_array_equal(read.positions[order[1]], made.positions[order[0]])
    assert_array_equal(read.classes[order[1]], made.classes[order[0]])


@pytest.mark.parametrize("names", [{9: "salt", 4: "chalk"}, list("abcdefghij")])
def test_codes_stay_and_classes_without_a_label_are_left_out(geometry, names):
    labels = Labels.at_indices([[0, 0, 0], [0, 0, 1], [0, 0, 2]], [9, 4, 9], geometry, names=names)
    assert labels.legend.codes == (4, 9)
    assert labels.legend.names == (names[4], names[9])
    assert labels.classes.tolist() == [1, 0, 1]


def test_a_sample_counts_once(geometry):
    labels = Labels.at_indices([[1, 2, 3], [0, 0, 0], [1, 2, 3]], [5, 5, 5], geometry)
    assert labels.positions.tolist() == [[1, 2, 3], [0, 0, 0]]
    assert len(labels) == 2


@pytest.mark.parametrize(
    "positions, classes, message",
    [
        ([], [], r"positions of shape \(labels, 3\).* got shape \(0,\)"),
        ([[0, 0]], [0], r"got shape \(1, 2\)\. Give inline, crossline and sample"),
        ([["a", 0, 0]], [0], r"positions of shape \(labels, 3\)"),
        ([[0, 0, np.nan]], [0], r"finite positions; got \[0.0, 0.0, nan\] for label 0"),
        ([[0, 0, 0], [0, 8, 0]], [0, 0], r"inside the cube \(7, 8, 9\); got .* for label 1"),
        ([[0, 0, -1]], [0], "inside the cube"),
        ([[0, 0.5, 1]], [0], r"Labels\.at_numbers"),
        ([[0, 0, 0]], [0, 1], r"a class for each of the 1 labels; got shape \(2,\)"),
        ([[0, 0, 0]], [-1], r"class codes 0, 1, \.\. 32767; got -1 for label 0"),
        ([[0, 0, 0]], [40_000], "got 40000"),
        ([[0, 0, 0]], [0.5], "got 0.5 for label 0. Leave out unlabelled"),
        (
            [[0, 0, 0], [1, 1, 1], [1, 1, 1]],
            ["a", "a", "b"],
            "got a for label 1 and b for label 2 at inline 102, crossline 301, sample 16",
        ),
    ],
)
def test_arrays_that_make_no_labels_are_refused(geometry, positions, classes, message):
    with pytest.raises(LabelError, match=message):
        Labels.at_indices(positions, classes, geometry)


@pytest.mark.parametrize(
    "row, message",
    [
        ([101, 300, 12], r"Expected inline 100 to 112 step 2; got 101 for label 1 \(1 of 2"),
        ([100, 308, 12], "Expected crossline 300 to 307 step 1; got 308"),
        ([100, 300, 50], "Expected sample 12 to 44 step 4; got 50"),
    ],
)
def test_numbers_off_the_survey_are_refused(geometry, row, message):
    with pytest.raises(LabelError, match=message):
        Labels.at_numbers([[100, 300, 12], row], [0, 0], geometry)


def test_a_class_without_a_name_is_refused(geometry):
    with pytest.raises(LabelError, match="a name for every class code; got none for 3"):
        Labels.at_indices([[0, 0, 0]], [3], geometry, names=["a", "b", "c"])
