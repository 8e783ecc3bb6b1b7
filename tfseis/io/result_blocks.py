"""Blocks of a result as they are written: where they lie, and whether its samples hold them."""

import numpy as np

from tfseis.errors import GeometryError, OutputError

Part = tuple[slice, slice]  # inlines and crosslines of a result, as indices


def block_place(values: np.ndarray, shape: tuple[int, int, int], first: tuple[int, int]) -> Part:
    """The inlines and crosslines of a block.

    Args:
        values: array (inlines, crosslines, samples) with all samples of the result.
        shape: shape of the result.
        first: index of the block's first inline and crossline.

    Raises:
        GeometryError: the block does not lie in the result.
    """
    ends = [start + size for start, size in zip(first, values.shape, strict=False)]
    inside = values.ndim == 3 and min(first) >= 0 and ends[0] <= shape[0] and ends[1] <= shape[1]
    if not inside or values.shape[2] != shape[2]:
        raise GeometryError(
            f"Expected a block inside the result {shape}, with all its samples; got "
            f"{values.shape} at inline {first[0]}, crossline {first[1]}. Cut it to fit."
        )
    return slice(first[0], ends[0]), slice(first[1], ends[1])


def check_values(values: np.ndarray, dtype: np.dtype, name: str) -> None:
    """Refuse values that the samples of a result cannot hold.

    Args:
        values: a block.
        dtype: type of the samples.
        name: name of the result, for messages.

    Raises:
        OutputError: a value is not finite, no integer, or out of range.
    """
    if not values.size:
        return
    if dtype.kind == "f":
        good = bool(np.isfinite(values).all())
        expected = "finite values"
    else:
        limits = np.iinfo(dtype)
        good = values.dtype.kind in "biu" and bool(
            limits.min <= values.min() and values.max() <= limits.max
        )
        expected = f"integer classes between {limits.min} and {limits.max}"
    if not good:
        raise OutputError(
            f"{name}: expected {expected}; got {values.dtype}, {values.min()} to "
            f"{values.max()}. Check the prediction."
        )
