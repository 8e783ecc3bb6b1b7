"""Files of faults as objects: a table, and their surfaces for other software."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tfseis.geometry import Geometry
from tfseis.io.output import complete_or_absent
from tfseis.jobs.faults.objects import Fault, FaultObjects


def object_table(objects: FaultObjects) -> pd.DataFrame:
    """One row a fault, the largest first; the names of columns say the units.

    Angles and areas are real ones where the cube has map coordinates and depths are known; if not,
    a sample counts as long as a bin, and the columns say so.

    Args:
        objects: faults of a cube.
    """
    units, geometry = objects.frame, objects.geometry
    vertical, step = geometry.sample_unit, geometry.sample_interval
    strike = "strike_deg_from_north" if units.mapped else "strike_deg_from_inline_axis"
    dip = "dip_deg" if units.metric else "dip_deg_sample_as_long_as_bin"
    rows = []
    for fault in objects.faults:
        centre = _middle(fault)
        numbers = [a.first + a.step * centre[k] for k, a in enumerate(geometry.axes)]
        row = {
            "fault": fault.number,
            "samples": fault.samples,
            strike: round(fault.strike, 1),
            dip: round(fault.dip, 1),
            f"length_{units.unit}": round(fault.length, 1),
            f"height_{vertical}": round(fault.height * step, 3),
            f"area_{units.unit}2": round(fault.area, 1),
            f"largest_throw_{vertical}": round(fault.largest_throw * step, 2),
            f"mean_throw_{vertical}": round(fault.mean_throw * step, 2),
            "mean_probability": round(fault.probability, 3),
            "meets": " ".join(map(str, fault.meets)),
            "centre_inline": round(numbers[0], 1),
            "centre_crossline": round(numbers[1], 1),
            f"centre_{vertical}": round(numbers[2], 2),
        }
        if units.mapped:
            x, y = geometry.to_map(numbers[0], numbers[1])
            row |= {"centre_x_m": round(float(x), 2), "centre_y_m": round(float(y), 2)}
        rows.append(row)
    if rows:
        return pd.DataFrame(rows)
    return pd.DataFrame(columns=["fault", "samples", strike, dip])


def write_object_table(path: str | Path, objects: FaultObjects, *, overwrite: bool = False) -> None:
    """Write the table of faults as CSV; unknown throws are empty.

    Args:
        path: the new file.
        objects: faults of a cube.
        overwrite: whether a file of that name may be replaced.
    """
    with complete_or_absent(path, overwrite) as partial:
        object_table(objects).to_csv(partial, index=False)


def write_tsurf(path: str | Path, objects: FaultObjects, *, overwrite: bool = False) -> None:
    """Write the surfaces of faults as GOCAD TSurf, one object a fault, ``fault_1`` and so on.

    x and y are map coordinates, or inline and crossline numbers where there is no map; z is the
    time or depth of the cube, downwards.

    Args:
        path: the new file.
        objects: faults of a cube.
        overwrite: whether a file of that name may be replaced.
    """
    with (
        complete_or_absent(path, overwrite) as partial,
        partial.open("w", encoding="ascii", newline="\n") as file,
    ):
        for fault in objects.faults:
            file.writelines(f"{line}\n" for line in _tsurf(fault, objects))


def _tsurf(fault: Fault, objects: FaultObjects) -> Iterator[str]:
    geometry = objects.geometry
    names = ("X", "Y") if objects.frame.mapped else ("inline", "crossline")
    level = "m" if objects.frame.mapped else "none"
    vertical = "TIME" if geometry.sample_unit == "ms" else "DEPTH"
    yield "GOCAD TSurf 1"
    yield from ("HEADER {", f"name:fault_{fault.number}", "}")
    yield "GOCAD_ORIGINAL_COORDINATE_SYSTEM"
    yield "NAME Default"
    yield f'AXIS_NAME "{names[0]}" "{names[1]}" "{vertical}"'
    yield f'AXIS_UNIT "{level}" "{level}" "{geometry.sample_unit}"'
    yield "ZPOSITIVE Depth"
    yield "END_ORIGINAL_COORDINATE_SYSTEM"
    yield "TFACE"
    numbers = line_numbers(fault, geometry)
    if objects.frame.mapped:
        numbers[:, :2] = geometry.to_map(numbers[:, 0], numbers[:, 1])
    for vertex, (x, y, z) in enumerate(numbers.tolist(), start=1):
        yield f"VRTX {vertex} {x:.3f} {y:.3f} {z:.3f}"
    for corners in (fault.triangles + 1).tolist():
        yield "TRGL {} {} {}".format(*corners)
    yield "END"


def line_numbers(fault: Fault, geometry: Geometry) -> np.ndarray:
    """Inline and crossline numbers and times or depths of the vertices, float64 (vertices, 3)."""
    vertices = fault.vertices.astype("float64")  # float32 would round map coordinates to 0.5 m
    numbers = [axis.first + axis.step * vertices[:, k] for k, axis in enumerate(geometry.axes)]
    return np.stack(numbers, axis=1)


def _middle(fault: Fault) -> np.ndarray:
    """The vertex nearest to the mean of all, so that it lies on the fault; NaN without any."""
    if not len(fault.vertices):
        return np.full(3, np.nan)
    away = np.linalg.norm(fault.vertices - fault.vertices.mean(axis=0), axis=1)
    return fault.vertices[away.argmin()].astype("float64")
