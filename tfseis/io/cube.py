"""Cubes of any origin: what every cube offers, cubes made from arrays, and `open_cube`.

Everything in tfseis that reads a cube asks for the `Cube` protocol only. A format of your own is
therefore a function that returns an `ArrayCube` of something that can be sliced (an HDF5 or Zarr
array, a memory map), or a class with the members of `Cube`.
"""

import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis, Geometry
from tfseis.io.arrays import NUMERIC, open_npy, read_cube, read_npz
from tfseis.io.indexing import Key, forward, normalised
from tfseis.named import chosen

AMPLITUDE, LABELS = "amplitude", "labels"  # names of the array in an .npz file


class Cube(Protocol):
    """What tfseis reads from: `tfseis.io.SegyCube`, `ArrayCube`, or a class of your own.

    Axes are (inlines, crosslines, samples), line numbers ascending. Samples that are missing or
    not finite read as 0, and `read` says where they are.
    """

    @property
    def path(self) -> Path:
        """Where the samples come from, for messages; of a cube in memory, its name alone."""

    @property
    def name(self) -> str:
        """What messages and figures call the cube."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""

    @property
    def geometry(self) -> Geometry:
        """Line numbers, sample times and map coordinates."""

    @property
    def live(self) -> np.ndarray:
        """Whether there is a trace, bool (inlines, crosslines)."""

    @property
    def nonfinite(self) -> int:
        """How many non-finite samples have been read so far."""

    @property
    def stored_dtype(self) -> np.dtype:
        """Type of the samples as they are stored; reading gives float32 whatever it is."""

    def __getitem__(self, key: Key, /) -> np.ndarray:
        """Amplitudes, float32, as NumPy would slice an array of this shape."""

    def read(self, key: Key, /) -> tuple[np.ndarray, np.ndarray]:
        """Amplitudes, float32, and the mask of live samples, bool, of the same shape.

        The mask is False at missing traces, at non-finite samples and, where whole traces are
        read, at traces that are all zero.
        """

    def close(self) -> None:
        """Give back open files; reading again opens them again."""

    def __enter__(self) -> Self:
        """The cube itself."""

    def __exit__(self, *error: object) -> None:
        """Close the cube."""


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
        self.path = Path(path) if path is not None else Path(name)
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
        """Do nothing: the array belongs to whoever made the cube."""

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
        live = present & np.isfinite(values)
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


def open_cube(
    source: "str | Path | Cube | np.ndarray",
    *,
    reader: "str | Callable[[Path], Cube] | None" = None,
) -> Cube:
    """A cube from a file of any known format, chosen by the ending of its name.

    Args:
        source: path of a file: ``.npy``, an array (inlines, crosslines, samples), which stays on
            disk; ``.npz``, with ``amplitude`` or ``labels`` and ``inline_numbers``,
            ``crossline_numbers``, ``sample_times_ms``; ``.dat``, float32 of equal sides (for
            other shapes use ``ArrayCube(read_cube(path, shape))``); any other ending is taken for
            SEG-Y with standard headers (others are opened with `open_segy`, which takes their
            byte numbers). A cube comes back as it is, an array as an `ArrayCube`.
        reader: function that opens the path as a cube, a key of `CUBE_READERS`, or
            'package.module:function'. None to choose by the ending.

    Returns:
        The cube, axes (inlines, crosslines, samples).

    Raises:
        FormatError: the file is missing, or is not what its ending says.
        GeometryError: its traces form no cube.
        ModelError: a reader that is not known or cannot be imported.
    """
    if isinstance(source, np.ndarray):
        return ArrayCube(source)
    if not isinstance(source, (str, os.PathLike)):
        return source
    path = Path(source)
    if reader is None:
        reader = CUBE_READERS.get(path.suffix.lower(), _open_segy)
    return chosen(reader, CUBE_READERS, "a reader of cubes")(path)


def _open_segy(path: Path) -> Cube:
    from tfseis.io.segy.cube import open_segy  # noqa: PLC0415 - each format loads when it is used

    return open_segy(path)


def _open_npy(path: Path) -> Cube:
    return ArrayCube(open_npy(path), name=path.name, path=path)


def _open_npz(path: Path) -> Cube:
    amplitude, numbers = read_npz(path, (AMPLITUDE, LABELS))
    axes = [
        _axis(path, name, values)
        for name, values in zip(("inline", "crossline", "sample"), numbers, strict=True)
    ]
    return ArrayCube(amplitude, Geometry(axes[0], axes[1], axes[2]), name=path.name, path=path)


def _open_dat(path: Path) -> Cube:
    return ArrayCube(read_cube(path), name=path.name, path=path)


CUBE_READERS: dict[str, Callable[[Path], Cube]] = {
    ".sgy": _open_segy,
    ".segy": _open_segy,
    ".npy": _open_npy,
    ".npz": _open_npz,
    ".dat": _open_dat,
}


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


def _axis(path: Path, name: str, numbers: np.ndarray) -> Axis:
    """The axis of evenly spaced, ascending numbers."""
    step = float(numbers[1] - numbers[0]) if len(numbers) > 1 else 1.0
    axis = Axis(name, float(numbers[0]), step, len(numbers))
    if step <= 0 or not np.allclose(axis.numbers, numbers, rtol=0, atol=1e-3 * abs(step)):
        raise FormatError(
            f"{path.name}: expected {name} numbers that ascend in equal steps; got "
            f"{numbers[0]:g} to {numbers[-1]:g}. Sort them, or fill the lines between."
        )
    return axis
