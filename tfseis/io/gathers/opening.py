"""Pre-stack gathers: a lazy collection, from SEG-Y files, arrays, or folders of both."""

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.gathers.arrays import open_array_gathers
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.segy import SegyGathers, open_segy_gathers

SEGY_SUFFIXES = (".sgy", ".segy")


class Gathers(Protocol):
    """What pipelines read from: gathers of one file or of many."""

    @property
    def shapes(self) -> np.ndarray:
        """int64 (gathers, 2): traces and samples of each."""

    @property
    def lines(self) -> np.ndarray:
        """int64 (gathers,): the number that tells where a gather lies: inline, CDP, shot, file."""

    @property
    def sample_interval(self) -> float:
        """In ms."""

    def __len__(self) -> int:
        """Gathers."""

    def name(self, gather: int) -> str:
        """What a gather is called."""

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """A gather, or `count` of its traces from `first` on, with all their samples."""


@dataclass(frozen=True)
class ChainedGathers:
    """Gathers of several files, one after the other.

    Args:
        parts: of one sample interval.
    """

    parts: tuple[Gathers, ...]

    @property
    def shapes(self) -> np.ndarray:
        """int64 (gathers, 2): traces and samples of each."""
        return np.concatenate([part.shapes for part in self.parts])

    @property
    def lines(self) -> np.ndarray:
        """int64 (gathers,): the number of the file."""
        return np.repeat(np.arange(len(self.parts)), [len(part) for part in self.parts])

    @property
    def sample_interval(self) -> float:
        """In ms."""
        return self.parts[0].sample_interval

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def name(self, gather: int) -> str:
        """What a gather is called."""
        part, inside = self._place(gather)
        return part.name(inside)

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """As `SegyGathers.read`."""
        part, inside = self._place(gather)
        return part.read(inside, first, count)

    def _place(self, gather: int) -> tuple[Gathers, int]:
        ends = list(accumulate(len(part) for part in self.parts))
        number = int(np.searchsorted(ends, gather, side="right"))
        return self.parts[number], gather - (ends[number - 1] if number else 0)


def open_gathers(
    path: str | Path,
    *,
    by: str | None = None,
    gather_byte: int | None = None,
    offset_byte: int = 37,
    axes: str | None = None,
    interval: float | None = None,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
) -> Gathers:
    """Open pre-stack data as a lazy collection of gathers.

    Args:
        path: a SEG-Y file in any order of traces; a ``.npy`` array of one gather (two axes) or
            several (three, gathers first); or a folder of such files.
        by: what the traces of a gather share: one of `tfseis.io.GATHER_KEYS`. None to find out
            from the headers.
        gather_byte: instead of it, first byte of the number that they share.
        offset_byte: first byte of the offset.
        axes: of arrays: "traces,samples" or "samples,traces". None takes the longer one for time.
        interval: of the samples of arrays, ms; None for what ``traces.csv`` beside them says, else
            4 ms.
        endian: as for `open_segy`, and the two that follow too.
        sample_format: the same.
        text_headers: the same.

    Returns:
        The gathers; traces sorted by offset. Nothing is read but headers.

    Raises:
        FormatError: no such file, or not one that can be read.
        GeometryError: no header groups the traces.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/shot.npy", np.ones((100, 7), "float32"))  # samples first
        ...     gather = open_gathers(folder, interval=2).read(0)
        >>> gather.amplitude.shape
        (7, 100)
    """
    path = Path(path)

    def segy(file: Path) -> SegyGathers:
        return open_segy_gathers(
            file, by=by, gather_byte=gather_byte, offset_byte=offset_byte, endian=endian,
            sample_format=sample_format, text_headers=text_headers,
        )  # fmt: skip

    if not path.is_dir():
        arrays = path.suffix == ".npy"
        return open_array_gathers([path], axes=axes, interval=interval) if arrays else segy(path)
    files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    npy = [file for file in files if file.suffix == ".npy"]
    parts: list[Gathers] = [segy(file) for file in files if file.suffix in SEGY_SUFFIXES]
    if npy:
        parts.append(open_array_gathers(npy, axes=axes, interval=interval))
    return _joined(path, parts)


def _joined(path: Path, parts: list[Gathers]) -> Gathers:
    if not parts:
        raise FormatError(
            f"{path}: expected a folder of .sgy, .segy or .npy files; found none. Give another."
        )
    intervals = sorted({part.sample_interval for part in parts})
    if len(intervals) > 1:
        raise FormatError(
            f"{path}: expected files of one sample interval; got "
            f"{', '.join(f'{n:g}' for n in intervals)} ms. Put them into folders of their own."
        )
    return parts[0] if len(parts) == 1 else ChainedGathers(tuple(parts))
