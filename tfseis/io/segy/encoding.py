"""Samples as SEG-Y files store them, IBM System/360 floats among them."""

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.layout import IBM_FLOAT

FRACTION_BITS = 24  # of an IBM float, which is a fraction times a power of 16
POWER_BIAS = 64
IBM_FACTORS = np.clip(  # signs and powers of 16, by the first byte
    np.ldexp(
        np.repeat([1.0, -1.0], 128), np.tile(4 * (np.arange(128) - POWER_BIAS) - FRACTION_BITS, 2)
    ),
    np.finfo("float32").min,
    np.finfo("float32").max,
).astype("float32")


def encoded(values: np.ndarray, format: int, dtype: np.dtype) -> np.ndarray:
    """Samples as they stand in a file, C-contiguous, of the shape of `values`.

    Args:
        values: numbers; rounded for integer formats.
        format: sample format code of the standard.
        dtype: type of the stored samples, with their byte order.

    Raises:
        FormatError: an integer format cannot hold a value.
    """
    if format == IBM_FLOAT:
        return ibm_float(values).astype(dtype.str.replace("f", "u"))
    if dtype.kind == "f":
        return np.ascontiguousarray(values, dtype)
    limits = np.iinfo(dtype)
    rounded = values if values.dtype.kind in "iu" else np.rint(values)
    if values.size and not _fit(rounded, limits):
        raise FormatError(
            f"Expected values between {limits.min} and {limits.max} for {dtype.name} samples; "
            f"got {values.min():g} to {values.max():g}. Choose format 5 (IEEE float)."
        )
    return np.ascontiguousarray(rounded, dtype)


def _fit(rounded: np.ndarray, limits: np.iinfo) -> bool:
    """Whether an integer type holds whole numbers.

    Floats have no 2147483647, only 2147483648, which becomes -2147483648: those below it fit.
    """
    least, most = rounded.min(), rounded.max()
    if rounded.dtype.kind in "iu":
        return limits.min <= int(least) and int(most) <= limits.max
    return bool(limits.min <= least and float(most) < float(limits.max) + 1)


def ibm_float(values: np.ndarray) -> np.ndarray:
    """The nearest IBM System/360 floats, as uint32 bit patterns.

    Examples:
        >>> [hex(bits) for bits in ibm_float(np.array([0.0, 1.0, -118.625])).tolist()]
        ['0x0', '0x41100000', '0xc276a000']
    """
    magnitude, exponent = np.frexp(np.abs(values).astype("float64"))
    power = -(-exponent // 4)  # power of 16, rounded up: fractions lie in [1/16, 1)
    fraction = np.rint(np.ldexp(magnitude, exponent - 4 * power + FRACTION_BITS)).astype("uint32")
    carried = fraction >> FRACTION_BITS != 0
    fraction, power = np.where(carried, fraction >> 4, fraction), power + carried
    sign = np.signbit(values).astype("uint32") << 31
    bits = sign | (power + POWER_BIAS).astype("uint32") << FRACTION_BITS | fraction
    return np.where(fraction == 0, 0, bits).astype("uint32")


def ibm_as_float32(bits: np.ndarray) -> np.ndarray:
    """The same as `ibm_values` in float32, several times as fast.

    Beyond its range, numbers become 3e38 or infinite, and 0 below 1e-38.

    A float32 holds every fraction of an IBM float exactly, also those that are not normalised,
    which segyio misreads (0x42010000, which is 1, as 8.5).

    Args:
        bits: uint32 bit patterns, in the byte order of this machine.

    Examples:
        >>> ibm_as_float32(np.array([0, 0x41100000, 0x42010000, 0xC276A000], "uint32")).tolist()
        [0.0, 1.0, 1.0, -118.625]
    """
    values = (bits & np.uint32(0xFFFFFF)).astype("float32")
    with np.errstate(over="ignore", under="ignore"):
        values *= IBM_FACTORS[bits >> np.uint32(FRACTION_BITS)]
    return values


def ibm_values(bits: np.ndarray) -> np.ndarray:
    """The numbers that IBM System/360 floats stand for, float64.

    Args:
        bits: uint32 bit patterns, in the byte order of this machine.

    Examples:
        >>> ibm_values(np.array([0, 0x41100000, 0xC276A000], "uint32")).tolist()
        [0.0, 1.0, -118.625]
    """
    power = ((bits >> FRACTION_BITS) & 0x7F).astype("int32") - POWER_BIAS
    magnitude = np.ldexp((bits & 0xFFFFFF).astype("float64"), 4 * power - FRACTION_BITS)
    return np.where(bits >> 31 == 1, -magnitude, magnitude)
