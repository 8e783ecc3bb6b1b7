"""VDS files, read by the library openvds."""

from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import FormatError
from tfseis.geometry import Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.formats.axes import check_size, stored_even, stored_lines
from tfseis.io.formats.boxes import BoxSource, Starts, guarded
from tfseis.io.formats.packages import needed
from tfseis.io.formats.stored import StoredArray
from tfseis.io.formats.units import UNITS

TRACE = "Trace"  # channel that says which traces there are
NAMES = ({"inline"}, {"crossline"}, {"sample", "time", "depth"})
TYPES = {"Format_U8": "u1", "Format_U16": "u2", "Format_R32": "f4", "Format_R64": "f8"}


def open_vds(path: str | Path) -> ArrayCube:
    """Open a VDS file as a lazy cube.

    Args:
        path: the file.

    Returns:
        The cube, axes (inlines, crosslines, samples), line numbers ascending. Integers are scaled
        as the file says, compressed samples are as the library gives them.

    Raises:
        FormatError: the file is missing, damaged, no VDS file, or no post-stack cube.
        GeometryError: its line numbers form no grid.
        MissingPackageError: openvds is not installed.
    """
    path = Path(path)
    vds = needed("openvds", "vds", path.name)
    handle = guarded(path, VdsSource.opened, path)
    try:
        return guarded(path, _cube_of, path, vds, handle)
    finally:
        vds.close(handle)


class VdsSource(BoxSource):
    """Samples of a VDS file, as float32."""

    @property
    def plain(self) -> bool:  # type: ignore[override]
        """Whether the file holds float32 amplitudes, not scaled or wider numbers."""
        return self.dtype == np.dtype("f4")

    @staticmethod
    def opened(path: Path) -> Any:
        """A new handle of the file."""
        return needed("openvds", "vds", path.name).open(str(path))

    @staticmethod
    def shut(handle: Any) -> None:
        """Close a handle."""
        needed("openvds", "vds", "the file").close(handle)

    @staticmethod
    def box(handle: Any, starts: Starts, stops: Starts) -> np.ndarray:
        """Samples of a box, float32; no value is NaN."""
        vds = needed("openvds", "vds", "the file")
        lowest, highest = starts[::-1], stops[::-1]
        layout = vds.getLayout(handle)
        nan = float("nan") if layout.isChannelUseNoValue(0) else None
        request = vds.getAccessManager(handle).requestVolumeSubset(
            lowest, highest, replacementNoValue=nan
        )
        shape = [stop - start for start, stop in zip(starts, stops, strict=True)]
        return np.asarray(request.data).reshape(shape)


def _cube_of(path: Path, vds: Any, handle: Any) -> ArrayCube:
    layout = vds.getLayout(handle)
    count = layout.getDimensionality()
    names = [layout.getDimensionName(n).lower() for n in range(count)]
    places = [[n for n, name in enumerate(names) if name in known] for known in NAMES]
    if count != len(NAMES) or any(len(one) != 1 for one in places):
        raise FormatError(
            f"{path}: expected a cube with the axes inline, crossline and sample, time or depth; "
            f"got {', '.join(names)}. Export one offset, or stack it."
        )
    axes, unit = [], "ms"
    for what, (place,) in zip(("inline", "crossline", "sample"), places, strict=True):
        size = layout.getDimensionNumSamples(place)
        numbers = np.linspace(layout.getDimensionMin(place), layout.getDimensionMax(place), size)
        position = count - 1 - place  # arrays of the library have the fastest axis last
        if what != "sample":
            axes.append(stored_lines(what, path.name, np.round(numbers, 3), position))
            continue
        unit, factor = UNITS.get(layout.getDimensionUnit(place).lower(), ("ms", 1.0))
        axes.append(stored_even(what, path.name, np.round(numbers * factor, 6), position))
    inlines, crosslines, samples = axes
    check_size(path.name, inlines.axis, crosslines.axis)
    size = [layout.getDimensionNumSamples(count - 1 - n) for n in range(count)]
    dtype = np.dtype(TYPES.get(layout.getChannelFormat(0).name, "f4"))
    source = VdsSource(path, (size[0], size[1], size[2]), dtype)
    affine = _affine(vds, layout)
    geometry = Geometry(inlines.axis, crosslines.axis, samples.axis, affine, unit)
    live = _live(vds, handle, layout, [one.position for one in axes])
    if live is not None:
        live = live[np.ix_(inlines.rows, crosslines.rows)]
        if not live.any():  # the library gives zeros where the file is cut off
            raise FormatError(
                f"{path}: expected a complete VDS file; its channel {TRACE} says that there is no "
                "trace. Copy or export it again."
            )
    array = StoredArray(source, (inlines, crosslines, samples))
    return ArrayCube(array, geometry, live, name=path.name, path=path)


def _live(vds: Any, handle: Any, layout: Any, positions: list[int]) -> np.ndarray | None:
    """Mask of traces in the order inlines, crosslines of the file; None where it has none."""
    channels = [layout.getChannelName(n) for n in range(layout.getChannelCount())]
    if TRACE not in channels:
        return None
    channel = channels.index(TRACE)
    highest = [layout.getDimensionNumSamples(n) for n in range(3)]
    highest[2 - positions[2]] = 1
    request = vds.getAccessManager(handle).requestVolumeSubset(
        (0, 0, 0), tuple(highest), channel=channel, format=layout.getChannelFormat(channel)
    )
    mask = np.asarray(request.data).reshape(highest[::-1]).transpose(positions)
    return mask[..., 0] != 0


def _affine(vds: Any, layout: Any) -> np.ndarray | None:
    """Map coordinates as a function of line numbers; None where the file has none."""
    transform = vds.IJKCoordinateTransformer(layout)
    start, end = transform.IJKAnnotationStart, transform.IJKAnnotationEnd
    start, end = (one() if callable(one) else one for one in (start, end))
    lines = [(start[0], start[1]), (start[0] + 1, start[1]), (start[0], start[1] + 1)]
    places = np.array([transform.annotationToWorld((*line, start[2]))[:2] for line in lines])
    linear = (places[1:] - places[0]).T
    if not np.isfinite(linear).all() or np.linalg.matrix_rank(linear) < 2:
        return None
    if np.array_equal(linear, np.eye(2)):  # what it says where the file has no map coordinates
        return None
    return np.column_stack([linear, places[0] - linear @ np.asarray(start[:2])])
