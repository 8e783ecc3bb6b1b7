"""Line numbers and coordinates that headers hold as floats, or that are none at all."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tfseis.errors import GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy.encoding import ibm_values

if TYPE_CHECKING:
    from tfseis.io.segy.opening import Opening

LARGEST_LINE = 10**7  # line numbers are smaller
UNKNOWN_LINE = 2**31 - 1  # stands for a float that is no line number
FEW = 0.01  # share of traces whose floats may be damaged
LEAST_FLOAT, MOST_FLOAT = 0x43000000, 0x4F000000  # bits of the floats 128 and 2**31
USUALLY = 0.99  # share of traces that makes a field what it is
HUGE = 10**9  # line numbers are smaller, floats taken for integers larger
WIDE = 2**15  # step between lines that no survey has
SHIFTS = {1: 2**8, 2: 2**16, 3: 2**24}  # factor of numbers that begin so many bytes elsewhere
FLOATS = ("ieee", "ibm")  # most integers read as IEEE floats are no whole numbers
LOOKED_AT = 10_000  # traces whose line numbers are looked at
COUNT = 3  # number of lines from which their step tells something
COORDINATE = 100_000  # map coordinates are larger, most line numbers smaller
FILLED = 0.5  # share of a grid of lines that traces fill; rounded coordinates fill less
SAME = 1e-3  # difference of numbers that are the same but for rounding
BIN = 5  # metres of the smallest bins of surveys with such coordinates


def decoded(column: np.ndarray, format: str) -> np.ndarray:
    """Numbers of four-byte header fields.

    Args:
        column: the fields as integers, int32 (traces,).
        format: "integer", "ieee" or "ibm".

    Returns:
        The column itself for integers, else float64 (traces,).
    """
    if format == "integer":
        return column
    bits = np.ascontiguousarray(column, "int32").view("u4")
    with np.errstate(invalid="ignore"):
        return ibm_values(bits) if format == "ibm" else bits.view("f4").astype("float64")


def line_numbers(column: np.ndarray, format: str) -> np.ndarray | None:
    """Line numbers of four-byte header fields, int32 (traces,).

    Returns:
        None where more than 1 % of the fields hold no line number in that format; single ones
        become 2**31 - 1.
    """
    if format == "integer":
        return column
    values = decoded(column, format)
    with np.errstate(invalid="ignore"):
        good = (np.abs(values) < LARGEST_LINE) & (values == np.rint(values))
    if np.count_nonzero(~good) > FEW * len(values):
        return None
    return np.where(good, np.where(good, values, 0), UNKNOWN_LINE).astype("int32")


def are_floats(*columns: np.ndarray) -> bool:
    """Whether fields look like floats of 128 to 2**31, which no integer coordinates do."""
    known = np.logical_or.reduce([column != 0 for column in columns])
    if not known.any():
        return False
    return all(
        np.mean((column[known] >= LEAST_FLOAT) & (column[known] < MOST_FLOAT)) >= USUALLY
        for column in columns
    )


def repeat_lines(columns: Mapping[str, np.ndarray]) -> bool:
    """Whether the coordinates are the line numbers once more, in either order."""
    lines, places = (
        [columns[key] for key in keys] for keys in (("inline", "crossline"), ("x", "y"))
    )
    return any(
        all(np.mean(line == place) >= USUALLY for line, place in zip(lines, order, strict=True))
        for order in (places, places[::-1])
    )


def with_numbers(
    name: str, columns: Mapping[str, np.ndarray], opening: "Opening"
) -> dict[str, np.ndarray]:
    """Columns whose line numbers and coordinates are numbers, whatever the format of the fields.

    Coordinates that are none (the line numbers once more, or floats where integers are expected)
    become 0.

    Raises:
        GeometryError: a field has no four bytes, or holds no line numbers in its format.
    """
    found = dict(columns)
    formats = {"inline": opening.line_format, "crossline": opening.line_format}
    formats |= {"x": opening.coordinate_format, "y": opening.coordinate_format}
    for key, format in formats.items():
        if format != "integer" and columns[key].itemsize != 4:
            raise GeometryError(
                f"{name}: expected four bytes for the {format} float of {key}; got a field of "
                f"{columns[key].itemsize} bytes at byte {opening.fields()[key]}. Name other bytes."
            )
    for key in ("inline", "crossline"):
        numbers = line_numbers(columns[key], opening.line_format)
        if numbers is None:
            raise GeometryError(
                f"{name}: expected {key} numbers as {opening.line_format} floats at byte "
                f"{opening.fields()[key]}; got numbers that are not whole. Choose another "
                "line_format, or name other bytes."
            )
        found[key] = numbers
    floats = opening.coordinate_format != "integer"
    shared = {opening.x_byte, opening.y_byte} & {opening.inline_byte, opening.crossline_byte}
    numbered = opening.grid == "numbers" and (bool(shared) or repeat_lines(found))
    if numbered or (not floats and are_floats(columns["x"], columns["y"])):
        found["x"] = found["y"] = np.zeros(len(columns["x"]), "int32")
    elif floats:
        for key in ("x", "y"):
            values = decoded(columns[key], opening.coordinate_format)
            found[key] = np.nan_to_num(values, nan=0, posinf=0, neginf=0)
    return found


def refuse_absurd(
    name: str, columns: Mapping[str, np.ndarray], opening: "Opening", endian: str
) -> None:
    """Refuse line numbers that are floats, or begin some bytes beside the field.

    Args:
        name: name of the file, for messages.
        columns: header fields, each (traces,).
        opening: arguments of `open_segy` by which they were read.
        endian: byte order of the file, "big" or "little".

    Raises:
        GeometryError: they are.
    """
    for axis, byte in (("inline", opening.inline_byte), ("crossline", opening.crossline_byte)):
        column = columns[axis]
        values = np.unique(column[:: max(len(column) // LOOKED_AT, 1)]).astype("int64")
        told = f"expected {axis} numbers at byte {byte}; got {values[0]} to {values[-1]}"
        shift = max((n for n, unit in SHIFTS.items() if not (values % unit).any()), default=0)
        if np.abs(np.median(values)) >= HUGE:
            said = float_lines(values)
            if said is None:
                raise GeometryError(f"{name}: {told}. Name other bytes, or ask tfseis doctor.")
            first, last = decoded(values[[0, -1]], said)
            raise GeometryError(
                f"{name}: {told}, which are {said} floats of {first:g} to {last:g}. "
                f"Say so (line_format='{said}'), or name other bytes."
            )
        begins = shift == 1 and byte % 2 == 1  # as fields of the standard do: lines in steps of 256
        if shift and len(values) >= COUNT and not begins:
            other = byte - shift if endian == "big" else byte + shift
            raise GeometryError(
                f"{name}: {told}, all multiples of {SHIFTS[shift]}, as where numbers begin "
                f"{shift} bytes beside the field. Name byte {other}."
            )


def float_lines(column: np.ndarray) -> str | None:
    """Format of the floats that fields of line numbers hold, "ieee" or "ibm"; None for others."""
    if np.abs(np.median(column)) < HUGE:
        return None
    return next((kind for kind in FLOATS if line_numbers(column, kind) is not None), None)


def refuse_coordinates(
    name: str,
    axes: Sequence[Axis],
    opening: "Opening",
    *,
    traces: int,
    affine: np.ndarray | None,
) -> None:
    """Refuse line numbers that are map coordinates, or lie too far apart to be lines.

    Args:
        name: name of the file, for messages.
        axes: axes of inlines and crosslines that they form.
        opening: arguments of `open_segy` by which they were read.
        traces: number of traces.
        affine: map coordinates of the line numbers; None where none are known.

    Raises:
        GeometryError: they are.
    """
    told = " and ".join(f"{a.first} to {a.last} in steps of {a.step}" for a in axes)
    told = (
        f"{name}: expected line numbers at bytes {opening.inline_byte} and "
        f"{opening.crossline_byte}; got {told}"
    )
    if any(axis.step >= WIDE and axis.count >= COUNT for axis in axes):
        raise GeometryError(f"{told}. Name other bytes, or ask tfseis doctor.")
    large = all(min(abs(a.first), abs(a.last)) >= COORDINATE for a in axes)
    least = min if traces >= FILLED * axes[0].count * axes[1].count else max
    if (
        large
        and least(a.step for a in axes) >= BIN
        and min(axis.count for axis in axes) > 1
        and not _is_map(axes, affine)
    ):
        raise GeometryError(
            f"{told}, like map coordinates. Form the grid from them (grid='coordinates', "
            f"x_byte={opening.inline_byte}, y_byte={opening.crossline_byte}), or name other bytes."
        )


def _is_map(axes: Sequence[Axis], affine: np.ndarray | None) -> bool:
    """Whether coordinates have bins as surveys have, and are not the line numbers once more."""
    if affine is None:
        return False
    bins = np.linalg.norm(affine[:, :2] * [axis.step for axis in axes], axis=0)
    size = np.abs(affine[:, :2]) / np.abs(affine[:, :2]).max()
    repeated = min(np.abs(size - kind).max() for kind in (np.eye(2), np.eye(2)[::-1])) < SAME
    moved = np.abs(affine[:, 2]).max() >= BIN * np.abs(affine[:, :2]).max()
    return bool(bins.min() >= BIN and (moved or not repeated))
