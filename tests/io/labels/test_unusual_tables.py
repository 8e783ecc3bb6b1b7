"""Tables with dashes, page breaks, comments between sticks, or titles that name no time."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import LabelError
from tfseis.io import (
    read_faults,
    read_horizon,
    read_labels,
    read_points,
    read_polygons,
    read_sticks,
)


@pytest.mark.parametrize("dash", ["-", "--"])
@pytest.mark.parametrize("title", ["", "inline crossline time\n"])
@pytest.mark.parametrize("first", [True, False])
def test_dashes_are_no_value(file, geometry, dash, title, first):
    rows = [f"100 300 {dash}", "100 301 20"]
    text = title + "\n".join(rows if first else rows[::-1])
    horizon = read_horizon(file("a.hor", text), geometry, reach=0)
    assert horizon.undefined == 1
    assert horizon.times[0, 1] == 20


def test_dashes_in_names_stay(file, geometry):
    text = "Top - Chalk 100 300 20\nTop - Chalk 100 301 24\n"
    assert read_horizon(file("a.hor", text), geometry).times[0, :2].tolist() == [20, 24]


@pytest.mark.parametrize("page", ["\f", "\v", "\f \n", "\n\f"])
def test_a_page_break_drops_no_row(file, geometry, page):
    labels = read_points([file("a.pts", f"{page}102 300 12\n{page}104 301 16\n")], geometry)
    assert labels.positions.tolist() == [[1, 0, 0], [2, 1, 1]]


COMMENTS = ["# Stick {n}", "#", "! fault segment {n}", "# {n}", "# polygon {n}", "@ part"]
NODES = "104 {x} 12\n104 {x} 28\n104 {x} 44\n"


@pytest.mark.parametrize("comment", COMMENTS)
def test_comments_between_sticks_divide_them(file, geometry, comment):
    text = "".join(comment.format(n=n) + "\n" + NODES.format(x=301 + n) for n in range(3))
    sticks = read_sticks(file("a.sticks", text), geometry).nodes
    assert [len(nodes) for nodes in sticks] == [3, 3, 3]


@pytest.mark.parametrize(
    "comment",
    [
        "# not sure",
        "# 2nd half is weak",
        "! line 104",
        "# fault plane unclear here",
        "# part of a relay",
        "# fault 104 302 20",
    ],
)
def test_remarks_divide_no_stick(file, geometry, comment):
    text = f"104 301 12\n{comment}\n104 302 28\n104 303 44\n"
    assert len(read_sticks(file("a.sticks", text), geometry).nodes) == 1


def test_comments_divide_nothing_where_numbers_do(file, geometry):
    text = "104 301 12 1\n104 302 28 1\n# stick\n104 303 44 1\n"
    assert len(read_sticks(file("a.sticks", text), geometry).nodes) == 1


def test_comments_between_polygons_divide_them(file, geometry):
    square = "{a} 301 16\n{a} 304 16\n{a} 304 32\n{a} 301 32\n"
    parts = [square.format(a=a) for a in (102, 108)]
    divided = read_polygons([file("a.poly", "\n".join(parts))], geometry)
    noted = read_polygons([file("a.poly", parts[0] + "# polygon 2\n" + parts[1])], geometry)
    assert_array_equal(noted.positions, divided.positions)


@pytest.mark.parametrize(
    "text",
    [
        NODES.format(x=301) + NODES.format(x=304),
        "\n".join(
            f"{row} F1" for x in (301, 303, 305) for row in NODES.format(x=x).split("\n")[:3]
        ),
        "\n".join(NODES.format(x=x) for x in (301, 304)).replace("\n\n", "\n"),
    ],
)
def test_sticks_that_nothing_divides_are_asked_about(file, geometry, text):
    with pytest.raises(
        LabelError,
        match=r"a\.sticks, line 4: expected .* ends a stick; .*12.* after 44.* empty line",
    ):
        read_faults([file("a.sticks", text)], geometry)


@pytest.mark.parametrize(
    "text",
    [
        "104 301 12\n104 302 28\n104 303 44\n104 304 48\n",
        "104 301 48\n104 302 28\n104 303 20\n104 304 12\n",
        "104 301 12\n104 302 28\n104 303 44\n104 304 28\n104 305 12\n",
        "100 301 20\n102 302 24\n104 303 20\n106 304 24\n108 305 20\n110 306 24\n",
        "104 301 12\n104 302 44\n104 303 12\n",
    ],
)
def test_single_sticks_are_not_doubted(file, geometry, text):
    assert len(read_sticks(file("a.sticks", text), geometry).nodes) == 1


def test_vertices_that_begin_again_begin_a_polygon(file, geometry):
    square = "{a} 301 16 1\n{a} 304 16 2\n{a} 304 32 3\n{a} 301 32 4\n"
    parts = [square.format(a=a) for a in (102, 108)]
    title = "inline crossline time vertex\n"
    labels = read_polygons([file("a.poly", title + "".join(parts))], geometry)
    assert set(labels.positions[:, 0].tolist()) == {1, 4}


def test_titles_without_a_time_are_asked_about(file, geometry):
    x, y = geometry.to_map(np.array([102, 104]), np.array([301, 302])).T
    rows = [f"{a:.2f},{b:.2f},{t}" for a, b, t in zip(x, y, (16, 20), strict=True)]
    path = file("a.csv", "X,Y,field_3\n" + "\n".join(rows) + "\n")
    with pytest.raises(LabelError, match=r"a\.csv: expected a column of times; .*--columns"):
        read_labels([path], geometry)
    labels = read_labels([path], geometry, columns="x,y,time", kind="points")
    assert labels.positions.tolist() == [[1, 1, 1], [2, 2, 2]]


def test_other_separators_are_shown(file, geometry):
    with pytest.raises(
        LabelError, match=r"a\.pts, line 2: expected .* between blanks, .*'1\|2\|3'"
    ):
        read_points([file("a.pts", "inline|crossline|time\n1|2|3\n")], geometry)
    with pytest.raises(LabelError, match=r"a\.pts holds no points"):
        read_points([file("a.pts", "inline,crossline,time\n# 1 2 3\n")], geometry)


def test_the_order_that_is_there_is_not_proposed(file, geometry):
    with pytest.raises(LabelError, match=r"of one survey\.$"):
        read_points([file("a.pts", "102.9 300 12\n104.9 301 16\n")], geometry)


@pytest.mark.parametrize("code", ["999", "999.25", "-32768", "-32767", "32767.0"])
def test_further_codes_are_no_times(file, geometry, code):
    text = f"100 300 {code}\n100 301 20\n100 302 24\n"
    horizon = read_horizon(file("a.hor", text), geometry, reach=0)
    assert horizon.undefined == 1


UNLABELLED = ["", "-1", "nan", "-9", "null"]


@pytest.mark.parametrize("mark", UNLABELLED)
@pytest.mark.parametrize("name", ["2", "sand"])
def test_rows_without_a_class_are_left_out_and_counted(file, geometry, mark, name):
    text = f"inline,crossline,time,class\n104,301,16,{name}\n104,303,20,{mark}\n106,303,28,{name}\n"
    labels = read_labels([file("all.csv", text)], geometry)
    assert labels.positions.tolist() == [[2, 1, 1], [3, 3, 4]]
    assert len(labels.legend) == 1
    assert "left out: 1 without a class" in labels.notes[0]


def test_classes_that_are_ignored(file, geometry):
    text = "inline,crossline,time,class\n104,301,16,7\n104,303,20,255\n106,303,28,2\n"
    path = file("all.csv", text)
    assert read_labels([path], geometry).legend.codes == (2, 7, 255)
    assert read_labels([path], geometry, ignore=[255]).legend.codes == (2, 7)
    with pytest.raises(LabelError, match=r"all\.csv: expected classes .* 3 rows.*; got none"):
        read_labels([path], geometry, ignore=[2, 7, 255])
