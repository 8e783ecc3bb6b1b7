"""Residual 3D U-Nets: UNet-Res1 of FaultNet, and a UNet-Res2 with no more weights than it.

Source: FaultNet (satyakees); Isensee et al. 2024, nnU-Net Revisited,
https://arxiv.org/abs/2404.09556, for residual encoders; Hu et al. 2018, Squeeze-and-Excitation,
https://arxiv.org/abs/1709.01507.
Differs from it: FaultNet's UNet-Res2 was never released; this one has only its name in common.
UNet-Res1 has no biases where normalisation cancels them, and takes any input size.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import (
    InputShape,
    check_filters,
    convolution,
    first_block,
    grown,
    instance_norm,
    joined,
    leaky,
    logits,
    norm_leaky,
    rising_decoder,
    spatial_dropout,
)
from tfseis.models.cubes.unet3d import ANY_CUBE

SQUEEZE = 8  # number of channels for each unit of the gate, which has at least `FEWEST`
FEWEST = 4


def unet_res1(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 256),
    dropout: float = 0.6,
    name: str = "unet_res1",
) -> keras.Model:
    """Build FaultNet's UNet-Res1; 7,399,522 weights with 2 classes.

    Arguments, result and errors are those of `tfseis.models.unet3d`, with one more: `dropout` is
    the rate in every residual block, 0 to below 1.
    """
    check_filters(filters, 0)
    inputs = keras.Input(input_shape, name="amplitude")
    x = first_block(inputs, filters[0], dropout, bias=True)
    skips = []
    for width in filters[1:]:
        skips.append(x)
        x = kept = convolution(x, width, stride=2, bias=True)
        x = spatial_dropout(convolution(norm_leaky(x), width), dropout)
        x = norm_leaky(layers.Add()([kept, x]))
    return keras.Model(inputs, rising_decoder(x, skips, classes=classes), name=name)


def unet_res2(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (24, 48, 96, 192),
    depths: tuple[int, ...] = (1, 2, 2, 2),
    dropout: float = 0.1,
    name: str = "unet_res2",
) -> keras.Model:
    """Build UNet-Res2: residual blocks of two convolutions in encoder and decoder.

    Each block ends in a squeeze-and-excitation gate, which weighs channels by their means over the
    whole cube. The finer levels, which thin labels need, are wider than in UNet-Res1.

    Arguments, result and errors are those of `tfseis.models.unet3d`, with two more: `depths` is the
    number of residual blocks at each level of the encoder, the decoder having one a level, and
    `dropout` is the rate at the coarsest level, 0 to below 1.
    """
    check_filters(filters, 0)
    check_filters(depths, len(filters))
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for level, (width, depth) in enumerate(zip(filters, depths, strict=True)):
        x = norm_leaky(convolution(x, width, stride=2 if level else 1))
        for _ in range(depth):
            x = _residual_block(x)
        skips.append(x)
    x = spatial_dropout(skips.pop(), dropout)
    for skip in reversed(skips):
        x = grown(convolution(x, skip.shape[-1], 1), skip)
        x = norm_leaky(convolution(joined(skip, x), skip.shape[-1]))
        x = _residual_block(x)
    return keras.Model(inputs, logits(x, classes), name=name)


def _residual_block(x: KerasTensor) -> KerasTensor:
    kept, width = x, x.shape[-1]
    x = norm_leaky(convolution(x, width))
    x = instance_norm(convolution(x, width))
    gate = layers.GlobalAveragePooling3D(keepdims=True)(leaky(x))
    gate = layers.Dense(max(width // SQUEEZE, FEWEST), activation="relu")(gate)
    gate = layers.Dense(width, activation="sigmoid")(gate)
    return leaky(layers.Add()([kept, layers.Multiply()([x, gate])]))
