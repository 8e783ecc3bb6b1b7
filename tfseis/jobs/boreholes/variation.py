"""How borehole images vary in training, on keras.ops, each batch from an explicit seed.

A roll is a rotation of the tool and is exact, since azimuth wraps around. Mirroring changes the
rock; noise and gain belong to the tool and leave the mask alone.
"""

from dataclasses import dataclass

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError

ROWS, COLUMNS = 1, 2  # axes of (batch, rows, columns, channels)
SEEDS = 5  # random choices for a batch, each from a seed of its own
Pair = tuple[KerasTensor, KerasTensor]


@dataclass(frozen=True, kw_only=True)
class Variation:
    """Rolls, mirrors, scales and adds noise; called with a batch and a seed.

    Args:
        roll: whether each image is rotated by a random number of columns.
        mirror: whether half of the images are mirrored in azimuth, and half in depth.
        noise: standard deviation of the noise that is added, in units of the scaled image.
        gain: the image is multiplied by a factor from 1 - gain to 1 + gain.

    Raises:
        ModelError: negative noise, or a gain outside 0 to 1.
    """

    roll: bool = True
    mirror: bool = True
    noise: float = 0.1
    gain: float = 0.2

    def __post_init__(self) -> None:
        if self.noise < 0 or not 0 <= self.gain < 1:
            raise ModelError(
                f"Expected noise of at least 0 and a gain from 0 to below 1; got {self.noise} and "
                f"{self.gain}. Use 0 for none."
            )

    def __call__(self, images: KerasTensor, masks: KerasTensor, seed: int) -> Pair:
        """Vary one batch; the same seed gives the same result.

        Args:
            images: float32 (batch, rows, columns, channels).
            masks: (batch, rows, columns, classes).
            seed: seed of every random choice, 0 to 2**24.

        Returns:
            Images and masks of the same shapes; masks are moved, never interpolated.
        """
        batch, _, columns, _ = images.shape
        if self.roll:
            turns = keras.random.randint((batch,), 0, columns, seed=SEEDS * seed)
            images, masks = rolled(images, turns), rolled(masks, turns)
        if self.mirror:
            for number, axis in enumerate((ROWS, COLUMNS), start=1):
                chosen = keras.random.uniform((batch, 1, 1, 1), seed=SEEDS * seed + number) < 0.5
                images = ops.where(chosen, ops.flip(images, axis), images)
                masks = ops.where(chosen, ops.flip(masks, axis), masks)
        if self.gain:
            low, high = 1 - self.gain, 1 + self.gain
            factors = keras.random.uniform((batch, 1, 1, 1), low, high, seed=SEEDS * seed + 3)
            images = images * factors
        if self.noise:
            noise = keras.random.normal(images.shape, seed=SEEDS * seed + 4)
            images = images + self.noise * noise
        return images, masks


def unvaried(images: KerasTensor, masks: KerasTensor, seed: int) -> Pair:
    """Images and masks as they are; `seed` is not used."""
    return images, masks


def rolled(images: KerasTensor, turns: KerasTensor) -> KerasTensor:
    """Rotate each image by its own number of columns, exactly, as `numpy.roll` does.

    Args:
        images: (batch, rows, columns, channels).
        turns: integers (batch,).
    """
    columns = images.shape[COLUMNS]
    starts = ops.reshape(ops.cast(turns, "int32"), (-1, 1))
    places = (ops.arange(columns) - starts) % columns  # (batch, columns)
    places = ops.broadcast_to(places[:, None, :, None], images.shape)
    return ops.take_along_axis(images, places, axis=COLUMNS)
