"""A 3D network applied to overlapping windows of a cube, whose outputs are blended.

Windows lie on the grid of the whole cube, whatever part of it is asked for, so that the prediction
of a part equals that part of the whole prediction. Windows beside each other form blocks, which are
predicted as a whole; where blocks overlap, their weighted outputs are added up. No window is
evaluated twice, and memory does not grow with the cube.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import Any

import numpy as np
from tqdm import tqdm

from tfseis.data.scaling import Scaling
from tfseis.inference.cube_windows import Windows
from tfseis.inference.seams import Seams
from tfseis.inference.window_inputs import WindowInputs
from tfseis.io.cube import Cube
from tfseis.selection import Parts
from tfseis.tasks.mosaic import Cells, InMemory, Mosaic
from tfseis.tasks.task import Arrays, Found, Task, Tick
from tfseis.windows import blocks, borders

# from (batch, inlines, crosslines, samples) to (batch, inlines, crosslines, samples, outputs)
Network = Callable[[np.ndarray], np.ndarray]
Write = Callable[[np.ndarray, int, int], None]  # values, inline, crossline
HELD_SAMPLES = 60_000_000  # of a block that are held in memory: 240 MB an output
FEWEST = 8_000_000  # samples that a network sees in a block, so that handing it on costs little


def predict_volume(
    network: Network,
    cube: Cube,
    windows: Windows,
    *,
    parts: Parts,
    scaling: Scaling,
    write: Write,
    outputs: int = 1,
    batch_size: int = 1,
    progress: bool = True,
) -> Seams:
    """Apply a network to the windows that touch ``cube[parts]``, and write the blended outputs.

    Windows without a live sample are left out. Windows that extend beyond the cube see its mirror
    image there.

    Args:
        network: takes scaled amplitudes, float32 (batch, inlines, crosslines, samples), and gives
            (batch, inlines, crosslines, samples, outputs).
        cube: the cube to read.
        windows: windows over this cube.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: statistics of this survey.
        write: takes (values, inline, crossline): a finished block, float32 (outputs, inlines,
            crosslines, samples), 0 at dead samples; and the indices at which it begins in the
            result.
        outputs: number of outputs a sample that are wanted, the first ones of the network.
        batch_size: windows in each call of the network; the last call of a block is filled with
            zeros.
        progress: whether to show a progress bar.

    Returns:
        Differences of the first output across the borders of windows, and elsewhere.
    """
    tasks = volume_tasks(windows, parts, cube.shape)
    work = VolumeWork(_Given(network), cube, windows, parts, scaling, outputs, batch_size)
    shape = result_shape(parts, cube.shape)
    mosaic = Mosaic(Cells.of(shape[:2], tasks), added, InMemory())
    seams = result_seams(windows, parts, cube.shape)
    total = sum(task.cost for task in tasks)
    with tqdm(total=total, unit=" windows", desc="predict", disable=not progress) as bar:
        for task in tasks:
            complete, _ = mosaic.add(task, work.run(task, None, bar.update).values)
            for cell, arrays in complete:
                rows, columns = mosaic.cells.box(cell)
                seams.measure(arrays[0], (rows.start, columns.start, 0))
                write(np.stack(arrays), rows.start, columns.start)
            mosaic.finish(cell for cell, _ in complete)
    return seams


@dataclass(frozen=True)
class _Given:
    """A network that is there already."""

    network: Network

    def __call__(self) -> Network:
        return self.network


def volume_tasks(windows: Windows, parts: Parts, shape: tuple[int, int, int]) -> list[Task]:
    """The blocks of windows that touch a part of a cube.

    Which windows form a block does not depend on the part.

    Args:
        windows: windows over the cube.
        parts: range and stride along each axis.
        shape: shape of the cube.

    Returns:
        Tasks whose `what` is the rows, columns and levels of their windows, as ranges.
    """
    inlines, crosslines, samples = (range(*p.indices(n)) for p, n in zip(parts, shape, strict=True))
    whole = (_span(inlines), _span(crosslines), _span(samples))
    levels = windows.touching(2, whole[2])
    tasks: list[Task] = []
    for rows, columns in product(*_groups(windows, shape)):
        touched = [
            [n for n in windows.touching(axis, whole[axis]) if n in group]
            for axis, group in enumerate((rows, columns))
        ]
        box = [
            _kept(lines, windows, axis, numbers)
            for axis, (lines, numbers) in enumerate(
                zip((inlines, crosslines), touched, strict=True)
            )
        ]
        if all(part.stop > part.start for part in box):
            ranges = tuple(range(some[0], some[-1] + 1) for some in (*touched, levels))
            cost = int(np.prod([len(some) for some in ranges]))
            tasks.append(Task(len(tasks), (box[0], box[1]), cost, ranges))
    return tasks


def result_shape(parts: Parts, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Inlines, crosslines and samples of a part of a cube."""
    lengths = [len(range(*part.indices(n))) for part, n in zip(parts, shape, strict=True)]
    return lengths[0], lengths[1], lengths[2]


def result_seams(windows: Windows, parts: Parts, shape: tuple[int, int, int]) -> Seams:
    """Differences across the borders of windows in a result, of which none is counted yet."""
    edges = []
    for axis, part in enumerate(parts):
        lines = np.arange(*part.indices(shape[axis]))
        found = np.asarray(borders(windows.starts[axis], windows.shares[axis]))
        places = np.searchsorted(lines, found)
        edges.append(np.unique(places[(places > 0) & (places < len(lines))]))
    return Seams((edges[0], edges[1], edges[2]))


def added(parts: Sequence[Arrays]) -> Arrays:
    """The weighted outputs of blocks that overlap, added up."""
    total = [array.copy() for array in parts[0]]
    for arrays in parts[1:]:
        for number, array in enumerate(arrays):
            total[number] += array
    return tuple(total)


@dataclass(frozen=True)
class VolumeWork:
    """Predicts blocks of windows.

    Args:
        make: gives the network; it can be pickled where other processes predict.
        cube: the cube to read.
        windows: windows over this cube.
        parts: range and stride along each axis.
        scaling: statistics of this survey.
        outputs: number of outputs a sample that are wanted.
        batch_size: windows in each call of the network.
    """

    make: Callable[[], Network]
    cube: Cube
    windows: Windows
    parts: Parts
    scaling: Scaling
    outputs: int = 1
    batch_size: int = 1

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """The weighted outputs of the windows of a block, where they are kept."""
        ranges = [range(*p.indices(n)) for p, n in zip(self.parts, self.cube.shape, strict=True)]
        kept = [lines[part] for lines, part in zip(ranges, task.box, strict=False)]
        whole = _span(kept[0]), _span(kept[1]), _span(ranges[2])
        slab = np.zeros((self.outputs, *(part.stop - part.start for part in whole)), "float32")
        before = self.cube.nonfinite
        for window in self._evaluated(task.what, whole, tick):
            self._add(slab, window, whole)
        steps = (slice(None, None, lines.step) for lines in ranges)
        thinned = slab[(slice(None), *steps)]
        return Found(tuple(thinned), counts={"nonfinite": self.cube.nonfinite - before})

    def _evaluated(self, numbers: Any, whole: Parts, tick: Tick) -> Iterator["_Window"]:
        """Outputs of all windows in order; batches go from one column, and one row, to the next."""
        windows = self._live(numbers, whole, tick)
        while some := list(islice(windows, self.batch_size)):
            batch = np.zeros((self.batch_size, *self.windows.sizes), "float32")
            batch[: len(some)] = [window.values for window in some]
            for window, values in zip(some, self.network(batch), strict=False):
                yield replace(window, values=values)

    @cached_property
    def network(self) -> Network:
        """The network, made once in each process."""
        return self.make()

    def __getstate__(self) -> dict[str, Any]:
        """All but the network, which each process makes itself."""
        return {name: value for name, value in self.__dict__.items() if name != "network"}

    def _live(self, numbers: Any, whole: Parts, tick: Tick) -> Iterator["_Window"]:
        """Inputs of the windows that hold a live sample."""
        size, starts = self.windows.sizes[2], self.windows.starts[2]
        inputs = WindowInputs(self.cube, self.windows, whole, self.scaling)
        rows, columns, levels = numbers
        for row, column in product(rows, columns):
            block, live = inputs.column(row, column, list(levels))
            for number in levels:
                start = int(starts[number] - starts[levels[0]])
                here = slice(start, start + size)
                if live[..., here].any():
                    yield _Window((row, column, number), block[..., here], live[..., here])
            tick(len(levels))

    def _add(self, slab: np.ndarray, window: "_Window", whole: Parts) -> None:
        """Add the weighted outputs of a window where it is live and wanted."""
        inside, place = [], []
        for axis, (number, part) in enumerate(zip(window.numbers, whole, strict=True)):
            start = int(self.windows.starts[axis][number])
            first, stop = max(start, part.start), min(start + self.windows.sizes[axis], part.stop)
            inside.append(slice(first - start, max(stop - start, first - start)))
            place.append(slice(first - part.start, max(stop, first) - part.start))
        inline, crossline, sample = (
            self.windows.shares[axis][number, part]
            for axis, (number, part) in enumerate(zip(window.numbers, inside, strict=True))
        )
        share = inline[:, np.newaxis, np.newaxis] * crossline[:, np.newaxis] * sample
        share = np.where(window.live[tuple(inside)], share, 0).astype("float32")
        wanted = np.moveaxis(window.values[(*inside, slice(len(slab)))], -1, 0)
        slab[:, *place] += wanted * share


@dataclass(frozen=True)
class _Window:
    """One window: its numbers along the axes, its inputs or outputs, and what of it is live."""

    numbers: tuple[int, int, int]
    values: np.ndarray
    live: np.ndarray


def _groups(windows: Windows, shape: tuple[int, int, int]) -> tuple[list[range], list[range]]:
    """Rows and columns of windows that form blocks: as many as memory holds, or are worth it."""
    rows, columns, levels = (len(starts) for starts in windows.starts)
    across = max(1, HELD_SAMPLES // (windows.sizes[0] * shape[2]))  # crosslines of a row
    wide = max(1, int(columns * across / max(shape[1], across)))
    held = max(1, HELD_SAMPLES // (windows.sizes[0] * shape[2] * min(across, shape[1])))
    high = min(held, -(-FEWEST // (wide * levels * int(np.prod(windows.sizes)))))
    return (
        [range(part.start, part.stop) for part in blocks(rows, high)],
        [range(part.start, part.stop) for part in blocks(columns, wide)],
    )


def _span(numbers: range) -> slice:
    """From the first number to the last."""
    return slice(numbers[0], numbers[-1] + 1) if numbers else slice(0, 0)


def _kept(lines: range, windows: Windows, axis: int, numbers: list[int]) -> slice:
    """Positions among the lines of a result that windows of these numbers cover."""
    if not numbers:
        return slice(0, 0)
    first = int(windows.starts[axis][numbers[0]])
    stop = int(windows.starts[axis][numbers[-1]]) + windows.sizes[axis]
    inside = range(max(first, lines.start), stop)
    start = -(-(inside.start - lines.start) // lines.step)
    end = -(-(min(stop, lines[-1] + 1) - lines.start) // lines.step)
    return slice(start, max(start, end))
