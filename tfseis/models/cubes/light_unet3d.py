"""A 3D U-Net for thin faults that trains on a CPU: most of its work is at coarse levels.

Source: Wu et al. 2019, FaultSeg3D, https://doi.org/10.1190/geo2018-0646.1, for levels and widths;
Ioffe and Szegedy 2015, Batch Normalization, https://arxiv.org/abs/1502.03167.
Differs from it: batch normalisation below the finest level, where it costs little; features are
narrowed before they are up-sampled; one convolution, not two, at the finest level of the decoder.
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
    pooled,
)
from tfseis.models.cubes.unet3d import ANY_CUBE

MOMENTUM = 0.9  # of batch normalisation; 0.99 of Keras lags behind in short trainings


def light_unet3d(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128),
    name: str = "light_unet3d",
) -> keras.Model:
    """Build a light 3D U-Net that returns logits; 1,320,625 weights by default.

    No layer of it uses statistics of the whole input once it is trained. A part of a cube is
    therefore predicted exactly as in the whole cube, given a halo of its receptive field.

    Arguments, result and errors are those of `tfseis.models.unet3d`.

    Examples:
        >>> light_unet3d().count_params()
        1320625
    """
    check_filters(filters, 0)
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips: list[KerasTensor] = []
    for width in filters[:-1]:
        finest = not skips
        x = _rectified(_rectified(x, width, norm=not finest), width, norm=not finest)
        skips.append(x)
        x = pooled(x)
    x = _rectified(_rectified(x, filters[-1]), filters[-1])
    for skip in reversed(skips):
        width = skip.shape[-1]
        x = joined(skip, grown(_rectified(x, width, 1), skip))
        if skip is skips[0]:
            x = _rectified(x, width, norm=False)
        else:
            x = _rectified(_rectified(x, width), width)
    return keras.Model(inputs, logits(x, classes), name=name)


def _rectified(x: KerasTensor, width: int, size: int = 3, *, norm: bool = True) -> KerasTensor:
    x = convolution(x, width, size, bias=not norm)
    if norm:
        x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.ReLU()(x)
