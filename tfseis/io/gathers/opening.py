"""Lazy collections of pre-stack gathers, from SEG-Y files, arrays, or folders of both."""

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
    """Gathers of one file or of many; a class of your own needs these members."""

    @property
    def shapes(self) -> np.ndarray:
        """Number of traces and samples of each gather, int64 (gathers, 2)."""

    @property
    def lines(self) -> np.ndarray:
        """Number that says where each gather lies, int64 (gathers,): inline, CDP, shot or file."""

    @property
    def sample_interval(self) -> float:
        """Distance between samples, in ms."""

    def __len__(self) -> int:
        """Number of gathers."""

    def name(self, gather: int) -> str:
        """Name of a gather."""

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """Read a gather, or `count` of its traces from `first` on, with all their samples."""


@dataclass(frozen=True)
class ChainedGathers:
    """Gathers of several files, one file after the other.

    Args:
        parts: gathers of each file, all with the same sample interval.
    """

    parts: tuple[Gathers, ...]

    @property
    def shapes(self) -> np.ndarray:
        """Number of traces and samples of each gather, int64 (gathers, 2)."""
        return np.concatenate([part.shapes for part in self.parts])

    @property
    def lines(self) -> np.ndarray:
        """Number of the file of each gather, int64 (gathers,)."""
        return np.repeat(np.arange(len(self.parts)), [len(part) for part in self.parts])

    @property
    def sample_interval(self) -> float:
        """Distance between samples, in ms."""
        return self.parts[0].sample_interval

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def name(self, gather: int) -> str:
        """Name of a gather."""
        part, inside = self._place(gather)
        return part.name(inside)

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """Read a gather, or some of its traces, as `SegyGathers.read` does."""
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
        by: number that the traces of a gather share, one of `tfseis.io.GATHER_KEYS`. None to
            recognise it from the headers.
        gather_byte: first byte of the number that they share, instead of `by`.
        offset_byte: first byte of the offset in the trace header.
        axes: order of the axes of arrays, "traces,samples" or "samples,traces". None to take the
            longer axis for time.
        interval: sample interval of arrays, or of one SEG-Y file whose headers are wrong, in ms.
            None for the one in the headers, or in ``traces.csv`` beside arrays, or 4 ms without
            that file.
        endian: byte order, as for `open_segy`.
        sample_format: sample format code, as for `open_segy`.
        text_headers: number of extended textual headers, as for `open_segy`.

    Returns:
        The gathers, with traces sorted by offset. Only headers are read.

    Raises:
        FormatError: the file is missing or cannot be read.
        GeometryError: no header groups the traces into gathers.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/shot.npy", np.ones((100, 7), "float32"))  # samples first
        ...     gather = open_gathers(folder, interval=2).read(0)
        >>> gather.amplitude.shape
        (7, 100)
    """
    path = Path(path)

    def segy(file: Path, interval: float | None = None) -> SegyGathers:
        return open_segy_gathers(
            file,
            by=by,
            gather_byte=gather_byte,
            offset_byte=offset_byte,
            endian=endian,
            sample_format=sample_format,
            text_headers=text_headers,
            interval=interval,
        )

    if not path.is_dir():
        if path.suffix == ".npy":
            return open_array_gathers([path], axes=axes, interval=interval)
        return segy(path, interval)
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
