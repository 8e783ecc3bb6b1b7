"""Samples as SEG-Y files store them, IBM System/360 floats among them."""

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.layout import IBM_FLOAT

FRACTION_BITS = 24  # of an IBM float, which is a fraction times a power of 16
POWER_BIAS = 64
LARGEST_IBM, SMALLEST_IBM = 16.0**63 * (1 - 2.0**-24), 16.0**-65
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
        FormatError: the format cannot hold a value; IBM floats hold no NaN either.
    """
    if not storable(values, format, dtype).all():
        raise _not_storable(values, format, dtype)
    if format == IBM_FLOAT:
        return ibm_float(values).astype(dtype.str.replace("f", "u"))
    if dtype.kind in "iu" and values.dtype.kind not in "iu":
        values = np.rint(values)
    return np.ascontiguousarray(values, dtype)


def storable(values: np.ndarray, format: int, dtype: np.dtype) -> np.ndarray:
    """Which numbers a sample format can hold, rounded where it must be; bool of the same shape.

    Args:
        values: numbers of any shape.
        format: sample format code of the standard.
        dtype: type of the stored samples.
    """
    if format == IBM_FLOAT:
        wide = values.dtype.kind == "f" and values.dtype.itemsize > np.dtype("f4").itemsize
        return np.abs(values) <= LARGEST_IBM if wide else np.isfinite(values)
    if dtype.kind == "f" and (values.dtype.kind != "f" or dtype.itemsize >= values.dtype.itemsize):
        return np.ones(values.shape, bool)
    if dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            return np.isfinite(values.astype(dtype)) | ~np.isfinite(values)
    limits = np.iinfo(dtype)
    if values.dtype.kind in "iu":
        return (values >= limits.min) & (values <= limits.max)
    rounded = np.rint(values)  # floats have no 2147483647, only 2147483648, which does not fit
    return (rounded >= limits.min) & (rounded < float(limits.max) + 1)


def _not_storable(values: np.ndarray, format: int, dtype: np.dtype) -> FormatError:
    floats = dtype.kind == "f"
    most = LARGEST_IBM if format == IBM_FLOAT else np.finfo(dtype).max if floats else None
    limits = (
        f"{-most:g} and {most:g}" if most else f"{np.iinfo(dtype).min} and {np.iinfo(dtype).max}"
    )
    name = "IBM float" if format == IBM_FLOAT else dtype.name
    remedy = "format 6 (8-byte IEEE float)" if floats else "format 5 (IEEE float)"
    return FormatError(
        f"Expected values between {limits} for {name} samples; got {values.min():g} to "
        f"{values.max():g}. Choose {remedy}."
    )


def ibm_float(values: np.ndarray) -> np.ndarray:
    """The nearest IBM System/360 floats, as uint32 bit patterns; 0 for magnitudes below 5.4e-79.

    Args:
        values: finite numbers of magnitudes up to 7.2e75.

    Examples:
        >>> [hex(bits) for bits in ibm_float(np.array([0.0, 1.0, -118.625])).tolist()]
        ['0x0', '0x41100000', '0xc276a000']
    """
    magnitude, exponent = np.frexp(np.abs(values).astype("float64"))
    magnitude = np.where(np.abs(values) < SMALLEST_IBM, 0, magnitude)
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
