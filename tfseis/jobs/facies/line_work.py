"""Lines of a cube that are classified leg by leg, as tasks that are resumed and shared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import Predicted
from tfseis.jobs.facies.following import Leg, State
from tfseis.selection import Parts
from tfseis.tasks.task import Arrays, Found, Task, Tick

EMPTY = np.zeros((0, 0, 0))  # of a leg of which no line is wanted


class Lines(Protocol):
    """What classifies a cube line after line."""

    axis: int
    cube: Cube

    def predict_lines(
        self, wanted: Sequence[int], *, progress: bool = False
    ) -> Iterator[tuple[int, Predicted]]:
        """Class and confidence of whole lines, each a slab of one line in cube axes."""
        ...

    def legs(self, wanted: Sequence[int]) -> list[Leg]:
        """The wanted lines in groups, see `Follower.legs`."""
        ...

    def classify(self, leg: Leg, before: State | None) -> tuple[list[Predicted], State | None]:
        """Classify the lines of one group, see `Follower.classify`."""
        ...


def line_tasks(lines: Lines, parts: Parts) -> list[Task]:
    """The legs by which a part of a cube is classified.

    Args:
        lines: what classifies.
        parts: range and stride along each axis, as slices with positive steps.

    Returns:
        Tasks whose `what` is a `Leg`.
    """
    axis = lines.axis
    ranges = [range(*part.indices(n)) for part, n in zip(parts, lines.cube.shape, strict=True)]
    whole = slice(0, len(ranges[1 - axis]))
    tasks: list[Task] = []
    for number, leg in enumerate(lines.legs(list(ranges[axis]))):
        mine = slice(0, 0)
        if leg.wanted:
            mine = slice(ranges[axis].index(leg.wanted[0]), ranges[axis].index(leg.wanted[-1]) + 1)
        box = (mine, whole) if axis == 0 else (whole, mine)
        after = number - 1 if leg.continues else None
        tasks.append(Task(number, box, len(leg.lines), leg, after))
    return tasks


@dataclass(frozen=True)
class LineWork:
    """Classifies legs of lines.

    Args:
        lines: what classifies.
        parts: range and stride along each axis.
    """

    lines: Lines
    parts: Parts

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """Classes, confidence and live mask of the lines of a leg that are wanted."""
        axis, read = self.lines.axis, self.lines.cube.nonfinite
        before = None if state is None else (state[0], state[1])
        found, after = self.lines.classify(task.what, before)
        tick(task.cost)
        slab = tuple(slice(None) if a == axis else part for a, part in enumerate(self.parts))
        values = tuple(
            np.concatenate([getattr(one, name)[slab] for one in found], axis) if found else EMPTY
            for name in ("classes", "confidence", "live")
        )
        return Found(values, after, {"nonfinite": self.lines.cube.nonfinite - read})
