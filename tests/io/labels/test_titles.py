"""Titles name the columns of every kind of label file; without, two readings are asked about."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io import read_horizon, read_labels, read_points, read_polygon, read_sticks
from tfseis.io.labels.titles import role_and_unit

PLACES = [(104, 301, 16.0), (104, 303, 20.0), (106, 303, 28.0), (106, 306, 44.0)]
EXPECTED = [[2, 1, 1], [2, 3, 2], [3, 3, 4], [3, 6, 8]]


def rows(geometry, form):
    lines = []
    for number, (il, xl, t) in enumerate(PLACES):
        x, y = geometry.to_map(il, xl)
        lines.append(form.format(il=il, xl=xl, t=t, x=f"{x:.2f}", y=f"{y:.2f}", n=number))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "titles, form",
    [
        ('# "X"\t"Y"\t"Inline"\t"Crossline"\t"Z"\n# - - - - -', "{x}\t{y}\t{il}\t{xl}\t{t}"),
        ("x,y,inline,crossline,time", "{x},{y},{il},{xl},{t}"),
        ("inline,crossline,x,y,time", "{il},{xl},{x},{y},{t}"),
        (",inline,crossline,time", "{n},{il},{xl},{t}"),
        ("Unnamed: 0,inline,crossline,twt", "{n},{il},{xl},{t}"),
        ("index;Crossline;Inline;TWT [ms]", "{n};{xl};{il};{t}"),
        (" inline crossline time", "{n} {il} {xl} {t}"),
        (" inline crossline time", "8{n}1 {il} {xl} {t}"),
        ("\tinline\tcrossline\ttime", "8{n}1\t{il}\t{xl}\t{t}"),
        ('"inline" "crossline" "time"', '"8{n}1" {il} {xl} {t}'),
        ("  inline crossline time", "{il} {xl} {t} 0"),
        ("time,crossline,inline", "{t},{xl},{il}"),
        ("Line Trace X Y Time", "{il} {xl} {x} {y} {t}"),
        ("# XLINE_NO ILINE_NO CDP_X CDP_Y amplitude Z(ms)", "{xl} {il} {x} {y} 0.5 {t}"),
        ("TWT (ms)\tEasting (m)\tNorthing (m)", "{t}\t{x}\t{y}"),
        ('"iline" "xline" "height"', "{il} {xl} {t}"),
        ("# columns: crossline inline time", "{xl} {il} {t}"),
        ("depth,time,iline,xline", "99,{t},{il},{xl}"),
        ("inline,x,y,time", "7,{x},{y},{t}"),
        ("# by hand\n# crossline inline", "{xl} {il} {t}"),
    ],
)
def test_titles_name_the_columns(file, geometry, titles, form):
    text = f"{titles}\n{rows(geometry, form)}"
    assert read_points([file("a.pts", text)], geometry).positions.tolist() == EXPECTED
    horizon = read_horizon(file("a.hor", text), geometry, reach=0)
    assert [horizon.times[i, j] for i, j, _ in EXPECTED] == [16, 20, 28, 44]
    (nodes,) = read_sticks(file("a.sticks", text), geometry).nodes
    assert_allclose(nodes, PLACES, atol=0.01)
    (area,) = read_polygon(file("a.poly", text), geometry)
    assert_allclose(area.vertices, PLACES, atol=0.01)


@pytest.mark.parametrize("columns", ["-,crossline,time,inline", ["-", "xline", "twt", "il"]])
def test_the_user_names_the_columns(file, geometry, columns):
    text = "inline crossline x y\n" + rows(geometry, "7 {xl} {t} {il}")  # wrong titles
    path = file("a.pts", text)
    assert read_points([path], geometry, columns=columns).positions.tolist() == EXPECTED
    for given in (columns, {"a.pts": columns}, {"": columns}, {str(path): columns}):
        labels = read_labels([path], geometry, columns=given)
        assert labels.positions.tolist() == EXPECTED
        assert labels.notes == (
            "a.pts: points; crossline time inline; ms; 4 points; 4 samples labelled",
        )


@pytest.mark.parametrize(
    "form",
    [
        "{il} {xl} {t}",
        "{x} {y} {t}",
        "{il} {xl} {x} {y} {t}",
        "{x} {y} {il} {xl} {t}",
        "{n} {il} {xl} {t}",
    ],
)
def test_forms_without_titles_that_fit_the_cube_in_one_way(file, geometry, form):
    path = file("a.pts", rows(geometry, form))
    assert read_points([path], geometry).positions.tolist() == EXPECTED


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "0 1 2 8\n1 1 3 12\n",
            r"first counts the rows.*--columns \(columns=..\), such as -,inline",
        ),
        ("inline crossline time\n0 1 2 8\n5 1 3 12\n", "a title for each of 4 columns; got 3, and"),
        ("x y z z\n1 1 8 8\n", "expected one column of time; got titles 'z' and 'z'. Say which"),
        ("x,y,amp\n1,1,8\n", "expected a column of times; got titles of x, y alone"),
        ("x,inline,time\n1,1,8\n", "inline and crossline, or of x and y; got titles of x, inline"),
        ("x,y,time\n1,1,8\n", "the trace headers of the cube have no map coordinates; got x and y"),
        ("inline,crossline,depth_m\n1,1,8\n", "times in ms or s, as the cube has; .* states m"),
        ("inline,crossline,depth (ft)\n1,1,8\n", "the file states ft. Convert them"),
        ("1 1 500 500 8\n1 2 500 500 8\n", "where the fifth fits.*inline,crossline,-,-,time"),
    ],
)
def test_what_reads_in_two_ways_is_asked_about(file, text, message):
    axes = Axis("inline", 0, 1, 9), Axis("crossline", 1, 1, 5), Axis("sample", 0, 4, 11)
    with pytest.raises(LabelError, match=message):
        read_points([file("a.pts", text)], Geometry(*axes))


def test_the_only_order_that_fits_is_proposed_and_not_taken(file):
    axes = Axis("inline", 0, 1, 9), Axis("crossline", 100, 1, 5), Axis("sample", 12, 4, 11)
    path = file("a.pts", "16 7 101\n20 8 104\n")
    message = "in another order: --columns time,inline,crossline"
    with pytest.raises(LabelError, match=message):
        read_points([path], Geometry(*axes))
    with pytest.raises(LabelError, match=message):
        read_horizon(path, Geometry(*axes))
    found = read_points([path], Geometry(*axes), columns="time,inline,crossline")
    assert found.positions.tolist() == [[7, 1, 1], [8, 4, 2]]


def test_titles_of_map_coordinates_above_line_numbers_are_refused(file, geometry):
    with pytest.raises(LabelError, match="which are line numbers of the cube"):
        read_points([file("a.pts", "x y z\n104 301 16\n")], geometry)


def test_line_numbers_and_coordinates_of_other_places_are_refused(file, geometry):
    x, y = geometry.to_map(104, 301)
    text = f"inline crossline x y time\n110 307 {x} {y} 16\n"
    with pytest.raises(
        LabelError, match=r"a.pts: .*in line 2, where they differ.*inline,crossline,-"
    ):
        read_points([file("a.pts", text)], geometry)
    again = read_points([file("a.pts", text)], geometry, columns="-,-,x,y,time")
    assert again.positions.tolist() == [[2, 1, 1]]


@pytest.mark.parametrize(
    "columns, message",
    [
        ("inline,crosline,time", "Expected columns among inline, crossline, x, .*got 'crosline'"),
        ("inline,inline,time", "each column once; got 'inline' twice"),
        ("inline,time", "inline and crossline, or with x and y; got inline,time"),
        ("inline,crossline,-,-,-,time", "expected 6 columns, .*; got '104 301 16' in line 1"),
        ("inline,crossline", "expected a column of times"),
    ],
)
def test_names_that_are_no_columns_are_refused(file, geometry, columns, message):
    with pytest.raises(LabelError, match=message):
        read_points([file("a.pts", "104 301 16\n")], geometry, columns=columns)


@pytest.mark.parametrize(
    "unit, factor", [("s", 1000), ("ms", 1), ("us", 0.001), ("microseconds", 0.001)]
)
def test_titles_state_the_unit(file, geometry, unit, factor):
    text = f"inline,crossline,twt_{unit}\n104,301,{20 / factor:.10g}\n"
    assert read_points([file("a.pts", text)], geometry).positions.tolist() == [[2, 1, 2]]


def test_microseconds_can_be_said(file, geometry):
    path = file("a.pts", "104 301 20000\n104 302 24000\n")
    found = read_points([path], geometry, unit="us").positions.tolist()
    assert found == [[2, 1, 2], [2, 2, 3]]
    late = replace(geometry, samples=Axis("sample", 1000, 4, 9))
    text = "inline,crossline,twt (us)\n104,301,1012500\n104,302,1e30\n104,303,-999.25\n"
    horizon = read_horizon(file("a.hor", text), late, reach=0)
    assert (horizon.times[2, 1], horizon.undefined) == (1012.5, 2)


@pytest.mark.parametrize(
    "titles, form",
    [
        ("inline,crossline,sample", "104,301,2"),
        ("inline,crossline,sample_index,time", "104,301,7,20"),
        ("time,inline,crossline,Sample No", "20,104,301,7"),
        ("inline,crossline,z,twt", "104,301,-1500,20"),
        ("inline,crossline,elevation,Time (ms)", "104,301,1500,20"),
        ("inline,crossline,Z,TWT auto", "104,301,-1500,-20"),
    ],
)
def test_of_several_verticals_the_one_in_the_unit_of_the_cube_counts(file, geometry, titles, form):
    path = file("a.pts", f"{titles}\n{form}\n")
    assert read_points([path], geometry).positions.tolist() == [[2, 1, 2]]


def test_two_columns_of_times_are_asked_about(file, geometry):
    path = file("a.pts", "inline,crossline,TWT auto,TWT picked\n104,301,16,20\n")
    with pytest.raises(LabelError, match="one column of time; got titles 'TWT auto' and 'TWT pick"):
        read_points([path], geometry)


def test_depths_in_m_and_sample_numbers(file, geometry):
    deep = replace(geometry, sample_unit="m")
    path = file("a.pts", "inline,crossline,time,TVD(m)\n104,301,999,20\n")
    assert read_points([path], deep).positions.tolist() == [[2, 1, 2]]
    path = file("a.pts", "inline,crossline,z (samples)\n104,301,2\n")
    assert read_points([path], geometry).positions.tolist() == [[2, 1, 2]]


@pytest.mark.parametrize(
    "title, role",
    [
        *(("In-line", "inline"), ("INLINE_3D", "inline"), ("xl", "crossline"), ("X", "x")),
        *(
            ("X (EASTING)", "x"),
            ("utm_y", "y"),
            ("Two Way Time [ms]", "time"),
            ("Stick #", "stick"),
        ),
        *(("Poly ID", "polygon"), ("facies", "class"), ("amplitude", ""), ("id", ""), ("", "")),
    ],
)
def test_words_of_titles(title, role):
    assert role_and_unit(title)[0] == role


def test_large_prose_names_no_columns(file, geometry):
    text = "# crossline and inline numbers of the picks of the year, time in ms\n104 301 16\n"
    assert read_points([file("a.pts", text)], geometry).positions.tolist() == [[2, 1, 1]]


def test_points_of_several_classes_in_one_file(file, geometry):
    text = "inline,crossline,time,class\n104,301,16,7\n104,303,20,2\n106,303,28,7\n"
    labels = read_labels([file("all.csv", text), file("b.csv", text[:41])], geometry)
    assert labels.legend.names == ("class 2", "class 7")
    assert labels.legend.codes == (2, 7)
    assert sorted(zip(labels.positions.tolist(), labels.classes.tolist(), strict=True)) == [
        *(([2, 1, 1], 1), ([2, 3, 2], 0), ([3, 3, 4], 1)),
    ]
    words = text.replace(",7\n", ",salt\n").replace(",2\n", ",chalk\n")
    named = read_labels([file("all.csv", words)], geometry)
    assert set(named.legend.names) == {"salt", "chalk"}
    assert np.array(named.legend.names)[named.classes].tolist().count("salt") == 2
    with pytest.raises(LabelError, match="class numbers would mix: give them alone"):
        read_labels([file("all.csv", text), file("c.pts", "100 300 12\n")], geometry)
    with pytest.raises(
        LabelError, match=r"line 2: expected a class, 0 to 32767 or a name; got 1\.5"
    ):
        read_labels([file("all.csv", text.replace(",7\n", ",1.5\n"))], geometry)
