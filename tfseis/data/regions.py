"""Parts of a cube as networks want them: scaled, dead samples 0, borders reflected."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.scaling import Cube, Scaling
from tfseis.windows import clip_window, reflect


@dataclass(frozen=True)
class Reach:
    """Samples before and after a position, along one axis."""

    before: int = 0
    after: int = 0


def read_region(
    cube: Cube, parts: tuple[slice, slice, slice], reach: tuple[Reach, Reach, Reach],
    scaling: Scaling,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Read part of a cube together with what lies around it.

    Args:
        cube: what to read from.
        parts: the part; along an axis with reach its step is 1.
        reach: samples wanted around it along each axis; outside the cube they are reflected.
        scaling: statistics of the survey.

    Returns:
        Scaled amplitudes, float32, of the part and its surroundings; and the live mask, bool,
        of the part alone.
    """
    inside, missing, core = [], [], []
    for part, around, length in zip(parts, reach, cube.shape, strict=True):
        start, stop, step = part.indices(length)
        if (around.before or around.after) and step != 1:
            raise ValueError(f"Expected step 1 along an axis with reach; got {step}.")
        window, lacking = clip_window(start - around.before, stop + around.after, length)
        inside.append(slice(window.start, window.stop, step))
        missing.append(lacking)
        core.append(slice(start - window.start, stop - window.start) if step == 1 else slice(None))
    values, live = cube.read(tuple(inside))
    return reflect(scaling.apply(values, live), tuple(missing)), live[tuple(core)]
