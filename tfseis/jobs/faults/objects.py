"""Faults as objects: each one a surface with its extent, orientation, throw and neighbours."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from tfseis.geometry import Geometry
from tfseis.jobs.faults.frame import Frame, azimuth, frame
from tfseis.jobs.faults.sheets import Sheet, sheet, triangles
from tfseis.jobs.faults.shifts import STEP
from tfseis.jobs.faults.surfaces import FaultSurfaces
from tfseis.jobs.faults.thinning import Readable
from tfseis.jobs.faults.throw import throws

LARGE = 95  # percentile of the throws of a fault that counts as the largest, since some are wrong
JUNCTION = 3.0  # samples between faults that meet
JUNCTION_SAMPLES = 10  # that are so near, at least


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        number: number of the fault; 1 is the largest.
        samples: number of its thin samples.
        vertices: points on the surface, fractional array indices, float32 (vertices, 3).
        triangles: numbers of three vertices each, int64 (triangles, 3).
        throw: throw in samples at each vertex, float32 (vertices,), above 0 where the hanging wall
            moved down; NaN where unknown.
        strike: degrees clockwise from north, the fault dipping to the right; without a map from
            the direction in which inline numbers increase towards that of crossline numbers.
        dip: degrees from the horizontal; where depths or the map are not known, a sample counts
            as long as a bin.
        length: extent along the strike, in m or bins as the frame says.
        height: extent from top to base, in samples.
        area: in m² or bins².
        largest_throw: 95th percentile of the throws, in samples, below 0 for a reverse fault.
        mean_throw: their mean, in samples.
        probability: mean probability of its samples.
        meets: numbers of the faults that come within 3 samples.
    """

    number: int
    samples: int
    vertices: np.ndarray
    triangles: np.ndarray
    throw: np.ndarray
    strike: float
    dip: float
    length: float
    height: float
    area: float
    largest_throw: float
    mean_throw: float
    probability: float
    meets: tuple[int, ...]


@dataclass(frozen=True)
class FaultObjects:
    """The faults of a cube.

    Args:
        faults: the largest first.
        geometry: geometry of the cube.
        frame: what lengths and angles are measured in.
    """

    faults: tuple[Fault, ...]
    geometry: Geometry
    frame: Frame


def fault_objects(
    surfaces: FaultSurfaces,
    geometry: Geometry,
    amplitude: Readable | None = None,
    *,
    velocity: float | None = None,
) -> FaultObjects:
    """Describe faults: surface, orientation, extent, throw, and which others they meet.

    Args:
        surfaces: thin faults, as `linked_faults` gives them.
        geometry: geometry of their cube.
        amplitude: reflections of the same shape, from which throws are measured; None for
            unknown throws. It is read some inlines at a time.
        velocity: velocity in m/s by which two-way times become depths, for dips and areas; None
            for not known.

    Returns:
        One object a fault, the largest first.

    Raises:
        GeometryError: the velocity is not one of rock, or the samples are depths already.
    """
    units = frame(geometry, velocity)
    parts = list(surfaces.faults())
    sheets = [sheet(positions) for positions, _ in parts]
    if amplitude is None:
        thrown = [np.full_like(found.heights[::STEP, ::STEP], np.nan) for found in sheets]
    else:
        thrown = throws(amplitude, sheets)
    near = _junctions([positions for positions, _ in parts])
    faults = [
        _fault(number, part, found, throw=throw, units=units, meets=near[number])
        for number, (part, found, throw) in enumerate(
            zip(parts, sheets, thrown, strict=True), start=1
        )
    ]
    return FaultObjects(tuple(faults), geometry, units)


def _fault(
    number: int,
    part: tuple[np.ndarray, np.ndarray],
    found: Sheet,
    *,
    throw: np.ndarray,
    units: Frame,
    meets: tuple[int, ...],
) -> Fault:
    positions, probability = part
    vertices, corners, known = _triangulated(found.places()[::STEP, ::STEP])
    normal, area = _facing(found, units)
    strike = np.array([-normal[1], normal[0], 0.0])
    extent = positions @ (units.matrix.T @ (strike / max(float(np.linalg.norm(strike)), 1e-9)))
    values = throw[known]
    largest, mean = _summary(values)
    return Fault(
        number,
        len(positions),
        vertices.astype("float32"),
        corners,
        values,
        strike=azimuth(strike),
        dip=float(np.rad2deg(np.arccos(min(abs(normal[2]), 1.0)))),
        length=float(np.ptp(extent)) / units.length,
        height=float(np.ptp(positions[:, 2])),
        area=area / units.length**2,
        largest_throw=largest,
        mean_throw=mean,
        probability=float(probability.mean()),
        meets=meets,
    )


def _triangulated(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices, triangles, and which nodes of a grid are vertices."""
    known = np.isfinite(places[..., 0])
    nodes = np.where(known, np.cumsum(known).reshape(known.shape) - 1, -1)
    return places[known], triangles(nodes), known


def _facing(found: Sheet, units: Frame) -> tuple[np.ndarray, float]:
    """Mean normal of a surface, upwards in x, y and z downwards, and its area."""
    vertices, corners, _ = _triangulated(found.places())
    places = vertices @ units.matrix.T
    upwards = np.linalg.inv(units.matrix).T @ found.normal
    upwards /= np.linalg.norm(upwards)
    if not len(corners):
        return upwards, 0.0
    first, second, third = (places[corners[:, k]] for k in range(3))
    crossed = np.cross(second - first, third - first) / 2
    crossed *= np.where(crossed @ upwards < 0, -1, 1)[:, None]
    mean = crossed.sum(axis=0)
    return mean / np.linalg.norm(mean), float(np.linalg.norm(crossed, axis=1).sum())


def _summary(throw: np.ndarray) -> tuple[float, float]:
    """Largest and mean throw, of the sense that most of the fault has; NaN where unknown."""
    known = throw[np.isfinite(throw)]
    if not known.size:
        return np.nan, np.nan
    sense = -1.0 if np.median(known) < 0 else 1.0
    return sense * float(np.percentile(sense * known, LARGE)), float(known.mean())


def _junctions(parts: list[np.ndarray]) -> dict[int, tuple[int, ...]]:
    """Numbers of the faults that each fault meets."""
    low = np.array([part.min(axis=0) for part in parts]).reshape(-1, 3)
    high = np.array([part.max(axis=0) for part in parts]).reshape(-1, 3)
    trees = [KDTree(part) for part in parts]
    meets: dict[int, list[int]] = {number: [] for number in range(1, len(parts) + 1)}
    for one, tree in enumerate(trees):
        later = slice(one + 1, None)
        near = (low[later] - JUNCTION <= high[one]) & (high[later] + JUNCTION >= low[one])
        for other in (np.flatnonzero(near.all(axis=1)) + one + 1).tolist():
            distance, _ = tree.query(parts[other], distance_upper_bound=JUNCTION)
            if np.isfinite(distance).sum() >= JUNCTION_SAMPLES:
                meets[one + 1].append(other + 1)
                meets[other + 1].append(one + 1)
    return {number: tuple(sorted(others)) for number, others in meets.items()}
