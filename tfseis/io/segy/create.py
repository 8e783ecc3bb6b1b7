"""A whole SEG-Y file written from an array, with headers of our own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Geometry
from tfseis.io.output import complete_or_absent
from tfseis.io.segy.header_fields import put_field, sample_time_fields
from tfseis.io.segy.layout import (
    BINARY_END,
    CODES,
    DTYPES,
    HEADER_BYTES,
    IBM_FLOAT,
    ORDERS,
    REV2_ORDER_MARK,
    TEXT_BYTES,
)
from tfseis.io.segy.text import text_header

REVISION_1_FORMATS = frozenset((1, 2, 3, 5, 8))
SHORT_COUNT = 65535  # more samples than that need revision 2
COORDINATE_SCALES = (100, 10, 1)  # centimetres where they fit


def write_segy(
    path: str | Path,
    amplitude: ArrayLike,
    geometry: Geometry,
    *,
    live: np.ndarray | None = None,
    sorting: str = "inline",
    endian: str = "big",
    format: int = 5,
    text: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Write an array as a SEG-Y file; it appears under its name when complete.

    Args:
        path: the new file.
        amplitude: (inlines, crosslines, samples); rounded for integer formats.
        geometry: of the same shape, with integer line numbers.
        live: bool (inlines, crosslines); where False, no trace is written. None for all.
        sorting: "inline" or "crossline", the number that stays while the other runs.
        endian: "big" or "little".
        format: sample format code of the standard.
        text: lines of the textual header, 38 at most, of 76 characters.
        overwrite: whether a file of that name may be replaced.

    Raises:
        FormatError: an unknown format, byte order or sorting, or values that the format cannot
            hold.
        GeometryError: array and geometry differ in shape, or numbers do not fit the headers.
        OutputError: the file exists, or its folder cannot be written to.
    """
    amplitude = np.asarray(amplitude)
    live = np.ones(geometry.shape[:2], bool) if live is None else np.asarray(live, bool)
    _check_shape(amplitude, geometry, live)
    _check_choices(format, endian, sorting)
    order = ORDERS[endian]
    headers = _trace_headers(geometry, live, sorting, order)
    if sorting == "crossline":
        amplitude, live = amplitude.swapaxes(0, 1), live.T
    dtype = np.dtype(DTYPES[format]).newbyteorder(order)
    with complete_or_absent(Path(path), overwrite) as partial, partial.open("wb") as file:
        file.write(text_header(text))
        file.write(_binary_header(geometry, order, format))
        row = 0
        for line, alive in zip(amplitude, live, strict=True):  # (traces, samples)
            samples = encoded(line[alive], format, dtype)
            block = headers[row : row + len(samples)]
            row += len(samples)
            file.write(np.concatenate([block, samples.view("u1")], axis=1).tobytes())


def encoded(values: np.ndarray, format: int, dtype: np.dtype) -> np.ndarray:
    """Samples as they stand in a file, C-contiguous, of the shape of `values`.

    Raises:
        FormatError: an integer format cannot hold a value.
    """
    if format == IBM_FLOAT:
        return ibm_float(values).astype(dtype.str.replace("f", "u"))
    if dtype.kind == "f":
        return np.ascontiguousarray(values, dtype)
    limits = np.iinfo(dtype)
    rounded = np.rint(values)
    if values.size and not (limits.min <= rounded.min() and rounded.max() <= limits.max):
        raise FormatError(
            f"Expected values between {limits.min} and {limits.max} for {dtype.name} samples; "
            f"got {values.min():g} to {values.max():g}. Choose format 5 (IEEE float)."
        )
    return np.ascontiguousarray(rounded, dtype)


def ibm_float(values: np.ndarray) -> np.ndarray:
    """The nearest IBM System/360 floats, as uint32 bit patterns.

    Examples:
        >>> [hex(bits) for bits in ibm_float(np.array([0.0, 1.0, -118.625])).tolist()]
        ['0x0', '0x41100000', '0xc276a000']
    """
    magnitude, exponent = np.frexp(np.abs(values).astype("float64"))
    power = -(-exponent // 4)  # of 16, rounded up: fractions lie in [1/16, 1)
    fraction = np.rint(np.ldexp(magnitude, exponent - 4 * power + 24)).astype("uint32")
    carried = fraction >> 24 != 0
    fraction, power = np.where(carried, fraction >> 4, fraction), power + carried
    sign = np.signbit(values).astype("uint32") << 31
    bits = sign | (power + 64).astype("uint32") << 24 | fraction
    return np.where(fraction == 0, 0, bits).astype("uint32")


def ibm_values(bits: np.ndarray) -> np.ndarray:
    """What IBM System/360 floats mean, float64.

    Args:
        bits: uint32 bit patterns, in the byte order of this machine.

    Examples:
        >>> ibm_values(np.array([0, 0x41100000, 0xC276A000], "uint32")).tolist()
        [0.0, 1.0, -118.625]
    """
    power = ((bits >> 24) & 0x7F).astype("int32") - 64  # of 16
    magnitude = np.ldexp((bits & 0xFFFFFF).astype("float64"), 4 * power - 24)
    return np.where(bits >> 31 == 1, -magnitude, magnitude)


def _check_shape(amplitude: np.ndarray, geometry: Geometry, live: np.ndarray) -> None:
    if amplitude.shape != geometry.shape or live.shape != geometry.shape[:2]:
        raise GeometryError(
            f"Expected an array of the shape {geometry.shape} of its geometry; got "
            f"{amplitude.shape}, with live traces {live.shape}. Swap axes, or change the geometry."
        )
    if not live.any():
        raise GeometryError("Expected at least one live trace; got none. Check `live`.")
    for axis in geometry.axes[:2]:
        if axis.first != int(axis.first) or axis.step != int(axis.step):
            raise GeometryError(
                f"Expected whole {axis.name} numbers; got {axis.first}, step {axis.step}. "
                "Round them."
            )


def _check_choices(code: int, endian: str, sorting: str) -> None:
    if code not in DTYPES or endian not in ORDERS or sorting not in ("inline", "crossline"):
        raise FormatError(
            f"Expected a format among {CODES}, endian 'big' or 'little', sorting 'inline' or "
            f"'crossline'; got {code}, {endian!r}, {sorting!r}. Choose one of these."
        )


def _binary_header(geometry: Geometry, order: str, code: int) -> bytes:
    header = np.zeros((1, BINARY_END - TEXT_BYTES), "u1")
    samples = geometry.samples.count
    fields = sample_time_fields(geometry.samples)
    revision = 1 if code in REVISION_1_FORMATS and samples <= SHORT_COUNT else 2

    def put(byte: int, kind: str, value: float) -> None:
        put_field(header, byte - TEXT_BYTES, order + kind, value)

    for byte, value in ((3205, 1), (3209, 1)):  # line and reel
        put(byte, "i4", value)
    for byte, value in ((3213, 1), (3225, code), (3227, 1), (3229, 4), (3255, 1), (3503, 1)):
        put(byte, "i2", value)  # traces an ensemble, format, fold, stacked, metres, fixed length
    for byte in (3217, 3219):
        put(byte, "u2", fields.interval)
    for byte in (3221, 3223):
        put(byte, "u2", fields.count)
    put(3273, "f8", fields.exact_interval)
    put(3501, "u1", revision)
    if revision == 2:
        put(3269, "i4", samples)
        put(3297, "u4", REV2_ORDER_MARK)
    return header.tobytes()


def _trace_headers(geometry: Geometry, live: np.ndarray, sorting: str, order: str) -> np.ndarray:
    """Headers of the live traces in file order, uint8 (traces, 240)."""
    lines = geometry.inlines.numbers, geometry.crosslines.numbers
    inline, crossline = np.meshgrid(*lines, indexing="ij")
    if sorting == "crossline":
        inline, crossline, live = inline.T, crossline.T, live.T
    inline, crossline = inline[live], crossline[live]
    traces = len(inline)
    fields = sample_time_fields(geometry.samples)
    headers = np.zeros((traces, HEADER_BYTES), "u1")

    def put(byte: int, kind: str, value: ArrayLike) -> None:
        put_field(headers, byte, order + kind, value)

    for byte in (1, 5, 21):  # trace in line, trace in file, CDP
        put(byte, "i4", np.arange(1, traces + 1))
    for byte, value in ((29, 1), (33, 1), (35, 1), (69, 1), (89, 1)):  # live, one fold, metres
        put(byte, "i2", value)
    put(115, "u2", fields.count)
    put(117, "u2", fields.interval)
    put(109, "i2", fields.delay)
    put(215, "i2", fields.delay_scalar)
    put(189, "i4", inline)
    put(193, "i4", crossline)
    if geometry.affine is not None:
        places = geometry.to_map(inline, crossline)
        limit = np.iinfo("int32").max
        scale = next((s for s in COORDINATE_SCALES if np.abs(places).max() * s < limit), 1)
        put(71, "i2", -scale)
        for bytes_, place in (((73, 181), places[:, 0]), ((77, 185), places[:, 1])):
            for byte in bytes_:
                put(byte, "i4", np.rint(place * scale))
    return headers
