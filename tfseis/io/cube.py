"""Cubes of any origin: what every cube offers, and `open_cube`, which knows file formats.

Everything in tfseis that reads a cube asks for the `Cube` protocol only. A format of your own is
therefore a function that returns an `ArrayCube` of something that can be sliced (an HDF5 or Zarr
array, a memory map), or a class with the members of `Cube`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from tfseis.errors import FormatError
from tfseis.geometry import Axis, Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.arrays import open_npy, read_cube, read_npz
from tfseis.io.indexing import Key
from tfseis.named import chosen, name_of

AMPLITUDE, LABELS = "amplitude", "labels"  # names of the array in an .npz file
URI = "://"  # in the address of a cube that is no path of this machine


class Cube(Protocol):
    """What tfseis reads from: `tfseis.io.SegyCube`, `ArrayCube`, or a class of your own.

    Axes are (inlines, crosslines, samples), line numbers ascending. Samples that are missing or
    have no value (not finite, or a stand-in such as 1e30) read as 0; `read` says where they are.
    """

    @property
    def path(self) -> Path:
        """Where the samples come from, for messages; of a cube in memory, a place without file."""

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
        """How many samples without a value have been read so far: not finite, or as 1e30."""

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
            other shapes use ``ArrayCube(read_cube(path, shape))``); ``.zarr`` and ``.mdio``,
            folders or URIs such as ``s3://bucket/cube.mdio``, or one of their arrays
            (``cube.zarr/amplitude``); ``.zgy``, ``.vds`` and ``.sgz``; any other ending is taken
            for SEG-Y with standard headers (others are opened with `open_segy`, which takes their
            byte numbers). A cube comes back as it is, an array as an `ArrayCube`.
        reader: function that opens the path as a cube, a key of `CUBE_READERS`, or
            'package.module:function'. None to choose by the ending.

    Returns:
        The cube, axes (inlines, crosslines, samples).

    Raises:
        FormatError: the file is missing, or is not what its ending says; or `source` is none of
            these.
        GeometryError: its traces form no cube.
        ModelError: a reader that is not known or cannot be imported.
        MissingPackageError: the package that reads this format is not installed.
    """
    if isinstance(source, np.ndarray):
        return ArrayCube(source)
    if not isinstance(source, (str, os.PathLike)):
        if not (hasattr(source, "geometry") and hasattr(source, "read")):
            raise FormatError(
                "Expected a cube: a path, an array of three axes, or what tfseis.open_cube gave; "
                f"got {type(source).__name__}. Give one of these."
            )
        return source
    path = Path(source)
    if reader is None:
        reader = _usual_reader(path)
    opened = chosen(reader, CUBE_READERS, "a reader of cubes")
    place = source if URI in str(source) else path  # a Path would lose one of the slashes
    cube = opened(place) if callable(opened) else opened
    if not (hasattr(cube, "geometry") and hasattr(cube, "read")):
        raise FormatError(
            f"{path.name}: expected a reader that takes a path and returns a cube; "
            f"{name_of(reader)} gave {type(cube).__name__}. Return an ArrayCube."
        )
    return cube


def is_folder_of_files(path: str | Path) -> bool:
    """Whether a path is a folder that is no cube itself, as a Zarr store is.

    Args:
        path: place of a cube, or of a folder of images.
    """
    return Path(path).is_dir() and Path(path).suffix.lower() not in CUBE_READERS


@contextmanager
def opened(cube: "Cube | str | Path") -> Iterator[Cube]:
    """A cube, opened and closed again if it is given by its path.

    Args:
        cube: a cube, or what `tfseis.io.open_cube` takes.
    """
    found = open_cube(cube)
    try:
        yield found
    finally:
        if found is not cube:
            found.close()


def reads_segy(path: str | Path) -> bool:
    """Whether `open_cube` takes a path for a SEG-Y file."""
    return _usual_reader(Path(path)) is _open_segy


def _usual_reader(path: Path) -> "Callable[[Path], Cube]":
    """The reader of a file by its ending, or by that of the group in which an array lies."""
    inside = CUBE_READERS.get(path.parent.suffix.lower(), _open_segy)
    return CUBE_READERS.get(path.suffix.lower(), inside if inside is _open_zarr else _open_segy)


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


def _open_zarr(path: Path) -> Cube:
    from tfseis.io.formats.zarr_reader import open_zarr  # noqa: PLC0415 - as above

    return open_zarr(path)


def _open_zgy(path: Path) -> Cube:
    from tfseis.io.formats.zgy import open_zgy  # noqa: PLC0415 - as above

    return open_zgy(path)


def _open_vds(path: Path) -> Cube:
    from tfseis.io.formats.vds import open_vds  # noqa: PLC0415 - as above

    return open_vds(path)


def _open_sgz(path: Path) -> Cube:
    from tfseis.io.formats.sgz import open_sgz  # noqa: PLC0415 - as above

    return open_sgz(path)


CUBE_READERS: dict[str, Callable[[Path], Cube]] = {
    ".sgy": _open_segy,
    ".segy": _open_segy,
    ".npy": _open_npy,
    ".npz": _open_npz,
    ".dat": _open_dat,
    ".zarr": _open_zarr,
    ".mdio": _open_zarr,
    ".zgy": _open_zgy,
    ".vds": _open_vds,
    ".sgz": _open_sgz,
}


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
