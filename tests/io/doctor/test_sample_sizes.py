"""Format codes of samples of another size than those of the file."""

import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tfseis.geometry import Axis
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy


@pytest.mark.parametrize("said", [1, 2, 5, 6, 8])
@pytest.mark.parametrize("endian, order", [("big", ">"), ("little", "<")])
def test_two_bytes_are_found(tmp_path, geometry, said, endian, order):
    found(tmp_path, geometry, (3, said), endian, order)


@pytest.mark.parametrize("said", [3, 6, 8])
@pytest.mark.parametrize("real", [1, 5])
def test_four_bytes_are_found(tmp_path, geometry, real, said):
    found(tmp_path, geometry, (real, said), "big", ">")


@pytest.mark.parametrize("said", [1, 3, 5])
def test_eight_bytes_are_found(tmp_path, geometry, said):
    found(tmp_path, geometry, (6, said), "big", ">")


@pytest.mark.parametrize("code", [1, 2, 3, 5, 6, 8])
def test_a_wrong_number_in_the_traces_doubts_no_right_code(tmp_path, geometry, code):
    path, values = made(tmp_path, geometry, code, "big")
    data = bytearray(path.read_bytes())
    data[3600 + 114 : 3600 + 116] = b"\0\x07"
    path.write_bytes(data)
    assert diagnose(path).verdict == "opens"
    assert_allclose(open_segy(path)[...], values, rtol=1e-6)


def made(folder, geometry, code, endian):
    longer = replace(geometry, samples=Axis("sample", 0, 4, 100))
    values = np.rint(30 * np.random.default_rng(0).normal(size=longer.shape)).clip(-127, 127)
    if code in (1, 5):
        values = 1000 * np.random.default_rng(0).normal(size=longer.shape)
    values = values.astype("float32")
    write_segy(folder / "cube.sgy", values, longer, format=code, endian=endian)
    return folder / "cube.sgy", values


def found(folder, geometry, codes, endian, order):
    real, said = codes
    path, values = made(folder, geometry, real, endian)
    data = bytearray(path.read_bytes())
    struct.pack_into(order + "h", data, 3224, said)
    path.write_bytes(data)
    diagnosis = diagnose(path)
    assert diagnosis.verdict == "opens with arguments"
    assert diagnosis.arguments["sample_format"] == real
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_allclose(open_segy(path, **diagnosis.arguments)[...], values, rtol=1e-6)
