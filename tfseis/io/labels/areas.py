"""Areas of one class on a section or on the map, and the samples inside them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.between_horizons import between
from tfseis.io.labels.horizons import read_horizon

ON_SECTION = 0.5  # bins; vertices this close to one line lie on it


@dataclass(frozen=True)
class Polygon:
    """An area of one class.

    Args:
        name: name of the class.
        vertices: inline number, crossline number and time in ms (depth in m for depth cubes) of
            each vertex, not rounded, float64 (vertices, 3); times are NaN for a polygon on the
            map.
        times: first and last time of a polygon on the map.
        horizons: paths of the horizons above and below a polygon on the map, instead of times.
    """

    name: str
    vertices: np.ndarray
    times: tuple[float, float] | None = None
    horizons: tuple[Path, Path] | None = None


def polygon_positions(area: Polygon, geometry: Geometry, *, unit: str | None = None) -> np.ndarray:
    """The samples whose centres lie inside a polygon and inside the cube.

    Args:
        area: the polygon.
        geometry: geometry of the cube.
        unit: unit of the times of horizons; None to recognise it.

    Returns:
        Array indices, int64 (samples, 3).

    Raises:
        LabelError: the vertices share no inline, crossline or time, or no sample is inside.
    """
    positions = area_samples(area, geometry, unit)
    if not len(positions):
        raise none_inside(area.name)
    return positions


def area_samples(area: Polygon, geometry: Geometry, unit: str | None) -> np.ndarray:
    """The same, which may be none."""
    bins = np.stack(
        [axis.fractional(area.vertices[:, i]) for i, axis in enumerate(geometry.axes)], axis=1
    )
    if area.times or area.horizons:
        flat = _filled(bins[:, :2], geometry.shape[:2])
        return _extruded(flat, area, geometry, unit)
    axis, index = _section(area, bins)
    if not 0 <= index < geometry.shape[axis]:
        return np.empty((0, 3), "int64")
    others = [i for i in range(3) if i != axis]
    size = geometry.shape
    flat = _filled(bins[:, others], (size[others[0]], size[others[1]]))
    return np.insert(flat, axis, index, axis=1)


def none_inside(name: str) -> LabelError:
    """The error for polygons around no sample of the cube.

    Args:
        name: name of the class.
    """
    return LabelError(
        f"{name}: expected a polygon around at least one sample of the cube; got none "
        f"inside. Check that it lies in the survey, and the order and unit of its columns."
    )


def _section(area: Polygon, bins: np.ndarray) -> tuple[int, int]:
    """Axis of the section that all vertices lie on, and the array index of that section."""
    spread = np.ptp(bins, axis=0)
    axis = int(spread.argmin())
    if spread[axis] > ON_SECTION:
        raise LabelError(
            f"{area.name}: expected all vertices on one inline, one crossline or one time; got "
            "several of each. Split the polygon, or give two columns to draw it on the map."
        )
    return axis, int(np.rint(np.median(bins[:, axis])))


def _filled(vertices: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Array indices (samples, 2) inside a polygon whose vertices are fractional indices."""
    from skimage.draw import polygon2mask  # noqa: PLC0415 - slow to import, and rarely needed

    return np.argwhere(polygon2mask(shape, vertices))


def _extruded(flat: np.ndarray, area: Polygon, geometry: Geometry, unit: str | None) -> np.ndarray:
    """Array indices (samples, 3) on the traces `flat` over the depth of the polygon."""
    if area.horizons:
        upper, lower = (read_horizon(path, geometry, unit=unit) for path in area.horizons)
        mask = np.zeros(geometry.shape[:2], bool)
        mask[tuple(flat.T)] = True
        return between(upper, lower, geometry, traces=mask)
    low, high = area.times or (0, 0)
    samples = geometry.samples.numbers
    half = geometry.samples.step / 2
    chosen = np.flatnonzero((samples >= low - half) & (samples <= high + half))
    traces = np.repeat(flat, len(chosen), axis=0)
    return np.column_stack([traces, np.tile(chosen, len(flat))])
