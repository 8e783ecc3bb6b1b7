"""Curved fault surfaces, the slip on them, and their thin labels.

Faults are undone one after another, the youngest first: each takes the places where rock lies and
gives the places where it lay before that fault moved. So an older fault is cut by a younger one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SEEN = 0.5  # samples or traces of slip below which a fault cannot be seen and is not labelled
STEEPEST_BEND = 0.6  # of the surface along strike, traces a trace

Profile = Callable[[np.ndarray, np.ndarray], np.ndarray]
Places = list[np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A surface and what slips on it.

    In its own axes, in voxels: across strike, along strike, and down from its centre.

    Args:
        centre: inline, crossline and sample index.
        strike: direction of the normal's horizontal part, radians from the inline axis.
        slope: traces across a sample down at the centre, the cotangent of the dip, 0 or more; the
            hanging wall lies on the positive side.
        flattening: slope gained a sample further down; a listric fault has some.
        bend: (height, wave length over 2 pi, phase) of the surface along strike.
        throw: sinking of the hanging wall in samples; negative for a reverse fault.
        lateral: its shift along strike, in traces.
        profile: share of the slip at (along, down), 0 to 1.
        reach: distance in traces over which the slip dies out away from the surface.
        hanging: share of the slip taken by the hanging wall; the footwall takes the rest.
    """

    centre: tuple[float, float, float]
    strike: float
    slope: float
    flattening: float
    bend: tuple[float, float, float]
    throw: float
    lateral: float
    profile: Profile
    reach: float
    hanging: float = 1.0


def even_profile() -> Profile:
    """The same slip everywhere: a fault that cuts all there is."""
    return lambda v, w: np.ones((1, 1, 1), "float32")


def gaussian_profile(along: float, down: float) -> Profile:
    """Slip that is largest at the centre and dies out as a Gaussian of these radii."""
    return lambda v, w: np.exp(-0.5 * ((v / along) ** 2 + (w / down) ** 2))


def linear_profile(down: float) -> Profile:
    """Slip that grows down the dip from nothing, and is the same all along the strike."""
    return lambda v, w: np.clip(0.5 + w / (2 * down), 0, 1)


def elliptic_profile(along: float, down: float) -> Profile:
    """Slip inside an ellipse of these half axes, none outside: a fault that ends at its tips."""
    return lambda v, w: np.clip(1 - (v / along) ** 2 - (w / down) ** 2, 0, 1) ** 0.75


def undo_faults(
    shape: tuple[int, int, int], faults: Sequence[Fault], places: Places | None = None
) -> tuple[Places, np.ndarray, np.ndarray]:
    """Where the rock of each voxel lay before all faults; labels and throw.

    Args:
        shape: (inlines, crosslines, samples).
        faults: from the youngest to the oldest.
        places: where the rock lay before younger faults than these; None where there are none.

    Returns:
        Three float32 arrays that broadcast to `shape`, the old inline, crossline and sample
        indices; uint8 labels, 1 on the voxels nearest to a surface with visible slip; float32
        throw, the vertical slip there, 0 elsewhere.
    """
    if places is None:
        places = [axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]]
    labels, throw = np.zeros(shape, "uint8"), np.zeros(shape, "float32")
    for fault in faults:
        places, on_surface, slip = undo(places, fault)
        labels[on_surface] = 1
        sunk = np.abs(fault.throw) * np.broadcast_to(slip, shape)[on_surface]
        throw[on_surface] = np.maximum(throw[on_surface], sunk)
    return places, labels, throw


def undo(places: Places, fault: Fault) -> tuple[Places, np.ndarray, np.ndarray]:
    """Places before one fault moved, whether they lie on its surface, and its profile there."""
    normal = np.float32(np.cos(fault.strike)), np.float32(np.sin(fault.strike))
    di, dx, down = (place - np.float32(c) for place, c in zip(places, fault.centre, strict=True))
    across = normal[0] * di + normal[1] * dx
    along = normal[0] * dx - normal[1] * di
    surface, slope, turn = _surface(fault, along, down)
    distance = across - surface  # > 0 in the hanging wall
    profile = fault.profile(along, down)
    slip = profile * np.exp(np.abs(distance) * np.float32(-1 / fault.reach))
    wall = np.where(distance > 0, np.float32(fault.hanging), np.float32(fault.hanging - 1))
    slip *= wall
    sunk = np.float32(fault.throw) * slip
    forward = slope * sunk
    strike = np.float32(fault.lateral) * slip
    before = [
        places[0] - normal[0] * forward + normal[1] * strike,
        places[1] - normal[1] * forward - normal[0] * strike,
        places[2] - sunk,
    ]
    # Half the way to the next voxel along each axis: one or two voxels wide, without holes.
    half = np.abs(normal[0] + normal[1] * turn) + np.abs(normal[1] - normal[0] * turn)
    half = 0.5 * (half + np.abs(slope))
    seen = np.hypot(fault.throw, fault.lateral) * profile >= SEEN
    return before, (np.abs(distance) <= half) & seen, profile


def _surface(
    fault: Fault, along: np.ndarray, down: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of the surface across strike; its slope downwards and along strike."""
    # Dips stay between vertical and 25 degrees, straight on from there.
    low, high = _bent_range(fault)
    curved = np.clip(down, np.float32(low), np.float32(high))
    slope = np.float32(fault.slope) + np.float32(fault.flattening) * curved
    surface = np.float32(fault.slope) * down
    surface = surface + np.float32(fault.flattening) * (curved * down - 0.5 * curved * curved)
    height, length, phase = (np.float32(value) for value in fault.bend)
    if not height:
        return surface, slope, np.zeros((1, 1, 1), "float32")
    angle = along / length + phase
    return surface + height * np.sin(angle), slope, height / length * np.cos(angle)


def _bent_range(fault: Fault) -> tuple[float, float]:
    if not fault.flattening:
        return -np.inf, np.inf
    flattest = 1 / np.tan(np.deg2rad(25))
    low = -fault.slope / fault.flattening
    return low, max((flattest - fault.slope) / fault.flattening, 0.0)
