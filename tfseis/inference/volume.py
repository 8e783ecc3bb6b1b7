"""A 3D network on overlapping windows of a cube, blended, from file to file.

Windows lie on the grid of the whole cube, whatever part of it is asked for, so that a part equals
the whole. Rows of windows follow each other along the inlines; what is held is one row, and of
long rows a belt of crosslines, so that memory does not grow with the cube.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from tqdm import tqdm

from tfseis.data.regions import Reach, read_region
from tfseis.data.scaling import Scaling
from tfseis.errors import ModelError
from tfseis.inference.seams import Seams
from tfseis.io.cube import Cube
from tfseis.selection import Parts
from tfseis.windows import (
    Taper,
    blending,
    blocks,
    borders,
    clip_window,
    cosine_taper,
    window_starts,
)

Network = Callable[[np.ndarray], np.ndarray]  # (batch, i, x, s) -> (.., outputs)
Write = Callable[[np.ndarray, int, int], None]
HELD_SAMPLES = 150_000_000  # of results not yet written: 600 MB for each output
RIM = 4  # the part 1/RIM of an overlap counts only where no other window lies


@dataclass(frozen=True)
class Windows:
    """Windows over a cube, along each axis.

    Args:
        sizes: samples of a window along each axis.
        starts: first index of the windows along each axis; may be negative.
        shares: (windows, size) along each axis: their shares in the samples that they cover.
    """

    sizes: tuple[int, int, int]
    starts: tuple[np.ndarray, ...]
    shares: tuple[np.ndarray, ...]

    @classmethod
    def over(
        cls, shape: tuple[int, int, int], size: int, overlap: int, *, multiple: int = 1,
        taper: Taper | None = None,
    ) -> Self:  # fmt: skip
        """Windows that cover a cube; along an axis shorter than a window they are shorter too.

        Args:
            shape: of the cube.
            size: samples along each axis of a window, at most.
            overlap: samples that neighbours share at least.
            multiple: what size and starts must be multiples of, as poolings want it.
            taper: weights along an axis; None for a cosine that leaves out a quarter of the
                overlap at the rim.

        Raises:
            ModelError: a size or an overlap that makes no windows.

        Examples:
            >>> windows = Windows.over((9, 20, 5), 8, 2, multiple=2)
            >>> windows.sizes, [starts.tolist() for starts in windows.starts]
            ((8, 8, 6), [[0, 2], [0, 6, 12], [0]])
        """
        if size < multiple or size % multiple:
            raise ModelError(
                f"Expected windows of a multiple of {multiple} samples, what the network's "
                f"poolings need; got {size}. Choose one, such as "
                f"{max(multiple, round(size / multiple) * multiple)}."
            )
        if not 0 <= overlap <= size - multiple:
            raise ModelError(
                f"Expected an overlap between 0 and {size - multiple} samples, for windows of "
                f"{size}; got {overlap}. Choose one of these (--overlap)."
            )
        taper = taper or cosine_taper(overlap, overlap // RIM)
        sizes = tuple(min(size, -(-length // multiple) * multiple) for length in shape)
        starts = tuple(
            window_starts(length, own, overlap, multiple)
            for length, own in zip(shape, sizes, strict=True)
        )
        shares = tuple(blending(s, own, taper) for s, own in zip(starts, sizes, strict=True))
        return cls((sizes[0], sizes[1], sizes[2]), starts, shares)

    def touching(self, axis: int, part: slice) -> list[int]:
        """Numbers of the windows along an axis that cover any of its indices in `part`."""
        starts = self.starts[axis]
        ends = starts + self.sizes[axis]
        return np.flatnonzero((starts < part.stop) & (ends > part.start)).tolist()


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
    """Apply a network to the windows that touch ``cube[parts]``, and hand on what they say of it.

    Windows without a live sample are left out. Outside the cube, windows see its mirror image.

    Args:
        network: takes scaled amplitudes (batch, inlines, crosslines, samples), float32, and gives
            (batch, inlines, crosslines, samples, outputs).
        cube: what to read from.
        windows: over this cube.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: statistics of this survey.
        write: takes (values, inline, crossline): float32 (outputs, inlines, crosslines, samples),
            0 where not live, and where the block begins in the result.
        outputs: how many of the numbers that the network gives for a sample are wanted.
        batch_size: windows in a call; every call has as many.
        progress: show a bar.

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
    """All windows that touch a range of inlines, of crosslines and of samples."""

    network: Network
    cube: Cube
    windows: Windows
    scaling: Scaling
    ranges: Parts
    batch_size: int

    def rows(self, outputs: int, bar: tqdm) -> Iterator[tuple[int, np.ndarray]]:
        """Finished inlines: the index of the first, and their values, outputs first."""
        inlines, crosslines, samples = self.ranges
        size, starts = self.windows.sizes[0], self.windows.starts[0]
        lengths = [part.stop - part.start for part in (crosslines, samples)]
        slab = np.zeros((outputs, size, *lengths), "float32")  # from the start of the row
        rows = self.windows.touching(0, inlines)
        for row in rows:
            for column in self.windows.touching(1, crosslines):
                self._add_column(slab, row, column, bar)
            start = int(starts[row])
            end = inlines.stop if row == rows[-1] else int(starts[row + 1])
            first, stop = max(start, inlines.start), min(end, inlines.stop)
            if first < stop:
                yield first, slab[:, first - start : stop - start].copy()
            if row != rows[-1]:
                slab[:, : start + size - end] = slab[:, end - start :]
                slab[:, start + size - end :] = 0

    def _add_column(self, slab: np.ndarray, row: int, column: int, bar: tqdm) -> None:
        """Add what the windows above one another say, each with its share."""
        numbers = self.windows.touching(2, self.ranges[2])
        sizes, starts = self.windows.sizes, self.windows.starts
        top = int(starts[2][numbers[0]])
        bottom = int(starts[2][numbers[-1]]) + sizes[2]
        corner = int(starts[0][row]), int(starts[1][column]), top
        cores, lacking = zip(
            *(
                clip_window(start, stop, n)
                for start, stop, n in zip(
                    corner, (corner[0] + sizes[0], corner[1] + sizes[1], bottom), self.cube.shape,
                    strict=True,
                )
            ), strict=True,
        )  # fmt: skip
        reach = Reach(*lacking[0]), Reach(*lacking[1]), Reach(*lacking[2])
        block, live = read_region(self.cube, (cores[0], cores[1], cores[2]), reach, self.scaling)
        around = np.pad(live, lacking)  # nothing is live outside the cube
        wanted = []
        for number in numbers:
            start = int(starts[2][number]) - top
            here = slice(start, start + sizes[2])
            if around[..., here].any():
                wanted.append((number, here))
        for begin in range(0, len(wanted), self.batch_size):
            some = wanted[begin : begin + self.batch_size]
            batch = np.zeros((self.batch_size, *sizes), "float32")
            for place, (_, here) in enumerate(some):
                batch[place] = block[..., here]
            for (number, here), values in zip(some, self.network(batch), strict=False):
                self._add(slab, (row, column, number), values, around[..., here])
        bar.update(len(numbers))

    def _add(
        self, slab: np.ndarray, numbers: tuple[int, int, int], values: np.ndarray, live: np.ndarray
    ) -> None:
        """Add one window (inlines, crosslines, samples, outputs) where it is live and wanted."""
        inside, place = [], []
        for axis, (number, part) in enumerate(zip(numbers, self.ranges, strict=True)):
            start = int(self.windows.starts[axis][number])
            origin = start if axis == 0 else part.start
            first, stop = max(start, part.start), min(start + self.windows.sizes[axis], part.stop)
            inside.append(slice(first - start, stop - start))
            place.append(slice(first - origin, stop - origin))
        inline, crossline, sample = (
            self.windows.shares[axis][number, part]
            for axis, (number, part) in enumerate(zip(numbers, inside, strict=True))
        )
        share = inline[:, np.newaxis, np.newaxis] * crossline[:, np.newaxis] * sample
        share = np.where(live[tuple(inside)], share, 0).astype("float32")
        wanted = np.moveaxis(values[(*inside, slice(len(slab)))], -1, 0)
        slab[:, *place] += wanted * share


def _count(windows: Windows, ranges: Parts) -> int:
    return int(np.prod([len(windows.touching(axis, part)) for axis, part in enumerate(ranges)]))
