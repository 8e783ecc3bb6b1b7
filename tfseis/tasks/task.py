"""One part of a job's work on a cube or on gathers, and what does such parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np

Tick = Callable[[int], None]  # tells that so many units of work are done
Box: TypeAlias = tuple[slice, slice]  # inlines and crosslines of a result
Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Task:
    """A part of the work that is done as a whole, and gives the same whenever it is repeated.

    Args:
        number: its place in the plan, from 0.
        box: the part of the result to which it contributes: inlines and crosslines (indices in the
            result), or gathers and one column.
        cost: units of work, such as windows or lines.
        what: what the work is to do, plain values.
        after: number of an earlier task whose final state this one continues; None for none.
    """

    number: int
    box: Box
    cost: int
    what: Any = None
    after: int | None = None


@dataclass(frozen=True)
class Found:
    """What a task gives.

    Args:
        values: arrays over the box of the task, each (inlines, crosslines, ..), or whatever a job
            takes apart itself.
        state: final state for the task that continues it; None for none.
        counts: numbers that are added up over all tasks.
    """

    values: Any
    state: Arrays | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class Work(Protocol):
    """What does tasks. It can be pickled: each worker gets its own, with its own network."""

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """Do one task.

        Args:
            task: the task.
            state: final state of the task that this one continues; None where it continues none.
            tick: to be called with units of work as they are done, in all `Task.cost`.
        """
        ...
