"""Padding by reflection of tensors whose size a graph may not know yet."""

from typing import Any

from keras import ops


def mirrored(planes: Any, axis: int, target: Any) -> Any:
    """Pad one axis by reflection on both sides, edge sample included.

    An image smaller than its padding is reflected again and again.

    Args:
        planes: tensor with at least one sample along the axis.
        axis: axis that is padded.
        target: number of samples afterwards, an int or a scalar tensor. If the padding is odd, one
            sample more is added at the end than at the beginning.

    Returns:
        Tensor with `target` samples along the axis.

    Examples:
        >>> ops.convert_to_numpy(mirrored(ops.arange(3), 0, 6)).tolist()
        [0, 0, 1, 2, 2, 1]
    """
    length = ops.shape(planes)[axis]
    index = ops.arange(target, dtype="int32") - (target - length) // 2
    index = ops.mod(index, 2 * length)
    return ops.take(planes, ops.minimum(index, 2 * length - 1 - index), axis=axis)
