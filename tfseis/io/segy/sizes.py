"""Sizes of a SEG-Y file: binary header, trace headers and file size compared.

Each size is stated in several places, and any of them may be wrong. The reading of the standard
is used where it fits the size of the file and the trace headers; otherwise the only one that does.
"""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader, first_trace
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, TEXT_BYTES
from tfseis.io.segy.text import is_text

LOOKED_AT = 32  # traces whose headers are compared with the binary header
LEAST_TRACES = 4  # from which trace headers prove a length of the traces
MOST_EXTENSIONS = 64  # additional headers of a trace; larger numbers are other fields
MOST_TRAILERS = 64  # blocks behind the traces that are tried where their number is not stated
SHORT = 2**16  # numbers of samples from here on do not fit bytes 115-116


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


def read_sizes(
    path: Path,
    header: BinaryHeader,
    itemsize: int,
    *,
    text_headers: int | None,
    samples: int | None,
) -> Sizes:
    """Find the only reading of the sizes that fits the file.

    Args:
        path: the file.
        header: its binary header.
        itemsize: bytes of a sample.
        text_headers: number of extended textual headers; None to find it.
        samples: number of samples in a trace; None to find it.

    Raises:
        FormatError: no reading fits, or two do.
    """
    readings = list(_readings(path, header, itemsize, text_headers, samples))
    if not readings:
        raise FormatError(
            f"{header.name}: expected the number of samples in a trace at byte 3221; got 0. Say "
            "it (samples), or export the file again with a complete binary header."
        )
    standard = readings[0]
    if standard.fits and (samples is not None or _agrees(path, header, itemsize, readings)):
        if standard.samples not in (header.value(3221, "H"), header.value(3269, "i"), samples):
            warnings.warn(
                f"{header.name}: no number of samples at byte 3221; {standard.samples} of byte 115 "
                "of the traces are read.",
                stacklevel=4,
            )
        return standard
    found = _only_one(path, header, itemsize, readings)
    if found is None and not standard.fits:
        raise _unfit(path, standard, itemsize)
    if found is None or _is_finer(path, header, itemsize, standard, found):
        return standard  # byte 115 is wrong: no trace ends where it says
    if standard.fits and found.traces < LEAST_TRACES:
        raise FormatError(
            f"{header.name}: expected one number of samples in a trace; got {standard.samples} at "
            f"byte 3221 and {found.samples} at byte 115, and both fit the size of the file. Say "
            f"which one: samples={standard.samples} or samples={found.samples}."
        )
    if said := _difference(standard, found):
        warnings.warn(f"{header.name}: {said}", stacklevel=4)
    return found


def sampled_headers(path: Path, sizes: Sizes, itemsize: int) -> np.ndarray:
    """The 240 bytes of some trace headers, the first and the last among them, uint8 (traces, 240).

    Args:
        path: the file.
        sizes: a reading that fits.
        itemsize: bytes of a sample.
    """
    trace_bytes = sizes.header_bytes + sizes.samples * itemsize
    chosen = np.linspace(0, sizes.traces - 1, min(sizes.traces, LOOKED_AT)).astype("int64")
    headers = np.empty((len(chosen), HEADER_BYTES), "u1")
    with path.open("rb") as file:
        for row, trace in zip(headers, chosen.tolist(), strict=True):
            file.seek(sizes.first_trace + trace * trace_bytes)
            row[:] = np.frombuffer(file.read(HEADER_BYTES), "u1")
    return headers


def column(headers: np.ndarray, header: BinaryHeader, byte: int, kind: str = "i2") -> np.ndarray:
    """A field of some trace headers, int64 (traces,), by its first byte from 1."""
    size = np.dtype(kind).itemsize
    raw = np.ascontiguousarray(headers[:, byte - 1 : byte - 1 + size])
    return raw.view(header.order + kind)[:, 0].astype("int64")


def stated_count(header: BinaryHeader) -> int:
    """Number of samples as the standard of the file's revision reads it; 0 where it does not say.

    In revision 2, bytes 3269-3272 override bytes 3221-3222.
    """
    short, extended = header.value(3221, "H"), header.value(3269, "i")
    return extended if header.revision[0] == 2 and extended > 0 else short


def _readings(
    path: Path,
    header: BinaryHeader,
    itemsize: int,
    text_headers: int | None,
    samples: int | None,
) -> Iterator[Sizes]:
    """Readings of the sizes, that of the standard first."""
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


def _trace_counts(path: Path, header: BinaryHeader, sizes: Sizes, itemsize: int) -> np.ndarray:
    """Numbers of samples that some trace headers state, int64 (traces,)."""
    return column(sampled_headers(path, sizes, itemsize), header, 115, "u2")


def _agrees(path: Path, header: BinaryHeader, itemsize: int, readings: list[Sizes]) -> bool:
    """Whether the trace headers agree with the reading of the standard, or say nothing."""
    standard = readings[0]
    counts = _trace_counts(path, header, standard, itemsize)
    if any(reading.trailer != standard.trailer for reading in readings):
        usual = np.bincount(counts).argmax()
        if counts[-1] != usual:  # the last trace is no trace
            return False
    return not _contradicted(standard, counts)


def _contradicted(sizes: Sizes, counts: np.ndarray) -> bool:
    """Whether most trace headers state another number of samples than 0 and the given one."""
    if sizes.samples >= SHORT:
        return False
    return bool(np.mean((counts != 0) & (counts != sizes.samples)) > 1 / 2)


def _only_one(
    path: Path, header: BinaryHeader, itemsize: int, readings: list[Sizes]
) -> Sizes | None:
    """The reading that all trace headers confirm, or else the only one that fits the file.

    Raises:
        FormatError: there are two.
    """
    counts = {r: _trace_counts(path, header, r, itemsize) for r in readings if r.fits}
    found = [r for r in counts if (counts[r] == r.samples).all()]
    if not found and readings[0].fits:
        return None
    found = found or list(counts)
    lengths = {(r.samples, r.first_trace, r.header_bytes): r for r in reversed(found)}
    if len(lengths) > 1:
        told = " or ".join(f"samples={r.samples}" for r in lengths.values())
        raise FormatError(
            f"{header.name}: expected one length of the traces; got several that fit the size of "
            f"the file. Say which one: {told}."
        )
    return next(iter(lengths.values()), None)


def _is_finer(
    path: Path, header: BinaryHeader, itemsize: int, standard: Sizes, found: Sizes
) -> bool:
    """Whether headers lie at more places by the standard than by another reading.

    Where all of them hold one number, right or wrong, no samples can lie between them.
    """
    if not standard.fits or standard.traces <= found.traces:
        return False
    return len(np.unique(_trace_counts(path, header, standard, itemsize))) == 1


def _difference(standard: Sizes, found: Sizes) -> str:
    """What a reading changes in that of the standard, as a sentence; "" for nothing of note."""
    if found.samples != standard.samples:
        return (
            f"the binary header says {standard.samples} samples in a trace (byte 3221), but only "
            f"{found.samples} fit the size of the file and the trace headers; {found.samples} are "
            "read."
        )
    if found.first_trace != standard.first_trace:
        return ""  # before revision 1, where bytes 3505-3506 belong to nobody
    if found.header_bytes != standard.header_bytes:
        return (
            f"trace headers have {found.header_bytes} bytes by the size of the file, and not "
            f"{standard.header_bytes} (byte 3507); {found.header_bytes} are read."
        )
    return f"{found.trailer} bytes behind the last trace are left out (byte 3529)."


def _unfit(path: Path, sizes: Sizes, itemsize: int) -> FormatError:
    size = path.stat().st_size
    if size <= sizes.first_trace:
        return FormatError(
            f"{path.name}: expected traces after byte {sizes.first_trace}; got headers only "
            f"({size} bytes). Choose another file, or copy this one again."
        )
    return FormatError(
        f"{path.name}: expected whole traces of {sizes.header_bytes + sizes.samples * itemsize} "
        f"bytes ({sizes.samples} samples, byte 3221) after byte {sizes.first_trace}; got "
        f"{sizes.traces} whole traces and {sizes.rest} bytes more: the file is cut, has trailing "
        "bytes, or its traces differ in length. Copy it again, or say their number of samples "
        "(samples)."
    )
