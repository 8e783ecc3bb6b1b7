"""Faults as objects: their traces on a map, their surfaces in 3D, and a table of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

WIDTH, HEIGHT, TABLE_ROW = 14.0, 6.5, 0.28  # inches
COLOURS = "tab20"
DOTS = 120  # dots an inch


@dataclass(frozen=True)
class FaultPatch:
    """The surface of one fault.

    Args:
        number: number of the fault.
        vertices: inline number, crossline number and time or depth of each vertex, (vertices, 3).
        triangles: numbers of three vertices each, integers (triangles, 3).
    """

    number: int
    vertices: np.ndarray
    triangles: np.ndarray


def fault_object_figure(
    faults: Sequence[FaultPatch],
    ends: Sequence[tuple[float, float]],
    *,
    level: float,
    vertical: str,
    table: pd.DataFrame,
    title: str = "",
) -> Figure:
    """Traces of faults at a time on a map, all faults in 3D, and a table below.

    Args:
        faults: their surfaces.
        ends: first and last inline number, crossline number, and time or depth of the cube.
        level: time or depth of the map.
        vertical: name and unit of times or depths.
        table: what is written below, a row a fault; may be empty.
        title: text above all.

    Example:
        >>> corners = np.array([[1, 1, 0], [9, 1, 0], [1, 1, 8.0]])
        >>> patch = FaultPatch(1, corners, np.array([[0, 1, 2]]))
        >>> ends = [(0, 10), (0, 10), (0, 8)]
        >>> table = pd.DataFrame({"fault": [1]})
        >>> len(fault_object_figure([patch], ends, level=4, vertical="time (ms)", table=table).axes)
        3
    """
    lower = TABLE_ROW * (len(table) + 2)
    figure = Figure((WIDTH, HEIGHT + lower), layout="constrained", dpi=DOTS)
    grid = figure.add_gridspec(2, 2, height_ratios=(HEIGHT, lower))
    plan, solid = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1], projection="3d")
    colours = mpl.colormaps[COLOURS](np.arange(20))[:, :3]
    for fault in faults:
        colour = colours[(fault.number - 1) % len(colours)]
        lines = traces(fault, level)
        plan.add_collection(LineCollection(list(lines[..., ::-1]), colors=[colour], linewidths=2))
        if len(lines):
            ends_of = lines.reshape(-1, 2)
            middle = ends_of[np.linalg.norm(ends_of - ends_of.mean(axis=0), axis=1).argmin()]
            plan.annotate(str(fault.number), middle[::-1], fontweight="bold")
        corners = fault.vertices[fault.triangles][..., [1, 0, 2]]
        solid.add_collection3d(Poly3DCollection(corners, facecolors=[(*colour, 0.7)], linewidths=0))
    plan.set(xlim=ends[1], ylim=ends[0], xlabel="crossline", ylabel="inline")
    plan.set_title(f"faults at {level:g} {vertical.partition('(')[2].rstrip(')')}")
    solid.set(xlim=ends[1], ylim=ends[0], zlim=ends[2][::-1])
    solid.set(xlabel="crossline", ylabel="inline", zlabel=vertical)
    below = figure.add_subplot(grid[1, :])
    below.set_axis_off()
    if len(table):
        columns = [name.replace("_", " ") for name in table.columns]
        cells = table.astype(str).to_numpy().tolist()
        below.table(cells, colLabels=columns, loc="center", cellLoc="center")
    else:
        below.text(0.5, 0.5, "no faults", ha="center")
    figure.suptitle(title, fontweight="bold")
    return figure


def traces(fault: FaultPatch, level: float) -> np.ndarray:
    """Where a surface cuts a level: line segments, float64 (segments, 2, 2) of line numbers.

    Args:
        fault: the surface.
        level: time or depth.

    Example:
        >>> corners = np.array([[0, 0, 0], [4, 0, 0], [0, 0, 4.0]])
        >>> traces(FaultPatch(1, corners, np.array([[0, 1, 2]])), 2.0).tolist()
        [[[0.0, 0.0], [2.0, 0.0]]]
    """
    corners = fault.vertices[fault.triangles].astype("float64")  # (triangles, 3, 3)
    above = corners[..., 2] < level
    cut = corners[above.any(axis=1) & ~above.all(axis=1)]
    segments = np.empty((len(cut), 2, 2))
    for place, triangle in enumerate(cut):
        ends = []
        for one, other in ((2, 0), (1, 2), (0, 1)):
            start, stop = triangle[one], triangle[other]
            if (start[2] < level) != (stop[2] < level):
                part = (level - start[2]) / (stop[2] - start[2])
                ends.append(start[:2] + part * (stop[:2] - start[:2]))
        segments[place] = ends
    return segments
