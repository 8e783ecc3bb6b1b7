"""Parts of a cube as networks read them: scaled, dead samples 0, mirrored at the borders."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.windows import mirrored_indices


@dataclass(frozen=True)
class Halo:
    """Samples of context around a part of a cube along one axis.

    Args:
        before: number of samples before the part.
        after: number of samples after the part.
    """

    before: int = 0
    after: int = 0


def read_region(
    cube: Cube,
    parts: tuple[slice, slice, slice],
    halo: tuple[Halo, Halo, Halo],
    scaling: Scaling,
) -> tuple[np.ndarray, np.ndarray]:
    """Read a part of a cube together with its halo.

    Args:
        cube: cube to read from.
        parts: array indices of the part along each axis; an axis with a halo needs a step of 1.
        halo: samples of context around the part along each axis; the cube is mirrored at its
            borders, the edge sample repeated.
        scaling: statistics of the survey by which amplitudes are scaled.

    Returns:
        Scaled amplitudes, float32, of the part with its halo; and which samples are live, bool,
        of the part alone.

    Raises:
        ValueError: an axis with a halo has another step than 1.
    """
    inside, places, core = [], [], []
    for part, around, length in zip(parts, halo, cube.shape, strict=True):
        start, stop, step = part.indices(length)
        if around == Halo():
            inside.append(slice(start, stop, step))
            places.append(np.arange(len(range(start, stop, step))))
            core.append(slice(None))
            continue
        if step != 1:
            raise ValueError(
                f"Expected step 1 along an axis with a halo; got {step}. Read every line."
            )
        needed = mirrored_indices(start - around.before, stop + around.after, length)
        first = int(needed.min())
        inside.append(slice(first, int(needed.max()) + 1))
        places.append(needed - first)
        core.append(slice(start - first, stop - first))
    block = inside[0], inside[1], inside[2]
    values, live = cube.read(block)
    live = _without_dead_traces(cube, block, values, live)
    return scaling.apply(values, live)[np.ix_(*places)], live[tuple(core)]


def _without_dead_traces(
    cube: Cube, block: tuple[slice, slice, slice], values: np.ndarray, live: np.ndarray
) -> np.ndarray:
    """Which samples are live, without those of traces that are zero from top to base."""
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
