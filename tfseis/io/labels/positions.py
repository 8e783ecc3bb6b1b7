"""Positions and times in text tables, by whatever coordinates and units they are given.

Positions are line numbers or map coordinates, which are told apart by their range. `sample_numbers`
tells milliseconds, seconds and heights apart.
"""

from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.text import Table, check_finite

COORDINATES = ("lines", "map")
MS_PER_S = 1000


def place_kind(path: Path, pairs: np.ndarray, lines: np.ndarray, geometry: Geometry) -> str:
    """Whether the first two columns are line numbers ("lines") or map coordinates ("map").

    Values that fit the inline and crossline axes are line numbers; otherwise, values that the map
    affine carries into the survey are map coordinates. Where most fit neither, more fits decide.

    Args:
        path: the file, for messages.
        pairs: the first two columns, (rows, 2).
        lines: number of the line of each row.
        geometry: geometry of the survey.

    Raises:
        LabelError: the file mixes both kinds; the message names file and lines.
    """
    as_lines = _within(pairs, geometry)
    if geometry.affine is None or as_lines.all():
        return "lines"
    as_map = _within(geometry.from_map(pairs[:, 0], pairs[:, 1]), geometry)
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


def placed_columns(
    table: Table, columns: tuple[int, ...], expected: str, geometry: Geometry
) -> tuple[np.ndarray, str]:
    """Finite numbers of columns, inline before crossline, and their kind, "lines" or "map".

    Raises:
        LabelError: a row has no such numbers, or as `place_kind`; the message names the line.
    """
    values = table.numbers(columns, expected)
    check_finite(table, values, expected)
    if table.crossline_first:
        values[:, :2] = values[:, 1::-1]
    return values, place_kind(table.path, values[:, :2], table.lines, geometry)


def place_bins(pairs: np.ndarray, kind: str, geometry: Geometry) -> np.ndarray:
    """Fractional array indices of inline and crossline, not checked, float64 (rows, 2)."""
    numbers = geometry.from_map(pairs[:, 0], pairs[:, 1]) if kind == "map" else pairs
    axes = geometry.axes[:2]
    return np.stack([axis.fractional(numbers[:, i]) for i, axis in enumerate(axes)], axis=1)


def sample_numbers(values: np.ndarray, geometry: Geometry, unit: str | None = None) -> np.ndarray:
    """Times in ms (depths in m for depth cubes) from the vertical column of a file.

    Without a unit the values are taken to be in the unit of the cube, with two exceptions. On a
    time cube they are seconds if all lie within the first thousandth of the trace and not all are
    whole numbers. Where the times of the cube are positive and none of the file is, they are
    heights, and change sign. Sample numbers cannot be told from times; for these give
    ``unit="sample"`` (counted from 0).

    Args:
        values: numbers of the column, (rows,); non-finite ones stay.
        geometry: geometry of the cube.
        unit: "ms", "s", "m" or "sample"; None to recognise it.

    Raises:
        LabelError: the unit is unknown, or not one of this cube's.
    """
    values = np.asarray(values, "float64")
    samples, own = geometry.samples, geometry.sample_unit
    allowed = {"m", "sample"} if own == "m" else {"ms", "s", "sample"}
    if unit is not None and unit not in allowed:
        raise LabelError(
            f"Expected a vertical unit among {', '.join(sorted(allowed))} for a cube in {own}; "
            f"got {unit!r}. Name the unit of the file."
        )
    if unit == "sample":
        return samples.first + samples.step * values
    known = values[np.isfinite(values)]
    if known.size and samples.first >= 0 and known.max() <= 0 and known.min() < 0:
        values, known = -values, -known
    early = known.size and np.abs(known).max() * MS_PER_S <= samples.last + samples.step / 2
    if unit == "s" or (unit is None and own == "ms" and early and (known != np.rint(known)).any()):
        values = values * MS_PER_S
    return values


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


def _within(pairs: np.ndarray, geometry: Geometry) -> np.ndarray:
    return geometry.inlines.inside(pairs[:, 0]) & geometry.crosslines.inside(pairs[:, 1])
