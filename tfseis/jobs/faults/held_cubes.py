"""Cubes of a training that stay in memory, so that not every crop reads and scales one anew."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MOST = 512 * 2**20  # bytes held; further cubes are read for each crop

Arrays = tuple[np.ndarray, np.ndarray]


class HeldCubes:
    """Cubes by number, read when they are first asked for; as many stay as fit into a limit.

    Args:
        cubes: what `read` takes, one for each number.
        read: gives the arrays of a cube, which nobody changes afterwards.
        most: number of bytes that may stay.
    """

    def __init__(
        self, cubes: Sequence[Any], read: Callable[[Any], Arrays], most: int = MOST
    ) -> None:
        self._cubes, self._read, self._left = cubes, read, most
        self._held: dict[int, Arrays] = {}

    def __getitem__(self, number: int) -> Arrays:
        if number in self._held:
            return self._held[number]
        cube = self._read(self._cubes[number])
        size = sum(part.nbytes for part in cube)
        if size <= self._left:
            self._held[number] = cube
            self._left -= size
        return cube
