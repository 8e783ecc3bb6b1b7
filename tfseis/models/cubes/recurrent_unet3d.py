"""Recurrent residual U-Net (R2U-Net): convolutions that are applied again to their own output.

Source: Alom et al. 2018, Recurrent Residual Convolutional Neural Network based on U-Net,
https://arxiv.org/abs/1802.06955.
Differs from it: three dimensions, instance normalisation, any input size.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import (
    InputShape,
    check_filters,
    convolution,
    grown,
    joined,
    logits,
    norm_leaky,
    pooled,
)
from tfseis.models.cubes.unet3d import ANY_CUBE


def recurrent_unet3d(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128),
    repeats: int = 2,
    name: str = "recurrent_unet3d",
) -> keras.Model:
    """Build a 3D R2U-Net that returns logits.

    Arguments, result and errors are those of `tfseis.models.unet3d`, with one more: `repeats` is
    the number of times that a convolution, with the same weights, is applied to the sum of its
    input and its last output.
    """
    check_filters(filters, 0)
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for width in filters[:-1]:
        x = _recurrent_block(x, width, repeats)
        skips.append(x)
        x = pooled(x)
    x = _recurrent_block(x, filters[-1], repeats)
    for skip in reversed(skips):
        x = norm_leaky(convolution(grown(x, skip), skip.shape[-1]))
        x = _recurrent_block(joined(skip, x), skip.shape[-1], repeats)
    return keras.Model(inputs, logits(x, classes), name=name)


def _recurrent_block(x: KerasTensor, filters: int, repeats: int) -> KerasTensor:
    """A 1 x 1 x 1 convolution to the width, and two recurrent ones with a residual around them."""
    x = kept = convolution(x, filters, 1, bias=True)
    for _ in range(2):
        shared = layers.Conv3D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
        )
        seen = norm_leaky(shared(x))
        for _ in range(repeats):
            seen = norm_leaky(shared(layers.Add()([x, seen])))
        x = seen
    return layers.Add()([kept, x])
