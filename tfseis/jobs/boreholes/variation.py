"""Variations of borehole images for training, on keras.ops, each from an explicit seed.

A roll is a rotation of the tool: exact, since azimuth wraps. Flips mirror the rock; noise and gain
belong to the tool and leave the mask alone.
"""

from dataclasses import dataclass

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError

ROWS, COLUMNS = 1, 2  # axes of (batch, rows, columns, channels)
SEEDS = 5  # random draws a batch, each of a seed of its own


@dataclass(frozen=True, kw_only=True)
class Tool:
    """How training images vary.

    Args:
        roll: rotate each image by a random number of columns.
        flip: mirror half of the images in azimuth, and half in depth.
        noise: standard deviation added, in units of the scaled image.
        gain: the image is multiplied by a factor from 1 - gain to 1 + gain.
    """

    roll: bool = True
    flip: bool = True
    noise: float = 0.1
    gain: float = 0.2

    def __post_init__(self) -> None:
        if self.noise < 0 or not 0 <= self.gain < 1:
            raise ModelError(
                f"Expected noise of at least 0 and a gain from 0 to below 1; got {self.noise} and "
                f"{self.gain}. Use 0 for none."
            )


def vary(
    images: KerasTensor, masks: KerasTensor, *, tool: Tool, seed: int
) -> tuple[KerasTensor, KerasTensor]:
    """A batch seen by a rotated, mirrored, noisy tool; the same seed gives the same batch.

    Args:
        images: (batch, rows, columns, channels), float.
        masks: (batch, rows, columns, classes).
        tool: what varies.
        seed: of every draw.

    Returns:
        Images and masks of the same shapes; masks are moved, never interpolated.
    """
    batch, _, columns, _ = images.shape
    if tool.roll:
        turns = keras.random.randint((batch,), 0, columns, seed=SEEDS * seed)
        images, masks = rolled(images, turns), rolled(masks, turns)
    if tool.flip:
        for number, axis in enumerate((ROWS, COLUMNS), start=1):
            chosen = keras.random.uniform((batch, 1, 1, 1), seed=SEEDS * seed + number) < 0.5
            images = ops.where(chosen, ops.flip(images, axis), images)
            masks = ops.where(chosen, ops.flip(masks, axis), masks)
    if tool.gain:
        low, high = 1 - tool.gain, 1 + tool.gain
        images = images * keras.random.uniform((batch, 1, 1, 1), low, high, seed=SEEDS * seed + 3)
    if tool.noise:
        images = images + tool.noise * keras.random.normal(images.shape, seed=SEEDS * seed + 4)
    return images, masks


def rolled(images: KerasTensor, turns: KerasTensor) -> KerasTensor:
    """Each image rotated by its own number of columns, exactly; as `numpy.roll`.

    Args:
        images: (batch, rows, columns, channels).
        turns: int (batch,).
    """
    columns = images.shape[COLUMNS]
    places = (
        ops.arange(columns) - ops.reshape(ops.cast(turns, "int32"), (-1, 1))
    ) % columns  # batch, columns
    places = ops.broadcast_to(places[:, None, :, None], images.shape)
    return ops.take_along_axis(images, places, axis=COLUMNS)
