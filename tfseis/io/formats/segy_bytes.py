"""SEG-Y files taken apart into bytes of headers and decoded samples, and put together again."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.encoding import encoded, ibm_as_float32
from tfseis.io.segy.layout import DTYPES, HEADER_BYTES, IBM_FLOAT, ORDERS, Layout
from tfseis.wording import counted

LONGEST_END = 2**20  # bytes behind the last trace that are kept
LARGEST_FLOAT32 = np.finfo("float32").max
LARGEST_START = 2**24  # bytes before the first trace, in a store from outside


@dataclass(frozen=True)
class KeptHeaders:
    """What a SEG-Y file holds beside its traces.

    Args:
        start: textual headers and binary header, byte for byte.
        end: bytes behind the last trace.
        format: sample format code of the standard.
        endian: byte order, "big" or "little".
        header_bytes: size of a trace header.
        traces: number of traces.
        samples: number of samples in a trace.
        why_not: why a copy made from these headers is not the same byte for byte; "" if it is.
    """

    start: bytes
    end: bytes
    format: int
    endian: str
    header_bytes: int
    traces: int
    samples: int
    why_not: str = ""

    @property
    def layout(self) -> Layout:
        """Where each byte of a copy belongs; its sample times say nothing."""
        return Layout(
            self.endian,
            self.format,
            self.samples,
            self.traces,
            len(self.start),
            self.header_bytes,
            0.0,
            1.0,
            0,
        )

    def stated(self) -> dict[str, Any]:
        """The same as values that JSON holds."""
        coded = {name: base64.b64encode(getattr(self, name)).decode() for name in ("start", "end")}
        return {**vars(self), **coded}


def kept_headers(said: object) -> KeptHeaders | None:
    """What `KeptHeaders.stated` gave; None where it is damaged or something else."""
    if not isinstance(said, Mapping):
        return None
    try:
        start, end = (base64.b64decode(said[name], validate=True) for name in ("start", "end"))
        kept = KeptHeaders(**{**said, "start": start, "end": end})
        sound = (
            kept.format in DTYPES
            and kept.endian in ORDERS
            and HEADER_BYTES <= int(kept.header_bytes) <= len(start) <= LARGEST_START
            and int(kept.traces) > 0
        )
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    return kept if sound else None


def headers_of(cube: SegyCube) -> KeptHeaders:
    """The headers of a SEG-Y file beside those of its traces, and what a copy would lack."""
    layout = cube.layout
    stop = layout.first_trace + layout.traces * layout.trace_bytes
    with cube.path.open("rb") as file:
        start = file.read(layout.first_trace)
        file.seek(0, 2)
        behind = file.tell() - stop
        file.seek(stop)
        end = file.read(behind) if behind <= LONGEST_END else b""
    why_not = []
    left_out = layout.traces - int(np.count_nonzero(cube.live))
    if left_out:
        why_not.append(f"{counted(left_out, 'trace')} beside the cube left out")
    if behind > LONGEST_END:
        why_not.append(f"{behind:,} bytes behind the last trace are left out")
    return KeptHeaders(
        start,
        end,
        layout.format,
        layout.endian,
        layout.header_bytes,
        layout.traces - left_out,
        layout.samples,
        "; ".join(why_not),
    )


def read_traces(file: BinaryIO, layout: Layout, positions: np.ndarray) -> np.ndarray:
    """Traces with their headers, byte for byte, uint8 (traces, layout.trace_bytes).

    Args:
        file: the SEG-Y file, open for reading.
        layout: layout of its bytes.
        positions: positions in the file, in any order.
    """
    size = layout.trace_bytes
    traces = np.empty((len(positions), size), "u1")
    for rows in runs(positions):
        file.seek(layout.first_trace + int(positions[rows[0]]) * size)
        traces[rows] = np.frombuffer(file.read(len(rows) * size), "u1").reshape(len(rows), size)
    return traces


def write_traces(file: BinaryIO, layout: Layout, positions: np.ndarray, traces: np.ndarray) -> None:
    """Write traces with their headers where they belong.

    Args:
        file: the SEG-Y file, open for writing.
        layout: layout of its bytes.
        positions: positions in the file, in any order.
        traces: uint8 (traces, layout.trace_bytes).
    """
    for rows in runs(positions):
        file.seek(layout.first_trace + int(positions[rows[0]]) * layout.trace_bytes)
        file.write(traces[rows].tobytes())


def runs(positions: np.ndarray) -> Iterator[np.ndarray]:
    """Rows of traces that follow each other in the file.

    Examples:
        >>> [rows.tolist() for rows in runs(np.array([5, 1, 2, 6]))]
        [[1, 2], [0, 3]]
    """
    order = np.argsort(positions, kind="stable")
    breaks = np.flatnonzero(np.diff(positions[order]) != 1) + 1
    yield from np.split(order, breaks) if len(order) else []


def decoded_samples(traces: np.ndarray, layout: Layout) -> np.ndarray:
    """Samples of traces, (traces, samples) in the type that the layout says.

    Args:
        traces: uint8 (traces, layout.trace_bytes).
        layout: layout of their file.
    """
    samples = np.ascontiguousarray(traces[:, layout.header_bytes :])
    dtype = layout.dtype.newbyteorder(layout.order)
    if layout.format == IBM_FLOAT:
        bits = samples.view(f"{layout.order}u4").astype("u4")
        return ibm_as_float32(bits)
    return samples.view(dtype).astype(layout.dtype)


def with_samples(headers: np.ndarray, samples: np.ndarray, layout: Layout) -> np.ndarray:
    """Traces as they stand in a file, uint8 (traces, layout.trace_bytes).

    Args:
        headers: trace headers, uint8 (traces, layout.header_bytes).
        samples: (traces, samples); as IBM floats, infinite ones become the largest float32.
        layout: layout of the file.

    Raises:
        FormatError: the format of the file cannot hold a sample.
    """
    dtype = layout.dtype.newbyteorder(layout.order)
    if layout.format == IBM_FLOAT:
        samples = np.clip(samples, -LARGEST_FLOAT32, LARGEST_FLOAT32)
    stored = encoded(samples, layout.format, dtype)
    return np.concatenate([headers, stored.view("u1").reshape(len(headers), -1)], axis=1)
