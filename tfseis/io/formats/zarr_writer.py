"""Cubes written as Zarr groups: named axes, map coordinates, and the headers of a SEG-Y file."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.formats.blocks import map_blocks, no_value_of, numbers_of, stored_block, stored_type
from tfseis.io.formats.mdio import create_mdio
from tfseis.io.formats.packages import needed
from tfseis.io.formats.segy_bytes import (
    decoded_samples,
    headers_of,
    read_traces,
    with_samples,
)
from tfseis.io.formats.zarr_layout import AMPLITUDE, HEADERS, MAP, MASK, POSITION, TFSEIS
from tfseis.io.formats.zarr_source import NO_VALUE
from tfseis.io.output import FOLDERS, complete_folder
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.encoding import storable
from tfseis.io.segy.headers import PATIENCE

LINES = ("inline", "crossline")
SIDE = 64  # of a chunk, in lines and samples: 1 MiB of float32; a file holds a column of them
SHARDED = 2**28  # bytes of a cube from which chunks share files
MDIO_SIDE = 128
ZARR = ".zarr"  # ending of such groups


def write_zarr(
    path: str | Path, cube: Cube, *, schema: str = "xarray", overwrite: bool = False
) -> str:
    """Write a cube as a Zarr 3 group, which appears under its name when it is complete.

    Samples keep their type. A SEG-Y file keeps its headers, so that `write_segy_again` makes the
    same file of it; samples are compared with their bytes as they are written.

    Args:
        path: the new folder.
        cube: the cube.
        schema: "xarray" for a group with xarray's conventions; "mdio" for one of the schema of
            MDIO 1, whose samples are float32.
        overwrite: whether such a folder may be replaced.

    Returns:
        Why a SEG-Y file made from the group differs from the one that was read; "" if it does not,
        or if none was read.

    Raises:
        OutputError: the folder exists, holds other files, or cannot be written.
        MissingPackageError: zarr or multidimio is not installed.
    """
    zarr = needed("zarr", "zarr", str(path))
    name = Path(path).name
    with (
        complete_folder(
            path, results=FOLDERS[ZARR], overwrite=overwrite, inputs=[cube.path]
        ) as draft,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # parts of Zarr 3 are newer than its specification
        if schema == "mdio":
            group = create_mdio(draft, name, cube.geometry)
            side = MDIO_SIDE, MDIO_SIDE
        else:
            group = zarr.create_group(draft)
            side = create_arrays(group, cube.geometry, stored_type(cube))
        write_map(group, cube.geometry, cube.live)
        why_not = _write_samples(group, cube, side, name)
        zarr.consolidate_metadata(group.store)
    return why_not


def create_arrays(
    group: Any, geometry: Geometry, dtype: np.dtype, *, shared: bool = True
) -> tuple[int, int]:
    """Make the arrays of a group, whose samples and maps are still empty.

    Args:
        group: the Zarr group, open for writing.
        geometry: geometry of the cube.
        dtype: type of the samples.
        shared: whether the chunks of a large cube share files, which are written as a whole.

    Returns:
        Inlines and crosslines of a block to write.
    """
    vertical = "time" if geometry.sample_unit == "ms" else "depth"
    for name, numbers in zip((*LINES, vertical), numbers_of(geometry), strict=True):
        array = group.create_array(name, data=numbers, dimension_names=(name,))
        if name == vertical:
            array.attrs["units"] = geometry.sample_unit
    chunks = tuple(min(SIDE, count) for count in geometry.shape)
    shards = None
    large = dtype.itemsize * int(np.prod(geometry.shape)) >= SHARDED
    if shared and large and min(geometry.shape) >= SIDE:
        shards = SIDE, SIDE, -(-geometry.shape[2] // SIDE) * SIDE
    codecs = needed("zarr.codecs", "zarr", AMPLITUDE)
    group.create_array(
        AMPLITUDE,
        shape=geometry.shape,
        dtype=dtype,
        chunks=chunks,
        shards=shards,
        compressors=codecs.BloscCodec(cname="lz4", shuffle="shuffle"),  # twice as fast as zstd
        dimension_names=(*LINES, vertical),
        attributes={"coordinates": " ".join((*MAP, MASK))},
    )
    _on_map(group, MASK, geometry, "bool")
    for name in MAP if geometry.affine is not None else ():
        _on_map(group, name, geometry, "float64")
    return chunks[0], chunks[1]


def _on_map(group: Any, name: str, geometry: Geometry, dtype: str) -> Any:
    return group.create_array(name, shape=geometry.shape[:2], dtype=dtype, dimension_names=LINES)


def write_map(group: Any, geometry: Geometry, live: np.ndarray) -> None:
    """Write what a group holds of the map: live traces and coordinates, the steps of the axes.

    Args:
        group: a group of `create_arrays`.
        geometry: geometry of the cube.
        live: bool (inlines, crosslines), False where no trace is.
    """
    group[MASK][:] = live
    about: dict[str, Any] = {"steps": [float(axis.step) for axis in geometry.axes]}
    if geometry.affine is not None:
        about["affine"] = geometry.affine.tolist()
        numbers = np.meshgrid(geometry.inlines.numbers, geometry.crosslines.numbers, indexing="ij")
        places = geometry.to_map(*numbers)
        for n, name in enumerate(MAP):
            group[name][:] = places[..., n]
    group.attrs[TFSEIS] = about


def _write_samples(group: Any, cube: Cube, side: tuple[int, int], name: str) -> str:
    """Write all samples; returns why a SEG-Y file made from them is not the one that was read."""
    amplitude = group[AMPLITUDE]
    amplitude.attrs[NO_VALUE] = no_value_of(cube)
    segy = _SegyCopy(group, cube, side) if isinstance(cube, SegyCube) else None
    with tqdm(
        total=int(np.prod(cube.shape[:2])),
        unit=" traces",
        unit_scale=True,
        delay=PATIENCE,
        leave=False,
        desc=f"Writing {name}",
    ) as progress:
        for part in map_blocks(cube.shape, side):
            block = segy.block(part) if segy else stored_block(cube, part)
            with np.errstate(over="ignore"):
                amplitude[part] = block.astype(amplitude.dtype)
            progress.update(block.shape[0] * block.shape[1])
    return segy.finished() if segy else ""


class _SegyCopy:
    """The headers of a SEG-Y file on their way into a group, and what its samples lose."""

    def __init__(self, group: Any, cube: SegyCube, side: tuple[int, int]) -> None:
        self.group, self.cube = group, cube
        self.kept = headers_of(cube)
        self.changed = 0
        count = cube.layout.header_bytes
        self.headers = group.create_array(
            HEADERS,
            shape=(*cube.shape[:2], count),
            dtype="uint8",
            chunks=(*(min(one, n) for one, n in zip(side, cube.shape, strict=False)), count),
            dimension_names=(*LINES, "header_byte"),
        )
        self.position = _on_map(group, POSITION, cube.geometry, "int64")

    def block(self, part: Any) -> np.ndarray:
        """Samples of a block, decoded; their headers are written, their bytes compared."""
        layout = self.cube.layout
        positions = self.cube.trace_index[part[:2]]
        present = positions >= 0
        with self.cube.path.open("rb") as file:
            traces = read_traces(file, layout, positions[present])
        headers = np.zeros((*positions.shape, layout.header_bytes), "u1")
        headers[present] = traces[:, : layout.header_bytes]
        self.headers[part[:2]] = headers
        block = np.zeros((*positions.shape, layout.samples), layout.dtype)
        block[present] = decoded_samples(traces, layout)
        with np.errstate(over="ignore", invalid="ignore"):
            stored = block[present].astype(self.group[AMPLITUDE].dtype)
        held = storable(stored, layout.format, layout.dtype)
        again = with_samples(headers[present], np.where(held, stored, 0), layout)
        self.changed += int(np.count_nonzero((again != traces).any(axis=1)))
        return block

    def finished(self) -> str:
        """Write the remaining headers; returns why a copy would differ."""
        whole = self.cube.trace_index
        ranks = np.cumsum(np.bincount(whole[whole >= 0], minlength=self.cube.layout.traces)) - 1
        self.position[:] = np.where(whole >= 0, ranks[whole], -1)
        why_not = [self.kept.why_not] if self.kept.why_not else []
        if self.changed:
            why_not.append(
                f"samples of {self.changed} traces (format {self.kept.format}) have no exact "
                f"{self.group[AMPLITUDE].dtype}, or are IBM floats that are not normalised"
            )
        kept = replace(self.kept, why_not="; ".join(why_not))
        self.group.attrs[TFSEIS] = {**self.group.attrs[TFSEIS], "segy": kept.stated()}
        return kept.why_not
