"""Line numbers and map coordinates are found wherever headers hold them, in any format."""

import json
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.encoding import ibm_float

SHAPE = (20, 24, 5)
TRACE = 240 + 4 * SHAPE[2]
FIELDS = (1, 5, 21, 73, 77, 181, 185, 189, 193)  # that write_segy fills with numbers
NAMES = ("inline_byte", "crossline_byte", "x_byte", "y_byte")
AMPLITUDE = np.arange(np.prod(SHAPE), dtype="float32").reshape(SHAPE)


def geometry_of(first=(100, 300), steps=(1, 1), angle=30, bins=(25, 12.5)):
    turn = np.deg2rad(angle)
    linear = np.array([[-np.sin(turn), np.cos(turn)], [np.cos(turn), np.sin(turn)]]) * bins
    linear = linear / steps
    origin = np.array([450_000, 6_780_000]) - linear @ np.array(first)
    return Geometry(
        Axis("inline", first[0], steps[0], SHAPE[0]),
        Axis("crossline", first[1], steps[1], SHAPE[1]),
        Axis("sample", 0, 4, SHAPE[2]),
        np.column_stack([linear, origin]),
    )


def put(traces, byte, values, order=">", kind="i4"):
    column = np.asarray(np.broadcast_to(values, len(traces))).astype(order + kind)
    size = column.itemsize
    traces[:, byte - 1 : byte - 1 + size] = column.view("u1").reshape(len(traces), size)


def written(path, fields, *, sorting="inline", endian="big", **options):
    """A file with no number but those of `fields`: byte to (what it holds, format)."""
    geometry = geometry_of(**options)
    write_segy(path, AMPLITUDE, geometry, sorting=sorting, endian=endian)
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    order = ">" if endian == "big" else "<"
    inline, crossline = np.meshgrid(*(a.numbers for a in geometry.axes[:2]), indexing="ij")
    if sorting == "crossline":
        inline, crossline = inline.T, crossline.T
    inline, crossline = inline.ravel(), crossline.ravel()
    x, y = geometry.to_map(inline, crossline).T
    values = {"inline": inline, "crossline": crossline, "x": x, "y": y, "count": np.arange(480) + 1}
    for byte in FIELDS:
        put(traces, byte, 0, order)
    put(traces, 71, -100, order, "i2")
    for byte, (what, format) in fields.items():
        numbers = values[what]
        if format == "ieee":
            put(traces, byte, numbers, order, "f4")
        elif format == "ibm":
            put(traces, byte, ibm_float(numbers), order, "u4")
        elif format == "whole":
            put(traces, byte, np.rint(numbers), order)
        else:
            put(traces, byte, np.rint(numbers * (100 if what in "xy" else 1)), order)
    traces.flush()
    return geometry


def found(path, arguments, geometry):
    diagnosis = diagnose(path)
    assert diagnosis.arguments == arguments, diagnosis.reason
    assert diagnose(path, **arguments).verdict == "opens"
    json.dumps(diagnosis.as_dict())
    cube = open_segy(path, **arguments)
    for axis in range(2):
        assert cube.geometry.axes[axis] == geometry.axes[axis]
    assert_array_equal(cube[...], AMPLITUDE)
    return diagnosis, cube


PLACE = {181: ("x", "cm"), 185: ("y", "cm")}


@pytest.mark.parametrize(
    "pair",
    [
        *((17, 13), (9, 25), (25, 21), (13, 9), (21, 25), (9, 13), (9, 21), (5, 21), (17, 21)),
        *((1, 5), (41, 45), (13, 25), (221, 225), (193, 197)),
    ],
)
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("coordinates", [True, False])
def test_any_aligned_pair_may_hold_the_lines(*, tmp_path, pair, endian, coordinates):
    path = tmp_path / "cube.sgy"
    fields = {pair[0]: ("inline", "int"), pair[1]: ("crossline", "int")}
    geometry = written(path, {**fields, **(PLACE if coordinates else {})}, endian=endian)
    _, cube = found(path, {"inline_byte": pair[0], "crossline_byte": pair[1]}, geometry)
    if coordinates:
        assert_allclose(cube.geometry.affine, geometry.affine, rtol=1e-4, atol=1)


@pytest.mark.parametrize("pair", [(9, 13), (17, 13), (9, 25), (25, 21)])
@pytest.mark.parametrize("first", [(1, 1), (100, 1), (0, 0)])
def test_fields_of_channels_hold_lines_where_coordinates_confirm_it(tmp_path, pair, first):
    path = tmp_path / "cube.sgy"
    fields = {pair[0]: ("inline", "int"), pair[1]: ("crossline", "int")}
    geometry = written(path, {**fields, **PLACE}, first=first)
    found(path, {"inline_byte": pair[0], "crossline_byte": pair[1]}, geometry)
    written(tmp_path / "alone.sgy", fields, first=first)
    diagnosis = diagnose(tmp_path / "alone.sgy")
    if first[pair.index(min(set(pair) & {13, 25}))] <= 1:
        assert diagnosis.verdict == "cannot"
        told = f"--inline-byte {pair[0]} --crossline-byte {pair[1]}"
        assert re.search(
            rf"count shots, channels .* if they are lines, say so: {told}", diagnosis.reason
        )
        assert (
            open_segy(tmp_path / "alone.sgy", inline_byte=pair[0], crossline_byte=pair[1]).shape
            == SHAPE
        )


def test_shots_and_channels_stay_gathers(tmp_path):
    path = tmp_path / "shots.sgy"
    fields = {9: ("inline", "int"), 13: ("crossline", "int")}
    written(path, fields, first=(1, 1))
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    shot, channel = np.arange(480) // 24, np.arange(480) % 24
    put(traces, 73, 2500 * shot)
    put(traces, 81, 2500 * shot + 1250 * channel)
    put(traces, 181, 2500 * shot + 625 * channel)
    put(traces, 21, 4 * shot + channel)
    traces.flush()
    assert diagnose(path).kind == "pre-stack"
    assert diagnose(path).verdict == "cannot"


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_usual_pairs_name_the_inline_in_any_order_of_the_file(tmp_path, sorting):
    for pair in ((9, 21), (17, 13), (5, 21)):
        path = tmp_path / f"{pair[0]}-{pair[1]}.sgy"
        fields = {pair[0]: ("inline", "int"), pair[1]: ("crossline", "int")}
        geometry = written(path, fields, sorting=sorting)
        found(path, {"inline_byte": pair[0], "crossline_byte": pair[1]}, geometry)


@pytest.mark.parametrize(
    "pair", [(73, 77), (81, 85), (181, 185), (41, 45), (189, 193), (193, 197), (233, 237)]
)
@pytest.mark.parametrize("angle", [0, 30])
def test_coordinates_are_found_wherever_they_lie(tmp_path, pair, angle):
    path = tmp_path / "cube.sgy"
    places = {pair[0]: ("x", "cm"), pair[1]: ("y", "cm")}
    geometry = written(path, {5: ("inline", "i"), 21: ("crossline", "i"), **places}, angle=angle)
    usual = {} if pair == (181, 185) else {"x_byte": pair[0], "y_byte": pair[1]}
    _, cube = found(path, {"inline_byte": 5, "crossline_byte": 21, **usual}, geometry)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=0.1)


def test_counters_are_no_coordinates(tmp_path):
    path = tmp_path / "cube.sgy"
    lines = {9: ("inline", "i"), 21: ("crossline", "i")}
    geometry = written(path, {**lines, 1: ("count", "i"), 5: ("crossline", "i")})
    _, cube = found(path, {"inline_byte": 9, "crossline_byte": 21}, geometry)
    assert cube.geometry.affine is None


def test_a_file_that_opens_is_told_of_coordinates_elsewhere(tmp_path):
    path = tmp_path / "cube.sgy"
    lines = {189: ("inline", "i"), 193: ("crossline", "i")}
    geometry = written(path, {**lines, 73: ("x", "cm"), 77: ("y", "cm")})
    diagnosis, cube = found(path, {}, geometry)
    assert cube.geometry.affine is None
    assert diagnosis.facts["map_arguments"] == {"x_byte": 73, "y_byte": 77}
    assert "none that fit the grid; scalar (byte 71): [-100]. Others do: --x-byte 73" in describe(
        diagnosis
    )
    cube = open_segy(path, x_byte=73, y_byte=77)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=0.1)


@pytest.mark.parametrize("pair", [(189, 193), (5, 9)])
def test_line_numbers_are_no_map(tmp_path, pair):
    path = tmp_path / "cube.sgy"
    lines = {pair[0]: ("inline", "i"), pair[1]: ("crossline", "i")}
    copies = {181: ("inline", "i"), 185: ("crossline", "i")}
    geometry = written(path, {**lines, **copies, 81: ("x", "cm"), 85: ("y", "cm")})
    diagnosis = diagnose(path)
    arguments = {**diagnosis.arguments, **diagnosis.facts["map_arguments"]}
    assert (arguments["x_byte"], arguments["y_byte"]) == (81, 85)
    cube = open_segy(path, **arguments)
    assert cube.geometry.axes[0] == geometry.axes[0]
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=0.1)
    assert open_segy(path, inline_byte=pair[0], crossline_byte=pair[1]).geometry.affine is None
    assert open_segy(path, inline_byte=181, crossline_byte=185).geometry.affine is None


@pytest.mark.parametrize("format", ["ieee", "ibm"])
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("scalar", [1, -100])
@pytest.mark.parametrize("pair", [(181, 185), (73, 77)])
def test_float_coordinates_are_recognised(*, tmp_path, format, endian, scalar, pair):
    path = tmp_path / "cube.sgy"
    lines = {189: ("inline", "i"), 193: ("crossline", "i")}
    places = {pair[0]: ("x", format), pair[1]: ("y", format)}
    geometry = written(path, {**lines, **places}, endian=endian)
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    put(traces, 71, scalar, ">" if endian == "big" else "<", "i2")
    traces.flush()
    assert open_segy(path, x_byte=pair[0], y_byte=pair[1]).geometry.affine is None
    diagnosis, _ = found(path, {}, geometry)
    extra = diagnosis.facts["map_arguments"]
    assert extra["coordinate_format"] == format
    cube = open_segy(path, **extra)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=3)


@pytest.mark.parametrize("format", ["ieee", "ibm"])
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("pair", [(189, 193), (9, 21), (181, 185)])
@pytest.mark.parametrize("first", [(100, 300), (1, 1), (1120, 2035), (120, 124)])
def test_float_line_numbers_are_recognised(*, tmp_path, format, endian, pair, first):
    path = tmp_path / "cube.sgy"
    lines = {pair[0]: ("inline", format), pair[1]: ("crossline", format)}
    geometry = written(path, lines, endian=endian, first=first)
    usual = {} if pair == (189, 193) else {"inline_byte": pair[0], "crossline_byte": pair[1]}
    diagnosis, _ = found(path, {**usual, "line_format": format}, geometry)
    if not usual:
        with pytest.raises(
            GeometryError, match=rf"are {format} floats of .*\(line_format='{format}'\)"
        ):
            open_segy(path)
        assert f"--line-format {format}" in describe(diagnosis)


def test_formats_of_numbers_are_checked(tmp_path):
    path = tmp_path / "cube.sgy"
    written(path, {189: ("inline", "i"), 193: ("crossline", "i"), **PLACE})
    with pytest.raises(
        GeometryError, match=r"line_format and coordinate_format among .* got 'float'"
    ):
        open_segy(path, line_format="float")
    with pytest.raises(
        GeometryError, match="inline numbers as ieee floats at byte 189; got numbers"
    ):
        open_segy(path, line_format="ieee")
    with pytest.raises(
        GeometryError, match=r"four bytes for the ibm float of inline; got .* 2 bytes"
    ):
        open_segy(path, line_format="ibm", inline_byte=89)
    with pytest.raises(FormatError, match="inline at byte 1 to 237"):
        open_segy(path, line_format="ibm", inline_byte=239)


@pytest.mark.parametrize("angle", [0, 90])
@pytest.mark.parametrize("other", [True, False])
def test_coordinates_are_no_line_numbers(tmp_path, angle, other):
    path = tmp_path / "cube.sgy"
    lines = {189: ("x", "whole"), 193: ("y", "whole")}
    written(path, {**lines, **(PLACE if other else {})}, angle=angle, bins=(25, 12))
    with pytest.raises(GeometryError, match=r"like map coordinates. Form the grid from them"):
        open_segy(path)
    diagnosis = diagnose(path)
    assert diagnosis.arguments["grid"] == "coordinates"
    cube = open_segy(path, **diagnosis.arguments)
    assert (cube.geometry.inlines.first, cube.geometry.inlines.step) == (1, 1)
    assert_array_equal(np.sort(cube[...].ravel()), AMPLITUDE.ravel())


def test_large_line_numbers_are_line_numbers(tmp_path):
    for number, (first, steps) in enumerate(
        [((200_101, 300_005), (10, 10)), ((2_010_001, 5_001), (1, 2)), ((100_000, 200_000), (1, 1))]
    ):
        path = tmp_path / f"{number}.sgy"
        lines = {189: ("inline", "i"), 193: ("crossline", "i"), **PLACE}
        geometry = written(path, lines, first=first, steps=steps)
        found(path, {}, geometry)


def test_numbers_in_steps_that_no_survey_has_are_asked_about(tmp_path):
    path = tmp_path / "cube.sgy"
    written(path, {189: ("inline", "i"), 193: ("crossline", "i")}, steps=(40_000, 1))
    with pytest.raises(GeometryError, match=r"in steps of 40000 and .* ask tfseis doctor"):
        open_segy(path)


@pytest.mark.parametrize("endian", ["big", "little"])
def test_shifted_fields_are_named(tmp_path, endian):
    path = tmp_path / "cube.sgy"
    written(path, {17: ("inline", "i"), 13: ("crossline", "i")}, endian=endian)
    shift = 1 if endian == "big" else -1
    with pytest.raises(GeometryError, match=r"multiples of 256, .* Name byte 17"):
        open_segy(path, inline_byte=17 + shift, crossline_byte=13)


@pytest.mark.parametrize("pair", [(201, 205), (205, 209), (13, 205), (41, 205)])
def test_a_field_of_the_standard_and_another_may_hold_the_lines(tmp_path, pair):
    path = tmp_path / "cube.sgy"
    geometry = geometry_of()
    written(path, {pair[0]: ("inline", "i"), pair[1]: ("crossline", "i")})
    arguments = diagnose(path).arguments
    assert {"inline_byte", "crossline_byte"} <= set(arguments)
    assert open_segy(path, **arguments).geometry.axes[:2] == geometry.axes[:2]


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("pair", [(189, 193), (9, 21)])
def test_lines_in_steps_of_256_are_lines(tmp_path, pair, endian):
    path = tmp_path / "cube.sgy"
    geometry = geometry_of(first=(25600, 1280), steps=(256, 256))
    fields = {pair[0]: ("inline", "i"), pair[1]: ("crossline", "i")}
    written(path, fields, endian=endian, first=(25600, 1280), steps=(256, 256))
    cube = open_segy(path, inline_byte=pair[0], crossline_byte=pair[1])
    assert [axis.first for axis in cube.geometry.axes[:2]] == [25600, 1280]
    assert [axis.step for axis in cube.geometry.axes[:2]] == [256, 256]
    assert cube.shape[:2] == geometry.shape[:2]


def test_two_byte_fields_hold_lines_too(tmp_path):
    path = tmp_path / "cube.sgy"
    written(path, {})
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    put(traces, 89, 100 + np.arange(480) // 24, kind="i2")
    put(traces, 91, 300 + np.arange(480) % 24, kind="i2")
    traces.flush()
    geometry = geometry_of()
    found(path, {"inline_byte": 89, "crossline_byte": 91}, geometry)


@pytest.mark.parametrize("pair", [(9, 21), (17, 13), (181, 185), (41, 45)])
@pytest.mark.parametrize("kind", ["int", "ieee"])
@pytest.mark.parametrize("coordinates", [True, False])
@pytest.mark.parametrize("count", [1, 20, 400])
def test_padding_does_not_hide_the_lines(*, tmp_path, pair, kind, coordinates, count):
    if kind == "ieee" and pair in ((17, 13), (41, 45)):
        pair = (189, 193)
    path = tmp_path / "cube.sgy"
    places = {73: ("x", "cm"), 77: ("y", "cm")} if coordinates else {}
    geometry = written(path, {pair[0]: ("inline", kind), pair[1]: ("crossline", kind), **places})
    data = path.read_bytes()
    good = np.frombuffer(data[3600:], "u1").reshape(-1, TRACE)
    places = np.sort(np.random.default_rng(0).integers(0, 480, count))
    path.write_bytes(data[:3600] + np.insert(good, places, 0, axis=0).tobytes())
    diagnosis = diagnose(path)
    extra = {**diagnosis.arguments, **diagnosis.facts["map_arguments"]}
    with pytest.warns(UserWarning, match=rf"{count} of {480 + count} traces are padding"):
        cube = open_segy(path, **extra)
    assert (cube.geometry.inlines, cube.geometry.crosslines) == geometry.axes[:2]
    assert_array_equal(cube[...], AMPLITUDE)
    assert (cube.geometry.affine is not None) == coordinates


def test_damage_does_not_hide_coordinates_elsewhere(tmp_path):
    path = tmp_path / "cube.sgy"
    lines = {9: ("inline", "i"), 21: ("crossline", "i")}
    geometry = written(path, {**lines, 81: ("x", "cm"), 85: ("y", "cm")})
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    traces[[30, 77, 401], 9] = 31  # lines in the thousands
    traces.flush()
    diagnosis = diagnose(path)
    assert diagnosis.arguments["skip_traces"] == (31, 78, 402)
    cube = open_segy(path, **diagnosis.arguments)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=0.1)


def test_rounded_coordinates_are_no_line_numbers(tmp_path):
    path = tmp_path / "cube.sgy"
    lines = {189: ("x", "whole"), 193: ("y", "whole"), 5: ("inline", "i"), 21: ("crossline", "i")}
    geometry = written(path, lines, angle=90)  # bins of 12.5 m, so that the step is 1
    arguments = {"inline_byte": 5, "crossline_byte": 21, "x_byte": 189, "y_byte": 193}
    put(np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE), 71, 1, kind="i2")
    _, cube = found(path, arguments, geometry)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=1)


@pytest.mark.parametrize("angle", [0, 90])
def test_lines_and_coordinates_in_each_others_fields_are_told_apart(tmp_path, angle):
    path = tmp_path / "cube.sgy"
    lines = {181: ("inline", "i"), 185: ("crossline", "i")}
    geometry = written(path, {**lines, 189: ("x", "cm"), 193: ("y", "cm")}, angle=angle)
    arguments = {"inline_byte": 181, "crossline_byte": 185, "x_byte": 189, "y_byte": 193}
    _, cube = found(path, arguments, geometry)
    assert_allclose(cube.geometry.to_map(110, 310), geometry.to_map(110, 310), atol=0.1)


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
@pytest.mark.parametrize("pair", [(229, 233), (21, 25), (225, 197)])
def test_the_order_of_an_unusual_pair_is_said_to_be_open(tmp_path, sorting, pair):
    fields = {pair[0]: ("inline", ""), pair[1]: ("crossline", "")}
    written(tmp_path / "a.sgy", fields, sorting=sorting)
    diagnosis = diagnose(tmp_path / "a.sgy")
    inline, crossline = (diagnosis.arguments[f"{axis}_byte"] for axis in ("inline", "crossline"))
    assert {inline, crossline} == set(pair)
    said = f"If it is the other: --inline-byte {crossline} --crossline-byte {inline}."
    assert said in describe(diagnosis)


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
@pytest.mark.parametrize("pair", [(9, 21), (17, 13), (5, 21), (221, 225)])
def test_usual_pairs_are_not_doubted(tmp_path, sorting, pair):
    fields = {pair[0]: ("inline", ""), pair[1]: ("crossline", "")}
    written(tmp_path / "a.sgy", fields, sorting=sorting)
    assert "no usual pair" not in describe(diagnose(tmp_path / "a.sgy"))


@pytest.mark.parametrize("pair", [(229, 233), (213, 217), (201, 205), (231, 235), (209, 213)])
@pytest.mark.parametrize("first", [(100, 300), (-5, 300), (70_000, 300)])
def test_four_bytes_where_the_standard_has_two(tmp_path, pair, first):
    fields = {pair[0]: ("inline", ""), pair[1]: ("crossline", "")}
    fields |= {73: ("x", ""), 77: ("y", "")}
    geometry = written(tmp_path / "a.sgy", fields, first=first)
    found = diagnose(tmp_path / "a.sgy").arguments
    assert found == dict(zip(NAMES, (*pair, 73, 77), strict=True))
    cube = open_segy(tmp_path / "a.sgy", **found)
    assert_array_equal(cube[...], AMPLITUDE)
    assert (cube.geometry.inlines, cube.geometry.crosslines) == geometry.axes[:2]
    assert_allclose(cube.geometry.affine, geometry.affine, rtol=1e-4, atol=0.1)


def test_fields_of_line_numbers_hold_no_coordinates(tmp_path):
    fields = {231: ("inline", ""), 235: ("crossline", "")}
    written(tmp_path / "a.sgy", fields)
    assert diagnose(tmp_path / "a.sgy").arguments == {"inline_byte": 231, "crossline_byte": 235}


@pytest.mark.parametrize("endian, order", [("big", ">"), ("little", "<")])
def test_two_bytes_where_the_standard_has_two(tmp_path, endian, order):
    """Numbers of two bytes, 0 among them, beside other numbers of two bytes."""
    geometry = written(tmp_path / "a.sgy", {}, endian=endian, first=(0, 300))
    traces = np.memmap(tmp_path / "a.sgy", "u1", "r+", offset=3600).reshape(-1, TRACE)
    lines = np.indices(SHAPE[:2]).reshape(2, -1)
    put(traces, 209, lines[0], order, "i2")
    put(traces, 211, 300 + lines[1], order, "i2")
    traces.flush()
    cube = open_segy(tmp_path / "a.sgy", inline_byte=209, crossline_byte=211)
    assert (cube.geometry.inlines, cube.geometry.crosslines) == geometry.axes[:2]


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
@pytest.mark.parametrize("pair", [(229, 233), (213, 217), (197, 201), (225, 229)])
def test_of_two_fields_beside_each_other_the_first_is_the_inline(tmp_path, sorting, pair):
    fields = {pair[0]: ("inline", ""), pair[1]: ("crossline", "")}
    geometry = written(tmp_path / "a.sgy", fields, sorting=sorting)
    cube = open_segy(tmp_path / "a.sgy", **diagnose(tmp_path / "a.sgy").arguments)
    assert (cube.geometry.inlines, cube.geometry.crosslines) == geometry.axes[:2]


@pytest.mark.parametrize("pair", [(5, 9), (229, 233), (5, 17)])
@pytest.mark.parametrize("steps", [(1, 1), (2, 5)])
def test_a_count_of_traces_comes_after_line_numbers(tmp_path, pair, steps):
    fields = {pair[0]: ("inline", ""), pair[1]: ("crossline", ""), 73: ("x", ""), 77: ("y", "")}
    geometry = written(tmp_path / "a.sgy", fields, steps=steps)
    traces = np.memmap(tmp_path / "a.sgy", "u1", "r+", offset=3600).reshape(-1, TRACE)
    put(traces, 13, 1 + np.indices(SHAPE[:2])[1].ravel())
    traces.flush()
    cube = open_segy(tmp_path / "a.sgy", **diagnose(tmp_path / "a.sgy").arguments)
    assert (cube.geometry.inlines, cube.geometry.crosslines) == geometry.axes[:2]
