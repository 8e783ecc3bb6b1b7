"""Whether columns of a text table, read in one way, fit the cube."""

from itertools import permutations

import numpy as np

from tfseis.geometry import Geometry
from tfseis.io.labels.cells import Column
from tfseis.io.labels.positions import inside_lines, inside_map
from tfseis.io.labels.text import Table
from tfseis.io.labels.times import MS_PER_S
from tfseis.io.labels.undefined import BEYOND

LINES, MAP = ("inline", "crossline"), ("x", "y")
SAMPLE = 10_000  # rows that are compared where two pairs of columns may be one place
AGREE = 2  # bins; places that two pairs of columns give
MOST = 0.5  # share of the rows that decides between two readings


def other_order(table: Table, roles: dict[str, int], geometry: Geometry) -> str:
    """Names of three columns in the only other order in which they fit the cube; "" for none."""
    indices = [roles.get("inline", roles.get("x", 0)), 0, 0]
    indices[1:] = indices[0] + 1, indices[0] + 2
    if indices[-1] >= len(table.columns) or any(
        table.columns[i].wrong is not None for i in indices
    ):
        return ""
    fitting = []
    for names in permutations(("inline", "crossline", "time")):
        reading = dict(zip(names, indices, strict=True))
        if reading.items() <= roles.items():
            continue
        if share_inside(table, reading, geometry) > MOST:
            fitting.append(",".join(["-"] * indices[0] + list(names)))
    return fitting[0] if len(fitting) == 1 else ""


def share_inside(table: Table, roles: dict[str, int], geometry: Geometry) -> float:
    """Share of some rows whose place and time lie inside the cube."""
    part = slice(None, None, max(1, len(table) // SAMPLE))
    values = {role: table.columns[index].values[part] for role, index in roles.items()}
    if "inline" in roles:
        inside = inside_lines(values["inline"], values["crossline"], geometry)
    elif geometry.affine is not None:
        inside = inside_map(values["x"], values["y"], geometry)
    else:
        return 0.0
    times = np.where(np.abs(values["time"]) < BEYOND, values["time"], np.nan)
    spelled = (times, -times, MS_PER_S * times, -MS_PER_S * times)
    fit = np.any([geometry.samples.inside(one) for one in spelled], axis=0)
    return float((inside & fit).mean())


def pairs_agree(table: Table, roles: dict[str, int], geometry: Geometry) -> bool:
    """Whether line numbers and map coordinates name the same places in most rows."""
    part = slice(None, None, max(1, len(table) // SAMPLE))
    columns: list[Column] = [table.columns[roles[role]] for role in (*LINES, *MAP)]
    inline, crossline, x, y = (column.values[part] for column in columns)
    numbers = geometry.from_map(x, y)
    steps = [axis.step for axis in geometry.axes[:2]]
    near = np.abs(numbers - np.stack([inline, crossline], axis=1)) <= AGREE * np.array(steps)
    return bool(near.all(axis=1).mean() > MOST)
