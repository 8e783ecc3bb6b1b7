"""Sizes of a SEG-Y file: binary header, trace headers and file size compared.

Each size is stated in several places, and any of them may be wrong. The reading of the standard
is used where it fits the size of the file and the trace headers; otherwise the only one that does.
"""

import warnings
from dataclasses import replace
from os import SEEK_END
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader
from tfseis.io.segy.hidden_traces import with_hidden_traces
from tfseis.io.segy.sampled_headers import sampled_headers, trace_counts
from tfseis.io.segy.stated_sizes import Sizes, column, stated_sizes
from tfseis.wording import counted

LEAST_TRACES = 4  # from which trace headers prove a length of the traces
FILLING = b"\0\r\n\x1a"  # bytes that programs and tapes append
SHORT = 2**16  # numbers of samples from here on do not fit bytes 115-116
MOST_PARTS = 8  # traces that are looked for in what is stated to be one
LEAST_BYTES = 4  # bytes, the same in all headers and not 0, by which a header is recognised


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
    readings = list(
        stated_sizes(path, header, itemsize, text_headers=text_headers, samples=samples)
    )
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
        parts = None if samples is not None else _parts(path, header, itemsize, standard)
        if parts is None:
            text_said = text_headers is not None
            return with_hidden_traces(path, header, itemsize, standard, text_said=text_said)
        warnings.warn(f"{header.name}: {_difference(standard, parts)}", stacklevel=4)
        return parts
    found = _only_one(path, header, itemsize, readings)
    if found is None and not standard.fits:
        return _with_filling(path, header, itemsize, standard)
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


def _agrees(path: Path, header: BinaryHeader, itemsize: int, readings: list[Sizes]) -> bool:
    """Whether the trace headers agree with the reading of the standard, or say nothing."""
    standard = readings[0]
    counts = trace_counts(path, header, standard, itemsize)
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
    counts = {r: trace_counts(path, header, r, itemsize) for r in readings if r.fits}
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


def _parts(path: Path, header: BinaryHeader, itemsize: int, sizes: Sizes) -> Sizes | None:
    """The reading by which several traces lie in what is stated to be one; None for none.

    Only where the traces state no number of samples, headers are looked for by the bytes that all
    have in common.
    """
    headers = sampled_headers(path, sizes, itemsize)
    if column(headers, header, 115, "u2").any():
        return None
    common = (headers == headers[0]).all(axis=0) & (headers[0] != 0)
    if np.count_nonzero(common) < LEAST_BYTES:
        return None
    trace_bytes = sizes.header_bytes + sizes.samples * itemsize
    for number in range(MOST_PARTS, 1, -1):
        samples, rest = divmod(trace_bytes // number - sizes.header_bytes, itemsize)
        if trace_bytes % number or rest or samples < 1:
            continue
        parts = replace(sizes, samples=samples, traces=sizes.traces * number)
        inner = replace(
            parts, first_trace=sizes.first_trace + trace_bytes // number, traces=parts.traces - 1
        )
        others = sampled_headers(path, inner, itemsize)
        shared = np.count_nonzero(others[:, common] == headers[0, common], axis=1)
        if shared.min() >= max(LEAST_BYTES, np.count_nonzero(common) / 2):
            return parts
    return None


def _is_finer(
    path: Path, header: BinaryHeader, itemsize: int, standard: Sizes, found: Sizes
) -> bool:
    """Whether headers lie at more places by the standard than by another reading.

    Where all of them hold one number, right or wrong, no samples can lie between them.
    """
    if not standard.fits or standard.traces <= found.traces:
        return False
    return len(np.unique(trace_counts(path, header, standard, itemsize))) == 1


def _with_filling(path: Path, header: BinaryHeader, itemsize: int, sizes: Sizes) -> Sizes:
    """The sizes where all traces state them and nothing but filling stands behind the last.

    Raises:
        FormatError: something else stands there, or the traces do not state their length.
    """
    with path.open("rb") as file:
        file.seek(-min(sizes.rest, path.stat().st_size), SEEK_END)
        filling = not file.read().strip(FILLING)
    if filling and sizes.traces >= LEAST_TRACES and sizes.rest:
        counts = trace_counts(path, header, sizes, itemsize)
        if (counts == sizes.samples).all():
            warnings.warn(
                f"{header.name}: {counted(sizes.rest, 'byte')} behind the last trace are empty; "
                "they are left out.",
                stacklevel=5,
            )
            return replace(sizes, trailer=sizes.trailer + sizes.rest, rest=0)
    raise _unfit(path, sizes, itemsize)


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
    return f"left out behind the last trace: {counted(found.trailer, 'byte')} (byte 3529)."


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
