"""Networks that take noise out of gathers: a depthwise-separable U-Net and an autoencoder.

Source: U-Net, Ronneberger et al. 2015, https://arxiv.org/abs/1505.04597; depthwise-separable
convolutions, Chollet 2017, https://arxiv.org/abs/1610.02357; noise as output, Zhang et al. 2017,
https://arxiv.org/abs/1608.03981. The autoencoder: A. Torlucci, barebones_seismic_deepconvnet.
Differs from them: the first convolution halves the samples and the last one doubles them, so that
no wide layer runs at full resolution; the U-Net takes any size.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import keras
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.encoders.image_layers import ChannelSlice, CropLike, PadToMultiple

FILTERS = (32, 48, 64, 96)
KERNEL = (3, 3)  # traces, samples
STEM = (3, 5)  # kernel of the convolution that halves the samples
HALF = (1, 2)  # strides: all traces, every second sample
MOMENTUM = 0.95  # of batch normalisation; 0.99 of Keras lags behind in short trainings
AUTOENCODER_FILTERS = (2, 4, 8, 16)

InputShape = tuple[int | None, int | None, int]


def gather_unet(
    input_shape: InputShape,
    *,
    filters: Sequence[int] = FILTERS,
    kernel: tuple[int, int] = KERNEL,
    blocks: int = 2,
    residual: bool = True,
    name: str = "gather_unet",
) -> keras.Model:
    """Build a U-Net that returns amplitudes without noise.

    Args:
        input_shape: (traces, samples, channels) of any size; the first channel is amplitude.
        filters: width of each level, from the finest to the coarsest; at least two.
        kernel: size of the depthwise convolutions, traces and samples.
        blocks: number of separable convolutions at each level of encoder and decoder.
        residual: whether the network estimates the noise and subtracts it from the amplitude, so
            that untrained it changes nothing; else it estimates the amplitude itself.
        name: name of the model.

    Returns:
        Model from (batch, traces, samples, channels) to (batch, traces, samples, 1), float32.

    Raises:
        ModelError: fewer than two levels, or a width, kernel or number of blocks below 1.

    Examples:
        >>> gather_unet((None, None, 3), filters=(4, 8)).output_shape
        (None, None, None, 1)
    """
    if len(filters) < 2 or min(*filters, *kernel, blocks) < 1:
        raise ModelError(
            f"Expected two or more positive widths, a kernel and blocks of at least 1; got "
            f"{tuple(filters)}, {kernel} and {blocks}. For example {FILTERS}."
        )
    inputs = keras.Input(input_shape, name="gather")
    x = PadToMultiple(2 ** len(filters))(inputs)
    x = layers.Conv2D(filters[0], STEM, HALF, padding="same", use_bias=False)(x)
    skips: list[keras.KerasTensor] = []
    for level, width in enumerate(filters):
        x = layers.MaxPooling2D(2)(x) if level else x
        x = _level(x, width, kernel, blocks)
        skips.append(x)
    for width, skip in zip(reversed(filters[:-1]), reversed(skips[:-1]), strict=True):
        x = layers.UpSampling2D(2)(layers.Conv2D(width, 1, use_bias=False)(x))
        x = _level(layers.Concatenate()([skip, x]), width, kernel, blocks)
    start = "zeros" if residual else "glorot_uniform"
    x = layers.Conv2DTranspose(
        1,
        (STEM[0], 2 * HALF[1]),
        HALF,
        padding="same",
        kernel_initializer=start,
        dtype="float32",
        name="amplitude",
    )(x)
    x = CropLike()([x, inputs])
    if residual:
        amplitude = inputs if input_shape[-1] == 1 else ChannelSlice(0, 1)(inputs)
        x = layers.Subtract(name="without_noise", dtype="float32")([amplitude, x])
    return keras.Model(inputs, x, name=name)


def gather_autoencoder(
    input_shape: InputShape,
    *,
    filters: Sequence[int] = AUTOENCODER_FILTERS,
    dropout: float = 0.1,
    name: str = "gather_autoencoder",
) -> keras.Model:
    """Build the autoencoder of grouped convolutions: 587 trained numbers for one channel.

    Each convolution of the encoder takes two samples off each axis, and each one of the decoder
    gives them back, by zero padding; each is followed by dropout and tanh.

    Args:
        input_shape: (traces, samples, channels), each axis longer than twice the number of widths.
        filters: widths of the encoder; each is a multiple of the one before.
        dropout: rate, 0 to below 1.
        name: name of the model.

    Returns:
        A model as `gather_unet` returns it; its outputs lie between -1 and 1.

    Raises:
        ModelError: a width is no multiple of the one before, or an axis is too short.

    Examples:
        >>> model = gather_autoencoder((32, 32, 1))
        >>> sum(int(weight.value.numpy().size) for weight in model.trainable_weights)
        587
    """
    widths = [input_shape[-1], *filters]
    sizes = [size for size in input_shape[:2] if size is not None]
    if any(w < 1 or w % v for v, w in pairwise(widths)):
        raise ModelError(
            f"Expected widths that are multiples, each of the one before; got {widths}. For "
            f"example {AUTOENCODER_FILTERS} for one channel."
        )
    if sizes and min(sizes) <= 2 * len(filters):
        raise ModelError(
            f"Expected more than {2 * len(filters)} traces and samples; got {min(sizes)}. Take "
            "larger patches."
        )
    inputs = keras.Input(input_shape, name="gather")
    x = layers.BatchNormalization()(inputs)
    for before, width in zip(widths, filters, strict=False):
        x = _squashed(layers.Conv2D(width, 3, groups=before)(x), dropout)
    for width in [*reversed(filters[:-1]), 1]:
        x = layers.Conv2D(width, 3, groups=width)(layers.ZeroPadding2D(2)(x))
        x = _squashed(x, dropout)
    return keras.Model(inputs, x, name=name)


GATHER_NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "unet": gather_unet,
    "autoencoder": gather_autoencoder,
}


def _level(
    x: keras.KerasTensor, width: int, kernel: tuple[int, int], blocks: int
) -> keras.KerasTensor:
    """Separable convolutions beside a shortcut."""
    shortcut = x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)
    for _ in range(blocks):
        x = layers.DepthwiseConv2D(kernel, padding="same", use_bias=False)(x)
        x = layers.Conv2D(width, 1, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = layers.Activation("relu")(x)
    return layers.Add()([x, shortcut])


def _squashed(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    return layers.Activation("tanh")(layers.Dropout(dropout)(x))
