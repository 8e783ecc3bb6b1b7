"""What lies in a Zarr group: which variable holds the cube, and which axis is which.

Source: xarray, "Zarr encoding specification",
https://docs.xarray.dev/en/stable/internals/zarr-encoding-spec.html; MDIO 1, data models,
https://mdio-python.readthedocs.io.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfseis.errors import FormatError
from tfseis.io.arrays import NUMERIC

AMPLITUDE, MASK, HEADERS, POSITION = "amplitude", "trace_mask", "trace_headers", "trace_position"
MAP = ("cdp_x", "cdp_y")
TFSEIS = "tfseis"  # attribute of the group: what only tfseis writes
OLD_DIMENSIONS = "_ARRAY_DIMENSIONS"  # where Zarr 2 keeps the names of axes
NAMES = (  # of the axes of a cube, as formats and programs call them
    ("inline", "inlines", "iline", "ilines", "il", "inline_number"),
    ("crossline", "crosslines", "xline", "xlines", "xl", "crossline_number"),
    ("sample", "samples", "time", "twt", "depth", "z", "t", "vert", "twt_ms", "tvd"),
)
DEPTHS = ("depth", "z", "tvd")


@dataclass(frozen=True)
class Variable:
    """The array of a group that holds the samples of a cube.

    Args:
        name: its name in the group; "" for an array that is no member of one.
        array: the array.
        dimensions: names of its axes in the order of the file; None where it has none.
        order: position in the file of inlines, crosslines and samples.
    """

    name: str
    array: Any
    dimensions: tuple[str, ...] | None
    order: tuple[int, int, int]


def dimensions_of(array: Any) -> tuple[str, ...] | None:
    """Names of the axes of a Zarr array of version 2 or 3; None where it has none."""
    names = getattr(array.metadata, "dimension_names", None) or array.attrs.get(OLD_DIMENSIONS)
    if not isinstance(names, (list, tuple)) or len(names) != array.ndim or None in names:
        return None
    return tuple(str(name) for name in names)


def cube_variable(file: str, arrays: Mapping[str, Any], attributes: Mapping[str, Any]) -> Variable:
    """Find the array that holds the cube.

    Args:
        file: name of the store, for messages.
        arrays: the arrays of the group, by name.
        attributes: attributes of the group.

    Raises:
        FormatError: there is none, or there are several and nothing says which one.
    """
    solid = {name: one for name, one in arrays.items() if one.ndim == 3 and _has_numbers(one)}
    said = attributes.get("attributes")
    usual = said.get("defaultVariableName") if isinstance(said, Mapping) else None
    fitting = {name: one for name, one in solid.items() if _order(dimensions_of(one))}
    named = {usual: solid[usual]} if usual in solid else fitting or solid
    if not named:
        found = ", ".join(f"{name} {one.shape}" for name, one in sorted(arrays.items()))
        raise FormatError(
            f"{file}: expected an array of numbers with the axes inline, crossline and time or "
            f"depth; got {found or 'no arrays'}. Choose another group, or write the cube as one."
        )
    if len(named) > 1:
        names = sorted(named)
        raise FormatError(
            f"{file}: expected one array of three axes; got {', '.join(names)}. Name one: "
            f"{file}/{names[0]}."
        )
    name, array = next(iter(named.items()))
    return variable_of(file, name, array)


def variable_of(file: str, name: str, array: Any) -> Variable:
    """An array with the order of its axes.

    Raises:
        FormatError: it has not three axes of numbers, or they have other names than those of a
            cube.
    """
    dimensions = dimensions_of(array)
    if array.ndim != 3 or not _has_numbers(array):
        raise FormatError(
            f"{file}: expected an array of numbers (inlines, crosslines, samples); got shape "
            f"{array.shape}, {array.dtype}. Choose an array of three axes."
        )
    order = _order(dimensions)
    if order is None:
        raise FormatError(
            f"{file}: expected the axes inline, crossline and time, depth or sample in some order; "
            f"got {', '.join(dimensions or ())}. Rename the dimensions."
        )
    return Variable(name, array, dimensions, order)


def _order(dimensions: tuple[str, ...] | None) -> tuple[int, int, int] | None:
    """Position of inlines, crosslines and samples, in this order where axes have no names."""
    if dimensions is None:
        return 0, 1, 2
    lower = [one.lower() for one in dimensions]
    places = [[i for i, one in enumerate(lower) if one in known] for known in NAMES]
    if any(len(one) != 1 for one in places):
        return None
    return places[0][0], places[1][0], places[2][0]


def _has_numbers(array: Any) -> bool:
    dtype = array.dtype
    return getattr(dtype, "kind", "") in NUMERIC and all(array.shape)
