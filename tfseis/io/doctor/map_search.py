"""Search for the trace-header fields that hold the map coordinates of a cube."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Geometry
from tfseis.io.doctor.fields import field_of, sampled_headers, standard_fields
from tfseis.io.doctor.repair import repaired
from tfseis.io.segy.affine import fit_affine
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.headers import SHORT_FIELDS
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.number_formats import are_floats, with_numbers
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.padding import scan_with_padding

PLACES = ((181, 185), (73, 77), (81, 85))  # coordinates of CDP, source and group
FOUR = 4  # bytes of a coordinate
OBLIQUE = 0.05  # cosine of the angle between inlines and crosslines, at most, elsewhere
SMALLEST_BIN, LARGEST_BIN = 1, 2000  # metres


def with_map(path: Path, layout: Layout, opening: Opening, grid: Grid) -> tuple[Opening, Grid]:
    """Look for map coordinates where the given fields hold none.

    Args:
        path: a SEG-Y file.
        layout: layout of the file, from `read_layout`.
        opening: arguments of `open_segy` by which it opens.
        grid: the grid that it then forms.

    Returns:
        Arguments and grid with coordinates; the given ones where there are none, where they have
        coordinates already, or where the user chose the fields.
    """
    chosen = {"x_byte", "y_byte", "coordinate_format"} & set(opening.changes())
    if grid.geometry.affine is not None or chosen or opening.grid == "coordinates":
        return opening, grid
    headers = sampled_headers(path, layout)
    for tried in _places(headers, layout, opening):
        if not _form_a_map(path.name, layout, headers, tried, grid.geometry):
            continue
        columns = scan_with_padding(path, layout, tried.fields())
        try:
            found, mapped = repaired(path.name, layout, tried, columns)
        except GeometryError:
            continue
        if mapped.geometry.affine is not None:
            return found, mapped
    return opening, grid


def _places(headers: np.ndarray, layout: Layout, opening: Opening) -> Iterator[Opening]:
    """Arguments with other fields or formats of the coordinates, the usual ones first."""
    taken: set[int] = set()  # bytes at which no field of four may begin
    for byte in (opening.inline_byte, opening.crossline_byte):
        taken |= {*range(byte - FOUR + 1, byte + field_of(headers, layout, byte).itemsize)}
    free = [b for b in standard_fields() if b not in SHORT_FIELDS and b not in taken]
    pairs = [*PLACES, *((b, b + FOUR) for b in free if b + FOUR in free)]
    for pair in dict.fromkeys(pairs):
        columns = [field_of(headers, layout, byte) for byte in pair]
        if taken & set(pair) or not all(np.ptp(column.astype("int64")) for column in columns):
            continue
        moved = replace(opening, x_byte=pair[0], y_byte=pair[1])
        if not are_floats(*columns):
            yield moved
            continue
        for kind in ("ieee", "ibm"):
            yield replace(moved, coordinate_format=kind)
            yield replace(moved, coordinate_format=kind, coordinate_scalar=1)


def _form_a_map(
    name: str, layout: Layout, headers: np.ndarray, opening: Opening, geometry: Geometry
) -> bool:
    """Whether coordinates of some traces fit the grid, and are no counters of traces."""
    columns = {key: field_of(headers, layout, byte) for key, byte in opening.fields().items()}
    if opening.coordinate_scalar is not None:
        columns["scalar"] = np.full(len(headers), opening.coordinate_scalar)
    try:
        columns = with_numbers(name, columns, opening)
    except GeometryError:
        return False
    axes = geometry.inlines, geometry.crosslines
    inside = np.logical_and.reduce([axis.inside(columns[axis.name]) for axis in axes])
    affine = fit_affine(*axes, {key: column[inside] for key, column in columns.items()})
    if affine is None:
        return False
    if opening.coordinate_format == "integer" and (opening.x_byte, opening.y_byte) in PLACES:
        return True
    bins = affine[:, :2] * [geometry.inlines.step, geometry.crosslines.step]
    lengths = np.linalg.norm(bins, axis=0)
    oblique = abs(bins[:, 0] @ bins[:, 1]) / lengths.prod()
    return bool(
        oblique <= OBLIQUE and lengths.min() >= SMALLEST_BIN and lengths.max() <= LARGEST_BIN
    )
