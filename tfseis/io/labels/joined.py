"""Sticks that stand in one file without anything that divides them."""

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.nodes import Nodes

FEWEST_NODES = 4  # of two sticks
BACK = 0.75  # of the extent in time, by which the next stick begins before the end of the last


def refuse_joined(nodes: Nodes, of_row: np.ndarray, geometry: Geometry) -> None:
    """Refuse rows of one stick whose times jump back to where they began.

    Only steep sticks are judged, which reach over more samples than lines.

    Args:
        nodes: the rows of a file in which at most the name of a fault divides sticks.
        of_row: number of the stick of each row, (rows,).
        geometry: geometry of the cube.

    Raises:
        LabelError: there are such rows; the message names file and line.
    """
    samples = nodes.times / geometry.samples.step
    for stick in np.unique(of_row):
        rows = np.flatnonzero(of_row == stick)
        if len(rows) < FEWEST_NODES:
            continue
        steps, extent = np.diff(samples[rows]), np.ptp(samples[rows])
        way = np.sign(np.median(np.sign(steps)))
        wide = max(np.ptp(places[rows]) for places in (nodes.inlines, nodes.crosslines))
        jumps = np.flatnonzero(-way * steps >= max(BACK * extent, wide))
        if way and extent and len(jumps):
            last, first = rows[jumps[0]], rows[jumps[0] + 1]
            table = nodes.table
            raise LabelError(
                f"{table.path.name}, line {table.lines[first]}: expected nodes of one stick, or "
                f"something that ends a stick; got {nodes.times[first]:g} after "
                f"{nodes.times[last]:g}. Put an empty line between sticks, or a column with "
                "their numbers."
            )
