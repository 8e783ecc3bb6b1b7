"""Results written as Zarr groups, block by block, which a later run can go on with."""

import os
import warnings
import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from tfseis.geometry import Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.formats.packages import needed
from tfseis.io.formats.zarr_layout import AMPLITUDE, TFSEIS
from tfseis.io.formats.zarr_reader import open_zarr
from tfseis.io.formats.zarr_writer import SIDE, ZARR, create_arrays, write_map
from tfseis.io.output import FOLDERS, publish_folder, room_for
from tfseis.io.partial import remove
from tfseis.io.result_blocks import Part, block_place, check_values

TORN = "*.partial"  # what Zarr leaves of a chunk where it is killed
UNREADABLE = -1  # in place of a checksum, which is never negative


def create_group(
    draft: Path, geometry: Geometry, live: np.ndarray, dtype: str, about: dict[str, Any]
) -> None:
    """Make the group of a result, whose samples are 0 until written.

    Args:
        draft: the new folder.
        geometry: geometry of the result.
        live: bool (inlines, crosslines), False where no trace is.
        dtype: type of the samples.
        about: plain values for the attributes of tfseis, such as kind and provenance.
    """
    zarr = needed("zarr", "zarr", draft.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts of Zarr 3 are newer than its specification
        group = zarr.create_group(draft)
        create_arrays(group, geometry, np.dtype(dtype), shared=False)
        write_map(group, geometry, live)
        group.attrs[TFSEIS] = {**group.attrs[TFSEIS], **about}
        zarr.consolidate_metadata(group.store)


class ZarrResult:
    """A result that is being written as a Zarr group, block by block in any order.

    Leaving its ``with`` statement moves the folder to its final name; an exception removes it.

    Args:
        path: final name of the folder.
        draft: the folder as far as it is written, of `create_group`.
        geometry: geometry of the result.
        live: bool (inlines, crosslines); other traces stay 0.
        overwrite: whether a folder of results of that name may be replaced.
        resumed: whether an earlier run left the folder, some of whose chunks may be damaged.

    Attributes:
        keep: whether an exception leaves the folder as it is, so that it can be gone on with.
    """

    def __init__(
        self,
        path: Path,
        draft: Path,
        geometry: Geometry,
        live: np.ndarray,
        *,
        overwrite: bool,
        resumed: bool = False,
    ) -> None:
        zarr = needed("zarr", "zarr", path.name)
        self.path, self.geometry, self.keep = path, geometry, resumed
        self._resumed = resumed
        self._draft, self._live, self._overwrite = draft, live, overwrite
        self._samples = zarr.open_array(draft / AMPLITUDE, mode="r+")
        self._chunks = draft / AMPLITUDE / "c"
        self._unsafe: set[Path] = set()  # chunks that may not be on disk yet
        for torn in self._chunks.rglob(TORN):
            torn.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if kind is None:
            self.close()
        elif not self.keep:
            self.discard()

    def write(self, values: ArrayLike, *, inline: int, crossline: int) -> None:
        """Write a block; traces that are not live stay 0.

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
        dtype = np.dtype(self._samples.dtype)
        check_values(values, dtype, self.path.name)
        block = np.where(self._live[part][..., np.newaxis], values, 0).astype(dtype)
        with room_for(self.path):
            if self._resumed:
                self._remove_unreadable(part)
            self._samples[part] = block
        self._unsafe.update(self._files(part))

    def flush(self) -> None:
        """Force what was written to disk."""
        for path in self._unsafe:
            if path.is_file():  # chunks of zeros have none
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        self._unsafe.clear()

    def checksum(self, part: Part | None = None) -> int:
        """CRC-32 of what the group holds.

        Args:
            part: inlines and crosslines (indices in the result); None for all files that hold no
                samples.

        Returns:
            The checksum; -1 where chunks of that part cannot be read.
        """
        if part is None:
            return self._head()
        found = 0
        try:
            for start in range(part[0].start, part[0].stop, SIDE):
                rows = slice(start, min(start + SIDE, part[0].stop))
                found = zlib.crc32(
                    np.ascontiguousarray(self._samples[rows, part[1]]).tobytes(), found
                )
        except Exception:  # a damaged chunk raises whatever its codec likes
            return UNREADABLE
        return found

    def close(self) -> None:
        """Finish the folder, which appears under its final name.

        Raises:
            OutputError: something else took that name meanwhile.
        """
        if not self._draft.exists():
            return
        try:
            self.flush()
            publish_folder(self._draft, self.path, FOLDERS[ZARR], self._overwrite)
        except BaseException:
            if not self.keep:
                self.discard()
            raise

    def cube(self) -> ArrayCube:
        """The finished result as a cube."""
        return open_zarr(self.path)

    def discard(self) -> None:
        """Give up, and remove what has been written."""
        remove(self._draft)

    def _remove_unreadable(self, part: Part) -> None:
        """Remove chunks that cannot be read, whose finished parts have no right checksum either."""
        if self.checksum(part) != UNREADABLE:
            return
        side = self._samples.chunks
        for path in self._files(part):
            place = [int(number) for number in path.relative_to(self._chunks).parts]
            chunk = tuple(slice(n * one, (n + 1) * one) for n, one in zip(place, side, strict=True))
            try:
                self._samples[chunk]
            except Exception:  # as above
                remove(path)

    def _files(self, part: Part) -> Iterator[Path]:
        """Files of the chunks that a part touches, whether they are there or not."""
        lines = (*part, slice(0, self.geometry.shape[2]))
        ranges = [
            range(along.start // side, -(-along.stop // side))
            for along, side in zip(lines, self._samples.chunks, strict=True)
        ]
        for place in product(*ranges):
            yield self._chunks.joinpath(*map(str, place))

    def _head(self) -> int:
        found = 0
        for folder, folders, files in os.walk(self._draft):
            folders[:] = [one for one in sorted(folders) if Path(folder, one) != self._chunks]
            for path in (Path(folder, name) for name in sorted(files)):
                found = zlib.crc32(str(path.relative_to(self._draft)).encode(), found)
                found = zlib.crc32(path.read_bytes(), found)
        return found
