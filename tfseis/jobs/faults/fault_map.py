"""A picture of faults as objects: map, 3D view and table."""

from pathlib import Path

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
    geometry = objects.geometry
    axis = geometry.samples
    level = axis.first + axis.step * (axis.count // 2)
    patches = [FaultPatch(f.number, line_numbers(f, geometry), f.triangles) for f in objects.faults]
    table = object_table(objects).drop(columns=["samples"]).iloc[:ROWS, :COLUMNS]
    unit = geometry.sample_unit
    vertical = f"{'time' if unit == 'ms' else 'depth'} ({unit})"
    ends = [(a.first, a.last) for a in geometry.axes]
    figure = fault_object_figure(
        patches, ends, level=level, vertical=vertical, table=table, title=title
    )
    with complete_or_absent(path, overwrite) as partial:
        figure.savefig(partial, format="png")
