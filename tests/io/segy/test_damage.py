"""Edges of surveys are no damage, and damage is found, whatever its kind."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.options import trace_numbers

SAMPLES = 3
TRACE = 240 + 4 * SAMPLES
NUMBERS, PLACES = (189, 193), (73, 77, 181, 185)


def geometry_of(inlines, crosslines, step=1):
    turn = np.deg2rad(31)
    linear = np.array([[-np.sin(turn), np.cos(turn)], [np.cos(turn), np.sin(turn)]]) * [25, 12.5]
    return Geometry(
        Axis("inline", 1000, step, inlines),
        Axis("crossline", 2000, 1, crosslines),
        Axis("sample", 0, 4, SAMPLES),
        np.column_stack([linear, [450_000, 6_780_000]]),
    )


def outlines(inlines, crosslines):
    """Live traces of surveys of many outlines, bool (inlines, crosslines)."""
    row, column = np.mgrid[:inlines, :crosslines]
    full = np.ones((inlines, crosslines), bool)
    middle = np.abs(row - inlines // 2) / inlines, np.abs(column - crosslines // 2) / crosslines
    pieces = full.copy()
    pieces[inlines // 3 : inlines // 2] = False
    pieces[:, crosslines // 2 : crosslines // 2 + 7] = False
    holes = full.copy()
    holes[10:14, 12:30] = holes[20, 20] = False
    island = full.copy()
    island[:, -12:] = False
    island[inlines // 2, -3] = True
    far = full.copy()
    far[-15:] = False
    far[-1, 5] = True
    lone_first = full.copy()
    lone_first[1:6] = False
    lone_first[0, 1:] = False
    few = np.zeros_like(full)
    few[:: inlines // 4] = True
    lines = few.copy()
    lines[:, :: crosslines // 3] = True
    return {
        "diamond": middle[0] + middle[1] <= 0.5,
        "pointed": column <= row * 3,
        "slanted": (column >= crosslines - 8 * (row + 1)) & (column < crosslines * 2 - 9 * row),
        "one-trace corner": (row > 4) | (column < row + 1),
        "L": (row < inlines // 3) | (column < crosslines // 4),
        "holes": holes,
        "island": island,
        "island on a line of its own": far,
        "one trace before a gap": lone_first,
        "merged with gaps": pieces,
        "rotated": np.abs(0.8 * (row - inlines / 2) + 0.6 * (column - crosslines / 2)) < 25,
        "few lines": few,
        "crossing lines": lines,
        "triangle": column < crosslines * row // inlines + 1,
    }


OUTLINES = list(outlines(60, 80))


def written(path, live, *, coordinates=True, sorting="inline", step=1):
    """A file whose samples tell the place of their trace; and these samples."""
    geometry = geometry_of(*live.shape, step)
    geometry = geometry if coordinates else replace(geometry, affine=None)
    places = np.arange(1, live.size + 1, dtype="float32").reshape(*live.shape, 1)
    amplitude = np.broadcast_to(places, geometry.shape).copy()
    write_segy(path, amplitude, geometry, live=live, sorting=sorting, overwrite=True)
    return np.where(live[..., None], amplitude, 0)


def headers_of(path):
    """The traces of a file, to be changed in place; uint8 (traces, bytes)."""
    return np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)


def column(traces, byte):
    return np.ascontiguousarray(traces[:, byte - 1 : byte + 3]).view(">i4")[:, 0]


def put(traces, rows, byte, values):
    new = np.broadcast_to(np.asarray(values, ">i4"), (len(rows),)).copy()
    traces[rows, byte - 1 : byte + 3] = new.view("u1").reshape(-1, 4)


def same_cube(cube, expected, step=1):
    """Whether a cube holds the expected samples at their line numbers, and no others."""
    first = (
        int(cube.geometry.inlines.first - 1000) // step,
        int(cube.geometry.crosslines.first - 2000),
    )
    strides = int(cube.geometry.inlines.step) // step, int(cube.geometry.crosslines.step)
    part = tuple(
        slice(at, at + stride * count, stride)
        for at, stride, count in zip(first, strides, cube.shape, strict=False)
    )
    assert_array_equal(cube[...], expected[part])
    assert np.count_nonzero(cube.live) == np.count_nonzero(expected[..., 0])


@pytest.mark.parametrize("name", OUTLINES)
@pytest.mark.parametrize("coordinates", [True, False])
@pytest.mark.parametrize("sorting", ["inline", "crossline", "shuffled", "backwards"])
def test_every_outline_opens_with_all_its_traces(*, tmp_path, name, coordinates, sorting):
    for shape, step in product([(60, 80), (160, 90)], [1, 3]):
        live = outlines(*shape)[name]
        path = tmp_path / f"{shape[0]}-{step}.sgy"
        by = "crossline" if sorting == "crossline" else "inline"
        expected = written(path, live, coordinates=coordinates, sorting=by, step=step)
        traces = headers_of(path)
        if sorting == "shuffled":
            traces[:] = traces[np.random.default_rng(1).permutation(len(traces))]
        if sorting == "backwards":
            traces[:] = traces[::-1]
        traces.flush()
        same_cube(open_segy(path), expected, step)


def test_a_large_survey_keeps_its_pointed_corner(tmp_path):
    row, column = np.mgrid[:300, :400]
    live = (column >= 400 - 26 * (row + 1)) & (row + column < 690)
    path = tmp_path / "slant.sgy"
    expected = written(path, live)
    same_cube(open_segy(path), expected)


DAMAGE = {
    "random numbers": lambda rng, i, x: (rng.integers(-(2**31), 2**31), rng.integers(0, 2**31)),
    "zeroed numbers": lambda rng, i, x: (0, 0),
    "zeroed inline": lambda rng, i, x: (0, x),
    "zeroed crossline": lambda rng, i, x: (i, 0),
    "swapped": lambda rng, i, x: (x, i),
    "one bit of the inline": lambda rng, i, x: (i ^ (1 << int(rng.integers(0, 31))), x),
    "one bit of the crossline": lambda rng, i, x: (i, x ^ (1 << int(rng.integers(0, 31)))),
    "far line": lambda rng, i, x: (i + 500, x),
    "between": lambda rng, i, x: (i, x + 7),
}


@pytest.mark.parametrize("name", ["diamond", "one-trace corner", "holes", "merged with gaps"])
@pytest.mark.parametrize("damage", list(DAMAGE))
def test_damaged_numbers_are_found_and_nothing_else(tmp_path, name, damage):
    rng = np.random.default_rng(3)
    live = outlines(60, 80)[name]
    path = tmp_path / "damaged.sgy"
    for trial in range(6):
        expected = written(path, live)
        traces = headers_of(path)
        some = np.sort(rng.choice(len(traces), trial % 3 * 3 + 1, replace=False))
        if trial == 3:
            some = np.array([0])
        if trial == 5:
            some = np.array([len(traces) - 1])
        inline, crossline = (column(traces, byte) for byte in NUMBERS)
        for row in some:
            bad = DAMAGE[damage](rng, int(inline[row]), int(crossline[row]))
            for byte, value in zip(NUMBERS, bad, strict=True):
                put(traces, [row], byte, value)
            expected[inline[row] - 1000, crossline[row] - 2000] = 0
        traces.flush()
        with pytest.raises(GeometryError, match=r"trace \d+ \(of 1 to"):
            open_segy(path)
        diagnosis = diagnose(path)
        assert diagnosis.arguments == {"skip_traces": tuple(some + 1)}
        same_cube(open_segy(path, **diagnosis.arguments), expected)


@pytest.mark.parametrize("start", [400, 700, 1500])
@pytest.mark.parametrize("count", [5, 30, 200])
@pytest.mark.parametrize("numbers", ["inline 0", "the next line", "zeroed", "shifted"])
def test_runs_of_damaged_numbers_are_found(*, tmp_path, start, count, numbers):
    path = tmp_path / "run.sgy"
    live = outlines(60, 80)["one-trace corner"]
    expected = written(path, live)
    traces = headers_of(path)
    some = np.arange(start, start + count)
    inline, crossline = (column(traces, byte)[some] for byte in NUMBERS)
    bad = {
        "inline 0": (0 * inline, crossline),
        "the next line": (inline + 1, crossline),
        "zeroed": (0 * inline, 0 * crossline),
        "shifted": (inline, crossline + 600),
    }[numbers]
    if numbers == "the next line":
        some, bad = some[:40], tuple(values[:40] for values in bad)
        inline, crossline = inline[:40], crossline[:40]
    for byte, values in zip(NUMBERS, bad, strict=True):
        put(traces, some, byte, values)
    traces.flush()
    expected[inline - 1000, crossline - 2000] = 0
    diagnosis = diagnose(path)
    assert diagnosis.verdict == "opens with arguments"
    assert diagnosis.arguments == {"skip_traces": tuple(some + 1)}
    same_cube(open_segy(path, **diagnosis.arguments), expected)


@pytest.mark.parametrize("count", [1, 9, 60])
def test_wrong_coordinates_beside_right_numbers_lose_no_trace(tmp_path, count):
    rng = np.random.default_rng(4)
    live = outlines(60, 80)["diamond"]
    path = tmp_path / "places.sgy"
    expected = written(path, live)
    traces = headers_of(path)
    some = rng.choice(len(traces), count, replace=False)
    for byte in (73, 77, 181, 185):
        put(traces, some, byte, rng.integers(-(2**31), 2**31, count))
    traces.flush()
    same_cube(open_segy(path), expected)


def test_a_duplicate_with_wrong_numbers_is_told_from_the_trace_it_covers(tmp_path):
    path = tmp_path / "covered.sgy"
    live = outlines(60, 80)["holes"]
    expected = written(path, live)
    traces = headers_of(path)
    for byte in NUMBERS:  # trace 501 says that it lies where trace 1301 lies
        put(traces, [500], byte, column(traces, byte)[1300])
    place = np.argwhere(live)[500]
    expected[tuple(place)] = 0
    traces.flush()
    diagnosis = diagnose(path)
    assert diagnosis.arguments == {"skip_traces": (501,)}
    same_cube(open_segy(path, **diagnosis.arguments), expected)


def test_headers_that_changed_places_stay_where_their_coordinates_are(tmp_path):
    path = tmp_path / "swapped.sgy"
    live = outlines(60, 80)["holes"]
    written(path, live)
    traces = headers_of(path)
    traces[[700, 900], :240] = traces[[900, 700], :240]
    traces.flush()
    assert np.count_nonzero(open_segy(path).live) == np.count_nonzero(live)


def test_damage_without_coordinates_is_found_by_the_order_of_the_file(tmp_path):
    live = outlines(60, 80)["one-trace corner"]
    path = tmp_path / "order.sgy"
    for damage in ("zeroed numbers", "swapped", "far line", "random numbers"):
        expected = written(path, live, coordinates=False)
        traces = headers_of(path)
        inline, crossline = (int(column(traces, byte)[1000]) for byte in NUMBERS)
        bad = DAMAGE[damage](np.random.default_rng(0), inline, crossline)
        for byte, value in zip(NUMBERS, bad, strict=True):
            put(traces, [1000], byte, value)
        traces.flush()
        diagnosis = diagnose(path)
        assert diagnosis.arguments == {"skip_traces": (1001,)}
        expected[inline - 1000, crossline - 2000] = 0
        same_cube(open_segy(path, **diagnosis.arguments), expected)


def test_trace_numbers_of_long_lists_are_read_back():
    assert trace_numbers("1-3,7") == (1, 2, 3, 7)


@pytest.mark.parametrize("share", [0.002, 0.05, 0.3, 0.5])
@pytest.mark.parametrize("coordinates", [True, False])
@pytest.mark.parametrize("where", ["scattered", "at the end", "at the start"])
@pytest.mark.parametrize("header", ["empty", "numbered"])
def test_padding_is_left_out_and_counted(*, tmp_path, share, coordinates, where, header):
    path = tmp_path / "padded.sgy"
    live = outlines(60, 80)["one-trace corner"]
    expected = written(path, live, coordinates=coordinates)
    data = path.read_bytes()
    good = np.frombuffer(data[3600:], "u1").reshape(-1, TRACE)
    count = max(int(share / (1 - share) * len(good)), 1)
    places = {
        "scattered": np.sort(np.random.default_rng(0).integers(0, len(good), count)),
        "at the end": np.full(count, len(good)),
        "at the start": np.zeros(count, int),
    }[where]
    padded = np.insert(good, places, 0, axis=0)
    if header == "numbered":
        put(padded, np.arange(len(padded)), 1, np.arange(1, len(padded) + 1))
        padded[:, 114:118] = good[0, 114:118]
    path.write_bytes(data[:3600] + padded.tobytes())
    with pytest.warns(UserWarning, match=rf"{count} of {len(padded)} traces are padding, .* left"):
        cube = open_segy(path)
    same_cube(cube, expected)
    diagnosis = diagnose(path)
    assert (diagnosis.verdict, diagnosis.facts["duplicates"]) == ("opens", 0)
    assert diagnosis.facts["padding"] == count


def test_damage_beside_padding_is_named_by_its_number_in_the_file(tmp_path):
    path = tmp_path / "both.sgy"
    expected = written(path, outlines(60, 80)["holes"])
    data = path.read_bytes()
    padded = np.insert(np.frombuffer(data[3600:], "u1").reshape(-1, TRACE), [20, 30], 0, axis=0)
    inline, crossline = (int(column(padded, byte)[500]) for byte in NUMBERS)
    put(padded, [500], 189, 7)
    path.write_bytes(data[:3600] + padded.tobytes())
    expected[inline - 1000, crossline - 2000] = 0
    with (
        pytest.warns(UserWarning, match="2 of .* are padding"),
        pytest.raises(GeometryError, match=r"trace 501 \(of 1 to .* has inline 7"),
    ):
        open_segy(path)
    diagnosis = diagnose(path)
    assert diagnosis.arguments == {"skip_traces": (501,)}
    with pytest.warns(UserWarning, match="2 of .* are padding"):
        same_cube(open_segy(path, **diagnosis.arguments), expected)


@pytest.mark.parametrize("count", [1, 2, 60, 300])
def test_blank_headers_above_samples_are_no_padding(tmp_path, count):
    path = tmp_path / "blank.sgy"
    live = outlines(60, 80)["holes"]
    expected = written(path, live)
    traces = headers_of(path)
    some = np.sort(np.random.default_rng(2).choice(len(traces), count, replace=False))
    traces[some, :240] = 0
    traces.flush()
    with pytest.raises(GeometryError, match="and no map coordinates, but samples"):
        open_segy(path)
    places = np.argwhere(live)[some]
    expected[places[:, 0], places[:, 1]] = 0
    diagnosis = diagnose(path)
    assert diagnosis.arguments == {"skip_traces": tuple(some + 1)}
    same_cube(open_segy(path, **diagnosis.arguments), expected)


def test_a_survey_that_begins_at_lines_0_has_no_padding(tmp_path):
    geometry = Geometry(
        Axis("inline", 0, 1, 9), Axis("crossline", 0, 1, 10), Axis("sample", 0, 4, SAMPLES)
    )
    path = tmp_path / "zero.sgy"
    amplitude = np.ones(geometry.shape, "float32")
    amplitude[0, 0] = 0
    write_segy(path, amplitude, geometry)
    assert open_segy(path).live.all()
