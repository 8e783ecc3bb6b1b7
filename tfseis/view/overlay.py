"""A cube laid over another: classes with a legend, or numbers such as a confidence."""

from dataclasses import dataclass

import numpy as np

from tfseis.geometry import TOLERANCE, Axis
from tfseis.io.labels.legend import PALETTE, Legend, legend_path, read_legend
from tfseis.io.segy.cube import SegyCube
from tfseis.view.viewer_state import ViewerState

MOST_CLASSES = 256  # whole numbers above are amplitudes, not classes
SPREAD = (0.02, 0.98)  # quantiles that the colours of an overlay span


@dataclass(frozen=True)
class Overlay:
    """A cube that covers all or part of another one, on the same or on fewer lines.

    Args:
        cube: opened lazily.
        legend: beside the file (``NAME.classes.csv``); None if there is none.
        classes: whether it holds classes; otherwise numbers.
        limits: numbers of the first and last colour.
    """

    cube: SegyCube
    legend: Legend | None
    classes: bool
    limits: tuple[float, float]

    @classmethod
    def of(cls, cube: SegyCube) -> "Overlay":
        """Recognised by its legend and sample format, and by its middle inline."""
        beside = legend_path(cube.path)
        legend = read_legend(beside) if beside.exists() else None
        values, live = cube.read(cube.shape[0] // 2)
        known = values[live]
        few = not known.size or (known.min() >= 0 and known.max() < MOST_CLASSES)
        classes = legend is not None or bool(cube.layout.dtype.kind == "i" and few)
        return cls(cube, legend, classes, _limits(known))

    @property
    def name(self) -> str:
        """The file's."""
        return self.cube.path.name

    def slice(self, state: ViewerState) -> np.ndarray | None:
        """Its values on the slice that is shown, float64 (first axis, second axis).

        A line between two of its lines takes the nearer one. NaN where it holds nothing; None
        where it does not reach the slice.
        """
        axis = self.cube.geometry.axes[state.axis]
        index = int(_nearest(axis, np.array(state.number)))
        if index < 0:
            return None
        parts = [slice(None)] * 3
        parts[state.axis] = slice(index, index + 1)
        key = parts[0], parts[1], parts[2]
        values = self.cube[key].astype("float64")
        present = np.broadcast_to(self.cube.live[key[:2]][..., np.newaxis], values.shape)
        found = np.where(present, values, np.nan).squeeze(state.axis)
        for place, other in enumerate(state.rest):
            found = _on_grid(found, place, self.cube.geometry.axes[other], state.axes[other])
        return found

    def class_image(self, values: np.ndarray) -> tuple[np.ndarray, Legend]:
        """Class index of each sample, -1 for none, and the legend that the indices belong to."""
        codes = np.where(np.isfinite(values), np.rint(values), -1).astype("int64")
        legend = self.legend or numbered(np.unique(codes[codes >= 0]))
        place = np.searchsorted(legend.codes, codes).clip(0, max(len(legend) - 1, 0))
        known = np.isin(codes, legend.codes)
        return np.where(known, place, -1), legend


def numbered(codes: np.ndarray) -> Legend:
    """A legend without names; each code has its colour, whichever others there are."""
    found = [int(code) for code in codes]
    return Legend(
        tuple(found),
        tuple(f"class {code}" for code in found),
        tuple(PALETTE[code % len(PALETTE)] for code in found),
    )


def _limits(values: np.ndarray) -> tuple[float, float]:
    """0 to 1 for probabilities; otherwise what nearly all values lie between."""
    if not values.size or (values.min() >= 0 and values.max() <= 1):
        return 0.0, 1.0
    low, high = np.quantile(values, SPREAD)
    return (float(low), float(high)) if low < high else (float(low), float(low) + 1)


def _on_grid(values: np.ndarray, place: int, own: Axis, wanted: Axis) -> np.ndarray:
    """Values along one of their axes at other numbers: the nearest, NaN outside."""
    nearest = _nearest(own, wanted.numbers)
    shape = [1] * values.ndim
    shape[place] = -1
    found = values.take(np.maximum(nearest, 0), axis=place)
    return np.where((nearest >= 0).reshape(shape), found, np.nan)


def _nearest(axis: Axis, numbers: np.ndarray) -> np.ndarray:
    """Index of the nearest number of the axis, the lower one half-way; -1 outside."""
    index = np.ceil(axis.fractional(numbers) - 0.5 - TOLERANCE).astype("int64")
    return np.where((index >= 0) & (index < axis.count), index, -1)
