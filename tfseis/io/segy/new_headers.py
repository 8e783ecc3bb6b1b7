"""Headers of a new SEG-Y file, made from a geometry one line of traces at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import GeometryError
from tfseis.geometry import Geometry
from tfseis.io.segy.header_fields import SHORT_COUNT, put_field, put_unit, sample_time_fields
from tfseis.io.segy.layout import (
    BINARY_END,
    HEADER_BYTES,
    ORDERS,
    REV2_ORDER_MARK,
    TEXT_BYTES,
    Layout,
)
from tfseis.io.segy.text import text_header, with_provenance

REVISION_1_FORMATS = frozenset((1, 2, 3, 5, 8))
COORDINATE_SCALES = (100, 10, 1)  # centimetres where they fit


@dataclass(frozen=True)
class NewHeaders:
    """The headers of a file that has no template.

    Args:
        geometry: line numbers, which must be whole, sample times and map coordinates.
        live: bool (inlines, crosslines); where False, the file has no trace.
        format: sample format code of the standard.
        sorting: "inline" or "crossline", the number that stays while the other runs.
        endian: "big" or "little".

    Raises:
        GeometryError: no live trace, or numbers that the headers cannot hold.
    """

    geometry: Geometry
    live: np.ndarray
    format: int
    sorting: str = "inline"
    endian: str = "big"

    def __post_init__(self) -> None:
        if not self.live.any():
            raise GeometryError("Expected at least one live trace; got none. Check `live`.")
        for axis in self.geometry.axes[:2]:
            if axis.first != int(axis.first) or axis.step != int(axis.step):
                raise GeometryError(
                    f"Expected whole {axis.name} numbers; got {axis.first}, step {axis.step}. "
                    "Round them."
                )
        sample_time_fields(
            self.geometry.samples, self.geometry.sample_unit
        )  # refuses what headers cannot hold

    @property
    def layout(self) -> Layout:
        """Where each byte of the file belongs."""
        samples = self.geometry.samples
        return Layout(
            endian=self.endian,
            format=self.format,
            samples=samples.count,
            traces=int(np.count_nonzero(self.live)),
            first_trace=BINARY_END,
            header_bytes=HEADER_BYTES,
            first_sample=samples.first,
            sample_interval=samples.step,
            revision=self._revision,
            unit=self.geometry.sample_unit,
        )

    @property
    def trace_index(self) -> np.ndarray:
        """Position in the file of each trace, int64 (inlines, crosslines); -1 where none is."""
        live = self.live.T if self.sorting == "crossline" else self.live
        index = np.where(live, np.cumsum(live).reshape(live.shape) - 1, -1)
        return index.T if self.sorting == "crossline" else index

    def start(self, text: Sequence[str] = ()) -> bytes:
        """The textual header with these lines, and the binary header."""
        return text_header(text) + self._binary_header()

    def lines(self) -> Iterator[np.ndarray]:
        """Trace headers of one line after another in file order, uint8 (live traces, 240)."""
        scale, first = self._coordinate_scale, 1
        for inline, crossline in self._numbers():
            yield self._trace_headers(inline, crossline, first, scale)
            first += len(inline)

    def of_traces(self, first: int, count: int) -> np.ndarray:
        """Trace headers of traces that follow each other in the file, uint8 (count, 240)."""
        cells = self._cells[first : first + count]
        rows, columns = np.unravel_index(cells, self.live.shape)
        inlines, crosslines = self.geometry.inlines.numbers, self.geometry.crosslines.numbers
        numbers = inlines[rows], crosslines[columns]
        return self._trace_headers(*numbers, first + 1, self._coordinate_scale)

    def write(self, path: Path, provenance: Sequence[str]) -> None:
        """Write all headers, and samples of 0; memory does not grow with the file.

        Args:
            path: the new file.
            provenance: lines for the textual header; long ones are wrapped.
        """
        samples = self.layout.trace_bytes - HEADER_BYTES
        start = self.start()
        with path.open("wb") as file:
            file.write(with_provenance(start[:TEXT_BYTES], provenance) + start[TEXT_BYTES:])
            for headers in self.lines():
                file.write(np.pad(headers, ((0, 0), (0, samples))).tobytes())

    @cached_property
    def _cells(self) -> np.ndarray:
        """Cell of the flattened grid of each trace of the file."""
        positions = self.trace_index.ravel()
        return np.argsort(positions)[np.count_nonzero(positions < 0) :]

    @property
    def _order(self) -> str:
        return ORDERS[self.endian]

    @property
    def _revision(self) -> int:
        short = self.geometry.samples.count <= SHORT_COUNT
        return 1 if self.format in REVISION_1_FORMATS and short else 2

    def _numbers(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Inline and crossline numbers of the live traces of each line."""
        inlines, crosslines = self.geometry.inlines.numbers, self.geometry.crosslines.numbers
        if self.sorting == "crossline":
            for crossline, alive in zip(crosslines, self.live.T, strict=True):
                yield inlines[alive], np.full(np.count_nonzero(alive), crossline)
        else:
            for inline, alive in zip(inlines, self.live, strict=True):
                yield np.full(np.count_nonzero(alive), inline), crosslines[alive]

    @cached_property
    def _coordinate_scale(self) -> int:
        """Parts of a metre that the largest coordinate still leaves room for."""
        if self.geometry.affine is None:
            return 1
        largest = max(
            np.abs(self.geometry.to_map(*numbers)).max(initial=0) for numbers in self._numbers()
        )
        limit = np.iinfo("int32").max
        return next((scale for scale in COORDINATE_SCALES if largest * scale < limit), 1)

    def _trace_headers(
        self, inline: np.ndarray, crossline: np.ndarray, first: int, scale: int
    ) -> np.ndarray:
        fields = sample_time_fields(self.geometry.samples, self.geometry.sample_unit)
        headers = np.zeros((len(inline), HEADER_BYTES), "u1")

        def put(byte: int, kind: str, value: ArrayLike) -> None:
            put_field(headers, byte, self._order + kind, value)

        for byte in (1, 5, 21):  # trace in line, trace in file, CDP
            put(byte, "i4", np.arange(first, first + len(inline)))
        for byte, value in ((29, 1), (33, 1), (35, 1), (69, 1), (89, 1)):  # live, one fold, metres
            put(byte, "i2", value)
        put(115, "u2", fields.count)
        put(117, "u2", fields.interval)
        put(109, "i2", fields.delay)
        put(215, "i2", fields.delay_scalar)
        put(189, "i4", inline)
        put(193, "i4", crossline)
        if self.geometry.affine is not None:
            places = self.geometry.to_map(inline, crossline)
            put(71, "i2", -scale)
            for bytes_, place in (((73, 181), places[:, 0]), ((77, 185), places[:, 1])):
                for byte in bytes_:
                    put(byte, "i4", np.rint(place * scale))
        return headers

    def _binary_header(self) -> bytes:
        header = np.zeros((1, BINARY_END - TEXT_BYTES), "u1")
        fields = sample_time_fields(self.geometry.samples, self.geometry.sample_unit)

        def put(byte: int, kind: str, value: float) -> None:
            put_field(header, byte - TEXT_BYTES, self._order + kind, value)

        for byte in (3205, 3209):  # line and reel
            put(byte, "i4", 1)
        for byte, value in (
            (3213, 1),  # traces in an ensemble
            (3225, self.format),
            (3227, 1),  # fold
            (3229, 4),  # stacked
            (3255, 1),  # metres
            (3503, 1),  # traces of fixed length
        ):
            put(byte, "i2", value)
        for byte in (3217, 3219):
            put(byte, "u2", fields.interval)
        for byte in (3221, 3223):
            put(byte, "u2", fields.count)
        put(3273, "f8", fields.exact_interval)
        put_unit(header, self.geometry.sample_unit)
        put(3501, "u1", self._revision)
        if self._revision == 2:
            put(3269, "i4", self.geometry.samples.count)
            put(3297, "u4", REV2_ORDER_MARK)
        return header.tobytes()
