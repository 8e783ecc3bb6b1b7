"""Samples at the limits of integer formats, and IBM floats."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError
from tfseis.io import open_segy
from tfseis.io.segy.encoding import encoded, ibm_as_float32, ibm_float, ibm_values

CODES = {"int32": 2, "int16": 3, "int8": 8, "int64": 9, "uint32": 10, "uint16": 11, "uint64": 12}


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("given", ["float32", "float64"])
def test_floats_that_a_type_cannot_hold_are_refused(kind, given):
    dtype, limits = np.dtype(kind), np.iinfo(kind)
    beyond = np.array([float(limits.max) + 1], given)
    with pytest.raises(FormatError, match=rf"Expected values between {limits.min} and "):
        encoded(beyond, CODES[kind], dtype)
    largest = np.floor(np.nextafter(beyond, 0))
    assert encoded(largest, CODES[kind], dtype)[0] == int(largest[0])
    lowest = np.array([limits.min], given)
    assert encoded(lowest, CODES[kind], dtype)[0] == limits.min
    for strange in (np.nan, np.inf, -np.inf):
        with pytest.raises(FormatError, match="Choose format 5"):
            encoded(np.array([strange], given), CODES[kind], dtype)


@pytest.mark.parametrize("kind", CODES)
def test_integers_stay_as_they_are(kind):
    limits = np.iinfo(kind)
    values = np.array([limits.min, limits.max], kind)
    np.testing.assert_array_equal(encoded(values, CODES[kind], np.dtype(kind)), values)


LARGEST_IBM = 16.0**63 * (1 - 2.0**-24)


@pytest.mark.parametrize(
    ("format", "kind", "value"),
    [
        (1, "f4", np.nan),
        (1, "f4", np.inf),
        (1, "f4", -np.inf),
        (1, "f4", 1.0001 * LARGEST_IBM),
        (1, "f4", -1e300),
        (5, "f4", 1e39),
        (5, "f4", -3.5e38),
    ],
)
def test_numbers_that_a_float_format_cannot_hold_are_refused(format, kind, value):
    with pytest.raises(FormatError, match=r"Expected (finite )?values .*; got .*\. .*format [56] "):
        encoded(np.array([1.0, value]), format, np.dtype(kind))


def test_floats_at_the_limits_of_formats_are_kept():
    values = np.array([LARGEST_IBM, -LARGEST_IBM, 16.0**-65, 1e-300, -5e-79, 5e-324, 0.0])
    expected = np.where(np.abs(values) < 16.0**-65, 0, values)
    assert_array_equal(ibm_values(ibm_float(values)), expected)
    ieee = np.array([np.nan, np.inf, -np.inf, np.finfo("f4").max, 1e-300, -0.0])
    assert_array_equal(encoded(ieee, 5, np.dtype(">f4")), ieee.astype("f4"))
    assert_array_equal(encoded(np.array([1e300, np.nan]), 6, np.dtype(">f8")), [1e300, np.nan])


@pytest.mark.parametrize("endian", ["big", "little"])
def test_ibm_floats_that_are_not_normalised_are_read_right(make, amplitude, endian):
    """0x42010000 is 1/256 times 16 squared: 1, as 0x41100000 is."""
    path = make(format=1, endian=endian)
    raw = bytearray(path.read_bytes())
    for n, bits in enumerate((0x42010000, 0xC4000100, 0x46000001, 0x7F000000)):
        raw[3840 + 4 * n : 3844 + 4 * n] = bits.to_bytes(4, endian)
    path.write_bytes(raw)
    amplitude[0, 0, :4] = 1, -1, 1, 0
    assert_array_equal(open_segy(path)[...], amplitude)


def test_ibm_floats_as_float32_are_those_of_double_precision():
    bits = np.random.default_rng(0).integers(0, 2**32, 100_000, dtype="u4")
    values = ibm_values(bits)
    inside = (np.abs(values) > 1e-37) & (np.abs(values) < 1e38)
    assert np.count_nonzero(inside) > 10_000
    assert_array_equal(ibm_as_float32(bits)[inside], values[inside].astype("f4"))
    assert (np.abs(ibm_as_float32(bits)[np.abs(values) > 1e38]) > 1e37).all()
    assert (np.abs(ibm_as_float32(bits)[np.abs(values) < 1e-38]) < 1e-37).all()
