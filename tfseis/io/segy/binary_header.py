"""The textual and the binary header of a SEG-Y file: byte order, format code, revision.

Source: SEG Technical Standards Committee 2017, "SEG-Y_r2.0: SEG-Y revision 2.0 data exchange
format", https://library.seg.org/pb-assets/technical-standards/seg_y_rev2_0-mar2017.pdf.
Differs from it: the formats that segyio misreads are refused.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.segy.layout import (
    BINARY_END,
    CODES,
    DTYPES,
    ORDERS,
    REFUSED,
    TEXT_BYTES,
    Order,
)
from tfseis.io.segy.other_formats import refuse_other_formats

END_OF_TEXT = "((SEG:ENDTEXT))"  # closes a variable number of extended textual headers
MOST_TEXT_HEADERS = 1000
REVISIONS = (1, 2)  # others are text or chance in bytes that old files leave to anyone


@dataclass(frozen=True)
class BinaryHeader:
    """The first 3600 bytes of a file, whose binary header is read by byte number from 1.

    Args:
        name: name of the file, for messages.
        data: these bytes.
        order: byte order, ">" or "<".
    """

    name: str
    data: bytes
    order: Order

    def value(self, byte: int, kind: str = "h") -> int:
        """The whole number of a field, of a type as `struct` names it."""
        return struct.unpack_from(self.order + kind, self.data, byte - 1)[0]

    def double(self, byte: int) -> float:
        """The number of an eight-byte field."""
        return struct.unpack_from(self.order + "d", self.data, byte - 1)[0]

    @property
    def revision(self) -> tuple[int, int]:
        """Major and minor revision; (0, 0) for files that do not say one of the standard."""
        major, minor = self.data[3500], self.data[3501]
        if self.order == "<" and minor > major:  # written as one swapped number
            major, minor = minor, major
        return (major, minor) if major in REVISIONS else (0, 0)


def read_binary_header(
    path: Path, endian: str | None, sample_format: int | None
) -> tuple[BinaryHeader, str, int]:
    """Read the headers before the traces.

    Returns:
        The header, its byte order, "big" or "little", and the sample format code.

    Raises:
        FormatError: the file is missing, too short, of another format that is recognised, or its
            format code is none that can be read.
    """
    data = _read_start(path)
    refuse_other_formats(path, data)
    endian = endian or _detected_endian(path.name, data)
    header = BinaryHeader(path.name, data, ORDERS[endian])
    if sample_format is None:
        sample_format = _checked_format(header, endian)
    return header, endian, sample_format


def first_trace(path: Path, header: BinaryHeader, text_headers: int | None) -> int:
    """Byte offset of the first trace header, after the extended textual headers.

    Args:
        path: the file.
        header: its binary header.
        text_headers: their number; None to use byte 3505.

    Raises:
        FormatError: their number is impossible, or their end is not found.
    """
    if text_headers is not None:
        return BINARY_END + TEXT_BYTES * text_headers
    count = header.value(3505)
    if count == -1:
        count = _counted_text_headers(path)
    first = BINARY_END + TEXT_BYTES * count
    given = header.value(3521, "Q") if header.revision[0] == 2 else 0
    if count < 0 or (given and (given < first or (given - BINARY_END) % TEXT_BYTES)):
        raise FormatError(
            f"{header.name}: expected whole extended textual headers of {TEXT_BYTES} bytes; got "
            f"{count} at byte 3505 and a first trace at {given} (byte 3521). "
            "Say their number (text_headers), or export the file again without them."
        )
    return max(first, given)


def _read_start(path: Path) -> bytes:
    if path.is_dir():
        refuse_other_formats(path, b"")
        raise FormatError(f"{path}: expected a SEG-Y file, got a folder. Name one file in it.")
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise FormatError(
            f"{path}: expected a SEG-Y file, got a pipe or a device. Write it to a file first."
        )
    try:
        with path.open("rb") as file:
            data = file.read(BINARY_END)
    except OSError as error:
        raise FormatError(
            f"{path}: expected a SEG-Y file, got {error.strerror}. Check the path."
        ) from None
    if len(data) < BINARY_END:
        refuse_other_formats(path, data)
        raise FormatError(
            f"{path}: expected a SEG-Y file with {BINARY_END} bytes of headers; "
            f"got {len(data)} bytes. Choose another file, or copy this one again."
        )
    return data


def _detected_endian(name: str, data: bytes) -> str:
    for endian, order in ORDERS.items():  # no code is valid in both
        if BinaryHeader(name, data, order).value(3225) in {*DTYPES, *REFUSED}:
            return endian
    return "big"


def _checked_format(header: BinaryHeader, endian: str) -> int:
    code = header.value(3225)
    if code in DTYPES:
        return code
    what = f" ({REFUSED[code]})" if code in REFUSED else ""
    remedy = "Export the cube again as 32-bit IEEE float (5), or check that this is SEG-Y."
    other = "little" if endian == "big" else "big"
    if BinaryHeader(header.name, header.data, ORDERS[other]).value(3225) in DTYPES:
        remedy = f"Open it with endian={other!r}."
    raise FormatError(
        f"{header.name}: expected a sample format code among {CODES} at byte 3225; "
        f"got {code}{what}. {remedy}"
    )


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
