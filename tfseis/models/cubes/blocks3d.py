"""Blocks of the 3D networks: functions from tensor to tensor, and a layer that Keras lacks."""

import keras
from keras import KerasTensor, layers, ops

from tfseis.errors import ModelError

SLOPE = 0.01  # of LeakyReLU; the default of Keras is 0.3
EPSILON = 1e-5  # of instance normalisation; the default of Keras for groups is 1e-3

InputShape = tuple[int | None, int | None, int | None, int]


@keras.saving.register_keras_serializable("tfseis")
class CropTo(layers.Layer):
    """Cuts a tensor to the size of another, so that a U-Net takes inputs of any size.

    Halving rounds up, so an up-sampled tensor may be one sample longer than the skip connection.
    """

    def call(self, inputs: list[KerasTensor]) -> KerasTensor:
        """Cut the first, (batch, .., channels), to the spatial size of the second."""
        x, like = inputs
        if None not in (*x.shape[1:4], *like.shape[1:4]) and x.shape[1:4] == like.shape[1:4]:
            return x
        size = ops.shape(like)
        return x[:, : size[1], : size[2], : size[3]]

    def compute_output_shape(self, input_shape: list[tuple]) -> tuple:
        """Batch and channels of the first, sizes of the second."""
        x, like = input_shape
        return (x[0], *like[1:4], x[4])


def check_filters(filters: tuple[int, ...], levels: int) -> None:
    """Refuse widths that a network cannot have.

    Args:
        filters: width of each level.
        levels: number of levels; 0 for two or more.

    Raises:
        ModelError: the number of widths is not that of the levels, or one is below 1.
    """
    short = len(filters) < 2 if levels == 0 else len(filters) != levels
    if short or min(filters) < 1:
        raise ModelError(
            f"Expected {levels or 'two or more'} positive widths, one a level; got "
            f"{tuple(filters)}. Give one for each level, the finest first."
        )


def convolution(
    x: KerasTensor, filters: int, size: int = 3, *, stride: int = 1, bias: bool = False
) -> KerasTensor:
    """Convolution with He-normal weights; sizes are divided by the stride and rounded up."""
    layer = layers.Conv3D(
        filters, size, stride, "same", use_bias=bias, kernel_initializer="he_normal"
    )
    return layer(x)


def instance_norm(x: KerasTensor) -> KerasTensor:
    """Scale each channel of each cube to mean 0 and variance 1, without learned weights."""
    norm = layers.GroupNormalization(groups=-1, epsilon=EPSILON, center=False, scale=False)
    return norm(x)


def leaky(x: KerasTensor) -> KerasTensor:
    """LeakyReLU of slope 0.01."""
    return layers.LeakyReLU(negative_slope=SLOPE)(x)


def norm_leaky(x: KerasTensor) -> KerasTensor:
    """Instance normalisation, then LeakyReLU."""
    return leaky(instance_norm(x))


def spatial_dropout(x: KerasTensor, rate: float) -> KerasTensor:
    """Drop whole channels, in training only."""
    return layers.SpatialDropout3D(rate)(x)


def grown(x: KerasTensor, like: KerasTensor) -> KerasTensor:
    """Double the size by repetition, and cut it to the size of `like`."""
    return CropTo()([layers.UpSampling3D(2)(x), like])


def joined(skip: KerasTensor, x: KerasTensor) -> KerasTensor:
    """Concatenate the channels of both."""
    return layers.Concatenate()([skip, x])


def pooled(x: KerasTensor) -> KerasTensor:
    """Maximum of 2 x 2 x 2 samples; sizes are halved and rounded up."""
    return layers.MaxPooling3D(2, padding="same")(x)


def first_block(x: KerasTensor, filters: int, dropout: float, *, bias: bool) -> KerasTensor:
    """The full-resolution residual block that the networks of this family begin with."""
    x = kept = convolution(x, filters, bias=bias)
    x = convolution(leaky(x), filters)
    x = norm_leaky(spatial_dropout(x, dropout))
    return layers.Add()([kept, convolution(x, filters, bias=bias)])


def rising_decoder(x: KerasTensor, skips: list[KerasTensor], *, classes: int) -> KerasTensor:
    """Decoder shared by VNet-modified and UNet-Res1, from the coarsest level to the logits.

    Each level doubles the size, convolves, concatenates the skip, convolves at that width, and
    narrows to the width of the skip by a 1 x 1 x 1 convolution. The finest level has one
    convolution to the width of the skip, then the logits.
    """
    for skip in reversed(skips):
        x = norm_leaky(convolution(grown(x, skip), x.shape[-1]))
        x = joined(skip, x)
        if skip is skips[0]:
            x = leaky(convolution(x, skip.shape[-1], bias=True))
        else:
            x = norm_leaky(convolution(x, x.shape[-1]))
            x = norm_leaky(convolution(x, skip.shape[-1], 1))
    return logits(x, classes)


def logits(x: KerasTensor, classes: int, *, bias: bool = True, name: str = "logits") -> KerasTensor:
    """1 x 1 x 1 convolution to the classes, in float32 whatever the precision of the rest."""
    return layers.Conv3D(classes, 1, use_bias=bias, dtype="float32", name=name)(x)
