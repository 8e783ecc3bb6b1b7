"""Gathers in NumPy arrays, one or several a file, in either order of axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.array_files import mapped_npy
from tfseis.io.gathers.gather import Gather, gather_of

AXES = ("traces,samples", "samples,traces")
INTERVAL = 4.0  # ms, where neither the caller nor a table gives it
TABLE = "traces.csv"  # in a folder of arrays; its columns are file, trace, offset, interval


@dataclass(frozen=True)
class ArrayGathers:
    """Gathers in ``.npy`` files, which are read when they are asked for.

    Args:
        files: file of each gather.
        places: index of each gather in a file of three axes; -1 in a file of two.
        turned: whether the file of each gather has the samples as its first axis.
        shapes: number of traces and samples of each gather, int64 (gathers, 2).
        offsets: offsets of the traces of each file, by its name; empty where they are unknown.
        sample_interval: distance between samples, in ms.
    """

    files: tuple[Path, ...]
    places: tuple[int, ...]
    turned: tuple[bool, ...]
    shapes: np.ndarray
    offsets: dict[str, np.ndarray]
    sample_interval: float

    @property
    def lines(self) -> np.ndarray:
        """Number of each gather, int64 (gathers,): its place in the order of the files."""
        return np.arange(len(self))

    def __len__(self) -> int:
        return len(self.files)

    def name(self, gather: int) -> str:
        """Name of the file of a gather, with its index in a file of three axes."""
        place = self.places[gather]
        return self.files[gather].stem + (f" {place}" if place >= 0 else "")

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """Read a gather, or some of its traces, as `SegyGathers.read` does."""
        values = mapped_npy(self.files[gather])
        values = values if self.places[gather] < 0 else values[self.places[gather]]
        values = values.T if self.turned[gather] else values
        offset = self.offsets.get(self.files[gather].name, np.zeros(len(values)))
        part = slice(first, None if count is None else first + count)
        return gather_of(
            values[part],
            offset=offset[part],
            sample_interval=self.sample_interval,
            name=self.name(gather),
        )


def open_array_gathers(
    files: Sequence[Path], *, axes: str | None = None, interval: float | None = None
) -> ArrayGathers:
    """Open ``.npy`` files of gathers; only their shapes are read.

    Args:
        files: files in the order of the gathers.
        axes: order of the axes, as for `open_gathers`.
        interval: sample interval in ms, as for `open_gathers`.

    Raises:
        FormatError: a file is missing, an array holds no gather, or the axes are unknown.
    """
    if axes not in (None, *AXES):
        raise FormatError(f"Expected axes {' or '.join(AXES)}; got {axes!r}. Choose one.")
    if interval is not None and not interval > 0:
        raise FormatError(f"Expected a sample interval above 0 ms; got {interval}. Raise it.")
    names, places, turned, shapes = [], [], [], []
    for file in files:
        *count, rows, columns = _shape(file)
        flip = rows > columns if axes is None else axes == AXES[1]
        for place in range(count[0]) if count else (-1,):
            names.append(file)
            places.append(place)
            turned.append(flip)
            shapes.append((columns, rows) if flip else (rows, columns))
    folds = {file.name: shape[0] for file, shape in zip(names, shapes, strict=True)}
    offsets, said = _table(files[0].parent / TABLE, folds)
    return ArrayGathers(
        tuple(names),
        tuple(places),
        tuple(turned),
        np.array(shapes, "int64").reshape(-1, 2),
        offsets,
        interval or said,
    )


def _shape(file: Path) -> tuple[int, ...]:
    try:
        values = mapped_npy(file)
    except FileNotFoundError:
        raise FormatError(f"{file}: expected an array; there is no such file.") from None
    except (ValueError, EOFError) as error:
        raise FormatError(
            f"{file}: expected an array that NumPy saved; {error}. Save it with numpy.save."
        ) from error
    if values.ndim not in (2, 3) or values.dtype.kind not in "iuf" or not values.size:
        raise FormatError(
            f"{file}: expected a gather (two axes) or several (three, gathers first) of numbers; "
            f"got {values.shape} of {values.dtype}. Save amplitudes alone."
        )
    return values.shape


def _table(path: Path, folds: Mapping[str, int]) -> tuple[dict[str, np.ndarray], float]:
    """Offsets by file and the sample interval, from the table of `tfseis gathers extract`.

    Args:
        path: the table; there may be none.
        folds: number of traces of each file.
    """
    if not path.exists():
        return {}, INTERVAL
    import pandas as pd  # noqa: PLC0415 - slow to import, and only needed for such a table

    try:
        table = pd.read_csv(path).astype({"file": str, "offset": "float64", "interval": "float64"})
        table = table.sort_values(["file", "trace"])
        groups = {str(name): part["offset"].to_numpy() for name, part in table.groupby("file")}
        intervals = table["interval"].unique()
    except (KeyError, ValueError, TypeError) as error:
        raise FormatError(
            f"{path}: expected columns file, trace, offset, interval; {str(error).strip()}. Remove "
            "the file, or extract the gathers again."
        ) from error
    if len(intervals) != 1 or not 0 < intervals[0] < np.inf:
        raise FormatError(
            f"{path}: expected one interval above 0 ms; got {intervals[:3].tolist()}. Correct the "
            "column, or remove the file and give the interval (--interval)."
        )
    for name, fold in folds.items():
        if len(groups.get(name, ())) not in (0, fold):
            raise FormatError(
                f"{path}: expected an offset for each of the {fold} traces of {name}; got "
                f"{len(groups[name])}. Remove the file, or extract the gathers again."
            )
    return groups, float(intervals[0])
