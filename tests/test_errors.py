"""Errors are one line, and stay what they are on their way between processes."""

import pickle

import pytest

from tfseis import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_a_message_is_one_line(name):
    made = getattr(errors, name)("a.csv: expected b;\n  got c\r\nd. Do e.\n")
    assert str(made) == "a.csv: expected b; got c d. Do e."
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), str(again)) == (type(made), str(made))


def test_spaces_in_names_stay():
    assert str(errors.FormatError("my  file.csv: expected a")) == "my  file.csv: expected a"
