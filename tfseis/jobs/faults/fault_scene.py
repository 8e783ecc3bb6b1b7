"""Faults as objects in 3D beside slices of their cube."""

from pathlib import Path

from tfseis.io.cube import Cube
from tfseis.io.output import complete_or_absent
from tfseis.jobs.faults.fault_map import patches
from tfseis.jobs.faults.objects import FaultObjects
from tfseis.view.fault_scene import SceneSlice, draw_scene

MOST = 400  # lines or samples of a slice along each axis


def write_scene(
    path: str | Path, objects: FaultObjects, cube: Cube, *, overwrite: bool = False
) -> None:
    """Draw the faults in 3D between the last inline, the last crossline and the base, as PNG.

    Args:
        path: the new file.
        objects: faults of the cube, or of some of its lines.
        cube: the survey.
        overwrite: whether a file of that name may be replaced.

    Raises:
        MissingPackageError: PyVista is not installed.
    """
    ends = [(axis.first, axis.last) for axis in objects.geometry.axes]
    slices = [_slice(cube, objects, axis) for axis in range(3)]
    with complete_or_absent(path, overwrite) as partial:
        draw_scene(partial, patches(objects), slices, ends)


def _slice(cube: Cube, objects: FaultObjects, axis: int) -> SceneSlice:
    """The last line or time slice of the part in which faults were found, thinned."""
    parts, numbers = [], []
    for number, (whole, own) in enumerate(
        zip(cube.geometry.axes, objects.geometry.axes, strict=True)
    ):
        first, last = whole.index(own.first), whole.index(own.last)
        step = max(1, -(-(last + 1 - first) // MOST))
        part = slice(last, last + 1) if number == axis else slice(first, last + 1, step)
        parts.append(part)
        numbers.append(whole.sliced(part).numbers)
    values = cube[parts[0], parts[1], parts[2]]
    return SceneSlice(values, (numbers[0], numbers[1], numbers[2]))
