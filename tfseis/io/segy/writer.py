"""A SEG-Y file that is being written, block by block under headers that are there already."""

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.io.output import publish, room_for
from tfseis.io.result_blocks import block_place, check_values
from tfseis.io.segy.copy import CopiedHeaders
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.headers import CHUNK_BYTES
from tfseis.io.segy.new_headers import NewHeaders

Headers = CopiedHeaders | NewHeaders


class SegyWriter:
    """A result that is being written, block by block in any order.

    Where an earlier run left it, blocks are written with their headers.

    Leaving its ``with`` statement moves the file to its final name; an exception removes it.

    Attributes:
        path: final name of the file.
        geometry: geometry of the result.
        keep: whether an exception leaves the file as it is, so that it can be gone on with.
    """

    def __init__(
        self, path: Path, partial: Path, headers: Headers, *, overwrite: bool, resumed: bool = False
    ) -> None:
        self.path = path
        self.geometry, self.keep = headers.geometry, resumed
        self._partial = partial
        self._again = headers if resumed else None  # what lay there may have been damaged
        self._layout = headers.layout
        self._sorting = headers.sorting
        self._position = headers.trace_index  # (inlines, crosslines), -1 where missing
        self._overwrite = overwrite
        self._file = partial.open("r+b")

    def __enter__(self) -> "SegyWriter":
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if kind is None:
            self.close()
        elif self.keep:
            with suppress(OSError):  # on a full disk, which is told already
                self._file.close()
        else:
            self.discard()

    def write(self, values: ArrayLike, *, inline: int, crossline: int) -> None:
        """Write a block; traces that the template does not have are skipped.

        Args:
            values: array (inlines, crosslines, samples) with all samples of the result.
            inline: array index in the result of the block's first inline.
            crossline: array index in the result of its first crossline.

        Raises:
            GeometryError: the block does not lie in the result.
            OutputError: a value that the result's samples cannot hold.
        """
        values = np.asarray(values)
        part = block_place(values, self.geometry.shape, (inline, crossline))
        check_values(values, self._dtype, self.path.name)
        rows = values.reshape(values.shape[0] * values.shape[1], -1)
        with room_for(self.path):
            for position, some in self._runs(part):
                self._write_run(position, rows[some])

    def flush(self) -> None:
        """Force what was written to disk."""
        with room_for(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())

    def checksum(self, part: tuple[slice, slice] | None = None) -> int:
        """CRC-32 of what the file holds.

        Args:
            part: inlines and crosslines (indices in the result), whose traces count with their
                headers; None for what stands before the first trace, and the size of the file.
        """
        if part is None:
            self._file.seek(0)
            start = self._file.read(self._layout.first_trace)
            return zlib.crc32(str(self._partial.stat().st_size).encode(), zlib.crc32(start))
        found, size = 0, self._layout.trace_bytes
        for position, some in self._runs(part):
            self._file.seek(self._layout.first_trace + position * size)
            found = zlib.crc32(self._file.read(len(some) * size), found)
        return found

    def close(self) -> None:
        """Finish the file, which appears under its final name.

        Raises:
            OutputError: another file took that name meanwhile.
        """
        if self._file.closed:
            return
        try:
            self.flush()
            self._file.close()
            publish(self._partial, self.path, self._overwrite)
        except BaseException:
            if not self.keep:
                self.discard()
            raise

    def cube(self) -> SegyCube:
        """The finished result as a cube; no arguments of `open_segy` are needed for it."""
        grid = Grid(self.geometry, self._position.astype("int32"), self._sorting)
        return SegyCube(self.path, self._layout, grid)

    def discard(self) -> None:
        """Give up, and remove what has been written."""
        with suppress(OSError):  # as above
            self._file.close()
        self._partial.unlink(missing_ok=True)

    @property
    def _dtype(self) -> np.dtype:
        """Type of the samples in the file, with their byte order."""
        return self._layout.dtype.newbyteorder(self._layout.order)

    @property
    def _run_traces(self) -> int:
        return max(CHUNK_BYTES // self._layout.trace_bytes, 1)

    def _runs(self, part: tuple[slice, slice]) -> Iterator[tuple[int, np.ndarray]]:
        """Traces that are neighbours in the file: place of the first, and which of the part."""
        positions = self._position[part].ravel()
        order = np.argsort(positions)
        order = order[positions[order] >= 0]
        breaks = np.flatnonzero(np.diff(positions[order]) != 1) + 1
        for run in np.split(order, breaks):
            for start in range(0, len(run), self._run_traces):
                some = run[start : start + self._run_traces]
                yield int(positions[some[0]]), some

    def _write_run(self, position: int, rows: np.ndarray) -> None:
        """Write samples (traces, samples) of neighbours in the file in one read and one write."""
        layout, size = self._layout, self._layout.trace_bytes
        place = layout.first_trace + position * size
        block = np.empty((len(rows), size), "u1")
        if self._again is None:
            self._file.seek(place)
            block[:] = np.frombuffer(self._file.read(block.size), "u1").reshape(block.shape)
        else:
            block[:, : layout.header_bytes] = self._again.of_traces(position, len(rows))
        samples = np.ascontiguousarray(rows, self._dtype)
        block[:, layout.header_bytes :] = samples.view("u1")
        self._file.seek(place)
        self._file.write(block.tobytes())
