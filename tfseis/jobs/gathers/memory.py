"""Gathers from paths, from memory, or opened already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.gathers.gather import Gather, gather_of
from tfseis.io.gathers.opening import Gathers, open_gathers


@dataclass(frozen=True)
class GatherList:
    """Gathers in memory, which read like those of a file.

    Args:
        gathers: one or more gathers of one sample interval.

    Raises:
        FormatError: there is no gather, or sample intervals differ.

    Examples:
        >>> gathers = GatherList((gather_of(np.ones((7, 9))), gather_of(np.ones((5, 9)))))
        >>> gathers.shapes.tolist(), gathers.read(1, first=2).shape
        ([[7, 9], [5, 9]], (3, 9))
    """

    gathers: tuple[Gather, ...]

    def __post_init__(self) -> None:
        intervals = sorted({gather.sample_interval for gather in self.gathers})
        if len(intervals) != 1:
            found = ", ".join(f"{interval:g} ms" for interval in intervals) or "no gathers"
            raise FormatError(
                f"Expected gathers of one sample interval; got {found}. Give one or more of one "
                "sample interval."
            )

    @property
    def shapes(self) -> np.ndarray:
        """Number of traces and of samples of each gather, int64 (gathers, 2)."""
        return np.array([gather.shape for gather in self.gathers], "int64")

    @property
    def lines(self) -> np.ndarray:
        """Their order, int64 (gathers,)."""
        return np.arange(len(self))

    @property
    def sample_interval(self) -> float:
        """Sample interval in ms."""
        return self.gathers[0].sample_interval

    def __len__(self) -> int:
        return len(self.gathers)

    def name(self, gather: int) -> str:
        """Name of a gather."""
        return self.gathers[gather].name or str(gather)

    def read(self, gather: int, first: int = 0, count: int | None = None) -> Gather:
        """A gather, or `count` of its traces from `first` on, with all their samples."""
        whole = self.gathers[gather]
        part = slice(first, None if count is None else first + count)
        return replace(
            whole,
            amplitude=whole.amplitude[part],
            live=whole.live[part],
            offset=whole.offset[part],
            name=self.name(gather),
        )


def as_gathers(source: str | Path | Gathers | Sequence[Any]) -> Gathers:
    """Gathers that are given as a path, as an opened collection, or as arrays.

    Args:
        source: path as `tfseis.io.open_gathers` takes it; gathers that are opened; or a sequence
            of `tfseis.io.Gather` or of arrays (traces, samples), which are 4 ms apart.

    Raises:
        FormatError: a file that is missing or cannot be read, or arrays without two axes.
    """
    if isinstance(source, (str, Path)):
        return open_gathers(source)
    if isinstance(source, (list, tuple, np.ndarray)):
        return GatherList(tuple(_gather(number, one) for number, one in enumerate(source)))
    if not (hasattr(source, "shapes") and hasattr(source, "read")):
        raise FormatError(
            "Expected gathers: a path, what tfseis.io.open_gathers gave, or a list of arrays "
            f"(traces, samples); got {type(source).__name__}. Give one of these."
        )
    return cast("Gathers", source)


def evenly(numbers: np.ndarray, most: int) -> list[int]:
    """At most so many of some numbers, evenly chosen.

    Args:
        numbers: whole numbers (any count,), such as those of gathers.
        most: how many, 1 or more.

    Examples:
        >>> evenly(np.arange(9), 3), evenly(np.arange(2), 3)
        ([0, 4, 8], [0, 1])
    """
    chosen = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)
    return numbers[chosen].tolist()


def _gather(number: int, one: Any) -> Gather:
    if isinstance(one, Gather):
        return one
    if np.ndim(one) != 2:
        raise FormatError(
            f"Gather {number}: expected an array (traces, samples); got {np.shape(one)}. Give one "
            "array a gather, or tfseis.io.gather_of(array, sample_interval=..)."
        )
    return gather_of(np.asarray(one), name=str(number))
