import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from skimage.measure import points_in_poly

from tfseis.errors import FormatError, LabelError
from tfseis.io.labels.areas import Polygon, polygon_positions
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.horizons import Horizon, write_horizon
from tfseis.io.labels.polygons import (
    read_polygon,
    read_polygons,
    write_polygon,
)

SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def file(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return written


def block(*ranges):
    """All positions of ranges of indices, first and last included."""
    grids = np.mgrid[tuple(slice(first, last + 1) for first, last in ranges)]
    return grids.reshape(3, -1).T


@pytest.mark.parametrize(
    "corners, expected",
    [
        (
            [(104, 301, 19), (104, 304.4, 19), (104, 304.4, 33), (104, 301, 33)],
            [(2, 2), (1, 4), (2, 5)],
        ),
        (
            [(101, 305, 19), (109, 305, 19), (109, 305, 33), (101, 305, 33)],
            [(1, 4), (5, 5), (2, 5)],
        ),
        (
            [(101, 301, 20), (109, 301, 20), (109, 304.4, 20), (101, 304.4, 20)],
            [(1, 4), (1, 4), (2, 2)],
        ),
    ],
)
@pytest.mark.parametrize("places", ["lines", "map"])
def test_a_rectangle_on_a_section_is_filled(file, geometry, corners, expected, places):
    lines = []
    for il, xl, z in corners:
        a, b = (il, xl) if places == "lines" else geometry.to_map(il, xl)
        lines.append(f"{a}\t{b}\t{z}\r")
    labels = read_polygons([file("salt.poly", "\n".join(lines))], geometry)
    assert_array_equal(labels.positions, block(*expected))
    assert labels.legend.names == ("salt",)


@SMALL
@given(
    st.lists(st.tuples(st.floats(297, 310), st.floats(0, 56)), min_size=3, max_size=8, unique=True)
)
def test_what_is_inside_is_what_another_library_finds_inside(geometry, corners):
    nodes = np.array([(104, xl, z) for xl, z in corners])
    bins = np.column_stack([nodes[:, 1] - 300, (nodes[:, 2] - 12) / 4])
    centres = np.argwhere(np.ones((8, 9), bool))
    expected = centres[points_in_poly(centres, bins)]
    assume(len(expected))
    found = polygon_positions(Polygon("a", nodes), geometry)
    assert (found[:, 0] == 2).all()
    differ = {tuple(p) for p in found[:, 1:].tolist()} ^ {tuple(p) for p in expected.tolist()}
    sides = np.roll(bins, -1, axis=0) - bins
    for place in differ:  # the two may count points on a side differently
        away = np.array(place) - bins
        cross = np.abs(sides[:, 0] * away[:, 1] - sides[:, 1] * away[:, 0])
        assert (cross <= 1e-6 * (1 + np.abs(sides).max())).any()


def test_a_polygon_on_the_map_reaches_from_time_to_time(file, geometry):
    text = "# time 20 32\nInline Crossline\n101 301\n109 301\n109 304.4\n101 304.4\n"
    labels = read_polygons([file("salt.poly", text)], geometry)
    assert_array_equal(labels.positions, block((1, 4), (1, 4), (2, 5)))


def test_a_polygon_on_the_map_reaches_from_horizon_to_horizon(file, geometry, tmp_path):
    inline, crossline = np.indices((7, 8))
    write_horizon(tmp_path / "my top.hor", Horizon("t", 12.0 + 2 * inline), geometry)
    write_horizon(tmp_path / "base.hor", Horizon("b", 30.0 + crossline), geometry)
    text = '# horizons "my top.hor" base.hor\n101 301\n109 301\n109 304.4\n101 304.4\n'
    positions = read_polygons([file("salt.poly", text)], geometry).positions
    expected = [
        (i, j, k)
        for i, j, k in block((1, 4), (1, 4), (0, 8)).tolist()
        if 12 + 2 * i <= 12 + 4 * k < 30 + j
    ]
    assert [tuple(place) for place in positions.tolist()] == expected


@pytest.mark.parametrize("gap", ["\n", "  \n", ">\n"])
def test_polygons_of_one_file_are_one_class(file, geometry, gap):
    square = "{0} 300 12\n{0} 302 12\n{0} 302 20\n{0} 300 20\n"
    path = file("a.poly", square.format(100) + gap + square.format(112))
    assert [len(area.vertices) for area in read_polygon(path, geometry)] == [4, 4]
    assert set(read_polygons([path], geometry).positions[:, 0].tolist()) == {0, 6}


def test_what_lies_outside_the_cube_is_left_out(geometry):
    corners = np.array([(104, 200, -90), (104, 900, -90), (104, 900, 900), (104, 200, 900.0)])
    assert_array_equal(
        polygon_positions(Polygon("a", corners), geometry), block((2, 2), (0, 7), (0, 8))
    )


@SMALL
@given(
    st.lists(st.tuples(st.floats(100, 112), st.floats(300, 307)), min_size=3, max_size=6),
    st.sampled_from(["inline", "time", "horizons"]),
)
def test_polygons_come_back_as_they_were(tmp_path, geometry, corners, depth):
    nodes = np.array([(il, xl, np.nan) for il, xl in corners])
    path, horizons = tmp_path / "salt.poly", (tmp_path / "a.hor", tmp_path / "b.hor")
    if depth == "inline":
        nodes[:, 0], nodes[:, 2] = 104, 12 + 2 * (nodes[:, 0] - 100)
    area = Polygon(
        "salt",
        nodes,
        (20, 32) if depth == "time" else None,
        horizons if depth == "horizons" else None,
    )
    write_polygon(path, [area, area], overwrite=True)
    again = read_polygon(path, geometry)
    assert len(again) == 2
    assert_allclose(again[1].vertices, nodes, atol=1e-5)
    assert (again[0].name, again[0].times, again[0].horizons) == ("salt", area.times, area.horizons)


@pytest.mark.parametrize(
    "text, message",
    [
        ("104 300 12\n104 302 12\n", "line 1: expected three vertices or more; got 2"),
        ("104 300 12\n104 302 12\n104 302 x\n", "line 3: expected inline crossline time, x y time"),
        ("104 300\n104 302\n108 302\n", "for a polygon on the map, a line '# time 800 1200'"),
        (
            "104 300 12\n106 302 12\n108 302 40\n",
            "a: expected all vertices on one inline, one cross",
        ),
        ("104 300.1 12\n104 300.2 12\n104 300.2 40\n", "a polygon around at least one sample"),
        ("904 300 12\n904 302 12\n904 302 40\n", "a polygon around at least one sample"),
        ("104 300 nan\n104 302 12\n104 302 40\n", "line 1: expected inline crossline time"),
    ],
)
def test_what_is_no_polygon_of_this_cube_is_refused(file, geometry, text, message):
    with pytest.raises(LabelError, match=message):
        read_polygons([file("a.poly", text)], geometry)


def test_the_rest_is_refused(file, geometry, tmp_path):
    corners = np.array([(104, 300, 12), (104, 302, 12), (104, 302, 20.0)])
    areas = [Polygon("a", corners, (12, 20)), Polygon("a", corners, (12, 24))]
    with pytest.raises(
        LabelError, match="Expected polygons of one depth for one file; got several"
    ):
        write_polygon(tmp_path / "a.poly", areas)
    with pytest.raises(LabelError, match="got no polygon"):
        write_polygon(tmp_path / "a.poly", [])
    with pytest.raises(LabelError, match="at least one polygon file; got none"):
        read_polygons([], geometry)
    path = file("b.poly", "# horizons a.hor b.hor\n100 300\n104 300\n104 304\n")
    with pytest.raises(FormatError, match=r"a.hor: expected a text file .*No such file"):
        read_polygons([path], geometry)


def rectangle(crosslines, times, inline=104):
    """Rows of a rectangle on an inline."""
    (left, right), (top, bottom) = crosslines, times
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return "\n".join(f"{inline} {crossline} {time}" for crossline, time in corners) + "\n"


OUTER, INNER, CORE = (
    ((299.5, 306.5), (10, 46)),
    ((301.5, 304.5), (18, 34)),
    ((302.5, 303.5), (22, 30)),
)


@pytest.mark.parametrize("names", [("a.poly", "b.poly"), ("b.poly", "a.poly")], ids=str)
@pytest.mark.parametrize("core", [True, False])
def test_the_inner_of_two_polygons_counts_in_any_order_of_files(file, geometry, names, core):
    """With an island of the outer class in the inner one, too; counted by hand."""
    outer = file(names[0], rectangle(*OUTER) + core * ("\n" + rectangle(*CORE)))
    inner = file(names[1], rectangle(*INNER))
    labels = read_polygons([outer, inner], geometry)
    expected = np.full((8, 9), -1)
    expected[0:7, 0:9] = 0
    expected[2:5, 2:6] = 1
    if core:
        expected[3, 3:5] = 0
    if names[0] == "b.poly":
        expected = np.where(expected < 0, -1, 1 - expected)
    found = np.full(geometry.shape, -1)
    found[tuple(labels.positions.T)] = labels.classes
    assert_array_equal(found[2], expected)
    assert (found[[0, 1, 3, 4, 5, 6]] == -1).all()


def test_a_map_polygon_around_one_on_a_section(file, geometry):
    outer = file("a.poly", "# time 12 44\n100 300\n112 300\n112 307\n100 307\n")
    inner = file("b.poly", rectangle(*INNER))
    labels = read_labels([outer, inner], geometry)
    assert np.bincount(labels.classes)[1] == 3 * 4
    assert "12 samples in polygons of other classes inside" in labels.notes[0]
    alone = read_labels([outer], geometry)
    assert len(labels) == len(alone)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (((299.5, 304.5), (18, 34)), ((302.5, 308.5), (18, 34))),
        (INNER, INNER),
        (INNER, ((301.5, 304.5), (26, 50))),
    ],
    ids=str,
)
def test_polygons_that_overlap_in_part_are_refused(file, geometry, one, other):
    files = [file("salt.poly", rectangle(*one)), file("chalk.poly", rectangle(*other))]
    shared = (
        r"one of (salt|chalk)\.poly shares \d+ of \d+ samples, such as inline 104, crossline 30"
    )
    with pytest.raises(LabelError, match=rf"(salt|chalk)\.poly: .*{shared}.*Cut one along"):
        read_polygons(files, geometry)


def test_neighbours_and_areas_that_reach_a_sample_out_are_no_overlap(file, geometry):
    left, right = ((299.5, 302.5), (10, 46)), ((302.5, 306.5), (10, 46))
    paths = [file("a.poly", rectangle(*left)), file("b.poly", rectangle(*right))]
    assert np.bincount(read_polygons(paths, geometry).classes).tolist() == [27, 36]
    over = file("c.poly", rectangle((301.5, 303.5), (18, 34)))  # half in either of one class
    both = file("a.poly", rectangle(*left) + "\n" + rectangle(*right))
    assert np.bincount(read_polygons([both, over], geometry).classes).tolist() == [55, 8]
    out = file("d.poly", rectangle((299.5, 307.5), (30, 46)))  # one trace beyond the others
    assert np.bincount(read_polygons([both, out], geometry).classes).tolist() == [63 - 28, 32]


def test_what_lies_on_a_common_border_belongs_to_neither(file, geometry):
    """Corners that snap to each other lie on samples: both polygons hold trace 302."""
    left, right = ((300, 302), (10, 46)), ((302, 306), (10, 46))
    paths = [file("a.poly", rectangle(*left)), file("b.poly", rectangle(*right))]
    labels = read_labels(paths, geometry)
    assert np.bincount(labels.classes).tolist() == [2 * 9, 4 * 9]
    assert "9 samples in polygons of other classes inside, or on a border" in labels.notes[0]
    assert not (labels.positions[:, 1] == 2).any()
    slanted = file("c.poly", "# inline 102\n104 302 10\n104 306 10\n104 306 46\n104 300 46\n")
    rest = file("d.poly", "# inline 102\n104 299.5 10\n104 302 10\n104 300 46\n104 299.5 46\n")
    assert read_polygons([slanted, rest], geometry).classes.max() == 1


def test_a_polygon_that_others_cover_is_refused(file, geometry):
    whole = file("a.poly", rectangle(*OUTER))
    halves = file(
        "b.poly", rectangle((299.5, 302.5), (10, 46)) + "\n" + rectangle((302.5, 306.5), (10, 46))
    )
    with pytest.raises(LabelError, match=r"a\.poly: expected a sample that no polygon of another"):
        read_polygons([whole, halves], geometry)
