"""Cubes in Zarr groups, on disk or in the cloud: Zarr 2 and 3, xarray's conventions, MDIO 1."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import FormatError, MissingPackageError
from tfseis.geometry import Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.formats.axes import check_size, stored_even, stored_lines
from tfseis.io.formats.packages import needed
from tfseis.io.formats.stored import StoredArray, StoredAxis
from tfseis.io.formats.units import UNITS
from tfseis.io.formats.zarr_layout import (
    DEPTHS,
    MAP,
    MASK,
    TFSEIS,
    Variable,
    cube_variable,
    dimensions_of,
    variable_of,
)
from tfseis.io.formats.zarr_source import ZarrSource
from tfseis.io.segy.affine import fit_affine

OLDEST = 3  # version of zarr
LINES = ("inline", "crossline")
REMOTE = "://"  # in the address of a store that is no folder


def open_zarr(source: str | Path) -> ArrayCube:
    """Open a cube in a Zarr group as it lies there; only what is asked for is read.

    Args:
        source: folder or URI (``s3://``, ``gs://``, ``https://``) of a group or of one of its
            arrays, such as ``survey.zarr/amplitude``.

    Returns:
        The cube, axes (inlines, crosslines, samples), line numbers ascending.

    Raises:
        FormatError: there is no Zarr group or array, or it holds no cube, or several.
        GeometryError: its coordinates form no grid.
        MissingPackageError: zarr, or the package of the cloud, is not installed.
    """
    group, variable = _opened(source)
    name = os.fspath(source).rstrip("/").rpartition("/")[2]
    arrays = _arrays(group, name) if group is not None else {}
    attributes: Mapping[str, Any] = dict(group.attrs) if group is not None else {}
    if variable is None:
        variable = cube_variable(os.fspath(source), arrays, attributes)
    said = attributes.get(TFSEIS)
    said = said if isinstance(said, Mapping) else {}
    axes, unit = _axes(name, variable, arrays, said)
    inlines, crosslines, samples = axes
    check_size(name, inlines.axis, crosslines.axis)
    geometry = Geometry(
        inlines.axis,
        crosslines.axis,
        samples.axis,
        _affine(name, variable, arrays, axes, said),
        unit,
    )
    live = _on_map(name, arrays.get(MASK), variable, axes)
    present = np.outer(inlines.present, crosslines.present)
    live = present if live is None else present & (live != 0)
    array = StoredArray(ZarrSource(name, variable.array, group), axes)
    return ArrayCube(array, geometry, live, name=name, path=Path(source))


def _opened(source: str | Path) -> tuple[Any, Variable | None]:
    """The group, if there is one, and the array, if the address names one."""
    name = os.fspath(source)
    zarr = needed("zarr", "zarr", name)
    if int(zarr.__version__.split(".")[0]) < OLDEST:
        raise MissingPackageError(
            f"{name}: expected zarr {OLDEST} or later; {zarr.__version__} is installed. Run "
            "pip install --upgrade 'tfseis[zarr]'."
        )
    if REMOTE not in name and not Path(name).exists():
        raise FormatError(f"{name}: expected a Zarr group; there is none. Check the name.")
    try:
        found = zarr.open(name, mode="r")
        if isinstance(found, zarr.Group):
            return found, None
        parent, _, last = name.rstrip("/").rpartition("/")
        try:
            group = zarr.open_group(parent or ".", mode="r")
        except Exception:  # an array that lies in no group
            group = None
    except ImportError as error:
        raise MissingPackageError(
            f"{name}: expected the package that opens such addresses to be installed; {error}. "
            "Run pip install 'tfseis[cloud]'."
        ) from None
    except Exception as error:  # metadata of a damaged store can raise anything
        raise FormatError(
            f"{name}: expected a Zarr group or array; {type(error).__name__}: {error}. Check the "
            "name and that the store is complete."
        ) from None
    return group, variable_of(name, last, found)


def _arrays(group: Any, name: str) -> dict[str, Any]:
    try:
        return dict(group.arrays())
    except Exception as error:  # as above
        raise FormatError(
            f"{name}: expected readable arrays in the group; {type(error).__name__}: {error}. "
            "Copy or write the store again."
        ) from None


def _axes(
    name: str, variable: Variable, arrays: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[tuple[StoredAxis, StoredAxis, StoredAxis], str]:
    """The three axes, and the unit of the samples."""
    found, unit = [], "ms"
    steps = said.get("steps")
    for n, what in enumerate((*LINES, "sample")):
        position = variable.order[n]
        count = variable.array.shape[position]
        dimension = variable.dimensions[position] if variable.dimensions else None
        array = arrays.get(dimension) if dimension else None
        if array is not None and array.ndim == 1 and array.shape[0] == count:
            numbers = ZarrSource(name, array).decoded(slice(None))
        else:
            array, numbers = None, np.arange(count) + (what in LINES)  # as an array without lines
        if what in LINES:
            found.append(stored_lines(what, name, numbers, position))
            continue
        unit, factor = _unit(name, dimension, array)
        step = steps[n] if isinstance(steps, list) and len(steps) == 3 else None
        found.append(stored_even(what, name, numbers * factor, position, step))
    return (found[0], found[1], found[2]), unit


def _unit(name: str, dimension: str | None, array: Any) -> tuple[str, float]:
    """Unit of the sample axis, and the factor that makes its numbers of it."""
    usual = "m" if dimension and dimension.lower() in DEPTHS else "ms"
    attributes = dict(array.attrs) if array is not None else {}
    said = attributes.get("units", attributes.get("unit", attributes.get("unitsV1")))
    if isinstance(said, Mapping):
        said = next(iter(said.values()), None)
    if said is None or str(said).strip().lower() in ("", "1", "none"):
        return usual, 1.0
    if str(said).strip().lower() not in UNITS:
        raise FormatError(
            f"{name}: expected samples in ms, s, m or ft; the units of {dimension} are {said!r}. "
            "Correct that attribute."
        )
    return UNITS[str(said).strip().lower()]


def _affine(
    name: str,
    variable: Variable,
    arrays: Mapping[str, Any],
    axes: tuple[StoredAxis, StoredAxis, StoredAxis],
    said: Mapping[str, Any],
) -> np.ndarray | None:
    """Map coordinates as a function of line numbers; None where the group has none."""
    exact = said.get("affine")
    if exact is not None and np.shape(exact) == (2, 3):
        return np.asarray(exact, "float64")
    x, y = (_on_map(name, arrays.get(one), variable, axes) for one in MAP)
    if x is None or y is None:
        return None
    known = np.isfinite(x) & np.isfinite(y)
    inline, crossline = np.meshgrid(
        axes[0].axis.numbers, axes[1].axis.numbers, indexing="ij", sparse=False
    )
    columns = {
        "inline": inline[known],
        "crossline": crossline[known],
        "x": x[known],
        "y": y[known],
        "scalar": np.ones(np.count_nonzero(known)),
    }
    return fit_affine(axes[0].axis, axes[1].axis, columns) if known.any() else None


def _on_map(
    name: str,
    array: Any,
    variable: Variable,
    axes: tuple[StoredAxis, StoredAxis, StoredAxis],
) -> np.ndarray | None:
    """Values of an array of the map, (inlines, crosslines); None where there is none."""
    own = dimensions_of(array) if array is not None else None
    if own is None or variable.dimensions is None or array.ndim != 2:
        return None
    lines = [variable.dimensions[variable.order[n]] for n in range(2)]
    if sorted(own) != sorted(lines):
        return None
    values = ZarrSource(name, array).decoded((slice(None), slice(None)))
    values = values if list(own) == lines else values.T
    rows, columns = axes[0].rows, axes[1].rows
    if values.shape != (rows.max() + 1, columns.max() + 1):
        return None
    whole = values[np.ix_(rows, columns)].astype("float64")
    whole[~np.outer(rows >= 0, columns >= 0)] = 0 if values.dtype.kind == "b" else np.nan
    return whole
