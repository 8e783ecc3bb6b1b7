"""Networks for images in which azimuth wraps around: stacks of convolutions, and the table of all.

Source: the borehole project of balthazarneveu/geosciences (TP_5): vanilla and separable stacks, a
U-Net of three scales, a flexible one, a micro one; its parameter counts and receptive fields.
Differs from it: every layer continues around the borehole and repeats the first and last row (the
source pads zeros in its vanilla stack and U-Nets). When its input is rolled in azimuth, the output
of a stack is rolled likewise, and that of a U-Net if the roll is a multiple of its stride.
"""

from collections.abc import Callable, Sequence

import keras
from keras import KerasTensor, layers

from tfseis.errors import ModelError
from tfseis.models.azimuth.blocks import (
    Kernel,
    Shape,
    Style,
    activated,
    convolution,
    separable_convolution,
)
from tfseis.models.azimuth.layers import AZIMUTH, Padding
from tfseis.models.azimuth.unets import PATCH, circular_unet, flexible, micro

Block = Callable[..., KerasTensor]


def vanilla(
    input_shape: Shape = PATCH,
    *,
    classes: int = 1,
    filters: Sequence[int] = (64, 64, 128, 128),
    kernel: Kernel = 3,
    activation: str = "relu",
    residual: bool = False,
    padding: Padding = AZIMUTH,
    name: str = "vanilla",
) -> keras.Model:
    """A stack of convolutions that returns logits at every sample.

    Args:
        input_shape: (rows, columns, channels); None for any size.
        classes: number of classes; 1 for a binary network.
        filters: width of each layer but the last, which has `classes`.
        kernel: (rows, columns), or one number for both.
        activation: name of a Keras activation; "leaky_relu" has a slope of 0.01.
        residual: whether to add the input of every two layers to their output; needs an even
            number of layers before the last, each two of one width.
        padding: what lies beyond the borders; `ZERO` for the zero-padded twin.
        name: name of the model.

    Returns:
        Model from (batch, rows, columns, channels) to (batch, rows, columns, classes), float32.

    Examples:
        >>> vanilla().count_params()
        260161
    """
    style = Style(kernel=kernel, activation=activation, residual=residual, padding=padding)
    return _stack(input_shape, (*filters, classes), block=convolution, style=style, name=name)


def stacked(
    input_shape: Shape = PATCH,
    *,
    classes: int = 1,
    filters: Sequence[int] = (256, 256, 256, 256),
    kernel: Kernel = (5, 3),
    activation: str = "leaky_relu",
    residual: bool = False,
    padding: Padding = AZIMUTH,
    name: str = "stacked",
) -> keras.Model:
    """A stack of separable convolutions, first along azimuth, then along depth.

    Arguments and result as in `vanilla`.

    Examples:
        >>> stacked().count_params()
        1904135
    """
    style = Style(kernel=kernel, activation=activation, residual=residual, padding=padding)
    widths = (*filters, classes)
    return _stack(input_shape, widths, block=separable_convolution, style=style, name=name)


CIRCULAR_NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "vanilla": vanilla,
    "stacked": stacked,
    "unet": circular_unet,
    "flexible": flexible,
    "micro": micro,
}


def _stack(
    input_shape: Shape, widths: Sequence[int], *, block: Block, style: Style, name: str
) -> keras.Model:
    *hidden, classes = widths
    pairs = list(zip(hidden[::2], hidden[1::2], strict=False))
    if style.residual and (len(hidden) % 2 or any(a != b for a, b in pairs)):
        raise ModelError(
            "Residuals join layers two by two: expected an even number of widths, each two alike; "
            f"got {tuple(hidden)}. For example (64, 64, 128, 128)."
        )
    inputs = x = start = keras.Input(input_shape, name="image")
    for number, width in enumerate(hidden):
        x = block(x, width, style.kernel, padding=style.padding)
        if style.residual and number % 2:
            x = layers.Add()([x, start])
        x = activated(x, style.activation)
        start = x if number % 2 == 0 else start
    logits = block(x, classes, style.kernel, padding=style.padding)
    logits = layers.Activation("linear", dtype="float32", name="logits")(logits)
    return keras.Model(inputs, logits, name=name)
