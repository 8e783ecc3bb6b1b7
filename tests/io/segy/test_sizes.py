"""Number of samples, header sizes and bytes behind the traces, where fields of a file differ."""

import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError
from tfseis.geometry import Axis
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.results import create_result
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

HEADER, SAMPLES = 240, 9
TRACE = HEADER + 4 * SAMPLES
ORDERS = pytest.mark.parametrize("endian, order", [("big", ">"), ("little", "<")])


def put(path, *fields, order=">"):
    """Set fields (byte from 1, type, value) of the binary header."""
    data = bytearray(path.read_bytes())
    for byte, kind, value in fields:
        struct.pack_into(order + kind, data, byte - 1, value)
    path.write_bytes(data)
    return path


def put_in_traces(path, byte, kind, values, order=">"):
    """Set a field of every trace header."""
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    column = np.empty(len(traces), order + kind)
    column[:] = values
    traces[:, byte - 1 : byte - 1 + column.itemsize] = column.view("u1").reshape(len(traces), -1)
    traces.flush()
    return path


def quiet(path, **arguments):
    """The cube, where opening must say nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return open_segy(path, **arguments)


@ORDERS
@pytest.mark.parametrize("wrong", [1, 8, 10, 151, 65535])
def test_trace_headers_and_file_size_outvote_the_binary_header(
    make, amplitude, endian, order, wrong
):
    path = put(make(endian=endian), (3221, "H", wrong), order=order)
    with pytest.warns(UserWarning, match=rf"says {wrong} samples .* only 9 fit .* 9 are read"):
        cube = open_segy(path)
    assert_array_equal(cube[...], amplitude)


def test_a_missing_number_is_taken_from_the_traces(survey, amplitude):
    with pytest.warns(UserWarning, match=r"no number of samples at byte 3221; 9 of byte 115"):
        cube = open_segy(put(survey, (3221, "H", 0)))
    assert_array_equal(cube[...], amplitude)


def test_two_traces_are_not_read_as_one(survey, amplitude):
    twice = 2 * SAMPLES + HEADER // 4  # two traces of 9 samples have the size of one of 78
    with pytest.warns(UserWarning, match=r"says 78 samples .* 9 are read"):
        cube = open_segy(put(survey, (3221, "H", twice)))
    assert_array_equal(cube[...], amplitude)


@pytest.mark.parametrize("number", [2, 4, 7, 8])
def test_traces_in_a_trace_are_found_where_no_trace_states_a_number(survey, amplitude, number):
    put_in_traces(survey, 115, "u2", 0)
    put(survey, (3221, "H", number * SAMPLES + (number - 1) * HEADER // 4))
    with pytest.warns(UserWarning, match=r"only 9 fit .* 9 are read"):
        assert_array_equal(open_segy(survey)[...], amplitude)


@pytest.mark.parametrize("value", [0, 1, 1e30])
def test_constant_samples_are_no_headers(tmp_path, geometry, value):
    longer = replace(geometry, samples=Axis("sample", 0, 4, 2 * SAMPLES + HEADER // 4))
    path = tmp_path / "cube.sgy"
    write_segy(path, np.full(longer.shape, value), longer)
    data = bytearray(path.read_bytes())
    for start in range(3600, len(data), HEADER + 4 * longer.samples.count):
        struct.pack_into(">H", data, start + 114, 0)
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*stands for no value")
        assert open_segy(path).shape == longer.shape


@pytest.mark.parametrize("other", [462, 2 * SAMPLES + HEADER // 4, 1])
def test_wrong_trace_headers_do_not_matter_where_no_trace_ends(survey, amplitude, other):
    put_in_traces(survey, 115, "u2", other)
    assert_array_equal(quiet(survey)[...], amplitude)


def test_a_single_odd_trace_header_does_not_matter(survey, amplitude):
    put_in_traces(survey, 115, "u2", [5000] + [9] * 54 + [18])
    assert_array_equal(quiet(survey)[...], amplitude)


def test_two_numbers_that_fit_are_asked_about(make, tmp_path):
    two = tmp_path / "two.sgy"
    two.write_bytes(make().read_bytes()[: 3600 + 2 * TRACE])
    put(two, (3221, "H", 2 * SAMPLES + HEADER // 4))
    with pytest.raises(FormatError, match=r"got 78 at byte 3221 and 9 .* samples=78 or samples=9"):
        open_segy(two)
    assert open_segy(two, samples=9).shape == (1, 2, 9)


def test_the_number_can_be_said(survey, amplitude):
    put_in_traces(put(survey, (3221, "H", 0)), 115, "u2", 0)
    with pytest.raises(FormatError, match=r"at byte 3221; got 0\. Say it \(samples\)"):
        open_segy(survey)
    assert_array_equal(quiet(survey, samples=9)[...], amplitude)
    found = diagnose(survey, samples=9)
    assert (found.exit_code, found.arguments) == (0, {"samples": 9})
    with pytest.raises(FormatError, match=r"traces of 280 bytes \(10 samples.*differ in length"):
        open_segy(survey, samples=10)
    with pytest.raises(FormatError, match=r"1 or more; got samples=0\. Leave it out"):
        open_segy(survey, samples=0)


@ORDERS
def test_the_extended_count_overrides_in_revision_2_alone(make, amplitude, endian, order):
    revision_2 = [(3501, "B", 2), (3502, "B", 0), (3269, "i", 9)]
    path = put(make(endian=endian), (3221, "H", 7), *revision_2, order=order)
    assert_array_equal(quiet(path)[...], amplitude)
    path = put(path, (3269, "i", 12345), (3221, "H", 9), order=order)
    with pytest.warns(UserWarning, match="says 12345 samples .* only 9 fit"):
        assert_array_equal(open_segy(path)[...], amplitude)
    path = put(path, (3501, "B", 1), order=order)
    assert_array_equal(quiet(path)[...], amplitude)


@pytest.mark.parametrize("text", [b"AB", b"\x40\x40", b"  ", b"99"])
def test_text_in_unassigned_bytes_of_an_old_file(survey, amplitude, text):
    data = bytearray(survey.read_bytes())
    data[3260:3600] = text * 170
    survey.write_bytes(data)
    cube = quiet(survey)
    assert cube.layout.revision == 0
    assert_array_equal(cube[...], amplitude)


def test_an_old_file_may_count_its_text_headers_all_the_same(survey, amplitude):
    data = survey.read_bytes()
    survey.write_bytes(data[:3600] + b"\x40" * 6400 + data[3600:])
    put(survey, (3501, "B", 0), (3505, "h", 2))
    assert_array_equal(quiet(survey)[...], amplitude)


def extended(path, extensions, order=">"):
    """Put additional headers of 240 bytes between header and samples of each trace."""
    data = path.read_bytes()
    traces = np.frombuffer(data[3600:], "u1").reshape(-1, TRACE)
    more = np.random.default_rng(0).integers(0, 256, (len(traces), 240 * extensions), "u1")
    longer = np.concatenate([traces[:, :240], more, traces[:, 240:]], axis=1)
    path.write_bytes(data[:3600] + longer.tobytes())
    return put(path, (3501, "B", 2), (3502, "B", 0), order=order)


@ORDERS
@pytest.mark.parametrize("extensions", [1, 3])
@pytest.mark.parametrize("minor", [0, 1])
@pytest.mark.parametrize("kind", ["I", "H"])
def test_additional_trace_headers_are_counted_in_four_or_two_bytes(
    *, make, amplitude, endian, order, extensions, minor, kind
):
    path = extended(make(endian=endian), extensions, order)
    put(path, (3502, "B", minor), (3507, kind, extensions), order=order)
    as_standard = (minor == 0) == (kind == "I") or order == "<" or minor == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error" if as_standard else "ignore")
        cube = open_segy(path)
    assert cube.layout.header_bytes == 240 * (1 + extensions)
    assert_array_equal(cube[...], amplitude)


def test_the_survey_type_of_revision_2_1_is_no_count(survey, amplitude):
    put(survey, (3501, "B", 2), (3502, "B", 1), (3509, "H", 3))
    assert_array_equal(quiet(survey)[...], amplitude)


@ORDERS
@pytest.mark.parametrize("records", [1, 2, 69])  # 69 records have the size of 800 traces
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("fill", [b"((SEG:trailer)) what was done ", b"\xc1\x40"])
def test_records_behind_the_traces(*, make, amplitude, endian, order, records, stated, fill):
    path = make(endian=endian)
    trailer = (fill * 3200 * records)[: 3200 * records]
    path.write_bytes(path.read_bytes() + trailer)
    fields = (3501, "B", 2), (3502, "B", 0), (3529, "i", records if stated else -1)
    if records > 64 and not stated:
        return  # a number that nobody states is tried up to a limit
    cube = quiet(put(path, *fields, order=order))
    assert_array_equal(cube[...], amplitude)


def test_records_that_are_stated_and_absent(survey, amplitude):
    put(survey, (3501, "B", 2), (3502, "B", 0), (3529, "i", 1))
    with pytest.warns(UserWarning, match="behind the last trace"):
        assert_array_equal(open_segy(survey)[...], amplitude)
    assert_array_equal(quiet(put(survey, (3529, "i", -1)))[...], amplitude)


def test_a_cut_file_and_bytes_too_many_are_refused(survey):
    whole = survey.read_bytes()
    filled = put(survey, *((3601 + n * TRACE + 114, "H", 0) for n in range(56))).read_bytes()
    others = (whole + b"\0" * 99 + b"a", whole + b" " * 100, filled + b"\0" * 100)
    for data in (whole[:-50], whole[: -TRACE - 10], *others):
        survey.write_bytes(data)
        with pytest.raises(FormatError, match=r"whole traces .* bytes more.* Copy it again"):
            open_segy(survey)


@pytest.mark.parametrize("filling", [b"\0" * 100, b"\0" * (TRACE - 1), b"\n", b"\r\n"])
@pytest.mark.parametrize("endian", ["big", "little"])
def test_filling_behind_the_last_trace_is_left_out(make, amplitude, tmp_path, filling, endian):
    path = make(endian=endian)
    path.write_bytes(path.read_bytes() + filling)
    with pytest.warns(UserWarning, match=r"bytes? behind the last trace are empty; they are left"):
        cube = open_segy(path)
    assert_array_equal(cube[...], amplitude)
    with create_result(tmp_path / "result.sgy", cube, kind="probability") as writer:
        writer.write(np.full(amplitude.shape, 0.5, "float32"), inline=0, crossline=0)
    assert quiet(tmp_path / "result.sgy").shape == amplitude.shape


@ORDERS
def test_records_that_are_no_text_are_no_traces(tmp_path, geometry, endian, order):
    """A trace of 100 samples has 640 bytes, a record those of five."""
    longer = replace(geometry, samples=Axis("sample", 0, 4, 100))
    values = np.random.default_rng(0).normal(size=longer.shape).astype("float32")
    path = tmp_path / "cube.sgy"
    write_segy(path, values, longer, endian=endian)
    path.write_bytes(path.read_bytes() + np.random.default_rng(1).bytes(2 * 3200))
    put(path, (3501, "B", 2), (3502, "B", 0), (3529, "i", -1), order=order)
    with pytest.warns(UserWarning, match="left out behind the last trace: 6400 bytes"):
        assert_array_equal(open_segy(path)[...], values)
