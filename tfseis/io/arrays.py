"""Cubes without headers: ``.dat`` files of float32, ``.npy`` and ``.npz`` arrays.

Source: the files of Wu et al. 2019, FaultSeg3D, https://github.com/xinwucwp/faultSeg: 128^3
float32, the vertical axis fastest.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.array_files import check_npz, load_npy, mapped_npy
from tfseis.io.output import complete_or_absent
from tfseis.io.unpacking import DAMAGE

AXES = ("inline", "crossline", "sample")
ORDERS = {"little": "<", "big": ">"}
BYTES = 4  # size of a float32
SUFFIXES = (".dat", ".npy")
NUMBERS = ("inline_numbers", "crossline_numbers", "sample_times_ms")  # beside an array in .npz
NUMERIC = "biuf"  # bool, integers and floating point, as NumPy abbreviates them
EXTREME = 1e12  # amplitudes above it, or below its inverse, come from swapped bytes


def read_cube(
    path: str | Path,
    shape: tuple[int, int, int] | None = None,
    *,
    axes: Sequence[str] = AXES,
    endian: str | None = None,
) -> np.ndarray:
    """Read amplitudes or labels from a ``.dat`` or ``.npy`` file into memory.

    Args:
        path: the file; ``.dat`` holds float32 and nothing else.
        shape: shape of a ``.dat`` file, in its own order of axes; None for a cube of equal sides.
        axes: names of the axes of the file, the slowest first.
        endian: byte order of a ``.dat`` file, "little" or "big"; None for the order in which the
            values are finite and of a plausible size.

    Returns:
        float32 (inlines, crosslines, samples), C-contiguous.

    Raises:
        FormatError: the file is missing, has another ending, a size that does not fit, or not
            three axes; or its values are not plausible in either byte order.
    """
    path = Path(path)
    _check(path, axes, endian)
    values = _npy(path) if path.suffix == ".npy" else _dat(path, shape, endian)
    order = [list(axes).index(axis) for axis in AXES]
    return np.ascontiguousarray(values.transpose(order), "float32")


def write_cube(
    path: str | Path, values: np.ndarray, *, endian: str = "little", overwrite: bool = False
) -> None:
    """Write a cube as ``.dat`` (float32, samples fastest) or ``.npy`` (in its own type).

    Args:
        path: the new file, which appears when it is complete.
        values: array (inlines, crosslines, samples).
        endian: byte order of a ``.dat`` file, "little" or "big".
        overwrite: whether a file of that name may be replaced.

    Raises:
        FormatError: the name has another ending, the byte order is unknown, or the array has not
            three axes.
        OutputError: the file exists, or its folder cannot be written to.
    """
    path, values = Path(path), np.asarray(values)
    if path.suffix not in SUFFIXES or endian not in ORDERS or values.ndim != 3:
        raise FormatError(
            f"Expected a cube, a name that ends in {' or '.join(SUFFIXES)}, and endian 'little' or "
            f"'big'; got {values.shape}, {path.name!r}, {endian!r}. Change that."
        )
    with complete_or_absent(path, overwrite) as partial, partial.open("wb") as file:
        if path.suffix == ".npy":
            np.save(file, values)
        else:
            file.write(values.astype(f"{ORDERS[endian]}f4").tobytes())


def open_npy(path: Path) -> np.ndarray:
    """Open an array that NumPy saved as a read-only memory map (inlines, crosslines, samples).

    Raises:
        FormatError: the file is missing, or holds no three axes of numbers.
    """
    try:
        array = mapped_npy(path)
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path}: expected a NumPy array; {error}. Check the file.") from None
    if array.ndim != 3 or array.dtype.kind not in NUMERIC:
        raise FormatError(
            f"{path}: expected an array of numbers (inlines, crosslines, samples); got shape "
            f"{array.shape}, {array.dtype}. Save the whole cube."
        )
    return array


def read_npz(
    path: Path, names: Sequence[str]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Read an array of an ``.npz`` file, with its line numbers and times.

    Args:
        path: file with the array, ``inline_numbers``, ``crossline_numbers`` and
            ``sample_times_ms``.
        names: names that the array may have; the first that the file holds counts.

    Returns:
        The array (inlines, crosslines, samples), and float64 numbers of the three axes.

    Raises:
        FormatError: the file is missing, lacks an array, or their sizes do not fit each other.
    """
    what = " or ".join(names)
    try:
        check_npz(path)  # np.load would take other files too
        with np.load(path, allow_pickle=False) as archive:
            array = archive[next((name for name in names if name in archive), names[0])]
            numbers = [np.atleast_1d(archive[key]).astype("float64") for key in NUMBERS]
    except FormatError:
        raise
    except (KeyError, *DAMAGE) as error:
        raise FormatError(
            f"{path}: expected an .npz with {what}, {', '.join(NUMBERS)}; {error}. "
            "Save these arrays."
        ) from None
    if array.dtype.kind not in NUMERIC:
        raise FormatError(
            f"{path}: expected {what} that are numbers; got {array.dtype}. Save numbers."
        )
    flat = [n.ndim == 1 for n in numbers]
    if not all(flat):
        odd = flat.index(False)
        raise FormatError(
            f"{path}: expected one number for each line in {NUMBERS[odd]}; got shape "
            f"{numbers[odd].shape}. Save a list of numbers."
        )
    if array.shape != tuple(len(n) for n in numbers):
        raise FormatError(
            f"{path}: expected {what} of shape {tuple(len(n) for n in numbers)}, as the line "
            f"numbers say; got {array.shape}. Check the order: inlines, crosslines, samples."
        )
    return array, (numbers[0], numbers[1], numbers[2])


def _check(path: Path, axes: Sequence[str], endian: str | None) -> None:
    if not path.is_file() or path.suffix not in SUFFIXES:
        raise FormatError(
            f"{path}: expected a file that ends in {' or '.join(SUFFIXES)}; there is no such file. "
            "Check the name."
        )
    if sorted(axes) != sorted(AXES):
        raise FormatError(
            f"Expected the axes {', '.join(AXES)} in some order; got {', '.join(axes)}. "
            "Name each once."
        )
    if endian is not None and endian not in ORDERS:
        raise FormatError(f"Expected endian 'little' or 'big'; got {endian!r}. Choose one.")


def _npy(path: Path) -> np.ndarray:
    try:
        values = load_npy(path)
    except (ValueError, EOFError) as error:
        raise FormatError(
            f"{path}: expected an array that NumPy saved; {error}. Save it with numpy.save."
        ) from error
    if values.ndim != 3 or values.dtype.kind not in NUMERIC:
        raise FormatError(
            f"{path}: expected three axes of numbers; got {values.shape} of {values.dtype}. "
            "Save one cube a file."
        )
    return values


def _dat(path: Path, shape: tuple[int, int, int] | None, endian: str | None) -> np.ndarray:
    size = path.stat().st_size
    if shape is None:
        side = round((size / BYTES) ** (1 / 3))
        shape = (side, side, side)
    expected = int(np.prod(shape)) * BYTES
    if size != expected or not size or min(shape) < 1:
        raise FormatError(
            f"{path}: expected {expected} bytes, float32 of shape {tuple(shape)}; got {size}. "
            "Give the shape of the file."
        )
    raw = np.fromfile(path, "u4").reshape(shape)
    if endian is not None:
        return raw.view(f"{ORDERS[endian]}f4")
    for order in ORDERS.values():
        values = raw.view(f"{order}f4")
        if _plausible(values):
            return values
    raise FormatError(
        f"{path}: expected float32 values; in both byte orders some are not finite or beyond "
        f"{EXTREME:g}. If that is right, give endian 'little' or 'big'."
    )


def _plausible(values: np.ndarray) -> bool:
    """Whether all values are finite, and the largest is neither extremely large nor small."""
    with np.errstate(invalid="ignore"):
        size = np.abs(values)
        largest = size.max()
        return bool(np.isfinite(largest) and (largest == 0 or 1 / EXTREME < largest < EXTREME))
