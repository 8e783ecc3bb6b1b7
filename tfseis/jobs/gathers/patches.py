"""Patches of gathers, numbered and cut on demand, and splits that do not leak."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.windows import window_starts

HELD_OUT = 0.2  # share of the gathers
GUARD = 0.05  # share of the gathers between those that train and those that are held out
FEWEST_LINES = 5  # below which lines cannot be split


@dataclass(frozen=True)
class PatchIndex:
    """Numbers of all patches of some gathers; it holds two numbers a gather, and no patch.

    It depends on its arguments alone, so that whoever has them has the same patches.

    Args:
        shapes: number of traces and of samples of each gather, int (all gathers, 2).
        gathers: numbers of the gathers that have patches, ascending.
        size: number of traces and of samples of a patch; a smaller gather is one patch along that
            axis.
        stride: traces and samples from the start of one patch to that of the next; the last patch
            ends with the gather.

    Examples:
        >>> index = PatchIndex(np.array([[7, 10], [4, 10]]), (0, 1), size=(4, 8), stride=(3, 8))
        >>> len(index), index.place(3), index.place(4)
        (6, (0, 3, 2), (1, 0, 0))
    """

    shapes: np.ndarray
    gathers: Sequence[int]
    size: tuple[int, int]
    stride: tuple[int, int]
    ends: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if min(*self.size, *self.stride) < 1 or not len(self.gathers):
            raise GeometryError(
                f"Expected gathers, and patches and strides of at least 1; got {len(self.gathers)}"
                f" gathers, {self.size} and {self.stride}. Give others."
            )
        room = np.maximum(np.asarray(self.shapes)[list(self.gathers)] - self.size, 0)
        counts = -(-room // np.array(self.stride)) + 1
        object.__setattr__(self, "ends", np.cumsum(counts.prod(axis=1)))

    def __len__(self) -> int:
        return int(self.ends[-1])

    def patches(self, member: int) -> range:
        """Numbers of the patches of one of its gathers, by its place among them.

        Args:
            member: place of the gather among them.
        """
        return range(int(self.ends[member - 1]) if member else 0, int(self.ends[member]))

    def place(self, number: int) -> tuple[int, int, int]:
        """Gather, first trace and first sample of a patch.

        Args:
            number: number of the patch.

        Raises:
            IndexError: there is no such patch.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"Expected a patch below {len(self)}; got {number}.")
        member = int(np.searchsorted(self.ends, number, side="right"))
        gather = int(self.gathers[member])
        starts = [
            patch_starts(*axis)
            for axis in zip(self.shapes[gather].tolist(), self.size, self.stride, strict=True)
        ]
        trace, sample = divmod(number - self.patches(member).start, len(starts[1]))
        return gather, int(starts[0][trace]), int(starts[1][sample])

    def digest(self) -> str:
        """Tells this index from any other, in twelve letters."""
        about = json.dumps([list(map(int, self.gathers)), self.size, self.stride])
        shapes = np.asarray(self.shapes, "<i8")[list(self.gathers)].tobytes()
        return hashlib.sha256(about.encode() + shapes).hexdigest()[:12]


def read_patch(gathers: Gathers, index: PatchIndex, number: int) -> Gather:
    """The amplitudes of one patch; only its traces are read.

    Args:
        gathers: gathers to read from.
        index: where the patches lie in them.
        number: number of the patch.

    Returns:
        A gather of the size of a patch, smaller where its gather is.
    """
    gather, trace, sample = index.place(number)
    traces = gathers.read(gather, trace, index.size[0])
    part = slice(sample, sample + index.size[1])
    return replace(traces, amplitude=traces.amplitude[:, part], live=traces.live[:, part])


def patch_starts(length: int, size: int, stride: int) -> np.ndarray:
    """Where patches or windows begin that cover an axis; only 0 where it is no longer than one.

    Examples:
        >>> patch_starts(10, 4, 3).tolist(), patch_starts(11, 4, 3).tolist()
        ([0, 3, 6], [0, 3, 6, 7])
    """
    size = min(size, length)
    return window_starts(length, size, size - stride)


def padded(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An array (traces, samples, ...) filled up with zeros behind its last trace and sample."""
    lack = [(0, max(0, n - m)) for n, m in zip(size, values.shape[:2], strict=True)]
    return np.pad(values, [*lack, *[(0, 0)] * (values.ndim - 2)])


def gather_split(
    lines: np.ndarray, *, by: str = "gather", part: float = HELD_OUT, guard: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Which gathers train and which are held out: the last ones, behind a guard gap.

    Neighbouring gathers hold nearly the same reflections; gathers held out at random would leak.

    Args:
        lines: number that tells where each gather lies, int (gathers,), see `Gathers.lines`.
        by: "gather", or "line": gathers of one line are never parted.
        part: share of the gathers (or lines) that is held out, above 0 and below 1.
        guard: number of gathers (or lines) between both sides that do neither; None for one in
            twenty, one at least.

    Returns:
        Two bool arrays (gathers,).

    Raises:
        GeometryError: nothing is left to train or to hold out.

    Examples:
        >>> train, test = gather_split(np.array([3, 5, 1, 2, 4]))
        >>> train.tolist(), test.tolist()
        ([True, False, True, True, False], [False, True, False, False, False])
    """
    if by not in ("gather", "line") or not 0 < part < 1:
        raise GeometryError(
            f"Expected a split by gather or line, and a part between 0 and 1; got {by!r}, {part}."
        )
    if by == "line":
        _, rank = np.unique(lines, return_inverse=True)
    else:
        rank = np.argsort(np.argsort(lines, kind="stable"), kind="stable")
    count = int(rank.max()) + 1 if len(rank) else 0
    guard = max(1, round(GUARD * count)) if guard is None else guard
    first = count - max(1, round(part * count))
    train, test = rank < first - guard, rank >= first
    if not train.any() or not test.any():
        raise GeometryError(
            f"Expected {by}s enough to train and to hold out {part:.0%} of them behind a guard gap "
            f"of {guard}; got {count}. Give more gathers, a smaller gap, or hold out none."
        )
    return train, test
