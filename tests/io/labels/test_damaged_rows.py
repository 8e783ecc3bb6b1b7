"""Single rows that are not like the others: refused by their line, never a reading of the file."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.geometry import Axis
from tfseis.io import read_horizon, read_labels, read_points, read_sticks

ROWS = ["104,301,16,salt", "104,303,20,salt", "106,303,28,salt", "106,306,44,salt"]
PLACES = [[2, 1, 1], [2, 3, 2], [3, 3, 4], [3, 6, 8]]
TITLES = ["", "inline,crossline,time,class", "id,inline,crossline,time,class"]


def text_of(titles, rows):
    numbered = [f"{7 * n + 3},{row}" for n, row in enumerate(rows)]
    rows = numbered if titles.startswith("id") else rows
    return "\n".join([titles] * bool(titles) + rows) + "\n"


@pytest.mark.parametrize("titles", TITLES)
@pytest.mark.parametrize("row", [0, 2])
@pytest.mark.parametrize("more", ["105,302,16,salt", ",105,302,16,salt", "5,105,302,16,salt"])
def test_rows_whose_line_end_is_lost(*, file, geometry, titles, row, more):
    if more.startswith("5") != titles.startswith("id"):
        return
    rows = [text + more * (number == row) for number, text in enumerate(ROWS)]
    path = file("a.pts", text_of(titles, rows))
    line = row + 1 + bool(titles)
    with pytest.raises(LabelError, match=rf"a\.pts, line {line}: expected .* columns, as in other"):
        read_points([path], geometry)


@pytest.mark.parametrize("titles", TITLES[1:])
@pytest.mark.parametrize("remark", [",not sure", ", checked , twice", ",77", ",0.5,note"])
def test_remarks_behind_single_rows_change_no_titles(file, geometry, titles, remark):
    rows = [text + remark * (number == 2) for number, text in enumerate(ROWS)]
    labels = read_points([file("a.pts", text_of(titles, rows))], geometry)
    assert labels.positions.tolist() == PLACES
    assert labels.legend.names == ("salt",)


def test_rows_of_two_widths_stay(file, geometry):
    text = "100 300 16 7\n100 301 20\n100 302 24 6\n100 303 24\n"
    assert read_horizon(file("a.hor", text), geometry, reach=0).times[0, :3].tolist() == [
        *(16, 20, 24)
    ]


@pytest.mark.parametrize("titles", ["", "inline crossline time stick\n"])
@pytest.mark.parametrize("empty", ["NaN", "-", "****"])
def test_a_row_without_the_number_of_its_stick(file, geometry, titles, empty):
    rows = ["104 301 12 1", f"104 302 28 {empty}", "104 303 44 1", "106 302 12 2", "106 303 44 2"]
    path = file("a.sticks", titles + "\n".join(rows))
    where = "line 3" if titles else "sticks"
    with pytest.raises(LabelError, match=f"{where}: expected the number of the stick"):
        read_sticks(path, geometry)


def test_a_row_that_ends_before_the_number_of_its_stick(file, geometry):
    text = "x;inline;crossline;time;stick\n1;104;301;12;1\n1;104;302;28\n1;106;303;44;2\n"
    with pytest.raises(LabelError, match="line 3: expected the number of the stick or"):
        read_sticks(file("a.sticks", text), geometry)


def decimal_commas(geometry, row, word, separator):
    lines = []
    for number in range(5):
        x, y = geometry.to_map(104, 301 + number)
        words = [f"{x:.2f}", f"{y:.2f}", "104", "301", f"{20 + number / 2}"]
        words = [other.replace(".", ",") for other in words]
        words[1] = word if number == row else words[1]
        lines.append(separator.join(words))
    return "\n".join(lines)


@pytest.mark.parametrize("row", [0, 3])
@pytest.mark.parametrize("word, separator", [("1,2,3", " "), ("1,2,3", "\t"), ("1,5,", "\t")])
def test_a_word_among_decimal_commas(*, file, geometry, row, word, separator):
    path = file("a.pts", decimal_commas(geometry, row, word, separator))
    with pytest.raises(LabelError, match=rf"a\.pts, line {row + 1}: expected"):
        read_points([path], geometry, columns="x,y,-,-,time")


@pytest.mark.parametrize("row", [0, 3])
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_a_decimal_point_among_decimal_commas(*, file, geometry, row, separator):
    path = file("a.pts", decimal_commas(geometry, row, "7.5", separator))
    labels = read_labels([path], geometry, columns="x,y,-,-,time", kind="points")
    assert (len(labels), set(labels.positions[:, 0])) == (4, {2})
    assert "left out: 1 outside the cube" in labels.notes[0]


@pytest.fixture
def long(geometry):
    return replace(geometry, samples=Axis("sample", 0, 4, 101))


@pytest.mark.parametrize("values", [("-40", "200", "-300"), ("0.2", "-0.24", "-0.3", "-0.1")])
def test_single_times_of_the_other_sign(file, long, values):
    rows = [f"100 {300 + k} {value}" for k, value in enumerate(values)]
    with pytest.raises(LabelError, match=r"a\.pts: expected times of one sign; got 1 above 0 and"):
        read_points([file("a.pts", "\n".join(rows))], long)


def test_a_horizon_that_reaches_above_the_cube_stays(file, long):
    text = "100 300 -40\n100 301 8\n100 302 -500\n100 303 60\n100 304 90\n"
    times = read_horizon(file("a.hor", text), long, reach=0).times
    assert times[0, :5].tolist() == [-40, 8, -500, 60, 90]


@pytest.mark.parametrize("row", [0, 1])
def test_words_in_a_titled_column(file, geometry, row):
    times = ["16", "20"]
    times[row] = "sixteen"
    text = "inline,crossline,time\n" + "".join(f"104,{301 + k},{t}\n" for k, t in enumerate(times))
    with pytest.raises(LabelError, match=rf"a\.hor, line {row + 2}: expected .*time.*; got '104"):
        read_horizon(file("a.hor", text), geometry)


@pytest.mark.parametrize("value", ["#VALUE!", "#DIV/0!", "#NUM!", "n.a.", "<NA>", "NoData"])
@pytest.mark.parametrize("first", [True, False])
def test_what_spreadsheets_write_without_a_value(file, geometry, value, first):
    rows = [f"104,301,{value}", "104,302,20"]
    text = "inline,crossline,time\n" + "\n".join(rows if first else rows[::-1])
    horizon = read_horizon(file("a.hor", text), geometry, reach=0)
    assert horizon.undefined == 1
    assert np.isfinite(horizon.times).sum() == 1
