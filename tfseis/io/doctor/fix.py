"""A copy of a SEG-Y file whose headers stand where the standard has them."""

import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.doctor.diagnosis import Diagnosis, diagnose
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.io.segy.copy import CopiedHeaders, copied_times
from tfseis.io.segy.cube import SegyCube, open_segy
from tfseis.io.segy.grid import grid_of
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.reading import read_layout


def fix_segy(
    path: str | Path, out: str | Path, *, overwrite: bool = False, **arguments: Any
) -> Diagnosis:
    """Write a copy that opens without arguments.

    Line numbers come to bytes 189 and 193, coordinates to 181 and 185 with their scalar at 71,
    interval and number of samples to 117, 115, 3217 and 3221. Traces that are left out are not
    copied. Samples and all other headers stay byte for byte. Memory does not grow with the file.

    Args:
        path: a SEG-Y file.
        out: the copy, which appears when it is complete.
        overwrite: whether a file of that name may be replaced.
        arguments: arguments of `open_segy` that are known; `diagnose` finds the others.

    Returns:
        The diagnosis of the copy.

    Raises:
        GeometryError: the file forms no cube, or headers of the standard cannot hold its numbers.
        OutputError: the file exists, is the input, or its folder cannot be written to.
    """
    path, out = Path(path), Path(out)
    check_outputs([out], [path], overwrite)
    found = diagnose(path, **arguments)
    if found.verdict == "cannot":
        raise GeometryError(f"{found.reason} Nothing was written.")
    elsewhere = found.facts["map_arguments"]
    assert isinstance(elsewhere, dict)
    needed: dict[str, Any] = {**found.arguments, **elsewhere}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the diagnosis holds them
        with open_segy(path, **needed) as cube, complete_or_absent(out, overwrite) as partial:
            _copy(cube, partial)
            _check(cube, partial, out.name)
    return diagnose(out)


def _copy(cube: SegyCube, path: Path) -> None:
    times = copied_times(cube, cube.geometry.samples)
    headers = CopiedHeaders(cube, cube.geometry, cube.layout.format, cube.trace_index, times)
    layout = cube.layout
    with cube.path.open("rb") as source, path.open("wb") as file:
        file.write(headers.start(source))
        for traces, some in headers.headers(source):
            block = np.empty((len(traces), layout.trace_bytes), "u1")
            block[:, : layout.header_bytes] = some
            for run in np.split(np.arange(len(traces)), np.flatnonzero(np.diff(traces) != 1) + 1):
                samples = _traces(source, layout, int(traces[run[0]]), len(run))
                block[run, layout.header_bytes :] = samples[:, layout.header_bytes :]
            file.write(block.tobytes())


def _traces(source: BinaryIO, layout: Layout, first: int, count: int) -> np.ndarray:
    """Neighbouring traces with their headers, uint8 (traces, bytes)."""
    source.seek(layout.first_trace + first * layout.trace_bytes)
    data = source.read(count * layout.trace_bytes)
    return np.frombuffer(data, "u1").reshape(count, layout.trace_bytes)


def _check(cube: SegyCube, copy: Path, name: str) -> None:
    """Refuse a copy that does not open by itself as the cube that it was made from."""
    try:
        geometry = grid_of(copy, read_layout(copy), Opening()).geometry
    except GeometryError as error:
        raise GeometryError(
            f"{name}: expected headers of the standard that open by themselves; {error} Nothing "
            "was written."
        ) from None
    same = geometry.axes == cube.geometry.axes and geometry.sample_unit == cube.geometry.sample_unit
    if cube.geometry.affine is not None:
        same &= geometry.affine is not None
    if not same:
        raise GeometryError(
            f"{name}: expected a copy with the axes of {cube.name}, {cube.geometry.signature()}; "
            f"got {geometry.signature()}. Nothing was written; open the file with its arguments."
        )
