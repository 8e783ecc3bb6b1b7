"""Class cubes on their own lines: SEG-Y, .npy or .npz with a class code at every sample."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import TOLERANCE
from tfseis.io.arrays import open_npy, read_npz
from tfseis.io.cube import Cube
from tfseis.io.doctor.asked import open_asked
from tfseis.io.indexing import Parts
from tfseis.io.labels.legend import MOST_CODE, legend_path, read_legend
from tfseis.io.labels.text import HUGE

LARGEST_BYTE = 255
AxisNumbers = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ClassCube:
    """Class codes at every sample, and the lines that they stand on.

    Args:
        path: file that they come from; for classes in memory, a name for messages.
        codes: array or lazy cube (inlines, crosslines, samples).
        numbers: inline numbers, crossline numbers and times in ms; None where nothing says, as
            for an array or an ``.npy`` file.
        ignore: codes that mean unlabelled.
    """

    path: Path
    codes: np.ndarray | Cube
    numbers: AxisNumbers | None
    ignore: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        inlines, crosslines, samples = self.codes.shape
        return inlines, crosslines, samples

    def read(self, key: Parts) -> np.ndarray:
        """Codes of a block, int64; -1 where unlabelled.

        Raises:
            LabelError: a value is no whole number, or no class cube could hold it.
        """
        values, known = read_codes(self.codes, key, self.ignore)
        values = np.clip(values, 0, MOST_CODE + 1)  # larger ones fit no integer
        whole = np.rint(values).astype("int64")
        worst = np.abs(np.where(known, values - whole, 0)).max(initial=0)
        if worst > TOLERANCE or whole.max(initial=0, where=known) > MOST_CODE:
            got = "fractions" if worst > TOLERANCE else "larger numbers"
            raise LabelError(
                f"{self.path.name}: expected class numbers 0, 1, .. {MOST_CODE}; got {got}. Choose "
                "a class cube, not amplitudes or probabilities."
            )
        return np.where(known, whole, -1)


def open_class_cube(
    source: "str | Path | Cube | ClassCube | np.ndarray", *, ignore: Sequence[int] = ()
) -> ClassCube:
    """Open a class cube by itself, without a seismic cube.

    Args:
        source: path of a SEG-Y file; of an ``.npy`` array (inlines, crosslines, samples); or of
            an ``.npz`` with ``labels`` and ``inline_numbers``, ``crossline_numbers``,
            ``sample_times_ms``. Also an opened cube, an array, or a `ClassCube`.
        ignore: codes that mean unlabelled, besides negative ones; and 255 where samples are
            unsigned bytes and the legend beside the file has no class 255.

    Raises:
        FormatError: the file is not one of these.
    """
    opened = _open(source)
    marks = {*opened.ignore, *ignore, *_unlabelled_bytes(opened)}
    return replace(opened, ignore=tuple(sorted(marks)))


def _unlabelled_bytes(cube: ClassCube) -> tuple[int, ...]:
    """255 where it marks unlabelled samples, as is usual in cubes of unsigned bytes."""
    codes = cube.codes
    stored = codes.dtype if isinstance(codes, np.ndarray) else codes.stored_dtype
    if stored != np.uint8:
        return ()
    beside = legend_path(cube.path)
    named = beside.exists() and LARGEST_BYTE in read_legend(beside).codes
    return () if named else (LARGEST_BYTE,)


def _open(source: "str | Path | Cube | ClassCube | np.ndarray") -> ClassCube:
    if isinstance(source, ClassCube):
        return source
    if isinstance(source, np.ndarray):
        return ClassCube(Path("array"), source, None)
    if not isinstance(source, (str, os.PathLike)):
        return _of_cube(source)
    path = Path(source)
    if path.suffix == ".npy":
        return ClassCube(path, open_npy(path), None)
    if path.suffix == ".npz":
        return ClassCube(path, *read_npz(path, ["labels"]))
    return _of_cube(open_asked(path))


def read_codes(
    codes: np.ndarray | Cube, key: Parts, ignore: Sequence[int] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Values of a block, and where they are labelled: present, finite, not negative nor ignored."""
    if not isinstance(codes, np.ndarray):
        # In two parts: of whole traces, read() takes those that are all class 0 for dead.
        whole = len(range(*key[2].indices(codes.shape[2]))) == codes.shape[2]
        parts = [slice(0, -1), slice(-1, None)] if whole else [key[2]]
        read = [codes.read((*key[:2], part)) for part in parts]
        values, known = (np.concatenate(found, axis=2) for found in zip(*read, strict=True))
        known &= values >= 0
    else:
        values = np.asarray(codes[key])
        known = np.isfinite(values) & (values >= 0)
    if values.dtype.kind == "f":
        known &= values < HUGE
    for code in ignore:
        known &= values != code
    return np.where(known, values, 0), known


def _of_cube(cube: Cube) -> ClassCube:
    inlines, crosslines, samples = (axis.numbers for axis in cube.geometry.axes)
    return ClassCube(cube.path, cube, (inlines, crosslines, samples))
