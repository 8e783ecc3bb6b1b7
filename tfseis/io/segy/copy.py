"""The headers of a template, copied byte for byte into a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.header_fields import DELAY_SCALARS, SampleTimes, put_field, sample_time_fields
from tfseis.io.segy.headers import CHUNK_BYTES, read_headers
from tfseis.io.segy.layout import DTYPES, TEXT_BYTES
from tfseis.io.segy.text import with_provenance

OTHER_TIMES = (*range(95, 108, 2), 111, 113)  # fields that byte 215 scales, beside the delay


@dataclass(frozen=True)
class Result:
    """What a result takes from its template, and what it changes.

    Args:
        template: the cube whose headers it has.
        geometry: of the result.
        format: sample format code of the result.
        traces: their places in the template, ascending.
        times: header values of other sample times; None where they are the template's.
    """

    template: SegyCube
    geometry: Geometry
    format: int
    traces: np.ndarray
    times: SampleTimes | None

    @property
    def dtype(self) -> np.dtype:
        """Samples as they stand in the file."""
        return np.dtype(DTYPES[self.format]).newbyteorder(self.template.layout.order)

    @property
    def trace_bytes(self) -> int:
        """Size of a trace with its header."""
        samples = self.geometry.samples.count
        return self.template.layout.header_bytes + samples * self.dtype.itemsize


def sample_times(template: SegyCube, samples: Axis) -> SampleTimes:
    """Header values of a new sample axis.

    The template's unit of time (byte 215) stays, unless nothing but the first sample time uses it.

    Raises:
        GeometryError: interval or first time do not fit the headers.
    """
    layout = template.layout
    with template.path.open("rb") as file:
        header = read_headers(file, layout, np.zeros(1, "int64"))[0]

    def value(byte: int) -> int:
        return int(header[byte - 1 : byte + 1].view(layout.order + "i2")[0])

    alone = not any(value(byte) for byte in OTHER_TIMES)
    return sample_time_fields(samples, (value(215), *DELAY_SCALARS) if alone else (value(215),))


def write_headers(path: Path, result: Result, provenance: Sequence[str]) -> None:
    """Write all headers of a result, and samples of 0."""
    template, layout, times = result.template, result.template.layout, result.times
    step = max(CHUNK_BYTES // max(layout.trace_bytes, result.trace_bytes), 1)
    with template.path.open("rb") as source, path.open("wb") as file:
        text = with_provenance(source.read(TEXT_BYTES), provenance)
        start = np.frombuffer(text + source.read(layout.first_trace - TEXT_BYTES), "u1").copy()
        _patch_binary(start[None], result)
        file.write(start.tobytes())
        for first in range(0, len(result.traces), step):
            some = result.traces[first : first + step]
            block = np.zeros((len(some), result.trace_bytes), "u1")
            block[:, : layout.header_bytes] = read_headers(source, layout, some)
            if times:
                put_field(block, 115, layout.order + "u2", times.count)
                put_field(block, 117, layout.order + "u2", times.interval)
                put_field(block, 109, layout.order + "i2", times.delay)
                put_field(block, 215, layout.order + "i2", times.delay_scalar)
            file.write(block.tobytes())


def _patch_binary(start: np.ndarray, result: Result) -> None:
    order, times = result.template.layout.order, result.times
    put_field(start, 3225, order + "i2", result.format)
    if not times:
        return
    put_field(start, 3217, order + "u2", times.interval)
    put_field(start, 3221, order + "u2", times.count)
    if start[0, 3272:3280].any() or times.exact_interval:  # bytes 3273-3280
        put_field(start, 3273, order + "f8", float(times.interval))
    if start[0, 3268:3272].any():  # bytes 3269-3272, the extended count
        put_field(start, 3269, order + "i4", result.geometry.samples.count)
