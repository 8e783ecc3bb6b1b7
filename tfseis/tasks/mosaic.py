"""A result put together from the contributions of tasks, whose parts may overlap.

The borders of all tasks cut the result into cells. A cell is complete, merged and handed on when
all tasks that cover it have given their part; until then these parts wait in a store. Parts are
merged in the order of the tasks, whichever ends first, so that the result is always the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np

from tfseis.io.unfinished import file_checksum
from tfseis.tasks.task import Arrays, Box, Task

Cell = tuple[int, int]  # its numbers along the inlines and the crosslines of the result
Merge = Callable[[Sequence[Arrays]], Arrays]
NOTHING: Mapping[int, set[Cell]] = MappingProxyType({})


class Store(Protocol):
    """Where parts of cells wait."""

    def save(self, task: int, parts: dict[Cell, Arrays]) -> int:
        """Keep the parts of a task; returns their checksum."""

    def part(self, task: int, cell: Cell) -> Arrays:
        """A part that was saved."""

    def held(self, task: int, checksum: int) -> set[Cell]:
        """The cells whose parts of a task are there undamaged."""

    def drop(self, task: int) -> None:
        """Forget the parts of a task."""


@dataclass(frozen=True)
class Cells:
    """The cells into which tasks cut a result.

    Args:
        edges: along inlines and crosslines, the indices between which cells lie, ascending.
        covering: the numbers of the tasks that cover each cell, in order.
        of_task: the cells of each task.
    """

    edges: tuple[list[int], list[int]]
    covering: dict[Cell, list[int]]
    of_task: dict[int, list[Cell]]

    @classmethod
    def of(cls, shape: tuple[int, int], tasks: Iterable[Task]) -> "Cells":
        """The cells of a result of some inlines and crosslines.

        Args:
            shape: number of inlines and crosslines.
            tasks: tasks that together cover the result.
        """
        tasks = [task for task in tasks if all(part.stop > part.start for part in task.box)]
        edges = []
        for axis, length in enumerate(shape):
            ends = {end for task in tasks for end in (task.box[axis].start, task.box[axis].stop)}
            edges.append(sorted({0, length, *ends}))
        covering: dict[Cell, list[int]] = {}
        of_task: dict[int, list[Cell]] = {}
        for task in tasks:
            ranges = [
                range(along.index(part.start), along.index(part.stop))
                for along, part in zip(edges, task.box, strict=True)
            ]
            of_task[task.number] = [(row, column) for row in ranges[0] for column in ranges[1]]
            for cell in of_task[task.number]:
                covering.setdefault(cell, []).append(task.number)
        return cls((edges[0], edges[1]), covering, of_task)

    def box(self, cell: Cell) -> Box:
        """The inlines and crosslines of a cell."""
        rows, columns = (
            slice(along[n], along[n + 1]) for along, n in zip(self.edges, cell, strict=True)
        )
        return rows, columns


class Mosaic:
    """Cells of a result that are merged as their parts arrive.

    Args:
        cells: the cells.
        merge: makes one part of several of a cell, in the order of their tasks.
        store: where parts wait.
        done: cells that were finished by an earlier run.
        held: the cells by task whose parts an earlier run left in the store.
    """

    def __init__(
        self,
        cells: Cells,
        merge: Merge,
        store: Store,
        *,
        done: Iterable[Cell] = (),
        held: Mapping[int, set[Cell]] = NOTHING,
    ) -> None:
        self.cells, self._merge, self._store = cells, merge, store
        self.done, self._held = set(done), dict(held)

    def add(self, task: Task, values: Arrays) -> tuple[list[tuple[Cell, Arrays]], int | None]:
        """Take what a task gave.

        Args:
            task: the task.
            values: its arrays over its box, each (inlines, crosslines, ..).

        Returns:
            Cells that are complete now, with their merged arrays; and the checksum of what has to
            wait for other tasks, None where nothing has to.
        """
        complete, wait = [], {}
        for cell in self.cells.of_task.get(task.number, []):
            if cell in self.done:
                continue
            covering = self.cells.covering[cell]
            mine = self._cut(task, values, cell)
            others = (n for n in covering if n != task.number)
            if all(cell in self._held.get(other, ()) for other in others):
                parts = [mine if n == task.number else self._store.part(n, cell) for n in covering]
                complete.append((cell, parts[0] if len(parts) == 1 else self._merge(parts)))
            else:
                wait[cell] = mine
        checksum = self._store.save(task.number, wait) if wait else None
        if wait:
            self._held[task.number] = set(wait)
        return complete, checksum

    def finish(self, complete: Iterable[Cell]) -> None:
        """Count cells as done, and forget parts that nobody needs any more.

        Args:
            complete: cells that are written.
        """
        complete = list(complete)
        self.done.update(complete)
        for number in {n for cell in complete for n in self.cells.covering[cell]}:
            if number in self._held and self.done.issuperset(self._held[number]):
                del self._held[number]
                self._store.drop(number)

    def needed(self) -> set[int]:
        """Numbers of the tasks that have still to be done for what is missing."""
        return {
            number
            for cell, covering in self.cells.covering.items()
            for number in covering
            if cell not in self.done and cell not in self._held.get(number, ())
        }

    def _cut(self, task: Task, values: Arrays, cell: Cell) -> Arrays:
        part = self.cells.box(cell)
        if part == task.box:
            return values
        inside = tuple(
            slice(own.start - whole.start, own.stop - whole.start)
            for own, whole in zip(part, task.box, strict=True)
        )
        return tuple(array[inside] for array in values)


class InMemory:
    """Parts that wait in memory."""

    def __init__(self) -> None:
        self._parts: dict[int, dict[Cell, Arrays]] = {}

    def save(self, task: int, parts: dict[Cell, Arrays]) -> int:
        """As `Store.save`; views would keep the whole of a task."""
        self._parts[task] = {c: tuple(a.copy() for a in arrays) for c, arrays in parts.items()}
        return 0

    def part(self, task: int, cell: Cell) -> Arrays:
        """As `Store.part`."""
        return self._parts[task][cell]

    def held(self, task: int, checksum: int) -> set[Cell]:
        """As `Store.held`."""
        return set(self._parts.get(task, ()))

    def drop(self, task: int) -> None:
        """As `Store.drop`."""
        self._parts.pop(task, None)


class OnDisk:
    """Parts that wait in files, one for each task.

    Args:
        folder: folder of the files, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, task: int, parts: dict[Cell, Arrays]) -> int:
        """As `Store.save`."""
        named = {_name(cell, n): a for cell, some in parts.items() for n, a in enumerate(some)}
        return write_arrays(self._path(task), named)

    def part(self, task: int, cell: Cell) -> Arrays:
        """As `Store.part`."""
        with np.load(self._path(task), allow_pickle=False) as stored:
            names = set(stored.files)
            found: list[np.ndarray] = []
            while (name := _name(cell, len(found))) in names:
                found.append(stored[name])
            return tuple(found)

    def held(self, task: int, checksum: int) -> set[Cell]:
        """As `Store.held`."""
        path = self._path(task)
        if not path.is_file() or file_checksum(path) != checksum:
            return set()
        with np.load(path, allow_pickle=False) as stored:
            numbers = (name.split() for name in stored.files)
            return {(int(row), int(column)) for row, column, _ in numbers}

    def drop(self, task: int) -> None:
        """As `Store.drop`."""
        self._path(task).unlink(missing_ok=True)

    def _path(self, task: int) -> Path:
        return self._folder / f"part-{task}.npz"


def write_arrays(path: Path, named: dict[str, np.ndarray]) -> int:
    """Write arrays by name to an ``.npz`` file that is on disk afterwards; its checksum."""
    with path.open("wb") as file:
        np.savez(file, **named)  # type: ignore[arg-type]  # names are no arguments of savez
    return file_checksum(path, to_disk=True)


def _name(cell: Cell, number: int) -> str:
    return f"{cell[0]} {cell[1]} {number}"
