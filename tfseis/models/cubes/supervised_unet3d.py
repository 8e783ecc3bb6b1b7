"""UNet-DS: a residual 3D U-Net with deep supervision by summed logits.

Source: Isensee et al. 2017, Brain Tumor Segmentation and Radiomics Survival Prediction,
https://arxiv.org/abs/1802.10508, as FaultNet uses it.
Differs from it: any input size. `tfseis.learning.with_levels` gives each level its own loss.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import (
    InputShape,
    convolution,
    first_block,
    grown,
    joined,
    leaky,
    logits,
    norm_leaky,
    spatial_dropout,
)
from tfseis.models.cubes.unet3d import ANY_CUBE

LEVELS = 5
SUPERVISED = {3: "logits_quarter", 2: "logits_half"}  # names of logits by level; 1 is the finest


def unet_ds(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    base: int = 16,
    dropout: float = 0.6,
    name: str = "unet_ds",
) -> keras.Model:
    """Build UNet-DS; for 2 classes 1,781,304, 7,124,336 or 28,495,584 weights at base 8, 16 or 32.

    Arguments and result are those of `tfseis.models.unet3d`, but for `filters`: `base` is the width
    of the finest of five levels, doubled at each coarser one, and `dropout` is the rate in every
    residual block, 0 to below 1. The logits are the sum of those of three levels.
    """
    inputs = keras.Input(input_shape, name="amplitude")
    x = first_block(inputs, base, dropout, bias=False)
    skips = [leaky(x)]
    x = norm_leaky(x)
    for level in range(1, LEVELS):
        x, before_norm = _context(x, base * 2**level, dropout)
        skips.append(x)
    skips.pop()
    x = norm_leaky(convolution(grown(norm_leaky(before_norm), skips[-1]), base * 8))
    x = norm_leaky(convolution(x, base * 8, 1))
    summed = None
    for level in range(LEVELS - 1, 0, -1):  # 1 is the finest
        skip = skips[level - 1]
        x = norm_leaky(convolution(joined(x, skip), 2 * skip.shape[-1]))
        if level in SUPERVISED:
            here = logits(x, classes, bias=False, name=SUPERVISED[level])
            summed = here if summed is None else layers.Add()([here, grown(summed, here)])
        if level > 1:
            x = norm_leaky(convolution(x, skip.shape[-1], 1))
            x = norm_leaky(convolution(grown(x, skips[level - 2]), skip.shape[-1] // 2))
    finest = logits(x, classes, bias=False, name="logits_full")
    outputs = layers.Add(dtype="float32", name="logits")([finest, grown(summed, finest)])
    return keras.Model(inputs, outputs, name=name)


def _context(x: KerasTensor, width: int, dropout: float) -> tuple[KerasTensor, KerasTensor]:
    """Residual block at half the size, whose convolution is used twice; with and without norm."""
    x = kept = convolution(x, width, stride=2)
    shared = layers.Conv3D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")
    x = spatial_dropout(shared(norm_leaky(x)), dropout)
    x = layers.Add()([kept, shared(norm_leaky(x))])
    return norm_leaky(x), x
