"""Writing gathers, into a copy of their SEG-Y file or as one array each."""

import csv
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfseis.errors import OutputError
from tfseis.io.gathers.arrays import TABLE, ArrayGathers
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.segy import SegyGathers
from tfseis.io.output import FOLDERS, check_output, complete_folder, complete_or_absent, publish
from tfseis.io.segy.encoding import encoded
from tfseis.io.unfinished import unfinished_file

COLUMNS = ("file", "trace", "offset", "interval")


class GatherWriter:
    """A copy of a SEG-Y file in which live samples of gathers are replaced.

    What is written is the whole of the traces, so that damage to the copy does not stay.

    All headers, and samples that are not live, stay byte for byte.

    Attributes:
        keep: whether an error leaves the copy as it is, so that it can be gone on with.
    """

    def __init__(self, gathers: SegyGathers, file: BinaryIO, source: BinaryIO) -> None:
        self.keep = False
        self._gathers, self._file, self._source = gathers, file, source

    def write(self, gather: int, amplitude: np.ndarray, live: np.ndarray) -> None:
        """Replace the live samples of a gather.

        Args:
            gather: number of the gather, from 0.
            amplitude: new amplitudes (traces, samples); values beyond the range of an integer
                format are clipped.
            live: mask of the samples to replace, bool (traces, samples): those that are live in
                `SegyGathers.read`, and have changed.
        """
        layout = self._gathers.cube.layout
        dtype = layout.dtype.newbyteorder(layout.order)
        new = encoded(np.where(live, clipped(amplitude, dtype), 0), layout.format, dtype)
        new = new.view("u1")
        size, skip = layout.trace_bytes, layout.header_bytes
        changed = np.repeat(live, dtype.itemsize, axis=1)
        for place, run in self._runs(gather):
            self._source.seek(place)
            data = bytearray(self._source.read(len(run) * size))
            samples = np.frombuffer(data, "u1").reshape(len(run), size)[:, skip:]
            samples[changed[run]] = new[run][changed[run]]
            self._file.seek(place)
            self._file.write(data)

    def flush(self) -> None:
        """Force what was written to disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def checksum(self, part: tuple[slice, slice] | None = None) -> int:
        """CRC-32 of what the copy holds.

        Args:
            part: gathers whose traces count with their headers, and any columns; None for what
                stands before the first trace, and the size of the file.
        """
        layout, found = self._gathers.cube.layout, 0
        if part is None:
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
            return zlib.crc32(str(size).encode(), zlib.crc32(self._file.read(layout.first_trace)))
        for gather in range(part[0].start, part[0].stop):
            for place, run in self._runs(gather):
                self._file.seek(place)
                found = zlib.crc32(self._file.read(len(run) * layout.trace_bytes), found)
        return found

    def _runs(self, gather: int) -> Iterator[tuple[int, np.ndarray]]:
        """Traces of a gather that are neighbours in the file: its byte, and which they are."""
        layout, positions = self._gathers.cube.layout, self._gathers.positions(gather)
        order = np.argsort(positions)
        for run in np.split(order, np.flatnonzero(np.diff(positions[order]) != 1) + 1):
            yield layout.first_trace + int(positions[run[0]]) * layout.trace_bytes, run


def clipped(amplitude: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Amplitudes as float64 that an integer type can hold; those for other types as they are."""
    if dtype.kind == "f":
        return amplitude
    limits = np.iinfo(dtype)
    most = float(limits.max)  # of 64 bits there is no such number, only the next larger one
    most = most if int(most) <= limits.max else float(np.nextafter(most, 0))
    return np.clip(np.rint(amplitude.astype("float64")), float(limits.min), most)


class ArrayWriter:
    """A copy of an array of gathers in which live samples are replaced; as `GatherWriter`."""

    def __init__(self, gathers: ArrayGathers, values: np.ndarray) -> None:
        self.keep = False
        self._gathers, self._values = gathers, values
        self._source = np.load(gathers.files[0], mmap_mode="r", allow_pickle=False)

    def write(self, gather: int, amplitude: np.ndarray, live: np.ndarray) -> None:
        """As `GatherWriter.write`."""
        whole = self._gather(gather)
        whole[:] = self._gather(gather, self._source)
        whole[live] = clipped(amplitude[live], self._values.dtype)

    def flush(self) -> None:
        """As `GatherWriter.flush`."""
        self._values.flush()  # type: ignore[attr-defined]  # a memory map

    def checksum(self, part: tuple[slice, slice] | None = None) -> int:
        """As `GatherWriter.checksum`."""
        if part is None:
            return zlib.crc32(f"{self._values.dtype.str} {self._values.shape}".encode())
        found = 0
        for gather in range(part[0].start, part[0].stop):
            found = zlib.crc32(np.ascontiguousarray(self._gather(gather)).tobytes(), found)
        return found

    def _gather(self, gather: int, values: np.ndarray | None = None) -> np.ndarray:
        """A gather of the copy, or of another array of its shape."""
        values = self._values if values is None else values
        place, turned = self._gathers.places[gather], self._gathers.turned[gather]
        whole = values if place < 0 else values[place]
        return whole.T if turned else whole


@contextmanager
def copied_array(
    path: str | Path,
    gathers: ArrayGathers,
    *,
    overwrite: bool = False,
    unfinished: bool = False,
) -> Iterator[ArrayWriter]:
    """Copy the ``.npy`` file of gathers, to replace samples in it, as `copied_gathers` does.

    Raises:
        OutputError: the file exists or is the one that is read, or is not named ``.npy``.
    """
    path, source = Path(path), gathers.files[0]
    if path.suffix != source.suffix:
        raise OutputError(
            f"{path}: expected a file NAME{source.suffix}, as the gathers are; got another ending. "
            "Choose such a name."
        )
    with _copy(path, source, overwrite, unfinished) as (place, keeper):
        values = np.load(place, mmap_mode="r+", allow_pickle=False)
        writer = ArrayWriter(gathers, values)
        keeper.append(writer)
        yield writer
        values.flush()


@contextmanager
def copied_gathers(
    path: str | Path,
    gathers: SegyGathers,
    *,
    overwrite: bool = False,
    unfinished: bool = False,
) -> Iterator[GatherWriter]:
    """Copy the file of gathers, to replace samples in it; the copy appears when it is complete.

    Args:
        path: the new file.
        gathers: gathers whose file is copied.
        overwrite: whether a file of that name may be replaced.
        unfinished: whether to go on with what an earlier run left of it, see
            `tfseis.io.unfinished`.

    Raises:
        OutputError: the file exists or is the one that is read, or its folder cannot be written to.
    """
    path, source = Path(path), gathers.cube.path
    if path.suffix.lower() in FOLDERS:
        raise OutputError(
            f"{path}: expected a SEG-Y file, as the gathers are; got {path.suffix}. Name it .sgy."
        )
    with (
        _copy(path, source, overwrite, unfinished) as (place, keeper),
        place.open("r+b") as file,
        source.open("rb") as original,
    ):
        writer = GatherWriter(gathers, file, original)
        keeper.append(writer)
        yield writer


@contextmanager
def _copy(
    path: Path, source: Path, overwrite: bool, unfinished: bool
) -> Iterator[tuple[Path, list[ArrayWriter | GatherWriter]]]:
    """A copy that becomes `path`, and a list for its writer, which may keep it after an error."""
    if path.exists() and path.samefile(source):
        raise OutputError(
            f"{path}: expected another file than the one that is read; it is the same. "
            "Choose another name."
        )
    if not unfinished:
        with complete_or_absent(path, overwrite) as partial:
            shutil.copyfile(source, partial)
            yield partial, []
        return
    check_output(path, overwrite)
    place, keeper = unfinished_file(path), list[ArrayWriter | GatherWriter]()
    resumed = place.is_file()
    try:
        if not resumed:
            shutil.copyfile(source, place)
        yield place, keeper
    except BaseException:
        if not resumed and not any(writer.keep for writer in keeper):
            place.unlink(missing_ok=True)
        raise
    publish(place, path, overwrite)


def write_gathers(folder: str | Path, gathers: Iterable[Gather], about: dict[str, object]) -> int:
    """Write each gather as ``.npy``, (traces, samples), and their offsets as ``traces.csv``.

    Samples that are not live are 0.

    Args:
        folder: a new folder, which appears when it is complete.
        gathers: gathers to write, read one after the other.
        about: facts that are written to ``gathers.json``.

    Returns:
        Number of gathers.

    Raises:
        OutputError: the folder exists, or the one that shall hold it does not.
    """
    folder = Path(folder)
    if folder.exists():
        raise OutputError(f"{folder}: expected no folder there; one exists. Choose another name.")
    if not folder.absolute().parent.is_dir():
        raise OutputError(f"{folder}: expected its parent folder; there is none. Create it.")
    count = 0
    with complete_folder(folder, results=()) as partial:
        with (partial / TABLE).open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            for count, gather in enumerate(gathers, start=1):
                name = f"{count:06d} {gather.name}.npy".replace(" ", "_")
                np.save(partial / name, gather.amplitude)
                for trace, offset in enumerate(gather.offset):
                    table.writerow((name, trace, offset, gather.sample_interval))
        if not count:
            raise OutputError(f"{folder}: expected a gather to write; got none. Ask for others.")
        (partial / "gathers.json").write_text(json.dumps(about | {"gathers": count}, indent=1))
    return count
