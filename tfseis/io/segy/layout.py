"""Layout of a SEG-Y file: byte order, sample format, where traces start, sample times.

Source: SEG Technical Standards Committee 2017, "SEG-Y_r2.0: SEG-Y revision 2.0 data exchange
format", https://library.seg.org/pb-assets/technical-standards/seg_y_rev2_0-mar2017.pdf.
Differs from it: fixed-length traces only, and not the formats that segyio misreads.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

TEXT_BYTES = 3200
BINARY_END = 3600  # textual (3200) and binary header (400)
HEADER_BYTES = 240  # one trace header
REV2_ORDER_MARK = 0x01020304  # bytes 3297-3300 from revision 2 on
Order = Literal[">", "<"]
ORDERS: dict[str, Order] = {"big": ">", "little": "<"}
IBM_FLOAT, INT16, IEEE_FLOAT = 1, 3, 5
DTYPES = {
    IBM_FLOAT: "f4",
    2: "i4",
    INT16: "i2",
    IEEE_FLOAT: "f4",
    6: "f8",
    8: "i1",
    9: "i8",
    10: "u4",
    11: "u2",
    12: "u8",
    16: "u1",
}
NO_VALUE = 1e29  # magnitude that no measurement has, in whatever unit
UNITS = ("ms", "m", "ft")  # of the sample axis: time, or depth
UNIT_BYTE = 3485  # first of 16 bytes that no revision assigns, in which our own files name it
UNIT_MARKS = {unit: f"SAMPLES IN {unit.upper()}".ljust(16).encode() for unit in UNITS}
REFUSED = {4: "fixed point with gain", 7: "24-bit integer", 15: "24-bit unsigned integer"}
CODES = ", ".join(str(code) for code in DTYPES)


@dataclass(frozen=True)
class Said:
    """What is known of the samples and stands in no header, or in a wrong one.

    Args:
        samples: number of samples in a trace; None where the headers say.
        sample_interval: distance between samples, in the unit; None where the headers say.
        start: time or depth of the first sample, in the unit; None where the headers say.
        unit: "ms" for time; "m" or "ft" for depth; None where the headers say, which mostly means
            time.
    """

    samples: int | None = None
    sample_interval: float | None = None
    start: float | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Layout:
    """Where each byte of a SEG-Y file belongs.

    Args:
        endian: byte order, "big" or "little".
        format: sample format code of the binary header.
        samples: number of samples in each trace.
        traces: number of traces in the file.
        first_trace: byte offset of the first trace header.
        header_bytes: size of a trace header, 240 or more with revision 2 extensions.
        first_sample: time of the first sample, in ms; for depth in m or ft.
        sample_interval: distance between samples, in the same unit.
        revision: major revision of the standard.
        unit: "ms" for time; "m" or "ft" for depth.
        nulls: values that stand for no value wherever they occur.
        limit: magnitude from which all samples stand for no value.
    """

    endian: str
    format: int
    samples: int
    traces: int
    first_trace: int
    header_bytes: int
    first_sample: float
    sample_interval: float
    revision: int
    unit: str = "ms"
    nulls: tuple[float, ...] = ()
    limit: float = NO_VALUE

    @property
    def order(self) -> Order:
        """Byte order as NumPy and struct write it, ">" or "<"."""
        return ORDERS[self.endian]

    @property
    def dtype(self) -> np.dtype:
        """Type of the decoded samples, in the byte order of this machine."""
        return np.dtype(DTYPES[self.format])

    @property
    def trace_bytes(self) -> int:
        """Size in bytes of a trace with its header."""
        return self.header_bytes + self.samples * self.dtype.itemsize
