"""A small U-Net for salt masks that trains from scratch on a CPU.

Source: residual blocks, hypercolumns, concurrent squeeze and excitation (Roy, Navab, Wachinger
2018, https://arxiv.org/abs/1803.02579) and deep supervision, as solutions of the TGS salt challenge
have them.
Differs from it: the first convolution halves the resolution and the last one doubles it, so that
no wide layer runs at full resolution; below 2 million parameters.
"""

from collections.abc import Sequence

import keras
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.sections.upsampling import LinearUpsampling2D

MOMENTUM = 0.95  # of batch normalisation; 0.99 of Keras lags behind in short trainings
FILTERS = (24, 48, 96, 160)
HYPERCOLUMN = 16  # filters that the last layer takes from each level of the decoder
MASK, SALT, DEEP = "mask", "salt", "deep"


def light_unet(
    input_shape: tuple[int | None, int | None, int],
    *,
    filters: Sequence[int] = FILTERS,
    blocks: int = 1,
    dropout: float = 0.2,
    supervised: bool = False,
    name: str = "light_unet",
) -> keras.Model:
    """Build a light U-Net that returns one logit a pixel.

    Depth may be a channel of the input, constant where it is unknown.

    Args:
        input_shape: (rows, columns, channels); each of the first two is a multiple of
            ``2 ** len(filters)``, or None.
        filters: width of each level, from half the resolution downwards; at least two.
        blocks: number of residual blocks at each level of the encoder.
        dropout: rate of dropout before the logits, 0 to below 1.
        supervised: whether to return also the logits that are used in training only.
        name: name of the model.

    Returns:
        Model from (batch, rows, columns, channels) to logits (batch, rows, columns, 1), float32.
        If `supervised`, to a dict: ``mask`` with those logits; ``salt`` (batch, 1), whether the
        image holds any; ``deep`` (batch, rows / 2, columns / 2, levels - 1), a mask for each level
        of the decoder.

    Raises:
        ModelError: an axis cannot be halved at each level, or there are fewer than two levels.

    Examples:
        >>> light_unet((None, None, 3)).output_shape
        (None, None, None, 1)
    """
    _check(input_shape, filters)
    inputs = keras.Input(input_shape, name="image")
    x = _normed(layers.Conv2D(filters[0], 5, strides=2, padding="same", use_bias=False)(inputs))
    skips = []
    for level, width in enumerate(filters):
        x = layers.MaxPooling2D(2)(x) if level else x
        for _ in range(blocks):
            x = _residual(x, width)
        x = _squeeze_excite(x)
        skips.append(x)
    seen = layers.GlobalAveragePooling2D(keepdims=True)(x)
    columns = []
    for width, skip in zip(reversed(filters[:-1]), reversed(skips[:-1]), strict=True):
        x = layers.Concatenate()([skip, layers.UpSampling2D(2)(_projected(x, width))])
        x = _squeeze_excite(_residual(_projected(x, width), width))
        columns.append(x)
    deep = []
    for level, column in enumerate(columns):
        thin = layers.Conv2D(HYPERCOLUMN, 3, padding="same", activation="relu")(column)
        deep.append(_enlarged(thin, 2 ** (len(columns) - 1 - level)))
    x = layers.Concatenate()(deep)
    # features of the whole image are added to those of every pixel
    x = layers.Add()(
        [
            layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x),
            layers.Conv2D(filters[0], 1)(seen),
        ]
    )
    x = layers.Dropout(dropout)(_normed(x))
    mask = layers.Conv2DTranspose(1, 4, strides=2, padding="same", dtype="float32", name=MASK)(x)
    if not supervised:
        return keras.Model(inputs, mask, name=name)
    salt = layers.Dense(1, dtype="float32", name=SALT)(layers.Flatten()(seen))
    masks = [layers.Conv2D(1, 1, dtype="float32")(column) for column in deep]
    masks = layers.Concatenate(name=DEEP, dtype="float32")(masks)
    return keras.Model(inputs, {MASK: mask, SALT: salt, DEEP: masks}, name=name)


def _check(input_shape: tuple[int | None, int | None, int], filters: Sequence[int]) -> None:
    if len(filters) < 2 or min(filters) < 1:
        raise ModelError(
            f"Expected two or more positive widths, one a level; got {tuple(filters)}. "
            f"For example {FILTERS}."
        )
    factor = 2 ** len(filters)
    for size in input_shape[:2]:
        if size is not None and size % factor:
            raise ModelError(
                f"{len(filters)} levels expected rows and columns that are multiples of {factor}; "
                f"got {size}. Pad to {-(-size // factor) * factor}, or use None."
            )


def _residual(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    """Two convolutions beside a shortcut."""
    shortcut = x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)
    x = _normed(layers.Conv2D(width, 3, padding="same", use_bias=False)(x))
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(
        layers.Add()([layers.BatchNormalization(momentum=MOMENTUM)(x), shortcut])
    )


def _normed(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Activation("relu")(layers.BatchNormalization(momentum=MOMENTUM)(x))


def _projected(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    return x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)


def _squeeze_excite(x: keras.KerasTensor, ratio: int = 8) -> keras.KerasTensor:
    """Weigh channels by their means over the image, and pixels by their channels."""
    width = x.shape[-1]
    channels = layers.GlobalAveragePooling2D(keepdims=True)(x)
    channels = layers.Conv2D(max(width // ratio, 4), 1, activation="relu")(channels)
    channels = layers.Conv2D(width, 1, activation="sigmoid")(channels)
    pixels = layers.Conv2D(1, 1, activation="sigmoid")(x)
    return layers.Multiply()([x, layers.Add()([channels, pixels])])


def _enlarged(x: keras.KerasTensor, factor: int) -> keras.KerasTensor:
    return LinearUpsampling2D(factor)(x) if factor > 1 else x
