"""Which number means which class, in labels and in a truth."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend, write_legend
from tfseis.jobs.facies.codes import classes_text, matched_classes, with_codes

LEGEND = Legend.of(["chalk", "salt", "shale"])


@pytest.fixture
def truth(tmp_path):
    """A label cube's path, and how to name its classes."""

    def made(**names):
        path = tmp_path / "truth.npz"
        if names:
            order = sorted(names, key=names.get)
            legend = Legend.of(order, [names[name] for name in order])
            write_legend(tmp_path / "truth.classes.csv", legend)
        return SimpleNamespace(path=path)

    return made


def test_a_truth_with_another_numbering_is_matched_by_name(truth):
    found = matched_classes(LEGEND, truth(salt=1, shale=2, chalk=5), [1, 2, 5])
    assert found.by_name
    assert found.indices(np.array([[5, 1], [2, 2]])).tolist() == [[0, 1], [2, 2]]
    assert found.legend.names == LEGEND.names
    assert found.text() == "truth, matched by name: 1 = salt, 2 = shale, 5 = chalk"


def test_classes_of_the_truth_alone_come_last_and_keep_their_numbers_if_they_can(truth):
    found = matched_classes(LEGEND, truth(salt=1, basalt=0, coal=9), [0, 1, 9])
    assert found.legend.names == ("chalk", "salt", "shale", "basalt", "coal")
    assert found.legend.codes == (0, 1, 2, 3, 9)  # 0 is that of chalk
    assert found.indices(np.array([0, 1, 9])).tolist() == [3, 1, 4]


def test_names_may_differ_in_case_and_blanks(truth):
    found = matched_classes(LEGEND, truth(**{"Salt ": 1, "SHALE": 2}), [1, 2])
    assert found.indices(np.array([1, 2])).tolist() == [1, 2]


def test_labels_without_names_are_matched_by_code(truth):
    unnamed = Legend.of(["class 1", "class 4"], [1, 4])
    found = matched_classes(unnamed, truth(salt=1, shale=4), [1, 4])
    assert not found.by_name
    assert found.indices(np.array([1, 4])).tolist() == [0, 1]


def test_without_names_codes_are_matched_and_it_is_said(truth):
    found = matched_classes(LEGEND, truth(), [0, 2, 4])
    assert not found.by_name
    assert found.indices(np.array([4, 0, 2])).tolist() == [3, 0, 2]
    assert found.legend.names[3] == "class 4"
    assert "by code, since the truth names no classes: 0 = chalk, 2 = shale" in found.text()


def test_names_that_have_nothing_in_common_are_refused(truth):
    with pytest.raises(LabelError, match=r"expected some of .*chalk.*got .*one.*same names"):
        matched_classes(LEGEND, truth(one=0, two=1), [0, 1])


def test_a_class_gets_the_number_that_is_asked_for():
    labels = Labels(np.zeros((4, 3), int), np.array([0, 1, 2, 1]), LEGEND)
    found = with_codes(labels, {"chalk": 7, "salt": 3})
    assert found.legend.codes == (2, 3, 7)
    assert [found.legend.names[i] for i in found.classes] == ["chalk", "salt", "shale", "salt"]
    assert classes_text(found.legend) == "classes: 2 = shale, 3 = salt, 7 = chalk"
    colours = dict(zip(found.legend.names, found.legend.colours, strict=True))
    assert colours == dict(zip(LEGEND.names, LEGEND.colours, strict=True))
    same = with_codes(labels, {})
    assert same.legend == LEGEND
    np.testing.assert_array_equal(same.classes, labels.classes)


@pytest.mark.parametrize(
    "codes, reason",
    [
        ({"chert": 4}, r"among chalk, salt, shale; got chert"),
        ({"chalk": 1}, r"number of its own .*chalk=1, salt=1.*--code too"),
        ({"chalk": -1}, r"from 0 to 32767"),
        ({"chalk": 40_000}, r"from 0 to 32767"),
    ],
)
def test_numbers_that_cannot_be_are_refused(codes, reason):
    labels = Labels(np.zeros((3, 3), int), np.arange(3), LEGEND)
    with pytest.raises(LabelError, match=reason):
        with_codes(labels, codes)
