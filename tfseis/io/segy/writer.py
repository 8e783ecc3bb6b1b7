"""Results written as SEG-Y, under the headers of the cube that they were made from."""

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import FormatError, GeometryError, OutputError
from tfseis.geometry import TOLERANCE, Geometry
from tfseis.io.cube import Cube
from tfseis.io.output import check_output, publish
from tfseis.io.partial import partial_path
from tfseis.io.segy.copy import CopiedHeaders, copied_times
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.headers import CHUNK_BYTES
from tfseis.io.segy.layout import IEEE_FLOAT, INT16
from tfseis.io.segy.new_headers import NewHeaders
from tfseis.io.unfinished import unfinished_file

Headers = CopiedHeaders | NewHeaders
OTHERS = (".zarr", ".mdio", ".zgy", ".vds", ".sgz", ".npy", ".npz")  # endings of other formats
FORMATS = {"classes": INT16, "probability": IEEE_FLOAT}


def create_result(
    path: str | Path,
    template: Cube,
    *,
    kind: str,
    geometry: Geometry | None = None,
    provenance: Sequence[str] = (),
    overwrite: bool = False,
    unfinished: bool = False,
) -> "SegyWriter":
    """Start a result of a cube as a SEG-Y file; samples are 0 until written.

    A result of a SEG-Y file has its headers, copied byte for byte: only the format code changes,
    and number, interval, first time and unit of the samples where the result has other samples
    than the template's headers say. A result of any other cube gets new headers with its line
    numbers, sample times and map coordinates. Memory does not grow with the cube.

    Args:
        path: the new file, which appears when the writer closes.
        template: cube that the result was made from.
        kind: "classes" (int16) or "probability" (IEEE float).
        geometry: part of the template's geometry: ranges and strides of its axes. None for all of
            it.
        provenance: what made the result, without clock time; put into blank lines of the textual
            header, as many as there are.
        overwrite: whether a file of that name may be replaced.
        unfinished: whether to go on with what an earlier run left of it, see
            `tfseis.io.unfinished`.

    Returns:
        The writer, to be used in a ``with`` statement.

    Raises:
        OutputError: the file exists, is the template, or its folder cannot be written to.
        GeometryError: `geometry` is no part of the template's, or has no trace; or new headers
            cannot hold the line numbers or sample times.
        FormatError: an unknown kind.
    """
    path = Path(path)
    if kind not in FORMATS:
        raise FormatError(f"Expected kind 'classes' or 'probability'; got {kind!r}. Choose one.")
    if path.exists() and template.path.exists() and path.samefile(template.path):
        raise OutputError(
            f"{path}: expected another file than the cube that is read; it is the same. "
            "Choose another name."
        )
    if path.suffix.lower() in OTHERS:
        raise OutputError(
            f"{path}: expected a result that ends in .sgy, as results are SEG-Y; got "
            f"{path.suffix}. Name it .sgy, and run tfseis convert afterwards."
        )
    check_output(path, overwrite)
    headers = _headers(path.name, template, geometry or template.geometry, FORMATS[kind])
    partial = unfinished_file(path) if unfinished else partial_path(path)
    try:
        if not (unfinished and partial.is_file()):
            headers.write(partial, provenance)
        return SegyWriter(path, partial, headers, overwrite=overwrite)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def create_results(
    wanted: Sequence[tuple[str | Path | None, str, Sequence[str]]],
    template: Cube,
    *,
    geometry: Geometry,
    overwrite: bool,
    unfinished: bool = False,
) -> Iterator[list["SegyWriter | None"]]:
    """Start several results of one cube, which appear together, or none of them.

    Args:
        wanted: path, kind and provenance of each, as in `create_result`; a path of None for a
            result that is not wanted.
        template: cube that they were made from.
        geometry: geometry of the results, part of the template's.
        overwrite: whether files of these names may be replaced.
        unfinished: as in `create_result`.

    Yields:
        Their writers, None where none is wanted.
    """
    with ExitStack() as stack:
        writers: list[SegyWriter | None] = []
        for path, kind, provenance in wanted:
            writer = None
            if path:
                writer = create_result(
                    path,
                    template,
                    kind=kind,
                    geometry=geometry,
                    provenance=provenance,
                    overwrite=overwrite,
                    unfinished=unfinished,
                )
                stack.enter_context(writer)
            writers.append(writer)
        yield writers


class SegyWriter:
    """A result that is being written, block by block in any order.

    Leaving its ``with`` statement moves the file to its final name; an exception removes it.

    Attributes:
        path: final name of the file.
        geometry: geometry of the result.
        keep: whether an exception leaves the file as it is, so that it can be gone on with.
    """

    def __init__(self, path: Path, partial: Path, headers: Headers, *, overwrite: bool) -> None:
        self.path = path
        self.geometry, self.keep = headers.geometry, False
        self._partial = partial
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
        part = (
            slice(inline, inline + values.shape[0]),
            slice(crossline, crossline + values.shape[1]) if values.ndim > 1 else slice(0),
        )
        inside = values.ndim == 3 and inline >= 0 and crossline >= 0
        if not inside or (*self._position[part].shape, self.geometry.shape[2]) != values.shape:
            raise GeometryError(
                f"Expected a block inside the result {self.geometry.shape}, with all its samples; "
                f"got {values.shape} at inline {inline}, crossline {crossline}. Cut it to fit."
            )
        self._check_values(values)
        rows = values.reshape(values.shape[0] * values.shape[1], -1)
        for position, some in self._runs(part):
            self._write_run(position, rows[some])

    def flush(self) -> None:
        """Force what was written to disk."""
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
            size = str(self._partial.stat().st_size).encode()
            return zlib.crc32(size, zlib.crc32(self._file.read(self._layout.first_trace)))
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
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            publish(self._partial, self.path, self._overwrite)
        finally:
            self.discard()

    def cube(self) -> SegyCube:
        """The finished result as a cube; no arguments of `open_segy` are needed for it."""
        grid = Grid(self.geometry, self._position.astype("int32"), self._sorting)
        return SegyCube(self.path, self._layout, grid)

    def discard(self) -> None:
        """Give up, and remove what has been written."""
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

    def _check_values(self, values: np.ndarray) -> None:
        if not values.size:
            return
        dtype = self._dtype
        if dtype.kind == "f":
            good = bool(np.isfinite(values).all())
            expected = "finite values"
        else:
            limits = np.iinfo(dtype)
            good = values.dtype.kind in "biu" and (
                limits.min <= values.min() and values.max() <= limits.max
            )
            expected = f"integer classes between {limits.min} and {limits.max}"
        if not good:
            raise OutputError(
                f"{self.path.name}: expected {expected}; got {values.dtype}, {values.min()} to "
                f"{values.max()}. Check the prediction."
            )

    def _write_run(self, position: int, rows: np.ndarray) -> None:
        """Write samples (traces, samples) of neighbours in the file in one read and one write."""
        layout, size = self._layout, self._layout.trace_bytes
        place = layout.first_trace + position * size
        self._file.seek(place)
        data = bytearray(self._file.read(len(rows) * size))
        block = np.frombuffer(data, "u1").reshape(len(rows), size)
        samples = np.ascontiguousarray(rows, self._dtype)
        block[:, layout.header_bytes :] = samples.view("u1")
        self._file.seek(place)
        self._file.write(data)


def _headers(name: str, template: Cube, geometry: Geometry, format: int) -> Headers:
    """Headers of a result: the template's where it is a SEG-Y file, otherwise new ones."""
    inlines, crosslines, _ = _parts(template.geometry, geometry)
    live = template.live[inlines, crosslines]
    if not live.any():
        raise GeometryError(
            f"{name}: expected a range that holds traces; got none. Choose a larger one."
        )
    if not isinstance(template, SegyCube):
        return NewHeaders(geometry, live, format)
    times = copied_times(template, geometry.samples)
    kept = template.trace_index[inlines, crosslines]
    return CopiedHeaders(template, geometry, format, kept, times)


def _parts(whole: Geometry, part: Geometry) -> tuple[slice, slice, slice]:
    """The part of the template's array that the result keeps."""
    slices = []
    for outer, inner in zip(whole.axes, part.axes, strict=True):
        start = outer.index(inner.first)
        stride = inner.step / outer.step if inner.count > 1 else 1
        step = round(stride)
        stop = start + step * (inner.count - 1) + 1
        if abs(stride - step) > TOLERANCE or step < 1 or inner.count < 1 or stop > outer.count:
            raise GeometryError(
                f"Expected {inner.name}s among {outer.first:g}, {outer.first + outer.step:g} .. "
                f"{outer.last:g}; got {inner.count} from {inner.first:g}, step {inner.step:g}. "
                "Cut the result's geometry from the cube's."
            )
        slices.append(slice(start, stop, step))
    return slices[0], slices[1], slices[2]
