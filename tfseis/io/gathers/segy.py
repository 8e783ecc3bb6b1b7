"""Gathers of a pre-stack SEG-Y file, whatever the order of its traces."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.gathers.gather import Gather, measured
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.headers import scan_headers
from tfseis.io.segy.layout import Layout, Said
from tfseis.io.segy.reading import read_layout
from tfseis.io.segy.samples import check_samples, with_nulls

GATHER_KEYS = {  # header fields whose numbers the traces of a gather share
    "cmp": ("inline", "crossline"),
    "cdp": ("cdp",),
    "shot": ("record",),
    "point": ("point",),
    "offset": ("offset",),
}
FIELDS = {"inline": 189, "crossline": 193, "cdp": 21, "record": 9, "point": 17, "channel": 13}
LONGEST = 100_000  # traces in a gather; more of them are a line or a survey
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class SegyGathers:
    """Gathers of a SEG-Y file; only their headers are in memory.

    Args:
        cube: all traces as a cube of one inline, in the order of the gathers.
        ends: one past the last trace of each gather in that order, int64 (gathers,).
        offsets: offset of each trace in that order, int32 (traces,).
        numbers: numbers that the traces of each gather share, int64 (gathers, fields of the key).
        by: key of `GATHER_KEYS` that groups the traces.
    """

    cube: SegyCube
    ends: np.ndarray
    offsets: np.ndarray
    numbers: np.ndarray
    by: str

    @property
    def shapes(self) -> np.ndarray:
        """Number of traces and samples of each gather, int64 (gathers, 2)."""
        folds = np.diff(self.ends, prepend=0)
        return np.stack([folds, np.full(len(folds), self.cube.shape[2])], axis=1)

    @property
    def lines(self) -> np.ndarray:
        """Inline, CDP or shot number of each gather, int64 (gathers,)."""
        return self.numbers[:, 0]

    @property
    def sample_interval(self) -> float:
        """Distance between samples, in ms."""
        return self.cube.geometry.sample_interval

    def __len__(self) -> int:
        return len(self.ends)

    def name(self, gather: int) -> str:
        """The key and the numbers of a gather."""
        return f"{self.by} {' '.join(map(str, self.numbers[gather].tolist()))}"

    def positions(self, gather: int) -> np.ndarray:
        """Positions of the traces of a gather in the file, (traces,)."""
        return self.cube.trace_index[0, self._part(gather)]

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """Read a gather, or some of its traces, sorted by offset.

        Args:
            gather: number of the gather, from 0.
            first: index of the first trace.
            count: number of traces; None for all from `first` on.
        """
        whole = self._part(gather)
        stop = whole.stop if count is None else min(whole.stop, whole.start + first + count)
        part = slice(whole.start + first, stop)
        amplitude, finite = self.cube.read((0, part, slice(None)))
        return Gather(
            amplitude,
            finite & measured(amplitude),
            self.offsets[part].astype("float32"),
            self.sample_interval,
            self.name(gather),
        )

    def _part(self, gather: int) -> slice:
        return slice(int(self.ends[gather - 1]) if gather else 0, int(self.ends[gather]))


def open_segy_gathers(
    path: str | Path,
    *,
    by: str | None = None,
    gather_byte: int | None = None,
    offset_byte: int = 37,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
    interval: float | None = None,
) -> SegyGathers:
    """Open a pre-stack SEG-Y file; the arguments are those of `open_gathers`.

    Raises:
        FormatError: the file is no SEG-Y file that can be read, or the key is unknown.
        GeometryError: no header groups the traces into gathers.
    """
    path = Path(path)
    if interval is not None and not 0 < interval < math.inf:
        raise FormatError(
            f"{path.name}: expected a sample interval above 0 ms; got {interval}. Leave it out to "
            "use the headers."
        )
    if by is not None and by not in GATHER_KEYS:
        raise FormatError(
            f"Expected gathers by {', '.join(GATHER_KEYS)}; got {by!r}. Choose one, or name the "
            "header by its first byte (--gather-byte)."
        )
    layout = read_layout(
        path,
        endian=endian,
        sample_format=sample_format,
        text_headers=text_headers,
        said=Said(sample_interval=interval),
    )
    if sample_format is None:
        check_samples(path, layout)
    layout = with_nulls(path, layout)
    fields = FIELDS | {"offset": offset_byte}
    if gather_byte is not None:
        fields |= {"byte": gather_byte}
    columns = scan_headers(path, layout, fields)
    key: tuple[str, ...] = ("byte",)
    if gather_byte is not None:
        by = f"byte {gather_byte}"
    else:
        by = by or _found(path, columns)
        key = GATHER_KEYS.get(by, ())
    return _grouped(path, layout, columns, by, key)


def _found(path: Path, columns: Columns) -> str:
    """The first key whose gathers lie together in the file, or else the first that groups traces.

    A number that never changes, or that no two traces share, groups nothing.
    """
    scattered = []
    for by in ("cmp", "cdp", "shot", "point"):
        table = np.stack([columns[name] for name in GATHER_KEYS[by]])
        count = len(np.unique(table, axis=1).T)
        if 1 < count < table.shape[1]:
            runs = 1 + np.count_nonzero(np.diff(table, axis=1).any(axis=0))
            if runs == count:
                return by
            scattered.append(by)
    if scattered:
        return scattered[0]
    traces = len(columns["offset"])
    if len(np.unique(columns["offset"])) > 1 or traces == 1 or not _lines(columns):
        return "file"  # one gather: nothing else tells its traces apart
    raise GeometryError(
        f"{path.name}: expected pre-stack traces, several at a place; got {traces} of one offset, "
        "each at a place of its own. Say what a gather is (--by, --gather-byte), or take a "
        "pre-stack file."
    )


def _lines(columns: Columns) -> bool:
    """Whether line numbers differ from trace to trace, as in a stacked cube."""
    return any(len(np.unique(columns[name])) > 1 for name in ("inline", "crossline"))


def _grouped(
    path: Path, layout: Layout, columns: Columns, by: str, key: tuple[str, ...]
) -> SegyGathers:
    traces = layout.traces
    table = np.array([columns[name] for name in key], "int64").reshape(len(key), traces)
    numbers, member = np.unique(table, axis=1, return_inverse=True)
    folds = np.bincount(member.ravel()) if key else np.array([traces])
    if folds.max() > LONGEST:
        raise GeometryError(
            f"{path.name}: expected gathers of at most {LONGEST} traces; got one of {folds.max()}. "
            "Say what a gather is (--by, --gather-byte)."
        )
    within = [columns[n] for n in ("channel", "cdp", "crossline", "inline", "offset")]
    order = np.lexsort([*within, *([member.ravel()] if key else [])]).astype("int32")
    geometry = Geometry(
        Axis("inline", 1, 1, 1),
        Axis("crossline", 1, 1, traces),
        Axis("sample", layout.first_sample, layout.sample_interval, layout.samples),
        sample_unit=layout.unit,
    )
    cube = SegyCube(path, layout, Grid(geometry, order[np.newaxis], "inline"))
    named = numbers.T if key else np.ones((1, 1), "int64")
    return SegyGathers(cube, np.cumsum(folds), columns["offset"][order], named, by)
