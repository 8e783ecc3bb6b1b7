"""Numbers that stand for no value in the times of a horizon."""

import numpy as np

from tfseis.geometry import Geometry
from tfseis.io.labels.times import US_PER_MS

NINES = [
    round(nines + fraction, 4)
    for nines in (999, 9999, 99999)
    for fraction in (0, 0.25, 0.9, 0.99, 0.999, 0.9999)
]
CODES = (*NINES, *(-nines for nines in NINES), -32768, -32767, 32767)  # the last: of two bytes
POSSIBLE = (0, -1)  # codes that may be times as well
FEWEST = 2  # nodes of a whole number that is a code, where the cube has such times
BEYOND = 1e5  # no time in ms or depth in m is so large; Irap writes 9999900, others 1e30
JUMP = 10  # samples; a surface that reaches 0 has nodes this close to it


def undefined_values(
    values: np.ndarray, geometry: Geometry, *, unit: str | None = None
) -> np.ndarray:
    """Which nodes have no value, bool (nodes,).

    These are numbers that are not finite, larger than any time, or a usual code that is no time of
    the cube; and 0, -1, or a code that the cube reaches, where the other nodes lie far from it.

    Args:
        values: numbers of the column of times, float64 (nodes,).
        geometry: geometry of the cube.
        unit: unit of the times, where it is stated.
    """
    beyond = BEYOND * US_PER_MS if unit == "us" else BEYOND
    with np.errstate(invalid="ignore"):
        absent = ~(np.abs(values) < beyond)
        coded = np.zeros(len(values), bool)
        for code in CODES:
            coded |= values == code
    if coded.any():
        absent |= coded & ~geometry.samples.inside(np.where(absent, 0, values))
    for code in np.unique(values[coded & ~absent]).tolist():
        here = values == code
        others = values[~here & ~absent]
        sure = code != round(code) or np.count_nonzero(here) >= FEWEST
        if sure and len(others) and _apart(code, others, geometry):
            absent |= here
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
