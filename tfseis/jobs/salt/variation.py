"""Variations of images and their masks, in the graph: both are sampled at the same moved positions.

Random numbers are arguments, sampled with an explicit seed, so that the same numbers give the same
variation. Nothing here mirrors the vertical axis, since the earth is not the same upside down.
"""

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

KNOTS = 4  # of the elastic field along each axis: wide swells, no ripples
DRAWS = 8 + 2 * KNOTS * KNOTS  # numbers that one image needs


@dataclass(frozen=True, kw_only=True)
class ImageVariation:
    """How far training images may differ from what was recorded.

    Args:
        flip: mirror half of the images left to right. Preserves amplitudes and depth.
        shift: largest move along each axis, as a part of the image. Preserves dips.
        scale: largest change of size, as a part of it, the same along both axes. Preserves dips.
        shear: largest added dip, samples a column. Preserves thickness along columns.
        elastic: largest bend at the knots of the elastic field, in pixels. Preserves which layer
            touches which.
        brightness: largest added grey, of 0 to 1. Preserves geometry and contrast.
        contrast: largest change of contrast around the mean of the image, as a part of it.
            Preserves geometry and mean.
    """

    flip: bool = True
    shift: float = 0.12
    scale: float = 0.2
    shear: float = 0.15
    elastic: float = 2.0
    brightness: float = 0.08
    contrast: float = 0.15


AS_RECORDED = ImageVariation(
    flip=False, shift=0, scale=0, shear=0, elastic=0, brightness=0, contrast=0
)


def vary(images: Any, masks: Any, draws: Any, variation: ImageVariation) -> tuple[Any, Any]:
    """Vary images and masks alike.

    Args:
        images: (batch, rows, columns, 1), float32 from 0 to 1.
        masks: array of the same shape, 0 or 1.
        draws: random numbers (batch, DRAWS), each from 0 to 1.
        variation: how far.

    Returns:
        Images, from 0 to 1, and masks, 0 or 1; both float32. What comes from outside of the image
        is its reflection.
    """
    rows, columns = moved(ops.shape(images)[1:3], draws, variation)
    planes = sample(ops.concatenate([images, ops.cast(masks, "float32")], axis=-1), rows, columns)
    images, masks = planes[..., :1], ops.cast(planes[..., 1:] > 0.5, "float32")
    return brighten(images, draws[:, 6], draws[:, 7], variation), masks


def moved(shape: Any, draws: Any, variation: ImageVariation) -> tuple[Any, Any]:
    """Where in the image each pixel of the varied image comes from.

    Args:
        shape: rows and columns.
        draws: random numbers (batch, DRAWS), each from 0 to 1.
        variation: how far.

    Returns:
        Rows and columns, float32 (batch, rows, columns), in pixels.
    """
    height, width = (ops.cast(length, "float32") for length in shape)
    signed = ops.reshape(2 * draws[:, :6] - 1, (-1, 6, 1, 1))
    flip, down, right, scale, shear = (signed[:, i] for i in range(5))
    row = ops.reshape(ops.arange(shape[0], dtype="float32"), (1, -1, 1)) - (height - 1) / 2
    column = ops.reshape(ops.arange(shape[1], dtype="float32"), (1, 1, -1)) - (width - 1) / 2
    size = 1 + variation.scale * scale
    rows = row * size + variation.shear * shear * column + variation.shift * down * height
    columns = column * size + variation.shift * right * width
    if variation.flip:
        columns = ops.where(flip < 0, -columns, columns)
    rows, columns = rows + (height - 1) / 2, columns + 0 * row + (width - 1) / 2
    if not variation.elastic:
        return rows, columns
    knots = ops.reshape(2 * draws[:, 8:DRAWS] - 1, (-1, KNOTS, KNOTS, 2))
    bend = variation.elastic * ops.image.resize(
        knots, (shape[0], shape[1]), interpolation="bicubic", data_format="channels_last"
    )
    return rows + bend[..., 0], columns + bend[..., 1]


def sample(planes: Any, rows: Any, columns: Any) -> Any:
    """Read images at positions between pixels, linearly; outside they are reflected.

    Args:
        planes: (batch, height, width, channels), floating.
        rows: positions downwards, in pixels, (batch, rows, columns).
        columns: positions across, in pixels, the same shape.

    Returns:
        (batch, rows, columns, channels).
    """
    batch, height, width, channels = ops.shape(planes)
    flat = ops.reshape(planes, (-1, channels))
    first = ops.reshape(ops.arange(batch, dtype="int32") * height * width, (-1, 1, 1))
    top, left = ops.floor(rows), ops.floor(columns)
    below, beside = (rows - top)[..., None], (columns - left)[..., None]
    result = 0.0
    for down, part in ((0, 1 - below), (1, below)):
        row = first + _reflected(ops.cast(top, "int32") + down, height) * width
        for right, share in ((0, 1 - beside), (1, beside)):
            index = row + _reflected(ops.cast(left, "int32") + right, width)
            result = result + part * share * ops.take(flat, index, axis=0)
    return result


def brighten(images: Any, light: Any, range_: Any, variation: ImageVariation) -> Any:
    """Add grey and stretch contrast; values stay within 0 to 1.

    Args:
        images: (batch, rows, columns, 1), float32 from 0 to 1.
        light: random numbers (batch,), each from 0 to 1, for the added grey.
        range_: random numbers (batch,), each from 0 to 1, for the contrast.
        variation: how far.
    """
    light, range_ = (ops.reshape(2 * of - 1, (-1, 1, 1, 1)) for of in (light, range_))
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    stretched = mean + (images - mean) * (1 + variation.contrast * range_)
    return ops.clip(stretched + variation.brightness * light, 0.0, 1.0)


def _reflected(index: Any, length: Any) -> Any:
    """Indices mirrored into 0..length-1, the edge sample repeated."""
    index = keras.ops.mod(index, 2 * length)
    return ops.minimum(index, 2 * length - 1 - index)
