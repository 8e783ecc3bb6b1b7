"""U-Nets for images in which azimuth wraps around.

Source: the borehole project of balthazarneveu/geosciences (TP_5).
Differs from it: as `tfseis.models.azimuth.networks`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd

import keras
from keras import KerasTensor, layers

from tfseis.errors import ModelError
from tfseis.models.azimuth.blocks import (
    Kernel,
    Shape,
    Style,
    activated,
    bilinear_upsampling,
    convolution,
    decimation,
    pad,
)
from tfseis.models.azimuth.layers import AZIMUTH, MeanOfTurns, Padding, Turns

PATCH: Shape = (None, 36, 1)  # any depth, 36 electrodes around the borehole
Margins = tuple[tuple[int, int], tuple[int, int]]


def circular_unet(
    input_shape: Shape = PATCH,
    *,
    classes: int = 1,
    filters: Sequence[int] = (64, 128, 192),
    kernel: Kernel = 3,
    activation: str = "relu",
    reduction: Callable[..., KerasTensor] = decimation,
    padding: Padding = AZIMUTH,
    name: str = "unet",
) -> keras.Model:
    """A U-Net with one convolution a stage; the input image is concatenated to the last features.

    Args:
        input_shape: (rows, columns, channels); an axis that is None must be given in multiples of
            the stride, ``2 ** (len(filters) - 1)``.
        classes: as in `vanilla`.
        filters: width of each scale, from the finest to the coarsest.
        kernel: as in `vanilla`.
        activation: as in `vanilla`.
        reduction: `decimation` or `pooling`, which halves rows and columns.
        padding: as in `vanilla`.
        name: name of the model.

    Returns:
        A model as `vanilla` returns it.

    Examples:
        >>> circular_unet().count_params()
        775362
    """
    once = (1,) * len(filters)
    style = Style(kernel=kernel, activation=activation, padding=padding, reduction=reduction)
    scales = _Scales(tuple(filters), down=once, up=once[1:])
    return _network(input_shape, scales, style=style, classes=classes, name=name)


def flexible(
    input_shape: Shape = PATCH,
    *,
    classes: int = 1,
    width: int = 16,
    encoder: Sequence[int] = (2, 2, 2, 2),
    decoder: Sequence[int] = (2, 2, 2),
    refinement: Sequence[int] = (16,),
    kernel: Kernel = 3,
    activation: str = "leaky_relu",
    residual: bool = False,
    reduction: Callable[..., KerasTensor] = decimation,
    padding: Padding = AZIMUTH,
    name: str = "flexible",
) -> keras.Model:
    """A U-Net with several convolutions a scale, and 1 x 1 convolutions before the logits.

    Where the number of columns is no multiple of the stride, the image is repeated side by side
    until it is, and the logits of the repetitions are averaged: 36 columns under four scales are
    seen as 72.

    Args:
        input_shape: as in `circular_unet`.
        classes: as in `vanilla`.
        width: width of the finest scale; each coarser scale is twice as wide as the one before.
        encoder: number of convolutions at each scale of the encoder, finest first.
        decoder: number of convolutions at each scale of the decoder, finest first.
        refinement: widths of the 1 x 1 convolutions before the logits.
        kernel: as in `vanilla`.
        activation: as in `vanilla`.
        residual: whether to add the output of the first convolution of a stage to that of the last.
        reduction: `decimation` or `pooling`, which halves rows and columns.
        padding: as in `vanilla`.
        name: name of the model.

    Returns:
        A model as `vanilla` returns it.

    Examples:
        >>> flexible((36, 36, 1)).output_shape
        (None, 36, 36, 1)
    """
    filters = tuple(width * 2**level for level in range(len(encoder)))
    style = Style(
        kernel=kernel,
        activation=activation,
        residual=residual,
        padding=padding,
        reduction=reduction,
    )
    scales = _Scales(filters, down=tuple(encoder), up=tuple(decoder), refinement=tuple(refinement))
    return _network(input_shape, scales, style=style, classes=classes, name=name)


def micro(
    input_shape: Shape = PATCH,
    *,
    classes: int = 1,
    width: int = 4,
    padding: Padding = AZIMUTH,
    name: str = "micro",
) -> keras.Model:
    """A `flexible` U-Net of three scales, one convolution a stage and width 4.

    It has a few thousand weights.

    Examples:
        >>> micro().count_params()
        3705
    """
    return flexible(
        input_shape,
        classes=classes,
        width=width,
        encoder=(1, 1, 1),
        decoder=(1, 1),
        refinement=(width,),
        padding=padding,
        name=name,
    )


@dataclass(frozen=True)
class _Scales:
    """Widths and numbers of convolutions of each scale, finest first; refinement widths."""

    filters: tuple[int, ...]
    down: tuple[int, ...]
    up: tuple[int, ...]
    refinement: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        counts = len(self.filters), len(self.down), len(self.up)
        if counts[0] < 2 or counts[1] != counts[0] or counts[2] != counts[0] - 1:
            raise ModelError(
                "Expected two scales or more, and decoder stages for all but the coarsest; got "
                f"{counts[0]} widths, {counts[1]} stages down and {counts[2]} up. Give one "
                "width and one stage down for each scale."
            )


def _network(
    input_shape: Shape, scales: _Scales, *, style: Style, classes: int, name: str
) -> keras.Model:
    """Encoder, decoder, and the image again before the logits."""
    inputs = keras.Input(input_shape, name="image")
    filters, padding = scales.filters, style.padding
    image, margins, turns = _fitted(inputs, 2 ** (len(filters) - 1), padding)
    x = _stage(image, filters[0], scales.down[0], style)
    skips = []
    for width, count in zip(filters[1:], scales.down[1:], strict=True):
        skips.append(x)
        x = _stage(style.reduction(x, padding=padding), width, count, style)
    for width, count, skip in reversed(list(zip(filters[:-1], scales.up, skips, strict=True))):
        x = layers.Concatenate()([bilinear_upsampling(x, padding=padding), skip])
        x = _stage(x, width, count, style)
    x = layers.Concatenate()([x, image])
    for width in scales.refinement:
        x = activated(layers.Conv2D(width, 1)(x), style.activation)
    logits = layers.Conv2D(classes, 1, dtype="float32", name="logits")(x)
    return keras.Model(inputs, _unfitted(logits, margins, turns), name=name)


def _stage(x: KerasTensor, width: int, convolutions: int, style: Style) -> KerasTensor:
    """The convolutions of one scale."""
    first = None
    for number in range(convolutions):
        x = convolution(x, width, style.kernel, padding=style.padding)
        if style.residual and first is not None and number == convolutions - 1:
            x = layers.Add()([x, first])
        x = activated(x, style.activation)
        first = x if first is None else first
    return x


def _fitted(x: KerasTensor, stride: int, padding: Padding) -> tuple[KerasTensor, Margins, int]:
    """The image with rows and columns that are multiples of `stride`; margins and turns added."""
    rows, columns = x.shape[1:3]
    turns = 1
    if columns is not None and padding.columns == "wrap":
        turns = stride // gcd(columns, stride)
        x = x if turns == 1 else Turns(turns)(x)
        columns = None
    margins = tuple(_missing(size, stride) for size in (rows, columns))
    return pad(x, margins[0], margins[1], padding), (margins[0], margins[1]), turns


def _unfitted(x: KerasTensor, margins: Margins, turns: int) -> KerasTensor:
    if any(map(any, margins)):
        x = layers.Cropping2D(margins, dtype="float32")(x)
    return x if turns == 1 else MeanOfTurns(turns, dtype="float32")(x)


def _missing(size: int | None, stride: int) -> tuple[int, int]:
    lacking = -(size or 0) % stride
    return lacking // 2, lacking - lacking // 2
