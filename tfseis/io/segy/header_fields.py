"""Fields of SEG-Y headers: writing them, and sample times in the units that they have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import GeometryError
from tfseis.geometry import Axis

LONGEST_INTERVAL = 65535  # microseconds in two bytes
SIGNED_INTERVAL = 32767  # above this a reader may take the interval for negative
SHORT_COUNT = 65535
DELAY_SCALARS = (0, -10, -100, -1000, 10, 100)  # byte 215: 0 means 1, a negative one divides
LONGEST_DELAY = 32767
EXACT = 1e-6  # a number this close to a whole one is whole


@dataclass(frozen=True)
class SampleTimes:
    """Header values that say when the samples of a trace were taken.

    Args:
        count: number of samples, as an unsigned short; 0 where only the extended field of
            revision 2 can hold it.
        interval: sample interval in microseconds, as an unsigned short.
        exact_interval: sample interval for bytes 3273-3280, where the short one may be read as
            negative; 0 elsewhere.
        delay: time of the first sample in ms, divided by the factor that `delay_scalar` stands
            for.
        delay_scalar: value of byte 215.
    """

    count: int
    interval: int
    exact_interval: float
    delay: int
    delay_scalar: int


def sample_time_fields(samples: Axis, scalars: tuple[int, ...] = DELAY_SCALARS) -> SampleTimes:
    """Header values of a sample axis.

    Args:
        samples: axis of sample times in ms.
        scalars: values of byte 215 that may be used, the preferred one first.

    Raises:
        GeometryError: interval or first time do not fit the headers.
    """
    interval = samples.step * 1000
    if abs(interval - round(interval)) > EXACT or not 0 < round(interval) <= LONGEST_INTERVAL:
        raise GeometryError(
            f"Expected a sample interval of whole microseconds up to {LONGEST_INTERVAL}; "
            f"got {interval:g}. Choose a smaller stride, or another interval."
        )
    interval = round(interval)
    for scalar in scalars:
        factor = 1 / -scalar if scalar < 0 else scalar or 1
        delay = samples.first / factor
        if abs(delay - round(delay)) <= EXACT and abs(delay) <= LONGEST_DELAY:
            count = samples.count if samples.count <= SHORT_COUNT else 0
            exact = float(interval) if interval > SIGNED_INTERVAL else 0.0
            return SampleTimes(count, interval, exact, round(delay), scalar)
    raise GeometryError(
        f"Expected a first sample time that the headers can hold (whole ms up to {LONGEST_DELAY}); "
        f"got {samples.first:g}. Start the range at a whole number of ms."
    )


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
