"""Arrays in files whose axes lie in another order or direction than those of a cube."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tfseis.geometry import Axis
from tfseis.io.indexing import Parts, Shape

FileKey = slice | np.ndarray  # ascending slice, or indices in any order
FileKeys = tuple[FileKey, FileKey, FileKey]


class Source(Protocol):
    """What a format offers of its samples."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the samples as they are stored."""

    @property
    def plain(self) -> bool:
        """Whether stored samples are amplitudes as they are, not scaled."""

    @property
    def no_value(self) -> dict[str, Any]:
        """What stands for no value: ``values``, and ``limit``, a magnitude or None."""

    def block(self, keys: FileKeys) -> np.ndarray:
        """Samples at these indices of the three axes of the file; no value is NaN.

        Args:
            keys: for each axis of the file an ascending slice, or indices in any order.
        """

    def raw(self, keys: FileKeys) -> np.ndarray:
        """The same, as they are stored."""

    def close(self) -> None:
        """Give back open files; reading opens them again."""


@dataclass(frozen=True)
class StoredAxis:
    """Where the lines or samples of a cube lie in a file.

    Args:
        axis: numbers of the cube, ascending.
        position: which axis of the file it is, from 0.
        rows: index in the file of each of its numbers, int64 (count,); -1 where the file has none.
    """

    axis: Axis
    position: int
    rows: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """Whether the file has the line, bool (count,)."""
        return self.rows >= 0


class StoredArray:
    """The samples of a file as an array (inlines, crosslines, samples), which stays there.

    Lines that the file does not have read as 0.

    Args:
        source: reads samples in the order of the file.
        axes: where inlines, crosslines and samples lie in the file.
    """

    def __init__(self, source: Source, axes: tuple[StoredAxis, StoredAxis, StoredAxis]) -> None:
        self.source = source
        self.axes = axes

    @property
    def shape(self) -> Shape:
        """(inlines, crosslines, samples)."""
        inlines, crosslines, samples = (len(one.rows) for one in self.axes)
        return inlines, crosslines, samples

    @property
    def dtype(self) -> np.dtype:
        """Type of the samples as they are stored."""
        return self.source.dtype

    def close(self) -> None:
        """Give back open files; reading opens them again."""
        self.source.close()

    def __getitem__(self, parts: Parts) -> np.ndarray:
        """Samples of three ascending slices; those that stand for no value are NaN."""
        return self._read(parts, raw=False)

    def raw(self, parts: Parts) -> np.ndarray:
        """Samples of three ascending slices, as they are stored."""
        return self._read(parts, raw=True)

    def _read(self, parts: Parts, *, raw: bool) -> np.ndarray:
        rows = [one.rows[part] for one, part in zip(self.axes, parts, strict=True)]
        found = [one[one >= 0] for one in rows]
        shape = tuple(len(one) for one in rows)
        if not all(len(one) for one in found):
            return np.zeros(shape, self.dtype)
        keys, turns = zip(*(_key(one) for one in found), strict=True)
        order = [one.position for one in self.axes]
        by_file = [keys[order.index(position)] for position in range(3)]
        read = self.source.raw if raw else self.source.block
        block = read((by_file[0], by_file[1], by_file[2])).transpose(order)[turns]
        if block.shape == shape:
            return block
        whole = np.zeros(shape, block.dtype)
        whole[np.ix_(*(one >= 0 for one in rows))] = block
        return whole


def _key(rows: np.ndarray) -> tuple[FileKey, slice]:
    """What to ask of a file for these indices, and how to turn what it gives."""
    same, backwards = slice(None), slice(None, None, -1)
    first, last = int(rows[0]), int(rows[-1])
    if len(rows) == 1:
        return slice(first, first + 1, 1), same
    steps = np.diff(rows)
    step = int(steps[0])
    if (steps != step).any():
        return rows, same
    return (
        (slice(first, last + 1, step), same)
        if step > 0
        else (
            slice(last, first + 1, -step),
            backwards,
        )
    )
