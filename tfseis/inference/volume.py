"""A 3D network applied to overlapping windows of a cube, whose outputs are blended.

Windows lie on the grid of the whole cube, whatever part of it is asked for, so that the prediction
of a part equals that part of the whole prediction. Rows of windows follow each other along the
inlines. One row is held in memory, and of long rows a range of crosslines at a time, so that memory
does not grow with the cube.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

import numpy as np
from tqdm import tqdm

from tfseis.data.scaling import Scaling
from tfseis.inference.cube_windows import Windows
from tfseis.inference.seams import Seams
from tfseis.inference.window_inputs import WindowInputs
from tfseis.io.cube import Cube
from tfseis.selection import Parts
from tfseis.windows import blocks, borders

# from (batch, inlines, crosslines, samples) to (batch, inlines, crosslines, samples, outputs)
Network = Callable[[np.ndarray], np.ndarray]
Write = Callable[[np.ndarray, int, int], None]  # values, inline, crossline
HELD_SAMPLES = 150_000_000  # results that are held before they are written: 600 MB an output


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
        batch_size: windows in each call of the network; the last call is filled with zeros.
        progress: whether to show a progress bar.

    Returns:
        Differences of the first output across the borders of windows, and elsewhere.
    """
    ranges = [range(*part.indices(n)) for part, n in zip(parts, cube.shape, strict=True)]
    inlines, crosslines, samples = (slice(r.start, r[-1] + 1) for r in ranges)
    longest = HELD_SAMPLES // (windows.sizes[0] * (samples.stop - samples.start))
    length = crosslines.stop - crosslines.start
    belts = [
        slice(crosslines.start + belt.start, crosslines.start + belt.stop)
        for belt in blocks(length, max(windows.sizes[1], longest))
    ]
    edges = [borders(s, w) for s, w in zip(windows.starts, windows.shares, strict=True)]
    seams = Seams(tuple(edges))
    total = sum(_count(windows, (inlines, belt, samples)) for belt in belts)
    with tqdm(total=total, unit=" windows", desc="predict", disable=not progress) as bar:
        for belt in belts:
            job = _Belt(network, cube, windows, scaling, (inlines, belt, samples), batch_size)
            seams.begin((inlines.start, belt.start, samples.start))
            skip = -(belt.start - ranges[1].start) % ranges[1].step
            column = (belt.start + skip - ranges[1].start) // ranges[1].step
            for first, values in job.rows(outputs, bar):
                seams.add(values[0])
                lines = -(first - ranges[0].start) % ranges[0].step
                kept = values[:, lines :: ranges[0].step, skip :: ranges[1].step]
                if kept.shape[1] and kept.shape[2]:
                    row = (first + lines - ranges[0].start) // ranges[0].step
                    write(kept[..., :: ranges[2].step], row, column)
    return seams


@dataclass(frozen=True)
class _Belt:
    """The windows that touch a range of inlines, of crosslines and of samples."""

    network: Network
    cube: Cube
    windows: Windows
    scaling: Scaling
    ranges: Parts
    batch_size: int

    def rows(self, outputs: int, bar: tqdm) -> Iterator[tuple[int, np.ndarray]]:
        """Finished inlines: the index of the first, and values (outputs, inlines, ..)."""
        inlines, crosslines, samples = self.ranges
        size, starts = self.windows.sizes[0], self.windows.starts[0]
        lengths = [part.stop - part.start for part in (crosslines, samples)]
        slab = np.zeros((outputs, size, *lengths), "float32")  # from the start of the row
        rows = self.windows.touching(0, inlines)
        found = self._evaluated(bar)
        window = next(found, None)
        for row in rows:
            while window is not None and window.numbers[0] == row:
                self._add(slab, window)
                window = next(found, None)
            start = int(starts[row])
            end = inlines.stop if row == rows[-1] else int(starts[row + 1])
            first, stop = max(start, inlines.start), min(end, inlines.stop)
            if first < stop:
                yield first, slab[:, first - start : stop - start].copy()
            if row != rows[-1]:
                slab[:, : start + size - end] = slab[:, end - start :]
                slab[:, start + size - end :] = 0

    def _evaluated(self, bar: tqdm) -> Iterator["_Window"]:
        """Outputs of all windows in order; batches go from one column, and one row, to the next."""
        windows = self._live(bar)
        while some := list(islice(windows, self.batch_size)):
            batch = np.zeros((self.batch_size, *self.windows.sizes), "float32")
            batch[: len(some)] = [window.values for window in some]
            for window, values in zip(some, self.network(batch), strict=False):
                yield replace(window, values=values)

    def _live(self, bar: tqdm) -> Iterator["_Window"]:
        """Inputs of the windows that hold a live sample."""
        size, starts = self.windows.sizes[2], self.windows.starts[2]
        inputs = WindowInputs(self.cube, self.windows, self.ranges, self.scaling)
        above_each_other = self.windows.touching(2, self.ranges[2])
        places = (self.windows.touching(axis, self.ranges[axis]) for axis in (0, 1))
        for row, column in product(*places):
            block, live = inputs.column(row, column, above_each_other)
            for number in above_each_other:
                start = int(starts[number] - starts[above_each_other[0]])
                here = slice(start, start + size)
                if live[..., here].any():
                    numbers = row, column, number
                    yield _Window(numbers, block[..., here], live[..., here])
            bar.update(len(above_each_other))

    def _add(self, slab: np.ndarray, window: "_Window") -> None:
        """Add the weighted outputs of a window where it is live and wanted."""
        inside, place = [], []
        for axis, (number, part) in enumerate(zip(window.numbers, self.ranges, strict=True)):
            start = int(self.windows.starts[axis][number])
            origin = start if axis == 0 else part.start
            first, stop = max(start, part.start), min(start + self.windows.sizes[axis], part.stop)
            inside.append(slice(first - start, stop - start))
            place.append(slice(first - origin, stop - origin))
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


def _count(windows: Windows, ranges: Parts) -> int:
    return int(np.prod([len(windows.touching(axis, part)) for axis, part in enumerate(ranges)]))
