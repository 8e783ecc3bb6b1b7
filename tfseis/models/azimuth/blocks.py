"""Convolutions, poolings and up-sampling of images in which azimuth wraps around.

Functions from tensor to tensor (batch, rows, columns, channels), of which the builders are made.

Source: the borehole project of balthazarneveu/geosciences (TP_5).
Differs from it: all of them pad by one rule, see `tfseis.models.azimuth.layers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keras import KerasTensor, layers

from tfseis.errors import ModelError
from tfseis.models.azimuth.layers import (
    AZIMUTH,
    BilinearUpsampling,
    Decimation,
    Pad2D,
    Padding,
)

LEAKY_SLOPE = 0.01  # the default of Keras is 0.2 or 0.3
Kernel = int | tuple[int, int]
Shape = tuple[int | None, int | None, int]


def pad(
    x: KerasTensor, rows: Sequence[int], columns: Sequence[int], padding: Padding
) -> KerasTensor:
    """Add margins by a rule; the image itself where they are 0."""
    if not any((*rows, *columns)):
        return x
    return Pad2D(rows, columns, (padding.rows, padding.columns))(x)


def convolution(
    x: KerasTensor,
    filters: int,
    kernel: Kernel = 3,
    *,
    padding: Padding = AZIMUTH,
    dtype: str | None = None,
    name: str | None = None,
) -> KerasTensor:
    """A convolution whose output has the size of its input.

    Args:
        x: (batch, rows, columns, channels).
        filters: number of output channels.
        kernel: size (rows, columns), or one number for both.
        padding: what lies beyond the borders.
        dtype: precision of the computation; that of the policy if None.
        name: name of the convolution.
    """
    high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    if min(high, wide, filters) < 1:
        raise ModelError(
            f"Expected a kernel and a width of at least 1; got a kernel of {high} x {wide} and "
            f"{filters} filters. Give positive numbers."
        )
    x = pad(x, _around(high - 1), _around(wide - 1), padding)
    return layers.Conv2D(filters, (high, wide), dtype=dtype, name=name)(x)


def separable_convolution(
    x: KerasTensor, filters: int, kernel: Kernel = (5, 3), *, padding: Padding = AZIMUTH
) -> KerasTensor:
    """A convolution along azimuth, then one along depth; `kernel` is (rows, columns)."""
    high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    x = convolution(x, filters, (1, wide), padding=padding)
    return convolution(x, filters, (high, 1), padding=padding)


def pooling(
    x: KerasTensor, size: int = 2, stride: int = 2, *, padding: Padding = AZIMUTH
) -> KerasTensor:
    """The maximum over windows; axes that are multiples of `stride` are divided by it.

    With zero padding the maximum at a border is never negative.
    """
    if size < stride:
        raise ModelError(
            f"Expected a window of at least its stride, {stride}; got {size}. Use decimation to "
            "skip samples."
        )
    margins = _around(size - stride)
    return layers.MaxPooling2D(size, stride)(pad(x, margins, margins, padding))


def decimation(x: KerasTensor, *, padding: Padding = AZIMUTH) -> KerasTensor:
    """Every second row and column; `padding` is not used, it is there as in `pooling`."""
    return Decimation()(x)


def bilinear_upsampling(x: KerasTensor, *, padding: Padding = AZIMUTH) -> KerasTensor:
    """Twice as many rows and columns."""
    return BilinearUpsampling((padding.rows, padding.columns))(x)


def activated(x: KerasTensor, activation: str) -> KerasTensor:
    """An activation by its Keras name; "leaky_relu" has a slope of 0.01."""
    if activation == "leaky_relu":
        return layers.LeakyReLU(negative_slope=LEAKY_SLOPE)(x)
    return layers.Activation(activation)(x)


@dataclass(frozen=True, kw_only=True)
class Style:
    """What all stages of a network have in common; see the arguments of the builders."""

    kernel: Kernel
    activation: str
    padding: Padding
    residual: bool = False
    reduction: Callable[..., KerasTensor] = decimation


def _around(margin: int) -> tuple[int, int]:
    return margin // 2, margin - margin // 2
