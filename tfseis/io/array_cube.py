"""Cubes made from arrays, in memory or on disk."""

import mmap
from pathlib import Path
from typing import Any, Self

import numpy as np

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.arrays import NUMERIC
from tfseis.io.formats.stored import StoredArray
from tfseis.io.indexing import Key, forward, normalised
from tfseis.io.segy.nulls import are_measured

MEMORY = "in memory"  # where no file lies, so that a cube is not taken for the file of its name


class ArrayCube:
    """A cube made from an array, which reads like a SEG-Y file opened with `open_segy`.

    The array is neither copied nor changed. A memory map stays on disk; a copy of the cube in
    another process opens the map again instead of carrying its samples.

    Args:
        amplitude: array (inlines, crosslines, samples) of floating-point numbers, integers or
            bool; or anything with a shape and a dtype that three slices cut, such as an HDF5 or
            Zarr array.
        geometry: line numbers and sample times of the array. None for inlines 1, 2, ..,
            crosslines 1, 2, .. and samples 0, 1, .. ms without map coordinates.
        live: bool (inlines, crosslines), False where the survey has no trace. None for a trace
            everywhere.
        name: what messages, figures and reports call the cube.
        path: file that holds the array, which no result may replace. None for an array in memory.

    Raises:
        FormatError: the array has not three axes, an axis without samples, or no numbers.
        GeometryError: `geometry` or `live` has another shape than the array.

    Examples:
        >>> cube = ArrayCube(np.ones((7, 8, 9)))
        >>> cube.geometry.inlines.last, cube.geometry.samples.last
        (7, 8)
        >>> cube[2, :, ::3].shape
        (8, 3)
    """

    ndim = 3
    dtype = np.dtype("float32")

    def __init__(
        self,
        amplitude: Any,
        geometry: Geometry | None = None,
        live: np.ndarray | None = None,
        name: str = "array",
        *,
        path: str | Path | None = None,
    ) -> None:
        if not hasattr(amplitude, "dtype"):
            amplitude = np.asarray(amplitude)
        _check_array(amplitude, name)
        geometry = geometry or counted_geometry(amplitude.shape)
        if geometry.shape != tuple(amplitude.shape):
            raise GeometryError(
                f"{name}: expected an array of the shape {geometry.shape} of its geometry; got "
                f"{tuple(amplitude.shape)}. Put the axes in the order inlines, crosslines, "
                "samples, or correct the geometry."
            )
        live = np.ones(geometry.shape[:2], bool) if live is None else np.asarray(live, bool)
        if live.shape != geometry.shape[:2]:
            raise GeometryError(
                f"{name}: expected live traces of the shape {geometry.shape[:2]}; got "
                f"{live.shape}. Give one value for each inline and crossline."
            )
        self.amplitude = amplitude
        self.geometry = geometry
        self.live = live
        self.name = name
        self.path = Path(MEMORY, Path(name).name) if path is None else Path(path)
        self.nonfinite = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        return self.geometry.shape

    @property
    def stored_dtype(self) -> np.dtype:
        """Type of the array."""
        return np.dtype(self.amplitude.dtype)

    def __repr__(self) -> str:
        return f"ArrayCube(name={self.name!r}, shape={self.shape})"

    def __len__(self) -> int:
        return self.shape[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "amplitude": _reopened_elsewhere(self.amplitude)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        amplitude = state["amplitude"]
        if isinstance(amplitude, _StoredMap):
            amplitude = amplitude.opened()
        vars(self).update(state, amplitude=amplitude)

    def close(self) -> None:
        """Give back files that tfseis opened; any other array belongs to whoever made the cube."""
        if isinstance(self.amplitude, StoredArray):
            self.amplitude.close()

    def __getitem__(self, key: Key) -> np.ndarray:
        """Amplitudes, float32, as NumPy would slice an array of this shape."""
        return self._read(key)[0][()]

    def read(self, key: Key) -> tuple[np.ndarray, np.ndarray]:
        """Amplitudes, float32, and which of them are real, bool of the same shape.

        Args:
            key: integers and slices, as for an array.
        """
        return self._read(key)

    def _read(self, key: Key) -> tuple[np.ndarray, np.ndarray]:
        slices, shape = normalised(key, self.shape)
        cuts, flips = zip(
            *(forward(part, size) for part, size in zip(slices, self.shape, strict=True)),
            strict=True,
        )
        turned = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
        block = np.asarray(self.amplitude[cuts])[turned]
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.array(block, self.dtype, order="C")  # a copy, which callers may change
        present = np.broadcast_to(self.live[slices[:2]][..., np.newaxis], values.shape)
        values[~present] = 0
        live = present & are_measured(values)
        self.nonfinite += int(np.count_nonzero(present & ~live))
        values[~live] = 0
        if values.shape[2] == self.shape[2]:
            live &= values.any(axis=2, keepdims=True)
        return values.reshape(shape), live.reshape(shape)


def counted_geometry(shape: tuple[int, ...]) -> Geometry:
    """The geometry of an array without line numbers: lines from 1, samples from 0 each 1 ms."""
    first = {"inline": 1, "crossline": 1, "sample": 0}
    axes = [Axis(name, first[name], 1, size) for name, size in zip(first, shape, strict=True)]
    return Geometry(axes[0], axes[1], axes[2])


class _StoredMap:
    """Where a memory map lies, instead of its samples."""

    def __init__(self, array: np.memmap) -> None:
        self.arguments = {
            "filename": array.filename,
            "dtype": array.dtype,
            "mode": "r",
            "offset": array.offset,
            "shape": array.shape,
            "order": "C" if array.flags.c_contiguous else "F",
        }

    def opened(self) -> np.memmap:
        return np.memmap(**self.arguments)  # type: ignore[call-overload]


def _reopened_elsewhere(amplitude: Any) -> Any:
    """The array, or for a whole memory map of a file the place of that file."""
    whole = isinstance(amplitude, np.memmap) and isinstance(amplitude.base, mmap.mmap)
    return _StoredMap(amplitude) if whole and amplitude.filename else amplitude


def _check_array(amplitude: Any, name: str) -> None:
    shape = tuple(amplitude.shape)
    if len(shape) != 3 or not all(shape) or np.dtype(amplitude.dtype).kind not in NUMERIC:
        raise FormatError(
            f"{name}: expected an array of numbers (inlines, crosslines, samples); got shape "
            f"{shape}, {amplitude.dtype}. Give the whole cube, with three axes."
        )
