"""Attention U-Net: additive gates weigh each skip connection.

Source: Oktay et al. 2018, Attention U-Net, https://arxiv.org/abs/1804.03999.
Differs from it: instance normalisation, repeat instead of trilinear up-sampling, any input size.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import (
    InputShape,
    check_filters,
    convolution,
    grown,
    instance_norm,
    joined,
    logits,
    norm_leaky,
    pooled,
)
from tfseis.models.cubes.unet3d import ANY_CUBE


def attention_unet3d(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128),
    name: str = "attention_unet3d",
) -> keras.Model:
    """Build a 3D attention U-Net that returns logits.

    Arguments, result and errors are those of `tfseis.models.unet3d`.
    """
    check_filters(filters, 0)
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for width in filters[:-1]:
        x = _double_convolution(x, width)
        skips.append(x)
        x = pooled(x)
    x = _double_convolution(x, filters[-1])
    for skip in reversed(skips):
        passed = _gated(skip, x)
        x = joined(passed, grown(x, skip))
        x = _double_convolution(x, skip.shape[-1])
    return keras.Model(inputs, logits(x, classes), name=name)


def _gated(skip: KerasTensor, gate: KerasTensor) -> KerasTensor:
    """The skip, weighed at each sample by a gate from 0 to 1 of itself and the coarser level."""
    width = skip.shape[-1]
    seen = convolution(skip, width, 2, stride=2)
    asked = convolution(gate, width, 1, bias=True)
    both = layers.ReLU()(layers.Add()([seen, asked]))
    weight = layers.Conv3D(1, 1, activation="sigmoid")(both)
    passed = layers.Multiply()([skip, grown(weight, skip)])
    return instance_norm(convolution(passed, width, 1))


def _double_convolution(x: KerasTensor, filters: int) -> KerasTensor:
    for _ in range(2):
        x = norm_leaky(convolution(x, filters))
    return x
