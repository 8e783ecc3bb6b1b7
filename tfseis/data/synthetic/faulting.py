"""Curved fault surfaces, the slip on them, and their thin labels.

Faults are undone one after another, the youngest first. Each step takes the places where rock lies
and gives the places where it lay before that fault moved; younger faults therefore cut older ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SEEN = 0.5  # slip in samples or traces below which a fault is not labelled, as it is not visible

Profile = Callable[[np.ndarray, np.ndarray], np.ndarray]
Places = list[np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault surface and the slip on it.

    A fault has axes of its own, in voxels: across strike, along strike, and down from its centre.

    Args:
        centre: inline, crossline and sample index of the centre.
        strike: direction of the horizontal part of the normal, radians from the inline axis.
        slope: traces across strike for each sample down at the centre, which is the cotangent of
            the dip, 0 or more; the hanging wall lies on the positive side.
        flattening: increase of the slope for each sample down; above 0 for a listric fault.
        bend: height in traces, wave length over 2 pi in traces, and phase in radians of the bends
            of the surface along strike.
        throw: downward movement of the hanging wall in samples; negative for a reverse fault.
        lateral: shift of the hanging wall along strike, in traces.
        profile: function of the places along strike and down from the centre, which gives the
            share of the slip there, 0 to 1.
        reach: distance from the surface over which the slip dies out, in traces.
        hanging: share of the slip of the hanging wall, 0 to 1; the footwall takes the rest.
        drag: share of the slip at the surface that beds take up by bending beside it, 0 to 1; at 1
            nothing breaks, and the fault is a flexure.
        drag_reach: distance from the surface over which beds are bent, in traces.
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
    drag: float = 0.0
    drag_reach: float = 4.0


def even_profile() -> Profile:
    """Profile of a fault that cuts the whole survey with the same slip everywhere."""
    return lambda v, w: np.ones((1, 1, 1), "float32")


def gaussian_profile(along: float, down: float) -> Profile:
    """Profile of slip that is largest at the centre and decreases as a Gaussian.

    Args:
        along: standard deviation along strike, in traces.
        down: standard deviation down from the centre, in samples.
    """
    return lambda v, w: np.exp(-0.5 * ((v / along) ** 2 + (w / down) ** 2))


def linear_profile(down: float) -> Profile:
    """Profile of slip that increases downwards from 0 and is the same all along strike.

    Args:
        down: distance from the centre at which the slip is 0 above and full below, in samples.
    """
    return lambda v, w: np.clip(0.5 + w / (2 * down), 0, 1)


def elliptic_profile(along: float, down: float) -> Profile:
    """Profile of a fault that ends at an elliptic tip line.

    Args:
        along: half axis of the ellipse along strike, in traces.
        down: half axis down from the centre, in samples.
    """
    return lambda v, w: np.clip(1 - (v / along) ** 2 - (w / down) ** 2, 0, 1) ** 0.75


def wavy_profile(
    least: float, lengths: tuple[float, float], phases: tuple[float, float]
) -> Profile:
    """Profile of slip that grows and shrinks along the fault and down it, and never ends.

    Args:
        least: smallest share of the slip along either direction, 0 to 1.
        lengths: wave lengths over 2 pi along strike, in traces, and down, in samples.
        phases: phases of both waves, in radians.

    Examples:
        >>> profile = wavy_profile(0.5, (10.0, 20.0), (0.0, np.pi / 2))
        >>> place = np.zeros(1)
        >>> profile(place, place).tolist()
        [0.75]
    """

    def wave(place: np.ndarray, axis: int) -> np.ndarray:
        height = 0.5 + 0.5 * np.sin(place / np.float32(lengths[axis]) + np.float32(phases[axis]))
        return np.float32(least) + np.float32(1 - least) * height

    return lambda v, w: wave(v, 0) * wave(w, 1)


def undo_faults(
    shape: tuple[int, int, int], faults: Sequence[Fault], places: Places | None = None
) -> tuple[Places, np.ndarray, np.ndarray]:
    """Places where the rock of each voxel lay before all faults, with numbers of faults and throw.

    Args:
        shape: (inlines, crosslines, samples).
        faults: faults from the youngest to the oldest.
        places: places where the rock lay before faults that are younger than these, as this
            function returns them; None where there are no younger faults.

    Returns:
        Places: three float32 arrays that broadcast to `shape`, the former inline, crossline and
        sample indices. Numbers: uint16, on the voxels nearest to a surface with visible slip the
        place of its fault in `faults`, from 1; of several that meet, that of the largest throw; 0
        elsewhere. Throw: the vertical slip there in samples, float32, 0 elsewhere.
    """
    if places is None:
        places = [axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]]
    numbers, throw = np.zeros(shape, "uint16"), np.zeros(shape, "float32")
    for number, fault in enumerate(faults, start=1):
        places, on_surface, slip = undo(places, fault)
        sunk = (1 - fault.drag) * np.abs(fault.throw)
        sunk = sunk * np.broadcast_to(slip, shape)[on_surface]
        before = throw[on_surface]
        numbers[on_surface] = np.where(sunk >= before, number, numbers[on_surface])
        throw[on_surface] = np.maximum(before, sunk)
    return places, numbers, throw


def undo(places: Places, fault: Fault) -> tuple[Places, np.ndarray, np.ndarray]:
    """Undo the slip of one fault.

    Args:
        places: inline, crossline and sample indices where the rock lies now, three arrays that
            broadcast to one shape.
        fault: the fault.

    Returns:
        Places before the fault moved; which voxels lie on its surface with visible slip, bool;
        and its profile there, 0 to 1.
    """
    normal = np.float32(np.cos(fault.strike)), np.float32(np.sin(fault.strike))
    di, dx, down = (place - np.float32(c) for place, c in zip(places, fault.centre, strict=True))
    across = normal[0] * di + normal[1] * dx
    along = normal[0] * dx - normal[1] * di
    surface, slope, turn = _surface(fault, along, down)
    distance = across - surface  # > 0 in the hanging wall
    profile = fault.profile(along, down)
    slip = profile * np.exp(np.abs(distance) * np.float32(-1 / fault.reach))
    if fault.drag:
        bent = np.exp(np.abs(distance) * np.float32(-1 / fault.drag_reach))
        slip *= 1 - np.float32(fault.drag) * bent
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
    # Half the way to the next voxel along each axis gives one or two voxels without holes.
    half = np.abs(normal[0] + normal[1] * turn) + np.abs(normal[1] - normal[0] * turn)
    half = 0.5 * (half + np.abs(slope))
    seen = (1 - fault.drag) * np.hypot(fault.throw, fault.lateral) * profile >= SEEN
    return before, (np.abs(distance) <= half) & seen, profile


def _surface(
    fault: Fault, along: np.ndarray, down: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of the surface across strike, and its slopes downwards and along strike."""
    # Dips stay between vertical and 25 degrees; beyond, the surface continues straight.
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
