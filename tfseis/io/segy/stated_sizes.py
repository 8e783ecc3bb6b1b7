"""Sizes of a SEG-Y file as its headers state them, in each way that they can be understood."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader, first_trace
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, TEXT_BYTES
from tfseis.io.segy.text import is_text

MOST_EXTENSIONS = 64  # additional headers of a trace; larger numbers are other fields
MOST_TRAILERS = 64  # records behind the traces that are tried where their number is not stated


@dataclass(frozen=True)
class Sizes:
    """One reading of the sizes of a file, whether it fits or not.

    Args:
        samples: number of samples in a trace.
        first_trace: byte offset of the first trace header.
        header_bytes: size of a trace header with its extensions.
        trailer: number of bytes behind the last trace.
        traces: number of whole traces.
        rest: number of bytes that no trace fills.
    """

    samples: int
    first_trace: int
    header_bytes: int
    trailer: int
    traces: int
    rest: int

    @property
    def fits(self) -> bool:
        """Whether the file holds whole traces and nothing else."""
        return self.traces > 0 and self.rest == 0


def stated_sizes(
    path: Path,
    header: BinaryHeader,
    itemsize: int,
    *,
    text_headers: int | None,
    samples: int | None,
) -> Iterator[Sizes]:
    """Readings of the sizes that headers state, that of the standard first.

    Args:
        path: the file.
        header: its binary header.
        itemsize: bytes of a sample.
        text_headers: number of extended textual headers; None to use the header.
        samples: number of samples in a trace; None to use the headers.
    """
    size = path.stat().st_size
    trailers = _trailers(path, header)
    seen = set()
    for first in _first_traces(path, header, text_headers):
        for extensions in _extensions(header):
            header_bytes = HEADER_BYTES * (1 + extensions)
            for trailer in trailers:
                for count in [samples] if samples else _counts(path, header, first):
                    trace_bytes = header_bytes + count * itemsize
                    traces, rest = divmod(max(size - first - trailer, 0), trace_bytes)
                    reading = Sizes(count, first, header_bytes, trailer, traces, rest)
                    if reading not in seen:
                        seen.add(reading)
                        yield reading


def stated_count(header: BinaryHeader) -> int:
    """Number of samples as the standard of the file's revision reads it; 0 where it does not say.

    In revision 2, bytes 3269-3272 override bytes 3221-3222.
    """
    short, extended = header.value(3221, "H"), header.value(3269, "i")
    return extended if header.revision[0] == 2 and extended > 0 else short


def column(headers: np.ndarray, header: BinaryHeader, byte: int, kind: str = "i2") -> np.ndarray:
    """A field of some trace headers, int64 (traces,), by its first byte from 1."""
    size = np.dtype(kind).itemsize
    raw = np.ascontiguousarray(headers[:, byte - 1 : byte - 1 + size])
    return raw.view(header.order + kind)[:, 0].astype("int64")


def _counts(path: Path, header: BinaryHeader, first: int) -> list[int]:
    """Numbers of samples that the headers state, the most trustworthy first."""
    with path.open("rb") as file:
        file.seek(first)
        start = np.frombuffer(file.read(HEADER_BYTES), "u1")
    stated = [stated_count(header), header.value(3221, "H"), header.value(3269, "i")]
    if len(start) == HEADER_BYTES:
        stated.append(int(column(start[None], header, 115, "u2")[0]))
    return list(dict.fromkeys(count for count in stated if count > 0))


def _first_traces(path: Path, header: BinaryHeader, text_headers: int | None) -> list[int]:
    if text_headers is not None or header.revision != (0, 0):
        return [first_trace(path, header, text_headers)]
    # Before revision 1, bytes 3505-3506 belong to nobody: they hold the number of later revisions
    # or anything else.
    found = []
    with suppress(FormatError):
        found.append(first_trace(path, header, None))
    return list(dict.fromkeys([*found, BINARY_END]))


def _extensions(header: BinaryHeader) -> list[int]:
    """Numbers of additional headers of a trace: revision 2.0 uses four bytes, 2.1 two."""
    major, minor = header.revision
    if major < 2:
        return [0]
    long, short = header.value(3507, "I"), header.value(3507, "H")
    order = (long, short, 0) if minor == 0 else (short, long, 0)
    return list(dict.fromkeys(count for count in order if count <= MOST_EXTENSIONS))


def _trailers(path: Path, header: BinaryHeader) -> list[int]:
    """Numbers of bytes behind the last trace, as revision 2 counts them in records."""
    count = header.value(3529, "i") if header.revision[0] == 2 else 0
    if count == -1:  # any number of records, which are mostly text
        numbers = [_text_blocks(path), *range(MOST_TRAILERS + 1)]
    else:
        numbers = [count, 0] if count > 0 else [0]
    return list(dict.fromkeys(TEXT_BYTES * number for number in numbers))


def _text_blocks(path: Path) -> int:
    """Number of blocks of text at the end of a file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for count in range(MOST_TRAILERS):
            place = size - (count + 1) * TEXT_BYTES
            if place < BINARY_END:
                return count
            file.seek(place)
            if not is_text(file.read(TEXT_BYTES)):
                return count
    return MOST_TRAILERS
