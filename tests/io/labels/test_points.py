from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, GeometryError, LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.parts import LabelPart, merge
from tfseis.io.labels.points import read_points, write_points

SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def points(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return written


def test_line_numbers_become_indices_in_file_order(points, geometry):
    path = points("salt.pts", "112 300 44\n100 307 12 -8 more\n102 301 17.9\n")
    labels = read_points([path], geometry)
    assert labels.positions.tolist() == [[6, 0, 8], [0, 7, 0], [1, 1, 1]]
    assert labels.legend.names == ("salt",)


def test_map_coordinates_are_recognised_and_converted(points, geometry):
    x, y = geometry.to_map(104, 306)  # worked out from the affine: 10 il - 7.5 xl, 7.5 il + 10 xl
    assert (x, y) == (450_000 + 1040 - 2295, 6_780_000 + 780 + 3060)
    path = points("salt.pts", f"{x:.1f}, {y:.1f}, 20\n")
    assert read_points([path], geometry).positions.tolist() == [[2, 6, 2]]


def test_a_map_coordinate_belongs_to_the_nearest_trace(points, geometry):
    x, y = geometry.to_map(104.8, 305.6)
    path = points("salt.pts", f"{x} {y} 20\n")
    assert read_points([path], geometry).positions.tolist() == [[2, 6, 2]]


@pytest.mark.parametrize(
    "text",
    [
        "102\t303\t16\r\n",
        "102,303,16",
        "102;303;16",
        "\ufeff# by hand\n\n102 303 16\n",
        "! a\n@ b\n// c\n102 303 16",
        "Inline Crossline Time\n102 303 16",
        "Crossline,Inline,TWT\n303,102,16",
        "102 303 0.0161",
        "102 303 -16",
    ],
)
def test_spelling_does_not_matter(points, geometry, text):
    assert read_points([points("a.pts", text)], geometry).positions.tolist() == [[1, 3, 1]]


def test_the_unit_can_be_given(points, geometry):
    path = points("a.pts", "102 303 8\n")
    assert read_points([path], geometry, unit="sample").positions.tolist() == [[1, 3, 8]]
    with pytest.raises(LabelError, match="a vertical unit among ms, s, sample"):
        read_points([path], geometry, unit="m")


def test_whole_numbers_are_no_seconds(points):
    geometry = Geometry(Axis("i", 0, 1, 3), Axis("x", 0, 1, 3), Axis("sample", 0, 1, 2001))
    assert read_points([points("a.pts", "0 1 0\n0 1 2")], geometry).positions[:, 2].tolist() == [
        0,
        2,
    ]
    path = points("b.pts", "0 1 0\n0 1 1.5\n")
    assert read_points([path], geometry).positions[:, 2].tolist() == [0, 1500]


@SMALL
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 7), st.integers(0, 8)),
        min_size=1,
        max_size=30,
        unique=True,
    ),
    st.sampled_from(["lines", "map"]),
)
def test_labels_come_back_as_they_were(tmp_path, geometry, places, coordinates):
    positions = np.array(places)
    _, classes = np.unique(positions.sum(1) % 3, return_inverse=True)
    legend = Legend.of(["chalk", "salt", "shale"][: classes.max() + 1])
    labels = Labels(positions, classes, legend)
    paths = write_points(tmp_path, labels, geometry, coordinates=coordinates, overwrite=True)
    again = read_points(paths, geometry)
    order = np.argsort(classes, kind="stable")
    assert_array_equal(again.positions, positions[order])
    assert_array_equal(again.classes, classes[order])
    assert again.legend.names == legend.names


@SMALL
@given(st.floats(-0.49, 0.49), st.floats(-0.49, 0.49), st.floats(-0.49, 0.49))
def test_reading_moves_a_map_point_by_half_a_bin_at_most(points, geometry, di, dx, ds):
    x, y = geometry.to_map(106 + 2 * di, 304 + dx)
    path = points("a.pts", f"{x} {y} {24 + 4 * ds}")
    assert read_points([path], geometry).positions.tolist() == [[3, 4, 3]]


def test_a_mixed_file_is_refused(points, geometry):
    x, y = geometry.to_map(104, 306)
    path = points("salt.pts", f"# picks\n100 300 12\n{x} {y} 20\n")
    with pytest.raises(LabelError, match=r"salt.pts: .*line 2 holds line numbers, line 3 map"):
        read_points([path], geometry)


def test_files_of_two_kinds_are_refused(points, geometry):
    x, y = geometry.to_map(104, 306)
    paths = [points("a.pts", f"# x y\n{x} {y} 20\n"), points("b.pts", "100 300 12\n")]
    with pytest.raises(LabelError, match=r"b.pts, line 1, .*line numbers and a.pts, line 2, .*map"):
        read_points(paths, geometry)


@pytest.mark.parametrize(
    "text, message",
    [
        ("100 300 12\n100 oops 12\n", "a.pts, line 2: expected inline crossline time_ms; got"),
        ("100 300\n", "a.pts, line 1: expected inline crossline time_ms; got '100 300'"),
        ("100 300 nan\n", "a.pts, line 1: expected inline crossline time_ms; got '100 300 nan'"),
        ("# x\n114 300 12\n", "line 2: expected inline 100 to 112 step 2; got 114"),
        ("101 300 12\n", "line 1: expected inline 100 to 112 step 2; got 101 "),
        ("100 308 12\n", "line 1: expected crossline 300 to 307 step 1; got 308 "),
        ("100 300 99\n", "line 1: expected sample 12 to 44 step 4; got 99 .1 of 1 points are out"),
        ("# nothing\n", "a.pts holds no points"),
    ],
)
def test_what_does_not_fit_is_refused_by_line(points, geometry, text, message):
    with pytest.raises(LabelError, match=message):
        read_points([points("a.pts", text)], geometry)


def test_map_points_are_refused_where_all_lie_outside(points, geometry):
    (x, y), (u, v) = geometry.to_map([104, 104], [320, 330])
    path = points("a.pts", f"# x y time\n{x} {y} 20\n{u} {v} 20\n")
    with pytest.raises(
        LabelError, match=r"line 2: expected crossline 300 to 307 .*got 320.0 from x .*2 of 2 poi"
    ):
        read_points([path], geometry)


@pytest.mark.parametrize("places", ["lines", "map"])
def test_points_of_a_larger_survey_are_left_out_and_counted(points, geometry, places):
    rows = [(104, 306, 20), (104, 320, 20), (98, 306, 20), (104, 306, 99)]
    for place, (il, xl, time) in enumerate(rows):
        a, b = (il, xl) if places == "lines" else geometry.to_map(il, xl)
        rows[place] = f"{a} {b} {time}\n"
    labels = read_labels([points("a.pts", "".join(rows))], geometry)
    assert labels.positions.tolist() == [[2, 6, 2]]
    columns = "inline crossline time" if places == "lines" else "x y time"
    assert labels.notes == (
        f"a.pts: points; {columns}; ms; 4 points; 1 sample labelled; left out: 3 outside the cube",
    )


def test_points_between_lines_are_left_out_and_counted(points, geometry):
    labels = read_labels([points("a.pts", "101 300 12\n102 301.2 12\n103 300 12\n")], geometry)
    assert labels.positions.tolist() == [[1, 1, 0]]
    assert labels.notes[0].endswith("left out: 2 between lines")


def test_map_coordinates_need_a_map(points, geometry, tmp_path):
    plain = replace(geometry, affine=None)
    with pytest.raises(LabelError, match="expected inline 100 to 112 step 2; got 450000"):
        read_points([points("a.pts", "450000 6780000 20")], plain)
    labels = Labels(np.array([[0, 0, 0]]), np.array([0]), Legend.of(["a"]))
    with pytest.raises(GeometryError, match="Expected map coordinates in the trace headers"):
        write_points(tmp_path, labels, plain, coordinates="map", overwrite=True)


def test_two_classes_of_one_sample_are_refused(points, geometry):
    paths = [points("a.pts", "100 300 12\n102 301 16\n"), points("b.pts", "102 301 17\n")]
    with pytest.raises(LabelError, match=r"b.pts, line 1: .* a.pts, line 2, labels the same one"):
        read_points(paths, geometry)


def test_areas_that_overlap_are_refused_by_place(geometry):
    parts = [LabelPart(f"{name}.poly", name, np.array([[1, 3, 1]])) for name in "ab"]
    with pytest.raises(
        LabelError, match=r"b.poly: .* a.poly, .*inline 102, crossline 303, sample 16"
    ):
        merge(parts, geometry)


def test_files_that_cannot_be_read_are_refused(points, geometry, tmp_path):
    with pytest.raises(FormatError, match="No such file"):
        read_points([tmp_path / "none.pts"], geometry)
    (tmp_path / "bytes.pts").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="it holds other bytes"):
        read_points([tmp_path / "bytes.pts"], geometry)
    with pytest.raises(LabelError, match=r"Expected at least one .pts file; got none"):
        read_points([], geometry)
    (tmp_path / "deep").mkdir()
    twice = [points("a.pts", "100 300 12"), points("deep/a.pts", "100 300 16")]
    with pytest.raises(LabelError, match="'a' comes twice"):
        read_points(twice, geometry)


def test_writing_refuses_names_and_coordinates(geometry, tmp_path):
    labels = Labels(np.array([[0, 0, 0]]), np.array([0]), Legend.of(["up/down"]))
    with pytest.raises(LabelError, match="class names that can be file names; got 'up/down'"):
        write_points(tmp_path, labels, geometry)
    with pytest.raises(LabelError, match="coordinates 'lines' or 'map'; got 'utm'"):
        write_points(tmp_path, labels, geometry, coordinates="utm")


def test_f3_points_on_the_map_are_those_in_line_numbers(data):
    """The same picks were exported twice; the map's two directions follow from the picks."""
    folder = data / "f3_points"
    lines, there = folder / "multi_high_amplitude_ilxl.pts", folder / "multi_high_amplitude_utm.pts"
    crosslines, xy = np.loadtxt(lines)[:, 1], np.loadtxt(there)[:, :2]
    (dx, dy), origin = np.polyfit(crosslines, xy, 1)
    affine = np.array([[dy, dx, origin[0] - 339 * dy], [-dx, dy, origin[1] + 339 * dx]])
    geometry = Geometry(
        Axis("inline", 100, 1, 651),
        Axis("crossline", 300, 1, 951),
        Axis("sample", 4, 4, 462),
        affine,
    )
    one, other = read_points([lines], geometry), read_points([there], geometry)
    assert len(one) == 13283
    assert_array_equal(one.positions, other.positions)
