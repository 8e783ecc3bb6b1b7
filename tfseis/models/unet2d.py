"""2D U-Net: two convolutions a level, concatenated skips, repeat upsampling.

Source: Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation,
https://arxiv.org/abs/1505.04597.
Differs from it: `same` padding, batch normalisation (momentum 0.9, since training runs are short),
ELU, and a quarter of its width by default.
"""

from collections.abc import Sequence

import keras
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.patch_classifier import MOMENTUM

FILTERS = (16, 32, 64, 64)


def unet2d(
    input_shape: tuple[int | None, int | None, int],
    *,
    classes: int,
    filters: Sequence[int] = FILTERS,
    dropout: float = 0.1,
    name: str = "unet2d",
) -> keras.Model:
    """Build a 2D U-Net that returns logits at every sample.

    Args:
        input_shape: (rows, columns, channels); each of the first two is a multiple of
            ``2 ** (len(filters) - 1)``, or None.
        classes: number of classes.
        filters: width of each level, from the finest to the coarsest; at least two.
        dropout: rate at the bottom and before the logits, 0 to below 1.
        name: name of the model.

    Returns:
        Model from (batch, rows, columns, channels) to (batch, rows, columns, classes), float32,
        without activation.

    Raises:
        ModelError: an axis does not survive the pooling, or fewer than two levels.

    Examples:
        >>> unet2d((None, None, 1), classes=9).output_shape
        (None, None, None, 9)
    """
    if len(filters) < 2 or min(filters) < 1:
        raise ModelError(
            f"Expected two or more positive widths, one a level; got {tuple(filters)}. "
            f"For example {FILTERS}."
        )
    factor = 2 ** (len(filters) - 1)
    for size in input_shape[:2]:
        if size is not None and size % factor:
            raise ModelError(
                f"{len(filters)} levels expected rows and columns that are multiples of {factor}; "
                f"got {size}. Pad to {-(-size // factor) * factor}, or use None."
            )
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for width in filters[:-1]:
        x = _double_convolution(x, width)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(dropout)(_double_convolution(x, filters[-1]))
    for width, skip in zip(reversed(filters[:-1]), reversed(skips), strict=True):
        x = layers.UpSampling2D(2)(x)
        x = layers.Concatenate()([skip, x])
        x = _double_convolution(x, width)
    x = layers.Dropout(dropout)(x)
    logits = layers.Conv2D(classes, 1, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)


def _double_convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = layers.Activation("elu")(x)
    return x
