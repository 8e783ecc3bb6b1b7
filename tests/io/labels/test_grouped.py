"""Thousands separators, and decimal commas in quotes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tfseis.errors import LabelError
from tfseis.io import read_horizon
from tfseis.io.labels.grouped import with_plain_numbers

NODES = [(100, 300, 12.25), (102, 303, 20.5), (112, 307, 43.75)]


def spelled(number, group, decimal):
    return f"{number:,.2f}".replace(",", "#").replace(".", decimal).replace("#", group)


def rows(geometry, separator, group, decimal, quote=""):
    lines = []
    for il, xl, time in NODES:
        words = [spelled(number, group, decimal) for number in (*geometry.to_map(il, xl), time)]
        lines.append(separator.join(f"{quote}{word}{quote}" for word in words))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("titles", [True, False])
@pytest.mark.parametrize(
    "separator, group, decimal, quote",
    [
        *((";", group, decimal, "") for group in " '\u00a0\u202f" for decimal in ".,"),
        *(("\t", group, decimal, "") for group, decimal in (",.", ".,", " .", " ,")),
        *((",", group, decimal, '"') for group, decimal in (",.", ".,", " .", " ,", "'.")),
        *((sign, "", ",", '"') for sign in (",", ";", "\t", " ", "  ")),
        *(("; ", group, decimal, '"') for group, decimal in (",.", ".,", "',")),
    ],
)
def test_grouped_numbers(*, file, geometry, titles, separator, group, decimal, quote):
    text = separator.join(["X", "Y", "TWT"]) + "\n" if titles else ""
    path = file("a.hor", text + rows(geometry, separator, group, decimal, quote))
    times = read_horizon(path, geometry, reach=0).times
    assert_allclose(times[[0, 1, 6], [0, 3, 7]], [node[2] for node in NODES])
    assert np.isfinite(times).sum() == len(NODES)


@pytest.mark.parametrize(
    "text",
    [
        "100,300,16.5\n102,301,20.5\n",
        "100 300;16.5\n102 301;20.5\n",
        "1,100,300 16.25\n",
        '"Fault 1,234.5 deep, old" 100 300 16\n',
        'a;"1 2 3";100;300;16,5\n',
        '"1,234","5,678"\n',
        '"1,234","5.5"\n',
        "12.03.2021;100;300;16\n",
        "1.234.567;1,234.5;3\n",
        "# 1.234.567,5\n100;300;16,5\n",
        "1.500;2.500\n",
    ],
)
def test_what_may_be_something_else_stays(text):
    assert with_plain_numbers(text.encode()) == text.encode()


def test_numbers_of_one_group_follow_the_others():
    text = "Y;X;T\n6.783.750,5;450.000;1.250\n6.783.750,5; 999 ;250\n"
    plain = "Y;X;T\n6783750,5;450000;1250\n6783750,5;999;250\n"
    assert with_plain_numbers(text.encode()) == plain.encode()


def test_commas_in_quotes_that_may_be_either_are_refused(file, geometry):
    with pytest.raises(LabelError, match=r'a\.hor, line 1: expected .*; got \'"1,234","5,678"'):
        read_horizon(file("a.hor", '"1,234","5,678","1,250"\n'), geometry)
