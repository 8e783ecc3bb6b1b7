"""From raw images to what a 2D salt network sees, and from what it says back to the image.

One function each way, on `keras.ops` alone: training, prediction and exported models share them, so
that none can prepare its images otherwise than the network was trained.

Source: padding by reflection and coordinate channels as in the solutions of the TGS salt challenge.
Differs from it: images of other sizes than those of training keep their scale, and are padded.
"""

from typing import Any, Protocol

import keras
from keras import ops

from tfseis.errors import ModelError

PREPARATIONS = ("pad", "resize")
CHANNELS = ("image", "depth", "coordinate")
WHITE = 255.0  # of an 8-bit image
MULTIPLE = 32  # larger images are padded to a multiple of it, which any of our networks takes
DEEP = 1000.0  # metres for which the depth channel is 1
UNKNOWN_DEPTH = 0.5  # of the depth channel, where there is no depth: the middle of its range

Size = Any  # an int, or a scalar tensor where a graph does not know it yet


class Preparation(Protocol):
    """What `SaltRecipe` says of preparation; see there."""

    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def preparation(self) -> str: ...  # noqa: D102
    @property
    def image_size(self) -> int: ...  # noqa: D102
    @property
    def channels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def threshold(self) -> float: ...  # noqa: D102
    @property
    def smallest(self) -> int: ...  # noqa: D102


def check_preparation(recipe: Preparation) -> None:
    """Refuse a recipe that cannot be followed.

    Raises:
        ModelError: an unknown preparation or channel, or images that do not fit.
    """
    if recipe.preparation not in PREPARATIONS:
        raise ModelError(
            f"Expected preparation {' or '.join(PREPARATIONS)}; got {recipe.preparation!r}."
        )
    unknown = [name for name in recipe.channels if name not in CHANNELS]
    if unknown or not recipe.channels:
        raise ModelError(
            f"Expected channels among {', '.join(CHANNELS)}; got {', '.join(unknown) or 'none'}. "
            "For example image, depth."
        )
    if recipe.preparation == "pad" and recipe.size < recipe.image_size:
        raise ModelError(
            f"Expected images of at most {recipe.size} samples, to which they are padded; got "
            f"{recipe.image_size}. Use a larger size, or resizing."
        )


def prepare(images: Any, recipe: Preparation, depth: Any = None) -> Any:
    """Turn raw images into the input of a network.

    Args:
        images: (batch, rows, columns, 1 or more): uint8 from 0 to 255, or floating from 0 to 1;
            several channels are averaged to grey. Any number of rows and columns.
        recipe: the preparation, usually a `SaltRecipe`.
        depth: (batch,), metres, NaN where unknown; None where all are.

    Returns:
        (batch, rows, columns, channels of the recipe), float32, as `frame` gives it. The channels:
        ``image`` from 0 to 1; ``depth`` in km, 0.5 where unknown; ``coordinate`` from 0 in the
        first to 1 in the last row of the image.
    """
    white = WHITE if keras.backend.standardize_dtype(images.dtype) == "uint8" else 1.0
    grey = ops.mean(ops.cast(images, "float32"), axis=-1, keepdims=True) / white
    ones = ops.ones_like(grey)
    planes = {"image": lambda: grey, "depth": lambda: _depth(ones, depth),
              "coordinate": lambda: _coordinate(ones)}  # fmt: skip
    return frame(ops.concatenate([planes[name]() for name in recipe.channels], axis=-1), recipe)


def frame(planes: Any, recipe: Preparation, *, interpolation: str = "bilinear") -> Any:
    """Scale images or masks as the recipe asks, then pad them by reflection around their middle.

    Args:
        planes: (batch, rows, columns, channels).
        recipe: the preparation. Where it resizes, ``size / image_size`` is the scale, whatever
            the image.
        interpolation: of resizing; "nearest" for masks.

    Returns:
        (batch, rows, columns, channels): along each axis `size` samples, or, where the image needs
        more, the next multiple of 32.

    Examples:
        >>> from types import SimpleNamespace
        >>> recipe = SimpleNamespace(preparation="pad", size=5, image_size=3)
        >>> row = ops.reshape(ops.arange(3), (1, 1, 3, 1))
        >>> ops.convert_to_numpy(frame(row, recipe))[0, 0, :, 0].tolist()
        [0, 0, 1, 2, 2]
    """
    for axis in (1, 2):
        length = ops.shape(planes)[axis]
        scaled = _scaled(length, recipe)
        if scaled is not length:
            planes = _resampled(planes, axis, scaled, interpolation)
        planes = mirrored(planes, axis, _framed(scaled, recipe.size))
    return planes


def restore(planes: Any, recipe: Preparation, height: Size, width: Size) -> Any:
    """Undo `frame`: cut the padding off, scale back.

    Args:
        planes: (batch, rows, columns, channels), probabilities or logits of framed images.
        recipe: the preparation.
        height: rows of the raw image.
        width: its columns.

    Returns:
        (batch, height, width, channels).
    """
    rows, columns = _scaled(height, recipe), _scaled(width, recipe)
    top, left = (_before(length, recipe.size) for length in (rows, columns))
    planes = planes[:, top : top + rows, left : left + columns]
    for axis, length, scaled in ((1, height, rows), (2, width, columns)):
        if scaled is not length:
            planes = _resampled(planes, axis, length, "bilinear")
    return planes


def mirrored(planes: Any, axis: int, target: Size) -> Any:
    """Pad an axis by reflection to `target` samples; of an odd number the larger half comes after.

    The edge sample is repeated; an image smaller than the padding is reflected again and again.
    """
    length = ops.shape(planes)[axis]
    index = ops.arange(target, dtype="int32") - (target - length) // 2
    index = ops.mod(index, 2 * length)
    return ops.take(planes, ops.minimum(index, 2 * length - 1 - index), axis=axis)


def salt_mask(probability: Any, recipe: Preparation) -> Any:
    """The mask of a probability: above the threshold, or empty where that is too little.

    Args:
        probability: (batch, rows, columns, 1), 0 to 1.
        recipe: its `threshold`; and `smallest`: a mask of fewer pixels is emptied.

    Returns:
        uint8, 0 or 1, of the same shape.
    """
    above = ops.cast(probability > recipe.threshold, "int32")
    enough = ops.sum(above, axis=(1, 2, 3), keepdims=True) >= recipe.smallest
    return ops.cast(above * ops.cast(enough, "int32"), "uint8")


def _depth(ones: Any, depth: Any) -> Any:
    if depth is None:
        return ones * UNKNOWN_DEPTH
    depth = ops.reshape(ops.cast(depth, "float32"), (-1, 1, 1, 1)) / DEEP
    return ones * ops.where(ops.isnan(depth), UNKNOWN_DEPTH, depth)


def _coordinate(ones: Any) -> Any:
    rows = ops.cumsum(ones, axis=1) - 1
    return rows / ops.maximum(rows[:, -1:], 1.0)


def _scaled(length: Size, recipe: Preparation) -> Size:
    """Samples of a scaled image, rounded to the nearest; `length` itself where nothing changes."""
    if recipe.preparation == "pad" or recipe.size == recipe.image_size:
        return length
    return _larger((2 * length * recipe.size + recipe.image_size) // (2 * recipe.image_size), 1)


def _resampled(planes: Any, axis: int, length: Size, interpolation: str) -> Any:
    """An axis at another number of samples, over the same extent.

    `keras.ops.image.resize` does the same, but wants sizes that the graph knows.
    """
    old = ops.shape(planes)[axis]
    middles = (ops.arange(length, dtype="float32") + 0.5) * (
        ops.cast(old, "float32") / ops.cast(length, "float32")
    )
    if interpolation == "nearest":
        return ops.take(planes, ops.minimum(ops.cast(middles, "int32"), old - 1), axis=axis)
    place = ops.clip(middles - 0.5, 0, ops.cast(old - 1, "float32"))
    low = ops.cast(place, "int32")
    share = ops.reshape(
        place - ops.cast(low, "float32"), [-1 if a == axis else 1 for a in range(4)]
    )
    first = ops.take(planes, low, axis=axis)
    return first + share * (ops.take(planes, ops.minimum(low + 1, old - 1), axis=axis) - first)


def _framed(length: Size, size: int) -> Size:
    """Samples of a padded image."""
    if isinstance(length, int):
        return size if length <= size else -(-length // MULTIPLE) * MULTIPLE
    return ops.where(length <= size, size, -(-length // MULTIPLE) * MULTIPLE)


def _before(length: Size, size: int) -> Size:
    return (_framed(length, size) - length) // 2


def _larger(a: Size, b: int) -> Size:
    return max(a, b) if isinstance(a, int) else ops.maximum(a, b)
