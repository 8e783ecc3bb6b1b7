"""Traces of 640 bytes, of which five fill the 3200 bytes of a textual header or a record."""

import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.geometry import Axis
from tfseis.io.results import create_result
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

BLOCK = 3200


@pytest.fixture
def cube(tmp_path, geometry):
    """A file of 56 traces, and its samples."""
    longer = replace(geometry, samples=Axis("sample", 0, 4, 100))
    values = np.random.default_rng(0).normal(size=longer.shape).astype("float32")
    write_segy(tmp_path / "cube.sgy", values, longer)
    return tmp_path / "cube.sgy", values


def put(path, revision, *fields):
    """State a revision, and fields (byte from 1, type, value) of the binary header."""
    data = bytearray(path.read_bytes())
    for byte, kind, value in ((3501, "B", revision), (3502, "B", 0), *fields):
        struct.pack_into(">" + kind, data, byte - 1, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("revision", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 3, 10])
def test_traces_are_no_textual_headers(cube, revision, count):
    path, values = cube
    put(path, revision, (3505, "h", count))
    with pytest.warns(UserWarning, match=rf"{5 * count} traces lie .*byte 3505.* are read too"):
        assert_array_equal(open_segy(path)[...], values)


def test_traces_are_no_records_behind_the_traces(cube):
    path, values = cube
    put(path, 2, (3529, "i", 2))
    with pytest.warns(UserWarning, match=r"10 traces lie where .* states records .*byte 3529"):
        assert_array_equal(open_segy(path)[...], values)


def test_both_at_once(cube):
    path, values = cube
    put(path, 2, (3505, "h", 1), (3529, "i", 2))
    with pytest.warns(UserWarning, match=r"15 traces lie .*byte 3505.* and .*byte 3529"):
        assert_array_equal(open_segy(path)[...], values)


@pytest.mark.parametrize("block", [b"C 1 MADE FOR A TEST".ljust(BLOCK), b"\0" * BLOCK])
@pytest.mark.parametrize("revision", [1, 2])
def test_headers_and_records_that_are_there_are_no_traces(cube, revision, block):
    path, values = cube
    data = path.read_bytes()
    behind = block * 2 if revision == 2 else b""
    path.write_bytes(data[:3600] + block + data[3600:] + behind)
    put(path, revision, (3505, "h", 1), (3529, "i", 2 * (revision == 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(open_segy(path)[...], values)


def test_the_number_that_the_user_says_counts(cube):
    path, values = cube
    opened = open_segy(put(path, 1, (3505, "h", 2)), text_headers=1)
    assert_array_equal(opened[1:], values[1:])
    assert not opened.live[0, :5].any()


def test_a_result_states_what_it_holds(cube, tmp_path):
    path, values = cube
    with pytest.warns(UserWarning, match="are read too"):
        template = open_segy(put(path, 2, (3505, "h", 1), (3529, "i", 2)))
    with create_result(tmp_path / "result.sgy", template, kind="probability") as writer:
        writer.write(values, inline=0, crossline=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(open_segy(tmp_path / "result.sgy")[...], values)
