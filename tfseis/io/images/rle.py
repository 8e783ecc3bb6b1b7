"""Run-length masks of the TGS salt challenge: "start length start length ..".

Pixels are numbered from 1, down the first column, then down the next. Runs do not overlap; those
that tfseis writes do not touch either.

Source: the evaluation page of the challenge, 2018,
https://www.kaggle.com/c/tgs-salt-identification-challenge.
"""

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import FormatError

SIZE = (101, 101)  # rows and columns of the challenge's images


def encode_rle(mask: ArrayLike) -> str:
    """Encode a mask as runs.

    Args:
        mask: array (rows, columns); pixels other than 0 are salt.

    Returns:
        Start and length of each run, separated by spaces; empty for an empty mask.

    Raises:
        FormatError: the mask has not two axes.

    Examples:
        >>> encode_rle([[0, 1, 1], [1, 1, 0]])  # down the columns: 0 1, 1 1, 1 0
        '2 4'
    """
    mask = np.asarray(mask)
    if mask.ndim != 2:
        raise FormatError(
            f"Expected a mask of rows and columns; got shape {mask.shape}. Encode one at a time."
        )
    line = np.zeros(mask.size + 2, np.int8)
    line[1:-1] = (mask != 0).ravel(order="F")
    edges = np.flatnonzero(np.diff(line))
    edges[1::2] -= edges[::2]
    edges[::2] += 1
    return " ".join(map(str, edges.tolist()))


def decode_rle(text: object, shape: tuple[int, int] = SIZE) -> np.ndarray:
    """Decode runs to a mask.

    Args:
        text: start and length of each run; empty, None or NaN for an empty mask.
        shape: number of rows and columns of the image.

    Returns:
        Mask, uint8 (rows, columns), 0 or 1.

    Raises:
        FormatError: the runs are no pairs of positive whole numbers; or they overlap, go backwards,
            or leave the image.

    Examples:
        >>> decode_rle("2 4", (2, 3)).tolist()
        [[0, 1, 1], [1, 1, 0]]
    """
    runs = _runs(text)
    starts, lengths = runs[::2], runs[1::2]
    size = shape[0] * shape[1]
    if len(runs) % 2 or (runs < 1).any():
        raise _wrong("pairs of a start and a length, both at least 1", text)
    stops = starts + lengths
    if (starts[1:] < stops[:-1]).any():
        raise _wrong("runs in order that do not overlap", text)
    if len(stops) and stops[-1] - 1 > size:
        raise _wrong(f"runs inside of {size} pixels", text)
    edges = np.zeros(size + 1, np.int8)
    edges[starts - 1] += 1
    edges[stops - 1] -= 1  # a run may begin where another ends
    return np.cumsum(edges[:-1]).astype(np.uint8).reshape(shape, order="F")


def _runs(text: object) -> np.ndarray:
    """The numbers of a text, int64."""
    if text is None or (isinstance(text, float) and np.isnan(text)):
        return np.zeros(0, np.int64)
    words = str(text).split()
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise _wrong("whole numbers without sign, separated by spaces", text)
    return np.array(words, np.int64) if words else np.zeros(0, np.int64)


def _wrong(expected: str, text: object) -> FormatError:
    return FormatError(
        f"Expected {expected}; got {str(text)[:60]!r}. Write runs with `tfseis rle encode`."
    )
