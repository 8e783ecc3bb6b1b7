"""From raw images to the input of a network, and from its output back to the images.

There is one function for each direction, on `keras.ops` alone. Training, prediction and exported
models share them, so that all of them prepare images as the network was trained.

Source: padding by reflection and coordinate channels are used by many solutions of the TGS Salt
Identification Challenge 2018, https://www.kaggle.com/c/tgs-salt-identification-challenge.
Differs from it: images of other sizes than those of training keep their scale and are padded.
"""

from typing import Any, Protocol

import keras
from keras import ops

from tfseis.data.padding import mirrored
from tfseis.errors import ModelError

PREPARATIONS = ("pad", "resize")
CHANNELS = ("image", "depth", "coordinate")
WHITE = 255.0  # white of an 8-bit image
MULTIPLE = 32  # larger images are padded to a multiple of it, which every network here takes
DEEP = 1000.0  # depth in m for which the depth channel is 1
UNKNOWN_DEPTH = 0.5  # depth channel where no depth is known: the middle of its range

Size = Any  # an int, or a scalar tensor where a graph does not know it yet


class Preparation(Protocol):
    """The fields of `SaltRecipe` that describe the preparation; see there."""

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

    Args:
        recipe: the preparation, usually a `SaltRecipe`.

    Raises:
        ModelError: the preparation or a channel is unknown, or images are larger than the size to
            which they are padded.
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
        images: tensor (batch, rows, columns, 1 or more) of uint8 from 0 to 255, or of
            floating-point numbers from 0 to 1; several channels are averaged to grey. Any number
            of rows and columns.
        recipe: the preparation, usually a `SaltRecipe`.
        depth: depth of each image in m, (batch,), NaN where it is unknown; None where no depth is
            known.

    Returns:
        float32 tensor (batch, rows, columns, channels of the recipe), of the size that `frame`
        gives. Channel ``image`` is 0 to 1; ``depth`` is in km, 0.5 where unknown; ``coordinate``
        rises from 0 in the first to 1 in the last row of the image.
    """
    white = WHITE if keras.backend.standardize_dtype(images.dtype) == "uint8" else 1.0
    grey = ops.mean(ops.cast(images, "float32"), axis=-1, keepdims=True) / white
    ones = ops.ones_like(grey)
    planes = {
        "image": lambda: grey,
        "depth": lambda: _depth(ones, depth),
        "coordinate": lambda: _coordinate(ones),
    }
    return frame(ops.concatenate([planes[name]() for name in recipe.channels], axis=-1), recipe)


def frame(planes: Any, recipe: Preparation, *, interpolation: str = "bilinear") -> Any:
    """Scale images or masks as the recipe asks, then pad them by reflection on all sides.

    Args:
        planes: tensor (batch, rows, columns, channels).
        recipe: the preparation. Where it resizes, all images are scaled by ``size / image_size``.
        interpolation: interpolation of resizing, "bilinear" or, for masks, "nearest".

    Returns:
        Tensor (batch, rows, columns, channels); along each axis `size` samples or, where the
        image needs more, the next multiple of 32.

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
    """Undo `frame`: cut the padding off and scale back.

    Args:
        planes: tensor (batch, rows, columns, channels), such as probabilities of framed images.
        recipe: the preparation.
        height: number of rows of the raw image.
        width: number of columns of the raw image.

    Returns:
        Tensor (batch, height, width, channels).
    """
    rows, columns = _scaled(height, recipe), _scaled(width, recipe)
    top, left = (_before(length, recipe.size) for length in (rows, columns))
    planes = planes[:, top : top + rows, left : left + columns]
    for axis, length, scaled in ((1, height, rows), (2, width, columns)):
        if scaled is not length:
            planes = _resampled(planes, axis, length, "bilinear")
    return planes


def salt_mask(probability: Any, recipe: Preparation) -> Any:
    """Masks made from probabilities; masks that are too small are emptied.

    Args:
        probability: tensor (batch, rows, columns, 1), 0 to 1.
        recipe: the preparation. A pixel whose probability is above its `threshold` belongs to the
            mask; a mask of fewer pixels than its `smallest` is emptied.

    Returns:
        uint8 tensor of the same shape, 0 or 1.
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
    """Number of samples of a scaled image; `length` itself where nothing is scaled."""
    if recipe.preparation == "pad" or recipe.size == recipe.image_size:
        return length
    return _larger((2 * length * recipe.size + recipe.image_size) // (2 * recipe.image_size), 1)


def _resampled(planes: Any, axis: int, length: Size, interpolation: str) -> Any:
    """Resample one axis to another number of samples over the same extent.

    `keras.ops.image.resize` does the same, but needs sizes that are known when a graph is built.
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
    """Number of samples of a padded image."""
    if isinstance(length, int):
        return size if length <= size else -(-length // MULTIPLE) * MULTIPLE
    return ops.where(length <= size, size, -(-length // MULTIPLE) * MULTIPLE)


def _before(length: Size, size: int) -> Size:
    return (_framed(length, size) - length) // 2


def _larger(a: Size, b: int) -> Size:
    return max(a, b) if isinstance(a, int) else ops.maximum(a, b)
