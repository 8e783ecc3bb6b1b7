"""Windows of the user's data as a network sees them, some of which are read to compare networks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

TRIES = 8  # windows that are read for each that is wanted, where some hold nothing live
GOLDEN = (5**0.5 - 1) / 2
Window = tuple[np.ndarray, np.ndarray]  # inputs of a network, and which samples are live


class Inputs(Protocol):
    """Windows of the user's data, as a network sees them."""

    def count(self) -> int:
        """Number of windows that the run will predict."""

    def spread(self, count: int, /) -> Iterator[Window]:
        """Up to so many windows with live samples, spread over the data, any first few too."""


@dataclass(frozen=True)
class Numbered:
    """Windows of the user's data that are read by their number.

    Args:
        total: number of windows that the run will predict.
        read: takes a number below the total; gives the inputs of a network, float32, without the
            axis of the batch, and which samples of its outputs count, bool.
    """

    total: int
    read: Callable[[int], Window]

    def count(self) -> int:
        """Number of windows that the run will predict."""
        return self.total

    def spread(self, count: int) -> Iterator[Window]:
        """Up to so many windows with live samples, spread over the data, any first few too."""
        places = (np.arange(64 * count) * GOLDEN + 0.5) % 1
        numbers = dict.fromkeys((places * self.total).astype(int).tolist())
        windows = map(self.read, islice(numbers, TRIES * count))
        yield from islice((window for window in windows if window[1].any()), count)
