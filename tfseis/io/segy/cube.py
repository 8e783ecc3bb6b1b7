"""SEG-Y cubes: opened lazily, sliced like NumPy arrays, safe to pass to other processes."""

import os
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from segyio import _segyio

from tfseis.geometry import Geometry
from tfseis.io.indexing import Key, normalised
from tfseis.io.segy.cache import cache_entry, load_grid, store_grid
from tfseis.io.segy.encoding import ibm_as_float32
from tfseis.io.segy.grid import Grid, grid_of
from tfseis.io.segy.layout import BINARY_END, HEADER_BYTES, IBM_FLOAT, TEXT_BYTES, Layout
from tfseis.io.segy.nulls import has_value
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.reading import read_layout
from tfseis.io.segy.samples import check_samples, with_nulls

UINT32 = 10  # format code of bits as they are
SEGYIO_ENDIAN = {"big": 0, "little": 256}  # as segyio.open passes them on
_INHERITED: list[object] = []  # kept open: closing them in a fork would move the parent's


def open_segy(
    path: str | Path,
    *,
    inline_byte: int = 189,
    crossline_byte: int = 193,
    x_byte: int = 181,
    y_byte: int = 185,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
    grid: str = "numbers",
    duplicates: str = "refuse",
    skip_traces: Sequence[int] | None = None,
    samples: int | None = None,
    sample_interval: float | None = None,
    start: float | None = None,
    sample_unit: str | None = None,
    coordinate_scalar: int | None = None,
    line_format: str = "integer",
    coordinate_format: str = "integer",
) -> "SegyCube":
    """Open a post-stack SEG-Y file as a lazy cube.

    The headers of all traces are read once; the grid is then kept in the user's cache directory
    until the file changes. Where a file does not open, `diagnose` finds the arguments that help.

    Args:
        path: a SEG-Y file, sorted in any way.
        inline_byte: first byte of the inline number in the trace header, counted from 1.
        crossline_byte: first byte of the crossline number.
        x_byte: first byte of the map x coordinate.
        y_byte: first byte of the map y coordinate.
        endian: byte order, "big" or "little"; None to detect it.
        sample_format: sample format code, where byte 3225 is wrong; None to use that byte.
        text_headers: number of extended textual headers, where byte 3505 is wrong; None to use
            that byte.
        grid: "numbers" to form the grid from line numbers; "coordinates" to form it from map
            coordinates, with lines numbered from 1.
        duplicates: "refuse" to refuse several traces at one place; "first" or "last" to keep that
            one of them.
        skip_traces: numbers of traces to leave out, from 1 in the order of the file. None to
            refuse traces with line numbers that their coordinates, or without these their
            neighbours, contradict; () to keep them. Padding is always left out.
        samples: number of samples in a trace, where bytes 3221 and 115 are wrong; None to use
            these and the size of the file.
        sample_interval: distance between samples in `sample_unit`; None to use bytes 3217 and 117.
        start: time or depth of the first sample in `sample_unit`; None to use byte 109.
        sample_unit: "ms" for time, "m" or "ft" for depth; None for what the file says, mostly ms.
        coordinate_scalar: scalar of the map coordinates, where byte 71 is wrong: one below 0
            divides them, one above 0 multiplies them; None to use that byte.
        line_format: "integer", or "ieee" or "ibm" where the headers hold line numbers as floats.
        coordinate_format: the same for map coordinates.

    Returns:
        The cube, axes (inlines, crosslines, samples), line numbers ascending.

    Raises:
        FormatError: the file is no SEG-Y file that can be read.
        GeometryError: its traces form no cube.
    """
    path = Path(path)
    skipped = None if skip_traces is None else tuple(int(number) for number in skip_traces)
    opening = Opening(
        inline_byte,
        crossline_byte,
        x_byte,
        y_byte,
        endian,
        sample_format,
        text_headers,
        grid,
        duplicates,
        skipped,
        samples,
        sample_interval,
        start,
        sample_unit,
        coordinate_scalar,
        line_format,
        coordinate_format,
    )
    if not path.is_file():
        read_layout(path)  # raises an error that says what is wrong
    entry = cache_entry(path, vars(opening))
    known = load_grid(entry)
    if known is None:
        layout = read_layout(path, **opening.layout_arguments())
        grid_found = grid_of(path, layout, opening)
        if sample_format is None:
            check_samples(path, layout)
        known = with_nulls(path, layout), grid_found
        store_grid(entry, *known)
    return SegyCube(path, *known, opening)


class SegyCube:
    """A post-stack SEG-Y file as a cube, which reads only what is asked for, as float32.

    Each thread and each process opens a file handle of its own; a pickled cube carries none.
    Missing traces read as 0, and so do samples without a value: those that are not finite, and
    stand-ins such as 1e30 (`Layout.nulls`, `Layout.limit`).

    Args:
        path: the file.
        layout: layout of its bytes, from `read_layout`.
        grid: which trace belongs to which inline and crossline.
        opening: the arguments of `open_segy`; None for the defaults.

    Attributes:
        path: the file.
        layout: layout of its bytes.
        geometry: line numbers, sample times, map coordinates.
        trace_index: position of each trace in the file, int32 (inlines, crosslines); -1 where the
            file has no trace.
        live: whether the file has a trace, bool (inlines, crosslines).
        sorting: "inline" or "crossline", the order of the file.
        nonfinite: number of samples without a value that this copy of the cube has read so far.
        opening: the arguments of `open_segy` by which it was opened.
    """

    ndim = 3
    dtype = np.dtype("float32")

    def __init__(
        self, path: Path, layout: Layout, grid: Grid, opening: Opening | None = None
    ) -> None:
        self.path = path
        self.layout = layout
        self.opening = opening or Opening()
        self.geometry: Geometry = grid.geometry
        self.trace_index = grid.trace_index
        self.live: np.ndarray = grid.trace_index >= 0
        self.sorting = grid.sorting
        self.nonfinite = 0
        self._local = threading.local()

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return self.path.name

    @property
    def stored_dtype(self) -> np.dtype:
        """Type of the samples in the file; reading gives float32 whatever it is."""
        return self.layout.dtype

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        return self.geometry.shape

    def __repr__(self) -> str:
        return f"SegyCube({str(self.path)!r}, shape={self.shape})"

    def __len__(self) -> int:
        return self.shape[0]

    def __enter__(self) -> "SegyCube":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_local"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state, _local=threading.local())

    def close(self) -> None:
        """Close the file; it is opened again when the cube is read again."""
        self._local = threading.local()

    def __getitem__(self, key: Key) -> np.ndarray:
        """Amplitudes, float32, as NumPy would slice an array of this shape."""
        slices, shape = normalised(key, self.shape)
        return self._amplitudes(slices)[0].reshape(shape)[()]

    def read(self, key: Key) -> tuple[np.ndarray, np.ndarray]:
        """Read amplitudes, and the mask of the samples that are real.

        Args:
            key: integers and slices, as for an array.

        Returns:
            Amplitudes, float32, and the mask, bool of the same shape: False at missing traces, at
            samples without a value and, where whole traces are read, at traces that are all zero.
        """
        slices, shape = normalised(key, self.shape)
        values, present, known = self._amplitudes(slices)
        live = np.broadcast_to(present[..., None], values.shape) & known
        if values.shape[2] == self.shape[2]:
            live &= values.any(axis=2, keepdims=True)
        return values.reshape(shape), live.reshape(shape)

    def _amplitudes(
        self, slices: tuple[slice, slice, slice]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Amplitudes (inlines, crosslines, samples), mask of traces, mask of known samples."""
        positions = self.trace_index[slices[:2]]
        samples = range(self.shape[2])[slices[2]]
        backwards = samples.step < 0
        if backwards:
            samples = samples[::-1]
        if self.sorting == "crossline":  # so that neighbours in the file are read together
            positions = positions.T
        present = positions >= 0
        traces = self._traces(positions[present], samples)
        known = np.ones((1, 1, 1), bool)  # broadcasts, unless a sample has no value
        if present.all():
            values = traces.reshape(*positions.shape, len(samples))
        else:
            values = np.zeros((*positions.shape, len(samples)), self.dtype)
            values[present] = traces
        given = has_value(values, self.layout)
        if given is not None:
            known = given
            self.nonfinite += int(known.size - np.count_nonzero(known))
            values[~known] = 0
        if backwards:
            values, known = values[..., ::-1], known[..., ::-1]
        if self.sorting == "crossline":
            values, present, known = values.swapaxes(0, 1), present.T, known.swapaxes(0, 1)
        return np.ascontiguousarray(values), present, known

    def _traces(self, positions: np.ndarray, samples: range) -> np.ndarray:
        """Samples of the traces at these positions in the file, float32 (traces, samples)."""
        ibm = self.layout.format == IBM_FLOAT
        traces = np.empty((len(positions), len(samples)), "u4" if ibm else self.layout.dtype)
        if traces.size:
            handle = self._handle()
            skip = (self.layout.header_bytes - HEADER_BYTES) // self.layout.dtype.itemsize
            window = (samples[0] + skip, samples[-1] + 1 + skip, samples.step, len(samples))
            for start, stop, step in _runs(positions):
                first = int(positions[start])
                handle.gettr(traces[start:stop], first, step, stop - start, *window)
        if ibm:
            return ibm_as_float32(traces)
        with np.errstate(over="ignore", invalid="ignore"):
            return traces.astype(self.dtype, copy=False)

    def _handle(self) -> "_segyio.segyiofd":
        """The file handle of this thread in this process."""
        local = self._local
        if getattr(local, "process", None) != os.getpid():
            if hasattr(local, "handle"):
                _INHERITED.append(local.handle)
            local.handle, local.process = _opened(self.path, self.layout), os.getpid()
        return local.handle


def _opened(path: Path, layout: Layout) -> "_segyio.segyiofd":
    """A segyio handle for a file of known layout.

    segyio assumes trace headers of 240 bytes, so header extensions are read as further samples.
    IBM floats are read as bits, since segyio misreads those that are not normalised.
    """
    handle = _segyio.segyiofd(str(path), "r", SEGYIO_ENDIAN[layout.endian])
    extension = layout.header_bytes - HEADER_BYTES
    handle.segymake(  # only sets sizes in memory; nothing is written
        samples=layout.samples + extension // layout.dtype.itemsize,
        tracecount=layout.traces,
        format=UINT32 if layout.format == IBM_FLOAT else layout.format,
        ext_headers=(layout.first_trace - BINARY_END) // TEXT_BYTES,
    )
    return handle


def _runs(positions: np.ndarray) -> list[tuple[int, int, int]]:
    """Runs (start, stop, step) of equally spaced traces, each of which one call can read."""
    if len(positions) == 1:
        return [(0, 1, 1)]
    steps = np.diff(positions)
    step = int(steps[0])
    if (steps == step).all():
        return [(0, len(positions), step)]
    step = int(np.partition(steps, len(steps) // 2)[len(steps) // 2])
    breaks = np.flatnonzero(steps != step) + 1
    return [(start, stop, step) for start, stop in pairwise([0, *breaks.tolist(), len(positions)])]
