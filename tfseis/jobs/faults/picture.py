"""A picture of the faults that were found: sections through the middle of a result."""

from pathlib import Path
from typing import Any

import numpy as np

from tfseis.geometry import Axis
from tfseis.io.cube import Cube
from tfseis.io.output import complete_or_absent
from tfseis.view.surfaces import FaultSection, fault_figure

PLOTTED = ((1, 2), (0, 2), (1, 0))  # axes across, down: inline, crossline, time slice


def write_picture(path: str | Path, cube: Cube, probability: Cube, *, overwrite: bool) -> None:
    """Plot inline, crossline and time slice through the middle, as PNG; of a 2D line the line.

    Args:
        path: the new file.
        cube: the survey.
        probability: probabilities of faults, on all or some lines of that survey.
        overwrite: whether a file of that name may be replaced.
    """
    with complete_or_absent(Path(path), overwrite) as partial:
        sections_figure(cube, probability).savefig(partial, format="png")


def sections_figure(cube: Cube, probability: Cube) -> Any:
    """The picture of `write_picture` as a Matplotlib figure; of a 2D line the line alone."""
    sizes = probability.geometry.shape
    plotted = [axis for axis in range(3) if min(sizes[other] for other in PLOTTED[axis]) > 1]
    sections = [_section(cube, probability, axis) for axis in plotted or range(3)]
    return fault_figure(sections, title=cube.path.name)


def _section(cube: Cube, probability: Cube, axis: int) -> FaultSection:
    across, down = PLOTTED[axis]
    axes = probability.geometry.axes
    middle = axes[axis].count // 2
    chosen = [slice(None)] * 3
    chosen[axis] = slice(middle, middle + 1)
    parts = zip(cube.geometry.axes, axes, chosen, strict=True)
    theirs = [_same(whole, own.sliced(part)) for whole, own, part in parts]
    unit = probability.geometry.sample_unit
    vertical = "time" if unit == "ms" else "depth"
    names = ("inline", "crossline", f"{vertical} ({unit})")
    number = f"{axes[axis].numbers[middle]:g}"
    return FaultSection(
        _slice(cube, theirs, axis),
        _slice(probability, chosen, axis),
        axes[across].numbers,
        axes[down].numbers,
        f"{vertical} {number} {unit}" if axis == 2 else f"{names[axis]} {number}",
        names[across],
        names[down],
    )


def _same(whole: Axis, own: Axis) -> slice:
    """Indices in an axis of the numbers of its part."""
    step = round(own.step / whole.step)
    return slice(whole.index(own.first), whole.index(own.last) + 1, step)


def _slice(cube: Cube, parts: list[slice], axis: int) -> np.ndarray:
    """(across, down): a time slice is plotted with its inlines upwards."""
    values = cube[parts[0], parts[1], parts[2]].squeeze(axis)
    return values.T if axis == 2 else values
