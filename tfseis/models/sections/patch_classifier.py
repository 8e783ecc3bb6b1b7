"""A classifier of the sample in the middle of a crop: valid convolutions and one dense layer.

Source: the Dutch F3 facies notebook (layout ``cna cnapd cnapd cnapd``, filters 12 16 24 32).
Differs from it: convolutions are `valid`, so that the network can be evaluated densely and
exactly; batch normalisation has momentum 0.9, since training runs are short.
"""

from collections.abc import Sequence

import keras
from keras import layers

from tfseis.errors import ModelError

LAYOUT = "cna cnapd cnapd cnapd"
FILTERS = (12, 16, 24, 32)
CONVOLUTIONS = {2: layers.Conv2D, 3: layers.Conv3D}
POOLINGS = {2: layers.MaxPooling2D, 3: layers.MaxPooling3D}
KERNEL = 3
LETTERS = "cnapd"
MOMENTUM = 0.9  # of batch normalisation; 0.99 of Keras needs thousands of steps


def patch_classifier(
    input_shape: tuple[int, ...],
    *,
    classes: int,
    layout: str = LAYOUT,
    filters: Sequence[int] = FILTERS,
    dropout: float = 0.1,
    activation: str = "elu",
    name: str = "patch_classifier",
) -> keras.Model:
    """Build a 2D or 3D patch classifier that returns logits.

    Args:
        input_shape: (rows, columns, channels), or (inlines, crosslines, samples, channels).
        classes: number of classes.
        layout: blocks separated by spaces; in a block, in order: ``c`` convolution of width 3
            without padding, ``n`` batch normalisation, ``a`` activation, ``p`` max-pooling by 2,
            ``d`` dropout.
        filters: width of each block.
        dropout: rate of every ``d``, 0 to below 1.
        activation: name of a Keras activation.
        name: name of the model.

    Returns:
        Model from (batch, *input_shape) to (batch, classes), float32, without activation.

    Raises:
        ModelError: the layout has another letter, the number of widths differs from that of the
            blocks, or the crop is too small for the last block.

    Examples:
        >>> patch_classifier((24, 24, 1), classes=9).output_shape
        (None, 9)
    """
    blocks = _parse(layout, filters)
    sizes = layout_sizes(layout, min(input_shape[:-1]))
    if sizes[-1] < 1:
        raise ModelError(
            f"Layout {layout!r} expected a crop of at least {smallest_crop(layout)} samples; "
            f"got {min(input_shape[:-1])}. Use a larger crop or fewer blocks."
        )
    axes = len(input_shape) - 1
    inputs = x = keras.Input(input_shape, name="amplitude")
    for block, width in zip(blocks, filters, strict=True):
        for letter in block:
            x = _layer(letter, width, axes, dropout, activation)(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)


def layout_sizes(layout: str, crop_size: int) -> list[int]:
    """Number of samples along an axis of the input and after each convolution and pooling.

    Examples:
        >>> layout_sizes("cna cnapd cnapd cnapd", 24)
        [24, 22, 20, 10, 8, 4, 2, 1]
    """
    sizes = [crop_size]
    for letter in layout:
        if letter == "c":
            sizes.append(sizes[-1] - KERNEL + 1)
        elif letter == "p":
            sizes.append(sizes[-1] // 2)
    return sizes


def smallest_crop(layout: str) -> int:
    """The smallest crop that leaves one sample after the last block.

    Examples:
        >>> smallest_crop("cna cnapd cnapd cnapd"), smallest_crop("cnacna cnacnapd cnacnapd")
        (24, 20)
    """
    size = 1
    for letter in reversed(layout):
        size = size + KERNEL - 1 if letter == "c" else 2 * size if letter == "p" else size
    return size


def _parse(layout: str, filters: Sequence[int]) -> list[str]:
    blocks = layout.split()
    unknown = set("".join(blocks)) - set(LETTERS)
    if unknown or not blocks:
        raise ModelError(
            f"Expected a layout of the letters {', '.join(LETTERS)} in blocks; got {layout!r}. "
            f"For example {LAYOUT!r}."
        )
    if len(filters) != len(blocks):
        raise ModelError(
            f"Expected one number of filters a block, {len(blocks)}; got {len(filters)}: "
            f"{', '.join(map(str, filters))}. Give one for each of {layout!r}."
        )
    if min(filters) < 1:
        raise ModelError(
            f"Expected at least one filter in each block; got {', '.join(map(str, filters))}. "
            "Give positive numbers."
        )
    return blocks


def _layer(letter: str, width: int, axes: int, rate: float, activation: str) -> layers.Layer:
    match letter:
        case "c":
            return CONVOLUTIONS[axes](width, KERNEL)
        case "n":
            return layers.BatchNormalization(momentum=MOMENTUM)
        case "a":
            return layers.Activation(activation)
        case "p":
            return POOLINGS[axes](2)
        case _:
            return layers.Dropout(rate)
