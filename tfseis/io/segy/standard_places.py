"""Line numbers and map coordinates of a result, put where `open_segy` looks for them."""

import numpy as np

from tfseis.geometry import Geometry
from tfseis.io.segy.header_fields import put_field
from tfseis.io.segy.headers import SHORT_FIELDS
from tfseis.io.segy.opening import Opening

LINES = ("inline_byte", "crossline_byte", "grid", "line_format")
COORDINATES = ("x_byte", "y_byte", "coordinate_format")
SCALES = (100, 10, 1)  # parts of a metre that coordinates are rounded to, where they fit
LARGEST = 2**31 - 1


def are_moved(opening: Opening) -> bool:
    """Whether a file is opened by other fields or formats than those of the standard."""
    return bool(opening.changes().keys() & {*LINES, *COORDINATES})


def put_places(
    block: np.ndarray, order: str, opening: Opening, geometry: Geometry, numbers: np.ndarray
) -> None:
    """Write line numbers and coordinates of some traces to bytes 181-196, in place.

    Args:
        block: trace headers as the template has them, uint8 (traces, bytes).
        order: byte order, ">" or "<".
        opening: arguments by which the template was opened.
        geometry: geometry of the result.
        numbers: inline and crossline number of each trace, (traces, 2).
    """
    old = block[:, :240].copy()
    if opening.changes().keys() & set(LINES):
        put_field(block, 189, order + "i4", numbers[:, 0])
        put_field(block, 193, order + "i4", numbers[:, 1])
    if opening.coordinate_format != "integer":
        _put_rounded(block, order, geometry, numbers)
        return
    for byte, source in ((181, opening.x_byte), (185, opening.y_byte)):
        if byte != source:
            kind = f"{order}i{2 if source in SHORT_FIELDS else 4}"
            size = np.dtype(kind).itemsize
            field = np.ascontiguousarray(old[:, source - 1 : source - 1 + size])
            put_field(block, byte, order + "i4", field.view(kind)[:, 0])


def _put_rounded(block: np.ndarray, order: str, geometry: Geometry, numbers: np.ndarray) -> None:
    """Coordinates by the fit of the whole survey, with their scalar; floats hold no scalar."""
    if geometry.affine is None:
        return
    corners = np.meshgrid(*[[axis.first, axis.last] for axis in geometry.axes[:2]])
    largest = np.abs(geometry.to_map(*corners)).max()
    scale = next((scale for scale in SCALES if largest * scale < LARGEST), 1)
    places = np.rint(geometry.to_map(numbers[:, 0], numbers[:, 1]) * scale)
    put_field(block, 71, order + "i2", -scale)
    put_field(block, 181, order + "i4", places[:, 0])
    put_field(block, 185, order + "i4", places[:, 1])
