"""Throw of faults, from reflections on both sides.

Reflections are read along sheets that run beside a fault at a constant distance, so that rock which
slid along it lies in the same column further down. The shift between the sheets of both walls is
the throw; what it changes from sheet to sheet within a wall is the dip of the beds, and is taken
off.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from tfseis.jobs.faults.sheets import Sheet
from tfseis.jobs.faults.shifts import STEP, smooth_shifts
from tfseis.jobs.faults.thinning import BLOCK_SAMPLES, Readable

NEAR, FAR = 3.0, 6.0  # traces from the fault to the nearer and the farther sheet of each wall
LARGEST = 48  # samples of throw that are looked for, at most
OF_HEIGHT = 0.4  # and at most this share of the height of the fault
BEDS = 6  # samples by which beds rise or fall within a wall, at most
SMOOTH = 5  # nodes of the median of throws along either direction
ALIKE = 0.4  # correlation below which nothing is known


def throws(amplitude: Readable, sheets: Sequence[Sheet]) -> list[np.ndarray]:
    """Throw at every fourth node of each fault, above 0 where the hanging wall moved down.

    Args:
        amplitude: (inlines, crosslines, samples), the cube in which the faults were found.
        sheets: surfaces of the faults.

    Returns:
        Samples, float32 (along strike / 4, down dip / 4), rounded up; NaN where there is no
        surface or where nothing is alike on both sides.
    """
    places = [_beside(sheet) for sheet in sheets]
    flat = [part.reshape(-1, 3) for part in places]
    values = read_at(amplitude, np.concatenate([*flat, np.empty((0, 3), "float32")]))
    parts = np.split(values, np.cumsum([len(part) for part in flat])[:-1]) if flat else []
    return [
        _throw(sheet, some.reshape(place.shape[:3]))
        for sheet, place, some in zip(sheets, places, parts, strict=True)
    ]


def read_at(amplitude: Readable, places: np.ndarray) -> np.ndarray:
    """Amplitudes at places between samples, linear, float32 (places,); NaN outside the cube.

    Args:
        amplitude: (inlines, crosslines, samples), read some inlines at a time.
        places: fractional array indices, (places, 3).
    """
    shape = amplitude.shape
    values = np.full(len(places), np.nan, "float32")
    inside = ((places >= 0) & (places <= np.array(shape) - 1)).all(axis=1)
    lines = max(1, BLOCK_SAMPLES // (shape[1] * shape[2]))
    block_of = np.full(len(places), -1)
    block_of[inside] = places[inside, 0] // lines
    for number in np.unique(block_of[inside]).tolist():
        some = np.flatnonzero(block_of == number)
        start = number * lines
        block = np.asarray(amplitude[start : min(start + lines + 1, shape[0])], "float32")
        local = (places[some] - [start, 0, 0]).T
        values[some] = ndimage.map_coordinates(block, local, order=1, mode="nearest")
    return values


def _beside(sheet: Sheet) -> np.ndarray:
    """Places of four sheets: hanging wall near and far, footwall near and far, (4, .., 3)."""
    outward = np.array([sheet.normal[0], sheet.normal[1], 0.0])  # horizontal: depths stay
    outward /= max(float(np.linalg.norm(outward)), 1e-9)
    distances = np.array([NEAR, FAR, -NEAR, -FAR])[:, None, None, None]
    return (sheet.places() + distances * outward).astype("float32")


def _throw(sheet: Sheet, sides: np.ndarray) -> np.ndarray:
    """Throw at every fourth node, from reflections on four sheets beside the fault."""
    known = np.isfinite(sheet.heights)
    steepness = max(float(sheet.dip[2]), 0.1)  # samples down for each grid step
    height = known.any(axis=0).sum() * steepness
    near_hanging, far_hanging, near_foot, far_foot = sides
    most = max(1, int(min(LARGEST, OF_HEIGHT * height) / steepness))
    shift, alike = smooth_shifts(near_foot, near_hanging, most)
    beds = int(np.ceil(BEDS / steepness))
    walls = (near_hanging, far_hanging), (far_foot, near_foot)
    rise = sum(_median(smooth_shifts(*pair, beds)[0]) for pair in walls)
    throw = steepness * (_median(shift) - rise * NEAR / (FAR - NEAR))
    sure = known[::STEP, ::STEP] & (alike > ALIKE)
    return np.where(sure, throw, np.nan).astype("float32")


def _median(values: np.ndarray) -> np.ndarray:
    return ndimage.median_filter(values, SMOOTH, mode="nearest")
