"""2D and 3D U-Net: two convolutions a level, concatenated skips, repeat upsampling.

Source: Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation,
https://arxiv.org/abs/1505.04597; Çiçek et al. 2016, 3D U-Net: Learning Dense Volumetric
Segmentation from Sparse Annotation, https://arxiv.org/abs/1606.06650.
Differs from them: `same` padding, batch normalisation (momentum 0.9, since training runs are
short), ELU, and a quarter of their width by default.
"""

from collections.abc import Sequence

import keras
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.sections.patch_classifier import CONVOLUTIONS, MOMENTUM, POOLINGS

UPSAMPLINGS = {2: layers.UpSampling2D, 3: layers.UpSampling3D}
FILTERS = (16, 32, 64, 64)


def unet(
    input_shape: tuple[int | None, ...],
    *,
    classes: int,
    filters: Sequence[int] = FILTERS,
    dropout: float = 0.1,
    name: str = "unet",
) -> keras.Model:
    """Build a U-Net that returns logits at every sample.

    Args:
        input_shape: (rows, columns, channels), or (inlines, crosslines, samples, channels) for 3D;
            each but the last is a multiple of ``2 ** (len(filters) - 1)``, or None.
        classes: number of classes.
        filters: width of each level, from the finest to the coarsest; at least two.
        dropout: rate of dropout at the coarsest level and before the logits, 0 to below 1.
        name: name of the model.

    Returns:
        Model from (batch, rows, .., channels) to (batch, rows, .., classes), float32, without
        activation.

    Raises:
        ModelError: an axis is no multiple of the pooling, or there are fewer than two levels.

    Examples:
        >>> unet((None, None, 1), classes=9).output_shape
        (None, None, None, 9)
        >>> unet((32, 16, 8, 1), classes=2, filters=(4, 8, 8)).output_shape
        (None, 32, 16, 8, 2)
    """
    axes = len(input_shape) - 1
    if axes not in POOLINGS:
        raise ModelError(
            f"Expected 2 or 3 axes and the channels; got the input shape {input_shape}. "
            "For example (None, None, 1)."
        )
    factor = pooling_factor(filters)
    for size in input_shape[:-1]:
        if size is not None and size % factor:
            raise ModelError(
                f"{len(filters)} levels expected axes that are multiples of {factor}; "
                f"got {size}. Pad to {-(-size // factor) * factor}, or use None."
            )
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for width in filters[:-1]:
        x = _double_convolution(x, width)
        skips.append(x)
        x = POOLINGS[axes](2)(x)
    x = layers.Dropout(dropout)(_double_convolution(x, filters[-1]))
    for width, skip in zip(reversed(filters[:-1]), reversed(skips), strict=True):
        x = UPSAMPLINGS[axes](2)(x)
        x = layers.Concatenate()([skip, x])
        x = _double_convolution(x, width)
    x = layers.Dropout(dropout)(x)
    logits = CONVOLUTIONS[axes](classes, 1, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)


def pooling_factor(filters: Sequence[int]) -> int:
    """Number of samples of the input for one of the coarsest level, along an axis.

    Raises:
        ModelError: fewer than two levels.
    """
    if len(filters) < 2 or min(filters) < 1:
        raise ModelError(
            f"Expected two or more positive widths, one a level; got {tuple(filters)}. "
            f"For example {FILTERS}."
        )
    return int(2 ** (len(filters) - 1))


def _double_convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    convolution = CONVOLUTIONS[len(x.shape) - 2]
    for _ in range(2):
        x = convolution(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = layers.Activation("elu")(x)
    return x
