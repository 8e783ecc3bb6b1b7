"""Class cubes on their own lines: SEG-Y, .npy or .npz with a class code at every sample."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError, LabelError, TfseisError
from tfseis.geometry import TOLERANCE
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.cube import SegyCube, open_segy

NUMBERS = ("inline_numbers", "crossline_numbers", "sample_times_ms")
MOST_CODE = 32767  # class cubes are int16

Key = tuple[slice, slice, slice]
AxisNumbers = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ClassCube:
    """Class codes at every sample, and the lines that they stand on.

    Args:
        path: where they come from.
        codes: array or lazy cube (inlines, crosslines, samples).
        numbers: inline numbers, crossline numbers and times; None where the file does not say
            (``.npy``).
    """

    path: Path
    codes: np.ndarray | SegyCube
    numbers: AxisNumbers | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        inlines, crosslines, samples = self.codes.shape
        return inlines, crosslines, samples

    def read(self, key: Key) -> np.ndarray:
        """Codes of a block, int64; -1 where unlabelled.

        Raises:
            LabelError: a value is no whole number, or no class cube could hold it.
        """
        values, known = read_codes(self.codes, key)
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


def open_class_cube(path: str | Path | SegyCube) -> ClassCube:
    """Open a class cube by itself, without a seismic cube.

    Args:
        path: a SEG-Y file or an opened one; an ``.npy`` array (inlines, crosslines, samples); or
            an ``.npz`` with ``labels`` and ``inline_numbers``, ``crossline_numbers``,
            ``sample_times_ms``.

    Raises:
        FormatError: the file is not one of these.
    """
    if isinstance(path, SegyCube):
        return _of_segy(path)
    path = Path(path)
    if path.suffix == ".npy":
        return ClassCube(path, _load_npy(path), None)
    if path.suffix == ".npz":
        return _load_npz(path)
    return _of_segy(_opened(path))


def _opened(path: Path) -> SegyCube:
    """A label file as it is, or with the arguments that the doctor finds for it."""
    try:
        return open_segy(path)
    except TfseisError:
        found = diagnose(path)
        if found.verdict != "opens with arguments":
            raise
        return open_segy(path, **found.arguments)  # type: ignore[arg-type]


def read_codes(codes: np.ndarray | SegyCube, key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Values of a block, and where they are labelled: present, finite and not negative."""
    if isinstance(codes, SegyCube):
        # In two parts: of whole traces, read() takes those that are all class 0 for dead.
        parts = [slice(0, -1), slice(-1, None)] if key[2] == slice(None) else [key[2]]
        read = [codes.read((*key[:2], part)) for part in parts]
        values, known = (np.concatenate(found, axis=2) for found in zip(*read, strict=True))
        return values, known & (values >= 0)
    values = np.asarray(codes[key])
    known = np.isfinite(values) & (values >= 0)
    return np.where(known, values, 0), known


def _of_segy(cube: SegyCube) -> ClassCube:
    inlines, crosslines, samples = (axis.numbers for axis in cube.geometry.axes)
    return ClassCube(cube.path, cube, (inlines, crosslines, samples))


def _load_npy(path: Path) -> np.ndarray:
    try:
        codes = np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path}: expected a NumPy array; {error}. Check the file.") from None
    if codes.ndim != 3 or codes.dtype.kind not in "iufb":
        raise FormatError(
            f"{path}: expected an array of numbers (inlines, crosslines, samples); got shape "
            f"{codes.shape}, {codes.dtype}. Save the whole cube."
        )
    return codes


def _load_npz(path: Path) -> ClassCube:
    try:
        with zipfile.ZipFile(path):  # np.load would take other files too
            archive = np.load(path, allow_pickle=False)
        with archive:
            codes = archive["labels"]
            numbers = [np.atleast_1d(archive[key]).astype("float64") for key in NUMBERS]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FormatError(
            f"{path}: expected an .npz with labels, {', '.join(NUMBERS)}; {error}. "
            "Save these arrays."
        ) from None
    if codes.dtype.kind not in "iufb":
        raise FormatError(
            f"{path}: expected labels that are numbers; got {codes.dtype}. Save class numbers."
        )
    if codes.shape != tuple(len(n) for n in numbers):
        raise FormatError(
            f"{path}: expected labels of shape {tuple(len(n) for n in numbers)}, as the line "
            f"numbers say; got {codes.shape}. Check the order: inlines, crosslines, samples."
        )
    return ClassCube(path, codes, (numbers[0], numbers[1], numbers[2]))
