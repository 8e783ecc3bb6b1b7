"""Samples at the limits of integer formats."""

import numpy as np
import pytest

from tfseis.errors import FormatError
from tfseis.io.segy.encoding import encoded

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
