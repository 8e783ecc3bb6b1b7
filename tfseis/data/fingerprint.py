"""What tells the content of data from other content, cheaply: a digest of samples."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.io.cube import Cube

LINES = 12  # inlines of a cube that are read
BLOCKS, BLOCK = 256, 4096  # places of a file that are read, and bytes at each
LENGTH = 12  # hexadecimal digits of a digest


def cube_digest(cube: Cube) -> str:
    """A digest of the grid, of the live traces and of evenly spaced inlines of a cube.

    It does not change with the name of a file, and costs as much as reading a dozen inlines.

    Args:
        cube: cube to read from.
    """
    count = min(cube.shape[0], LINES)
    lines = np.unique(np.linspace(0, cube.shape[0] - 1, count).round().astype(int))
    arrays = [np.asarray(cube.live)]
    for line in lines.tolist():
        values, _ = cube.read((slice(line, line + 1), slice(None), slice(None)))
        arrays.append(values)
    return digest(arrays)


def file_digest(path: str | Path) -> str:
    """A digest of the length of a file and of bytes at evenly spaced places of it.

    Args:
        path: the file.
    """
    size = Path(path).stat().st_size
    found = sha256(f"{size}".encode())
    with Path(path).open("rb") as file:
        for place in range(0, size, max(BLOCK, size // BLOCKS)):
            file.seek(place)
            found.update(file.read(BLOCK))
    return found.hexdigest()[:LENGTH]


def digest(arrays: Iterable[np.ndarray]) -> str:
    """A digest of arrays: of their shapes, types and values.

    Args:
        arrays: any arrays, in an order that counts.

    Examples:
        >>> digest([np.zeros(3)]) == digest([np.zeros(3)]), digest([]) == digest([np.zeros(1)])
        (True, False)
    """
    found = sha256()
    for array in arrays:
        found.update(f"{array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:LENGTH]


def digests(names: Sequence[str], *arrays: np.ndarray) -> dict[str, str]:
    """A digest of each named part of arrays, such as of each image of a stack.

    Args:
        names: name of each part.
        arrays: stacks that hold as many parts along their first axis.

    Examples:
        >>> before, now = digests(["a", "b"], np.zeros((2, 3))), digests(["a", "b"], np.eye(2, 3))
        >>> before == now, list(before)
        (False, ['a', 'b'])
    """
    return {name: digest(array[i] for array in arrays) for i, name in enumerate(names)}


def record_digest(record: Mapping[str, Any]) -> str:
    """One digest of what JSON can hold, such as of several digests by name.

    Args:
        record: names and values; their order does not matter.
    """
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:LENGTH]
