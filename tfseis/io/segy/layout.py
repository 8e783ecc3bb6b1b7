"""Layout of a SEG-Y file: byte order, sample format, where traces start, sample times.

Source: SEG Technical Standards Committee 2017, "SEG-Y_r2.0: SEG-Y revision 2.0 data exchange
format", https://library.seg.org/pb-assets/technical-standards/seg_y_rev2_0-mar2017.pdf.
Differs from it: fixed-length traces only, and not the formats that segyio misreads.
"""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tfseis.errors import FormatError

TEXT_BYTES = 3200
BINARY_END = 3600  # textual (3200) and binary header (400)
HEADER_BYTES = 240  # one trace header
END_OF_TEXT = "((SEG:ENDTEXT))"  # closes a variable number of extended textual headers
MOST_TEXT_HEADERS = 1000
REV2_ORDER_MARK = 0x01020304  # bytes 3297-3300 from revision 2 on
UNKNOWN_INTERVAL = 4000  # microseconds; what segyio assumes too
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
REFUSED = {4: "fixed point with gain", 7: "24-bit integer", 15: "24-bit unsigned integer"}
CODES = ", ".join(str(code) for code in DTYPES)


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
        first_sample: time of the first sample, in ms.
        sample_interval: distance between samples, in ms.
        revision: major revision of the standard.
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


@dataclass(frozen=True)
class _Head:
    """The first 3600 bytes of a file, whose binary header is read by byte number from 1."""

    name: str
    data: bytes
    order: Order

    def value(self, byte: int, kind: str = "h") -> int:
        return struct.unpack_from(self.order + kind, self.data, byte - 1)[0]

    @property
    def revision(self) -> int:
        # Two bytes in the standard; some little-endian files hold them as one swapped number.
        major, minor = self.data[3500], self.data[3501]
        return major if self.order == ">" else max(major, minor)


def read_layout(
    path: str | Path,
    *,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
) -> Layout:
    """Read the layout of a file from its headers, and check it against the size of the file.

    Args:
        path: a SEG-Y file.
        endian: byte order, "big" or "little"; None to detect it.
        sample_format: format code that is used instead of the one at byte 3225.
        text_headers: number of extended textual headers that is used instead of the one at byte
            3505.

    Returns:
        The layout. Sample times are those of the first trace.

    Raises:
        FormatError: the file is no SEG-Y file, has a sample format that cannot be read, or does
            not hold a whole number of traces.
    """
    path = Path(path)
    if endian not in (None, *ORDERS):
        raise FormatError(
            f"{path}: expected endian='big', 'little' or None; got {endian!r}. "
            "Leave it out to detect it."
        )
    data = _read_start(path)
    endian = endian or _detected_endian(path.name, data)
    head = _Head(path.name, data, ORDERS[endian])
    code = _checked_format(head, endian) if sample_format is None else sample_format
    samples = _sample_count(head)
    extra = max(head.value(3507), 0) if head.revision == 2 else 0
    header_bytes = HEADER_BYTES * (1 + extra)
    if text_headers is None:
        first = _first_trace(path, head)
    else:
        first = BINARY_END + TEXT_BYTES * text_headers
    traces = _trace_count(path, first, header_bytes, samples, np.dtype(DTYPES[code]).itemsize)
    with path.open("rb") as file:
        file.seek(first)
        start, interval = _sample_times(head, file.read(HEADER_BYTES))
    return Layout(
        endian, code, samples, traces, first, header_bytes, start, interval, head.revision
    )


def _read_start(path: Path) -> bytes:
    if path.is_dir():
        raise FormatError(f"{path}: expected a SEG-Y file, got a folder. Name one file in it.")
    try:
        with path.open("rb") as file:
            data = file.read(BINARY_END)
    except OSError as error:
        raise FormatError(
            f"{path}: expected a SEG-Y file, got {error.strerror}. Check the path."
        ) from None
    if len(data) < BINARY_END:
        raise FormatError(
            f"{path}: expected a SEG-Y file with {BINARY_END} bytes of headers; "
            f"got {len(data)} bytes. Choose another file, or copy this one again."
        )
    return data


def _detected_endian(name: str, data: bytes) -> str:
    for endian, order in ORDERS.items():  # no code is valid in both
        if _Head(name, data, order).value(3225) in {*DTYPES, *REFUSED}:
            return endian
    return "big"


def _checked_format(head: _Head, endian: str) -> int:
    code = head.value(3225)
    if code in DTYPES:
        return code
    what = f" ({REFUSED[code]})" if code in REFUSED else ""
    remedy = "Export the cube again as 32-bit IEEE float (5), or check that this is SEG-Y."
    other = "little" if endian == "big" else "big"
    if _Head(head.name, head.data, ORDERS[other]).value(3225) in DTYPES:
        remedy = f"Open it with endian={other!r}."
    raise FormatError(
        f"{head.name}: expected a sample format code among {CODES} at byte 3225; "
        f"got {code}{what}. {remedy}"
    )


def _sample_count(head: _Head) -> int:
    count, extended = head.value(3221, "H"), head.value(3269, "i")
    if extended > 0 and (head.revision >= 2 or count == 0):
        count = extended
    if count == 0:
        raise FormatError(
            f"{head.name}: expected the number of samples in a trace at byte 3221; got 0. "
            "Export the file again with a complete binary header."
        )
    return count


def _first_trace(path: Path, head: _Head) -> int:
    count = head.value(3505)
    if count == -1:
        count = _counted_text_headers(path)
    first = BINARY_END + TEXT_BYTES * count
    given = head.value(3521, "Q") if head.revision == 2 else 0
    if count < 0 or (given and (given < first or (given - BINARY_END) % TEXT_BYTES)):
        raise FormatError(
            f"{head.name}: expected whole extended textual headers of {TEXT_BYTES} bytes; got "
            f"{count} at byte 3505 and a first trace at {given} (byte 3521). "
            "Export the file again without extended headers."
        )
    return max(first, given)


def _counted_text_headers(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(BINARY_END)
        for count in range(1, MOST_TEXT_HEADERS + 1):
            block = file.read(TEXT_BYTES)
            for encoding in ("cp037", "latin-1"):
                if END_OF_TEXT in block.decode(encoding).replace(" ", "").upper():
                    return count
            if len(block) < TEXT_BYTES:
                break
    raise FormatError(
        f"{path.name}: expected the extended textual headers (-1 at byte 3505) to end with "
        f"{END_OF_TEXT}; got none. Export the file again without extended headers."
    )


def _trace_count(path: Path, first: int, header_bytes: int, samples: int, itemsize: int) -> int:
    size = path.stat().st_size
    trace_bytes = header_bytes + samples * itemsize
    traces, rest = divmod(max(size - first, 0), trace_bytes)
    if size <= first:
        raise FormatError(
            f"{path.name}: expected traces after byte {first}; got headers only ({size} bytes). "
            "Choose another file, or copy this one again."
        )
    if rest:
        raise FormatError(
            f"{path.name}: expected whole traces of {trace_bytes} bytes ({samples} samples, "
            f"byte 3221) after byte {first}; got {traces} whole traces and {rest} bytes more: "
            "the file is cut, has trailing bytes, or its traces differ in length. Copy it again."
        )
    return traces


def _sample_times(head: _Head, trace_header: bytes) -> tuple[float, float]:
    """Time of the first sample and sample interval, in ms, as segyio reads them."""

    def value(byte: int) -> int:
        return struct.unpack_from(head.order + "h", trace_header, byte - 1)[0]

    # An unsigned interval above 32767 reads as negative here; our files repeat it at byte 3273.
    exact = struct.unpack_from(head.order + "d", head.data, 3273 - 1)[0]
    intervals = [head.value(3217), value(117), UNKNOWN_INTERVAL]
    interval: float = next(number for number in intervals if number > 0)
    if exact > 0 and exact == head.value(3217, "H"):
        interval = exact
    elif max(intervals[:2]) <= 0 and head.value(3221, "H") > 1:
        warnings.warn(
            f"{head.name}: no sample interval at byte 3217 or 117; 4 ms assumed.", stacklevel=4
        )
    if min(intervals[:2]) > 0 and intervals[0] != intervals[1]:
        warnings.warn(
            f"{head.name}: the sample interval is {intervals[0]} microseconds at byte 3217 and "
            f"{intervals[1]} at byte 117 of the first trace; the former is used.",
            stacklevel=4,
        )
    scalar = value(215)
    factor = 1 / -scalar if scalar < 0 else scalar or 1
    return value(109) * factor, interval / 1000
