"""Fields of SEG-Y headers: writing them, and sample times in the units that they have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy.layout import BINARY_END, UNIT_BYTE, UNIT_MARKS

THOUSAND = 1000
LONGEST_INTERVAL = 65535  # microseconds in two bytes
SIGNED_INTERVAL = 32767  # above this a reader may take the interval for negative
SHORT_COUNT = 65535
DELAY_SCALARS = (0, -10, -100, -1000, 10, 100)  # byte 215: 0 means 1, a negative one divides
LONGEST_DELAY = 32767
USUALLY = 0.9  # share of traces that makes a value that of the file
EXACT = 1e-6  # a number this close to a whole one is whole


@dataclass(frozen=True)
class SampleTimes:
    """Header values that say when the samples of a trace were taken.

    Args:
        count: number of samples, as an unsigned short; 0 where only the extended field of
            revision 2 can hold it.
        interval: sample interval in microseconds (in thousandths of the unit of depth), rounded,
            as an unsigned short; 0 where only `exact_interval` can hold it.
        exact_interval: sample interval for bytes 3273-3280, where the short one is rounded, or may
            be read as negative; 0 elsewhere.
        delay: time of the first sample in ms, divided by the factor that `delay_scalar` stands
            for.
        delay_scalar: value of byte 215.
    """

    count: int
    interval: int
    exact_interval: float
    delay: int
    delay_scalar: int


def sample_time_fields(
    samples: Axis, unit: str = "ms", scalars: tuple[int, ...] = DELAY_SCALARS
) -> SampleTimes:
    """Header values of a sample axis.

    Args:
        samples: axis of sample times in ms, or of depths.
        unit: unit of the axis, one of `UNITS`.
        scalars: values of byte 215 that may be used, the preferred one first.

    Raises:
        GeometryError: interval or first time do not fit the headers.
    """
    interval, exact = _interval_fields(samples.step * THOUSAND, unit)
    for scalar in scalars:
        factor = 1 / -scalar if scalar < 0 else scalar or 1
        delay = samples.first / factor
        if abs(delay - round(delay)) <= EXACT and abs(delay) <= LONGEST_DELAY:
            count = samples.count if samples.count <= SHORT_COUNT else 0
            return SampleTimes(count, interval, exact, round(delay), scalar)
    raise GeometryError(
        f"Expected a first sample time that the headers can hold (whole {unit} up to "
        f"{LONGEST_DELAY}); got {samples.first:g}. Start the range at a whole number of {unit}."
    )


def _interval_fields(interval: float, unit: str) -> tuple[int, float]:
    """The interval in two bytes, and in eight where two do not say it."""
    short = round(interval)
    if abs(interval - short) <= EXACT:
        interval = short
    if unit != "ms" and interval > LONGEST_INTERVAL:
        return 0, float(interval)
    if not 0 < short <= LONGEST_INTERVAL:
        raise GeometryError(
            f"Expected a sample interval of 1 to {LONGEST_INTERVAL} microseconds; got "
            f"{interval:g}. Choose a smaller stride, or another interval."
        )
    return short, 0.0 if interval == short <= SIGNED_INTERVAL else float(interval)


def put_unit(binary: np.ndarray, unit: str) -> None:
    """Name the unit of the samples in a binary header, in place; time in ms is not named.

    Args:
        binary: uint8 array (headers, bytes) that ends with byte 3600 of the file.
        unit: one of `UNITS`.
    """
    start = binary.shape[1] - (BINARY_END - UNIT_BYTE + 1)
    mark = np.frombuffer(UNIT_MARKS[unit], "u1")
    place = binary[:, start : start + len(mark)]
    named = any(place.tobytes() == other for other in UNIT_MARKS.values())
    if unit != "ms" or named:
        place[:] = mark


def time_factor(scalars: np.ndarray) -> float:
    """Factor by which byte 215 scales times; 1 where the bytes hold something else.

    Args:
        scalars: values of byte 215, (traces,).
    """
    values, counts = np.unique(scalars, return_counts=True)
    usual = int(values[counts.argmax()])
    if counts.max() < USUALLY * len(scalars):  # part of a line number
        return 1.0
    return 1 / -usual if usual < 0 else float(usual or 1)


def put_field(headers: np.ndarray, byte: int, kind: str, values: ArrayLike) -> None:
    """Write one field of every header, in place.

    Args:
        headers: uint8 array (headers, bytes).
        byte: first byte of the field, counted from 1.
        kind: NumPy type with byte order, such as ">i4".
        values: one number, or one a header.
    """
    size = np.dtype(kind).itemsize
    column = np.empty(len(headers), kind)
    column[:] = values
    headers[:, byte - 1 : byte - 1 + size] = column.view("u1").reshape(len(headers), size)
