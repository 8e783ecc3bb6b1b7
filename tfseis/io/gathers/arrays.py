"""Gathers in NumPy arrays, one or several a file, in either order of axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tfseis.errors import FormatError
from tfseis.io.gathers.gather import Gather, gather_of

AXES = ("traces,samples", "samples,traces")
INTERVAL = 4.0  # ms, where nobody says otherwise
TABLE = "traces.csv"  # of a folder: file, trace, offset, interval


@dataclass(frozen=True)
class ArrayGathers:
    """Gathers in ``.npy`` files, mapped into memory and read when asked for.

    Args:
        files: of each gather.
        places: of each gather: its index in a file of three axes, else -1.
        turned: of each gather: whether its file holds samples first.
        shapes: int64 (gathers, 2): traces and samples.
        offsets: of the traces of each file, by its name; empty where unknown.
        sample_interval: ms.
    """

    files: tuple[Path, ...]
    places: tuple[int, ...]
    turned: tuple[bool, ...]
    shapes: np.ndarray
    offsets: dict[str, np.ndarray]
    sample_interval: float

    @property
    def lines(self) -> np.ndarray:
        """int64 (gathers,): their order."""
        return np.arange(len(self))

    def __len__(self) -> int:
        return len(self.files)

    def name(self, gather: int) -> str:
        """The file, and the place in it."""
        place = self.places[gather]
        return self.files[gather].stem + (f" {place}" if place >= 0 else "")

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """As `SegyGathers.read`."""
        values = np.load(self.files[gather], mmap_mode="r", allow_pickle=False)
        values = values if self.places[gather] < 0 else values[self.places[gather]]
        values = values.T if self.turned[gather] else values
        offset = self.offsets.get(self.files[gather].name, np.zeros(len(values)))
        part = slice(first, None if count is None else first + count)
        return gather_of(
            values[part], offset=offset[part], sample_interval=self.sample_interval,
            name=self.name(gather),
        )  # fmt: skip


def open_array_gathers(
    files: Sequence[Path], *, axes: str | None = None, interval: float | None = None
) -> ArrayGathers:
    """Look at the shapes of ``.npy`` files of gathers.

    Args:
        files: in the order of the gathers.
        axes: as for `open_gathers`.
        interval: as for `open_gathers`.

    Raises:
        FormatError: no such file, an array that holds no gather, or unknown axes.
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
    offsets, said = _table(files[0].parent / TABLE)
    return ArrayGathers(
        tuple(names), tuple(places), tuple(turned), np.array(shapes, "int64").reshape(-1, 2),
        {name: found for name, found in offsets.items() if len(found)}, interval or said,
    )  # fmt: skip


def _shape(file: Path) -> tuple[int, ...]:
    try:
        values = np.load(file, mmap_mode="r", allow_pickle=False)
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


def _table(path: Path) -> tuple[dict[str, np.ndarray], float]:
    """Offsets by file, and the sample interval, as `tfseis gathers extract` leaves them."""
    if not path.exists():
        return {}, INTERVAL
    try:
        table = pd.read_csv(path)
        groups = {str(name): part["offset"].to_numpy() for name, part in table.groupby("file")}
        return groups, float(table["interval"].iloc[0])
    except (KeyError, IndexError, ValueError) as error:
        raise FormatError(
            f"{path}: expected columns file, trace, offset, interval; {error}. Remove the file, or "
            "extract the gathers again."
        ) from error
