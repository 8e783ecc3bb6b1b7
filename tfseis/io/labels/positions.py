"""Positions in text tables: line numbers or map coordinates, told apart by their range."""

from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry

COORDINATES = ("lines", "map")


def place_kind(
    path: Path, one: np.ndarray, other: np.ndarray, lines: np.ndarray, geometry: Geometry
) -> str:
    """Whether two columns are line numbers ("lines") or map coordinates ("map").

    Values that fit the inline and crossline axes are line numbers; otherwise, values that the map
    affine carries into the survey are map coordinates. Where most fit neither, more fits decide.

    Args:
        path: the file, for messages.
        one: the first column, (rows,).
        other: the second column, (rows,).
        lines: number of the line of each row.
        geometry: geometry of the survey.

    Raises:
        LabelError: the file mixes both kinds; the message names file and lines.
    """
    as_lines = inside_lines(one, other, geometry)
    if geometry.affine is None or as_lines.all():
        return "lines"
    as_map = inside_map(one, other, geometry)
    if as_map.all():
        return "map"
    only_lines, only_map = as_lines & ~as_map, as_map & ~as_lines
    if only_lines.any() and only_map.any():
        raise LabelError(
            f"{path.name}: expected line numbers, or map coordinates; line {lines[only_lines][0]} "
            f"holds line numbers, line {lines[only_map][0]} map coordinates. Split the file, or "
            "convert one kind."
        )
    return "map" if as_map.sum() > as_lines.sum() else "lines"


def inside_lines(inlines: np.ndarray, crosslines: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Whether line numbers lie inside the survey, bool (rows,)."""
    return geometry.inlines.inside(inlines) & geometry.crosslines.inside(crosslines)


def inside_map(x: np.ndarray, y: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Whether map coordinates lie inside the survey, bool (rows,)."""
    numbers = geometry.from_map(x, y)
    return inside_lines(numbers[:, 0], numbers[:, 1], geometry)


def numbers_of(positions: np.ndarray, geometry: Geometry, coordinates: str) -> np.ndarray:
    """Line numbers (or map coordinates) and times of array indices, which may be fractions.

    Args:
        positions: (labels, 3).
        geometry: geometry of the cube.
        coordinates: "lines" for inline and crossline numbers, "map" for x and y.

    Returns:
        float64 (labels, 3).
    """
    axes = zip(geometry.axes, np.asarray(positions, "float64").T, strict=True)
    numbers = np.stack([axis.first + axis.step * index for axis, index in axes], axis=1)
    if coordinates == "map":
        numbers[:, :2] = geometry.to_map(numbers[:, 0], numbers[:, 1])
    return numbers


def check_coordinates(coordinates: str) -> None:
    """Refuse coordinates that are neither "lines" nor "map".

    Raises:
        LabelError: they are something else.
    """
    if coordinates not in COORDINATES:
        raise LabelError(
            f"Expected coordinates 'lines' or 'map'; got {coordinates!r}. Choose one of these."
        )
