"""A cube laid over another: classes with their legend, or numbers such as a confidence."""

from dataclasses import dataclass

import numpy as np

from tfseis.geometry import TOLERANCE, Axis
from tfseis.io.cube import Cube
from tfseis.io.labels.labels import UNLABELLED
from tfseis.io.labels.legend import PALETTE, Legend, legend_path, read_legend
from tfseis.view.viewer_state import ViewerState

MOST_CLASSES = 256  # a cube of larger whole numbers holds amplitudes, not classes
SPREAD = (0.02, 0.98)  # quantiles of the numbers that the first and last colour stand for


@dataclass(frozen=True)
class Overlay:
    """A cube that covers all or part of another one, on the same or on fewer lines.

    Args:
        cube: cube of classes or numbers.
        legend: legend beside its file (``NAME.classes.csv``); None where there is none.
        classes: whether the cube holds classes; otherwise it holds numbers.
        limits: numbers that the first and the last colour stand for.
    """

    cube: Cube
    legend: Legend | None
    classes: bool
    limits: tuple[float, float]

    @classmethod
    def of(cls, cube: Cube) -> "Overlay":
        """An overlay of a cube, recognised by its legend, its sample type and its middle inline.

        A cube with a legend beside its file, or of whole numbers from 0 to 255, and -1 where there
        is no class, holds classes.

        Args:
            cube: opened cube.
        """
        beside = legend_path(cube.path)
        legend = read_legend(beside) if beside.exists() else None
        values, live = cube.read(cube.shape[0] // 2)
        known = values[live]
        few = not known.size or (known.min() >= UNLABELLED and known.max() < MOST_CLASSES)
        classes = legend is not None or bool(cube.stored_dtype.kind in "iu" and few)
        return cls(cube, legend, classes, _limits(known))

    @property
    def name(self) -> str:
        """Name of the cube."""
        return self.cube.name

    def slice(self, state: ViewerState) -> np.ndarray | None:
        """Values on the slice that the viewer shows.

        A line between two lines of the overlay takes the values of the nearer one.

        Args:
            state: what the viewer shows.

        Returns:
            float64, along the two axes that the slice extends along; NaN where the overlay has no
            trace. None where it does not cover the slice.
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
        """Class indices of a slice.

        Args:
            values: class codes as `slice` gives them, NaN where there is none.

        Returns:
            Class index of each sample, int64 of the same shape, -1 where there is no class or the
            legend lacks it; and the legend that the indices belong to.
        """
        codes = np.where(np.isfinite(values), np.rint(values), -1).astype("int64")
        legend = self.legend or numbered(np.unique(codes[codes >= 0]))
        place = np.searchsorted(legend.codes, codes).clip(0, max(len(legend) - 1, 0))
        known = np.isin(codes, legend.codes)
        return np.where(known, place, -1), legend


def numbered(codes: np.ndarray) -> Legend:
    """A legend that names classes by their codes; a code has the same colour in every cube.

    Args:
        codes: class codes, integers (classes,), ascending.
    """
    found = [int(code) for code in codes]
    return Legend(
        tuple(found),
        tuple(f"class {code}" for code in found),
        tuple(PALETTE[code % len(PALETTE)] for code in found),
    )


def _limits(values: np.ndarray) -> tuple[float, float]:
    """0 to 1 for probabilities; otherwise two quantiles that nearly all values lie between."""
    if not values.size or (values.min() >= 0 and values.max() <= 1):
        return 0.0, 1.0
    low, high = np.quantile(values, SPREAD)
    return (float(low), float(high)) if low < high else (float(low), float(low) + 1)


def _on_grid(values: np.ndarray, place: int, own: Axis, wanted: Axis) -> np.ndarray:
    """Values along one of their axes at the nearest of other line numbers; NaN outside."""
    nearest = _nearest(own, wanted.numbers)
    shape = [1] * values.ndim
    shape[place] = -1
    found = values.take(np.maximum(nearest, 0), axis=place)
    return np.where((nearest >= 0).reshape(shape), found, np.nan)


def _nearest(axis: Axis, numbers: np.ndarray) -> np.ndarray:
    """Index of the nearest number of the axis, the lower one half-way; -1 outside."""
    index = np.ceil(axis.fractional(numbers) - 0.5 - TOLERANCE).astype("int64")
    return np.where((index >= 0) & (index < axis.count), index, -1)
