"""Parts of a cube as networks want them: scaled, dead samples 0, borders reflected."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
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
    block = inside[0], inside[1], inside[2]
    values, live = cube.read(block)
    live = _without_dead_traces(cube, block, values, live)
    return reflect(scaling.apply(values, live), tuple(missing)), live[tuple(core)]


def _without_dead_traces(
    cube: Cube, block: tuple[slice, slice, slice], values: np.ndarray, live: np.ndarray
) -> np.ndarray:
    """The live mask without traces that are all zero, however few of their samples are read."""
    silent = np.asarray(live.any(axis=2) & ~values.any(axis=2))
    if values.shape[2] == cube.shape[2] or not silent.any():
        return live
    live = live.copy()
    inlines = range(*block[0].indices(cube.shape[0]))
    crosslines = range(*block[1].indices(cube.shape[1]))
    for row in np.flatnonzero(silent.any(axis=1)).tolist():
        columns = np.flatnonzero(silent[row])
        some = crosslines[columns[0] : columns[-1] + 1]
        line = slice(inlines[row], inlines[row] + 1)
        whole, _ = cube.read((line, slice(some.start, some.stop, some.step), slice(None)))
        live[row, columns] &= whole[0].any(axis=1)[columns - columns[0], np.newaxis]
    return live
