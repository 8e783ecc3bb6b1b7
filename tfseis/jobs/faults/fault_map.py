"""A picture of faults as objects: map, 3D view and table."""

from pathlib import Path
from typing import Any

from tfseis.io.output import complete_or_absent
from tfseis.jobs.faults.object_files import line_numbers, object_table
from tfseis.jobs.faults.objects import FaultObjects
from tfseis.view.fault_objects import FaultPatch, fault_object_figure

ROWS = 15  # of the table: the largest faults
COLUMNS = 10  # of the table of objects, before the places of the centres


def write_map(
    path: str | Path, objects: FaultObjects, *, title: str = "", overwrite: bool = False
) -> None:
    """Plot where the faults cut the middle time, all of them in 3D, and a table, as PNG.

    Args:
        path: the new file.
        objects: faults of a cube.
        title: text above the picture.
        overwrite: whether a file of that name may be replaced.
    """
    with complete_or_absent(path, overwrite) as partial:
        map_figure(objects, title=title).savefig(partial, format="png")


def map_figure(objects: FaultObjects, *, title: str = "") -> Any:
    """The picture of `write_map` as a Matplotlib figure."""
    geometry = objects.geometry
    axis = geometry.samples
    level = axis.first + axis.step * (axis.count // 2)
    table = object_table(objects).drop(columns=["samples"]).iloc[:ROWS, :COLUMNS]
    unit = geometry.sample_unit
    vertical = f"{'time' if unit == 'ms' else 'depth'} ({unit})"
    ends = [(a.first, a.last) for a in geometry.axes]
    return fault_object_figure(
        patches(objects), ends, level=level, vertical=vertical, table=table, title=title
    )


def patches(objects: FaultObjects) -> list[FaultPatch]:
    """The surfaces of the faults in line numbers and times, as figures take them."""
    geometry = objects.geometry
    return [FaultPatch(f.number, line_numbers(f, geometry), f.triangles) for f in objects.faults]
