"""ZGY files, read and written by the library pyzgy."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from tfseis.geometry import Axis, Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.cube import Cube
from tfseis.io.formats.axes import check_size, stored_even, stored_lines
from tfseis.io.formats.blocks import map_blocks
from tfseis.io.formats.boxes import BoxSource, Starts, guarded
from tfseis.io.formats.packages import needed
from tfseis.io.formats.stored import StoredArray
from tfseis.io.formats.units import UNITS
from tfseis.io.output import complete_or_absent
from tfseis.io.segy.headers import PATIENCE

SIDE = 64  # of a brick
TYPES = {"int8": "i1", "int16": "i2", "float": "f4"}
NAMES = {"ms": "ms", "m": "m", "ft": "ft"}
FACTORS = {"ms": 1000.0, "m": 1.0, "ft": 1 / 0.3048}  # parts of a second or metre


def open_zgy(path: str | Path) -> ArrayCube:
    """Open a ZGY file as a lazy cube; a file has traces at all places of its grid.

    Args:
        path: the file.

    Returns:
        The cube, axes (inlines, crosslines, samples), line numbers ascending. Samples of 8 and 16
        bits are scaled as the file says.

    Raises:
        FormatError: the file is missing, damaged or no ZGY file.
        GeometryError: its line numbers form no grid.
        MissingPackageError: pyzgy is not installed.
    """
    path = Path(path)
    needed("openzgy.api", "zgy", path.name)
    with closing(guarded(path, ZgySource.opened, path)) as handle:
        lines = []
        for n, name in enumerate(("inline", "crossline")):
            numbers = handle.annotstart[n] + handle.annotinc[n] * np.arange(handle.size[n])
            lines.append(stored_lines(name, path.name, numbers, n))
        check_size(path.name, lines[0].axis, lines[1].axis)
        unit, factor = _unit(handle)
        start, step = (float(str(np.float32(one))) for one in (handle.zstart, handle.zinc))
        numbers = start + step * np.arange(
            handle.size[2]
        )  # float32 in the file: 0.004, not 0.00399
        samples = stored_even("sample", path.name, numbers * factor, 2, step * factor)
        geometry = Geometry(lines[0].axis, lines[1].axis, samples.axis, _affine(handle), unit)
        source = ZgySource(path, tuple(handle.size), np.dtype(TYPES[handle.datatype.name]))
    array = StoredArray(source, (lines[0], lines[1], samples))
    return ArrayCube(array, geometry, name=path.name, path=path)


class ZgySource(BoxSource):
    """Samples of a ZGY file, as float32."""

    @property
    def plain(self) -> bool:  # type: ignore[override]
        """Whether the file holds amplitudes as they are, not scaled integers."""
        return self.dtype.kind == "f"

    @staticmethod
    def opened(path: Path) -> Any:
        """A new reader of the file."""
        return needed("openzgy.api", "zgy", path.name).ZgyReader(str(path))

    @staticmethod
    def box(handle: Any, starts: Starts, stops: Starts) -> np.ndarray:
        """Samples of a box, float32."""
        box = np.zeros([stop - start for start, stop in zip(starts, stops, strict=True)], "f4")
        handle.read(starts, box)
        return box


def write_zgy(path: str | Path, cube: Cube, *, overwrite: bool = False) -> list[str]:
    """Write a cube as a ZGY file of float32, which appears when it is complete.

    Args:
        path: the new file.
        cube: the cube; samples without a value become 0.
        overwrite: whether a file of that name may be replaced.

    Returns:
        What the file does not hold of the cube, a sentence each.

    Raises:
        OutputError: the file exists, or its folder cannot be written to.
        MissingPackageError: pyzgy is not installed.
    """
    path, geometry = Path(path), cube.geometry
    zgy = needed("openzgy.api", "zgy", path.name)
    unit = geometry.sample_unit
    dimension = zgy.UnitDimension.time if unit == "ms" else zgy.UnitDimension.length
    with complete_or_absent(path, overwrite) as partial:
        writer = zgy.ZgyWriter(
            str(partial),
            size=geometry.shape,
            datatype=zgy.SampleDataType.float,
            zunitdim=dimension,
            zunitname=NAMES[unit],
            zunitfactor=FACTORS[unit],
            zstart=geometry.samples.first,
            zinc=geometry.samples.step,
            annotstart=(geometry.inlines.first, geometry.crosslines.first),
            annotinc=(geometry.inlines.step, geometry.crosslines.step),
            corners=_corners(geometry),
        )
        try:
            blocks = list(map_blocks(geometry.shape, (SIDE, SIDE)))
            for part in tqdm(blocks, delay=PATIENCE, leave=False, desc=f"Writing {path.name}"):
                writer.write(tuple(one.start for one in part), cube[part])
        finally:
            writer.close()
    return [
        "missing traces are zeros" * (not cube.live.all()),
        f"samples without a value are 0: {cube.nonfinite}" * (cube.nonfinite > 0),
    ]


def _unit(handle: Any) -> tuple[str, float]:
    """Unit of the samples, and the factor that makes the file's numbers of it."""
    named = UNITS.get(str(handle.zunitname).strip().lower())
    if named:
        return named
    return ("m" if handle.zunitdim.name == "length" else "ms"), 1.0


def _affine(handle: Any) -> np.ndarray | None:
    """Map coordinates as a function of line numbers; None where corners span no plane."""
    origin, inline_end, crossline_end = np.asarray(handle.corners[:3], "float64")
    lengths = [(n - 1) * step for n, step in zip(handle.size, handle.annotinc, strict=False)]
    if not all(lengths):
        return None
    columns = [
        (end - origin) / length
        for end, length in zip((inline_end, crossline_end), lengths, strict=True)
    ]
    linear = np.column_stack(columns)
    if not np.isfinite(linear).all() or np.linalg.matrix_rank(linear) < 2:
        return None
    return np.column_stack([linear, origin - linear @ np.asarray(handle.annotstart[:2])])


def _corners(geometry: Geometry) -> list[tuple[float, float]]:
    """Map coordinates of first and last lines, inlines fastest; zeros where there are none."""
    if geometry.affine is None:
        return [(0.0, 0.0)] * 4
    inlines, crosslines = (_ends(axis) for axis in geometry.axes[:2])
    places = geometry.to_map(np.tile(inlines, 2), np.repeat(crosslines, 2))
    return [(float(x), float(y)) for x, y in places]


def _ends(axis: Axis) -> tuple[float, float]:
    return axis.first, axis.last
