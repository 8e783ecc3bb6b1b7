"""Numbers that stand for no value in the times of a horizon."""

import numpy as np

from tfseis.geometry import Geometry

CODES = (
    *(-999, -999.25, -9999, -99999, -999999, 999, 999.25, 9999, 99999, 999999, 9999999),
    *(-32768, -32767, 32767),  # the ends of two bytes
)
POSSIBLE = (0, -1)  # codes that may be times as well
BEYOND = 1e5  # no time in ms or depth in m is so large; Irap writes 9999900, others 1e30
JUMP = 10  # samples; a surface that reaches 0 has nodes this close to it


def undefined_values(values: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Which nodes have no value, bool (nodes,).

    These are numbers that are not finite, larger than any time, or a usual code that is no time of
    the cube; and 0 or -1 where the other nodes lie far from it.

    Args:
        values: numbers of the column of times, float64 (nodes,).
        geometry: geometry of the cube.
    """
    with np.errstate(invalid="ignore"):
        absent = ~(np.abs(values) < BEYOND)
        coded = np.zeros(len(values), bool)
        for code in CODES:
            coded |= values == code
    if coded.any():
        absent |= coded & ~geometry.samples.inside(np.where(absent, 0, values))
    for code in POSSIBLE:
        here = values == code
        if here.any() and _apart(code, values[~here & ~absent], geometry):
            absent |= here
    return absent


def _apart(code: float, others: np.ndarray, geometry: Geometry) -> bool:
    """Whether all other values lie farther from a code than a surface jumps."""
    others = others[~np.isin(others, POSSIBLE)]
    if not others.size:
        return code == -1 and not geometry.samples.inside(-1.0)
    away = float(np.abs(others - code).min())
    seconds = bool((np.abs(others) < geometry.samples.step).all() and geometry.sample_unit == "ms")
    return away > JUMP * geometry.samples.step / (1000 if seconds else 1)
