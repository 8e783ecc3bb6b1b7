"""Cubes cut into blocks of bounded size, with their samples as they are stored."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tfseis.geometry import Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.cube import Cube
from tfseis.io.formats.segy_bytes import decoded_samples, read_traces
from tfseis.io.formats.stored import StoredArray
from tfseis.io.indexing import Parts, Shape
from tfseis.io.segy.cube import SegyCube


def map_blocks(shape: Shape, lines: tuple[int, int]) -> Iterator[Parts]:
    """Blocks of inlines and crosslines with all their samples, one after another.

    Args:
        shape: shape of the cube.
        lines: inlines and crosslines of a block; those at the edges have fewer.
    """
    for inline in range(0, shape[0], lines[0]):
        for crossline in range(0, shape[1], lines[1]):
            yield (
                slice(inline, min(inline + lines[0], shape[0]), 1),
                slice(crossline, min(crossline + lines[1], shape[1]), 1),
                slice(0, shape[2], 1),
            )


def stored_type(cube: Cube) -> np.dtype:
    """Type in which samples of a cube are copied, in the byte order of this machine."""
    dtype = np.dtype(cube.stored_dtype)
    array = cube.amplitude if isinstance(cube, ArrayCube) else None
    if isinstance(array, StoredArray) and not array.source.plain:
        return np.dtype("float32")
    return dtype.newbyteorder("=")


def stored_block(cube: Cube, part: Parts) -> np.ndarray:
    """Samples of a block as they are stored, those without a value among them.

    Args:
        cube: any cube; those of a kind of your own are read as float32.
        part: three ascending slices.
    """
    if isinstance(cube, SegyCube):
        return _segy_block(cube, part)
    if isinstance(cube, ArrayCube):
        array = cube.amplitude
        if isinstance(array, StoredArray) and array.source.plain:
            return array.raw(part)
        return np.asarray(array[part])
    return cube[part]


def measured_block(cube: Cube, part: Parts) -> np.ndarray:
    """The same for a format that cannot say what stands for no value: NaN, 0 among integers."""
    block, said = stored_block(cube, part), no_value_of(cube)
    known = np.ones(block.shape, bool)
    for null in said["values"]:
        known &= block != null
    if said["limit"] is not None and block.dtype.kind == "f":
        known &= np.abs(block) < said["limit"]
    if known.all():
        return block
    return np.where(known, block, block.dtype.type(np.nan if block.dtype.kind == "f" else 0))


def no_value_of(cube: Cube) -> dict[str, Any]:
    """What stands for no value among the stored samples of a cube, as a Zarr array says it."""
    if isinstance(cube, SegyCube):
        limit = cube.layout.limit
        return {
            "values": list(cube.layout.nulls),
            "limit": limit if np.isfinite(limit) else None,
        }
    if isinstance(cube, ArrayCube) and isinstance(cube.amplitude, StoredArray):
        return cube.amplitude.source.no_value
    return {"values": [], "limit": None}


def numbers_of(geometry: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers along the three axes, as integers where all of them are whole."""
    found = []
    for axis in geometry.axes:
        whole = float(axis.first).is_integer() and float(axis.step).is_integer()
        found.append(axis.numbers.astype("int64" if whole else "float64"))
    return found[0], found[1], found[2]


def _segy_block(cube: SegyCube, part: Parts) -> np.ndarray:
    positions = cube.trace_index[part[:2]]
    present = positions >= 0
    block = np.zeros((*positions.shape, cube.layout.samples), cube.layout.dtype)
    with cube.path.open("rb") as file:
        traces = read_traces(file, cube.layout, positions[present])
    block[present] = decoded_samples(traces, cube.layout)
    return block[..., part[2]]
