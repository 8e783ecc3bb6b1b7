"""SEG-Y files made again from Zarr groups that keep the headers of one."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tfseis.io.array_cube import ArrayCube
from tfseis.io.cube import Cube
from tfseis.io.formats.blocks import map_blocks, stored_block
from tfseis.io.formats.segy_bytes import KeptHeaders, kept_headers, with_samples, write_traces
from tfseis.io.formats.stored import StoredArray
from tfseis.io.formats.zarr_layout import HEADERS, POSITION, TFSEIS
from tfseis.io.formats.zarr_source import ZarrSource
from tfseis.io.output import complete_or_absent
from tfseis.io.segy.headers import PATIENCE
from tfseis.io.segy.layout import DTYPES

SIDE = 64  # inlines and crosslines of a block


@dataclass(frozen=True)
class KeptFile:
    """The headers of a SEG-Y file in a Zarr group, complete and fit for its samples.

    Args:
        kept: all of them but those of the traces.
        headers: trace headers, a Zarr array (inlines, crosslines, header bytes).
        position: position of each trace in the file, int64 (inlines, crosslines); -1 for none.
    """

    kept: KeptHeaders
    headers: ZarrSource
    position: np.ndarray


def kept_file(cube: Cube) -> KeptFile | None:
    """The SEG-Y headers that lie beside a cube; None where there are none, or they do not fit.

    Args:
        cube: a cube that `open_cube` made of a Zarr group.
    """
    array = cube.amplitude if isinstance(cube, ArrayCube) else None
    if not isinstance(array, StoredArray) or not isinstance(array.source, ZarrSource):
        return None
    source = array.source
    if source.group is None or not source.plain:
        return None
    said = source.group.attrs.get(TFSEIS)
    kept = kept_headers(said.get("segy")) if isinstance(said, dict) else None
    if kept is None or not {HEADERS, POSITION} <= set(source.group.array_keys()):
        return None
    headers, position = (source.beside(name) for name in (HEADERS, POSITION))
    if headers.array.shape != (*cube.shape[:2], kept.header_bytes):
        return None
    places = np.asarray(position.raw((slice(None), slice(None))))
    in_order = all(np.array_equal(one.rows, np.arange(len(one.rows))) for one in array.axes)
    as_read = [one.position for one in array.axes] == [0, 1, 2]
    taken = np.sort(places[places >= 0])
    whole = places.shape == cube.shape[:2] and np.array_equal(taken, np.arange(kept.traces))
    fits = kept.samples == cube.shape[2]
    if not (in_order and as_read and whole and fits and np.array_equal(places >= 0, cube.live)):
        return None
    return KeptFile(kept, headers, places)


def write_segy_again(
    path: str | Path, cube: Cube, file: KeptFile, *, overwrite: bool = False
) -> None:
    """Write the SEG-Y file whose headers a group keeps, with the samples of the group.

    Args:
        path: the new file, which appears when it is complete.
        cube: the cube of the group.
        file: from `kept_file`.
        overwrite: whether a file of that name may be replaced.

    Raises:
        FormatError: the sample format of that file cannot hold a sample.
        OutputError: the file exists, or its folder cannot be written to.
    """
    layout = file.kept.layout
    with (
        complete_or_absent(Path(path), overwrite) as partial,
        partial.open("wb") as out,
        tqdm(
            total=file.kept.traces,
            unit=" traces",
            unit_scale=True,
            delay=PATIENCE,
            leave=False,
            desc=f"Writing {Path(path).name}",
        ) as progress,
    ):
        out.write(file.kept.start)
        for part in map_blocks(cube.shape, (SIDE, SIDE)):
            places = file.position[part[:2]]
            present = places >= 0
            samples = stored_block(cube, part)[present].astype(DTYPES[layout.format])
            headers = file.headers.raw((*part[:2], slice(None)))[present]
            write_traces(out, layout, places[present], with_samples(headers, samples, layout))
            progress.update(len(samples))
        out.seek(layout.first_trace + layout.traces * layout.trace_bytes)
        out.write(file.kept.end)
        out.flush()
        os.fsync(out.fileno())
