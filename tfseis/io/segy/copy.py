"""The headers of a template, copied byte for byte into a result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.binary_header import BinaryHeader
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.header_fields import (
    DELAY_SCALARS,
    SampleTimes,
    put_field,
    put_unit,
    sample_time_fields,
)
from tfseis.io.segy.headers import CHUNK_BYTES, read_headers
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, NO_VALUE, TEXT_BYTES, Layout
from tfseis.io.segy.sampled_headers import LOOKED_AT
from tfseis.io.segy.standard_places import are_moved, put_places
from tfseis.io.segy.stated_sizes import column
from tfseis.io.segy.text import with_provenance
from tfseis.io.segy.times import are_plain, stated_interval

OTHER_TIMES = (*range(95, 108, 2), 111, 113)  # fields that byte 215 scales, beside the delay


@dataclass(frozen=True)
class CopiedHeaders:
    """The headers that a result takes from its template, and what it changes in them.

    Args:
        template: the cube whose headers are copied.
        geometry: geometry of the result.
        format: sample format code of the result.
        kept: positions in the template's file of the traces of the result (inlines, crosslines);
            -1 where no trace is.
        times: header values of other sample times; None where they are the template's.
    """

    template: SegyCube
    geometry: Geometry
    format: int
    kept: np.ndarray
    times: SampleTimes | None

    @property
    def sorting(self) -> str:
        """The template's."""
        return self.template.sorting

    @property
    def layout(self) -> Layout:
        """Where each byte of the result belongs."""
        samples = self.geometry.samples
        return replace(
            self.template.layout,
            format=self.format,
            samples=samples.count,
            traces=len(self._traces),
            first_sample=samples.first,
            sample_interval=samples.step,
            unit=self.geometry.sample_unit,
            nulls=(),
            limit=NO_VALUE,
        )

    @property
    def trace_index(self) -> np.ndarray:
        """Position in the result's file of each trace, (inlines, crosslines); -1 where none is."""
        return np.where(self.kept >= 0, np.searchsorted(self._traces, self.kept), -1)

    def write(self, path: Path, provenance: Sequence[str]) -> None:
        """Write all headers, and samples of 0; memory does not grow with the file.

        Args:
            path: the new file.
            provenance: lines for blank ones of the textual header.
        """
        layout = self.layout
        with self.template.path.open("rb") as source, path.open("wb") as file:
            start = self.start(source)
            text = with_provenance(start[:TEXT_BYTES], provenance)
            file.write(text + start[TEXT_BYTES:])
            for _, headers in self.headers(source):
                block = np.zeros((len(headers), layout.trace_bytes), "u1")
                block[:, : layout.header_bytes] = headers
                file.write(block.tobytes())

    def start(self, source: BinaryIO) -> bytes:
        """Textual and binary header of the result, from the template's open file."""
        source.seek(0)
        start = np.frombuffer(source.read(self.layout.first_trace), "u1").copy()
        self._patch_binary(start[None])
        return start.tobytes()

    def headers(self, source: BinaryIO) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Trace headers of the result, some traces at a time, from the template's open file.

        Yields:
            Positions of the traces in the template's file, ascending; and their headers, uint8
            (traces, header_bytes).
        """
        traces, old = self._traces, self.template.layout
        step = max(CHUNK_BYTES // max(old.trace_bytes, self.layout.trace_bytes), 1)
        for first in range(0, len(traces), step):
            part = slice(first, first + step)
            yield traces[part], self._patched(source, part)

    def of_traces(self, first: int, count: int) -> np.ndarray:
        """Trace headers of traces that follow each other in the result's file, uint8."""
        with self.template.path.open("rb") as source:
            return self._patched(source, slice(first, first + count))

    def _patched(self, source: BinaryIO, part: slice) -> np.ndarray:
        block = read_headers(source, self.template.layout, self._traces[part]).copy()
        self._patch_traces(block, part)
        return block

    @cached_property
    def _traces(self) -> np.ndarray:
        """Positions in the template's file, ascending."""
        return np.sort(self.kept[self.kept >= 0])

    @cached_property
    def _cells(self) -> np.ndarray:
        """Cell of the flattened grid of each trace of the result's file."""
        return np.argsort(self.kept, axis=None)[-len(self._traces) :]

    def _numbers(self, part: slice) -> np.ndarray:
        """Line numbers of some traces of the result's file, (traces, 2)."""
        indices = np.unravel_index(self._cells[part], self.kept.shape)
        axes = self.geometry.axes[:2]
        return np.stack([axis.numbers[i] for axis, i in zip(axes, indices, strict=True)], axis=1)

    def _patch_traces(self, block: np.ndarray, part: slice) -> None:
        order, times, opening = self.template.layout.order, self.times, self.template.opening
        if are_moved(opening):
            put_places(block, order, opening, self.geometry, self._numbers(part))
        if times:
            put_field(block, 115, order + "u2", times.count)
            put_field(block, 117, order + "u2", times.interval)
            put_field(block, 109, order + "i2", times.delay)
            put_field(block, 215, order + "i2", times.delay_scalar)
        if opening.coordinate_scalar is not None and opening.coordinate_format == "integer":
            put_field(block, 71, order + "i2", opening.coordinate_scalar)

    def _patch_binary(self, start: np.ndarray) -> None:
        order, times, old = self.template.layout.order, self.times, self.template.layout
        header = BinaryHeader(self.template.name, start.tobytes()[:BINARY_END], order)
        put_field(start, 3225, order + "i2", self.format)
        count = (old.first_trace - BINARY_END) // TEXT_BYTES
        said = self.template.opening.text_headers is not None
        if said or (old.revision and header.value(3505) not in (-1, count)):
            put_field(start, 3505, order + "i2", count)
        if old.revision == 2 and header.value(3529, "i"):
            put_field(start, 3529, order + "i4", 0)  # records behind the traces are not copied
        if not times:
            return
        put_field(start, 3217, order + "u2", times.interval)
        put_field(start, 3221, order + "u2", times.count)
        used = header.double(3273) != 0 and header.double(3273) == stated_interval(header)
        if used or times.exact_interval:
            put_field(start, 3273, order + "f8", times.exact_interval or float(times.interval))
        if old.revision == 2 and start[0, 3268:3272].any():  # bytes 3269-3272, the extended count
            put_field(start, 3269, order + "i4", self.geometry.samples.count)
        put_unit(start[:, :BINARY_END], self.geometry.sample_unit)


def copied_times(template: SegyCube, samples: Axis) -> SampleTimes | None:
    """Header values of the sample axis of a result; None where the template's headers say it.

    The template's unit of time (byte 215) stays, unless nothing but the first sample time uses it.

    Raises:
        GeometryError: interval or first time do not fit the headers.
    """
    layout, whole = template.layout, template.geometry.samples
    if whole.count == 1 and samples.first == whole.first:
        samples = whole  # the same sample: a stride has no meaning for one
    with template.path.open("rb") as file:
        start = BinaryHeader(template.name, file.read(BINARY_END), layout.order)
        some = np.linspace(0, layout.traces - 1, min(layout.traces, LOOKED_AT)).astype("int64")
        header = np.concatenate(
            [read_headers(file, layout, some[n : n + 1]) for n in range(len(some))]
        )
    if samples == whole and are_plain(start, header[:, :HEADER_BYTES], layout):
        return None

    def value(byte: int) -> int:
        return int(column(header, start, byte)[0])

    alone = not any(value(byte) for byte in OTHER_TIMES)
    scalars = (value(215), *DELAY_SCALARS) if alone else (value(215),)
    return sample_time_fields(samples, layout.unit, scalars)
