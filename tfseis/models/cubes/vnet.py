"""VNet, the original and the modification of FaultNet.

Source: Milletari et al. 2016, V-Net, https://arxiv.org/abs/1606.04797; FaultNet's VNet-modified.
Differs from it: instance normalisation instead of batch normalisation and LeakyReLU instead of
PReLU, both as FaultNet has them; any input size; no biases where normalisation cancels them.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import (
    CropTo,
    InputShape,
    check_filters,
    convolution,
    first_block,
    instance_norm,
    joined,
    leaky,
    logits,
    norm_leaky,
    rising_decoder,
    spatial_dropout,
)
from tfseis.models.cubes.unet3d import ANY_CUBE

ENCODER_DEPTH = (1, 2, 3, 2)  # 5 x 5 x 5 convolutions after each strided one
DECODER_DEPTH = (2, 2, 1, 1)
KERNEL = 5
DROPOUT_LEVELS = 2  # the coarsest levels of encoder and decoder, which drop channels


def vnet(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128, 256),
    dropout: float = 0.5,
    name: str = "vnet",
) -> keras.Model:
    """Build the original VNet; 45,595,000 weights with 2 classes.

    With one class the logit is taken from the features of the finest level; the last 5 x 5 x 5
    convolution of the source would normalise the only channel.

    Arguments, result and errors are those of `tfseis.models.unet3d`, but that there are five
    widths, all but the first even, and that `dropout` is the rate at the coarser levels, 0 to
    below 1.
    """
    check_filters(filters, 5)
    inputs = keras.Input(input_shape, name="amplitude")
    x = instance_norm(convolution(inputs, filters[0], KERNEL, bias=True))
    x = leaky(layers.Add()([x, inputs]))
    skips = []
    for level, (width, depth) in enumerate(zip(filters[1:], ENCODER_DEPTH, strict=True)):
        skips.append(x)
        kept = norm_leaky(convolution(x, width, 2, stride=2, bias=True))
        x = spatial_dropout(kept, dropout) if level >= DROPOUT_LEVELS else kept
        x = _residual(x, kept, depth)
    for level, (skip, depth) in enumerate(zip(reversed(skips), DECODER_DEPTH, strict=True)):
        coarse = level < DROPOUT_LEVELS
        x = spatial_dropout(x, dropout) if coarse else x
        grow = layers.Conv3DTranspose(skip.shape[-1], 2, 2, kernel_initializer="he_normal")
        x = norm_leaky(CropTo()([grow(x), skip]))
        x = kept = joined(x, spatial_dropout(skip, dropout) if coarse else skip)
        x = _residual(x, kept, depth)
    x = norm_leaky(convolution(x, classes, KERNEL, bias=True)) if classes > 1 else x
    return keras.Model(inputs, logits(x, classes), name=name)


def vnet_modified(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128, 256),
    dropout: float = 0.6,
    name: str = "vnet_modified",
) -> keras.Model:
    """Build FaultNet's VNet-modified; 11,200,226 weights with 2 classes.

    One convolution with shared weights is used three times in each residual block.

    Arguments, result and errors are those of `vnet`, with two or more widths.
    """
    check_filters(filters, 0)
    inputs = keras.Input(input_shape, name="amplitude")
    x = first_block(inputs, filters[0], dropout, bias=False)
    skips = []
    for width in filters[1:]:
        skips.append(x)
        x = kept = convolution(x, width, stride=2)
        shared = layers.Conv3D(
            width, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
        )
        x = shared(spatial_dropout(shared(norm_leaky(x)), dropout))
        x = norm_leaky(layers.Add()([kept, shared(norm_leaky(x))]))
    return keras.Model(inputs, rising_decoder(x, skips, classes=classes), name=name)


def _residual(x: KerasTensor, kept: KerasTensor, depth: int) -> KerasTensor:
    for _ in range(depth):
        x = norm_leaky(convolution(x, kept.shape[-1], KERNEL, bias=True))
    return leaky(layers.Add()([x, kept]))
