"""What single layers see: from an interval of their outputs to the interval of their input.

A layer that Keras does not have may give a method ``needs(axis, first, last)``, which returns the
first and last index of its input that its outputs from `first` to `last` see; `axis` 0 is the first
axis after the batch. Without that method a layer that keeps the size of its image is taken to work
sample by sample.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

import keras
from keras import layers

from tfseis.errors import ModelError

Interval = tuple[int, int]
CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
POOLINGS = (
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
)
UPSAMPLINGS = (layers.UpSampling1D, layers.UpSampling2D, layers.UpSampling3D)
MARGINS = (layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D)
CROPPINGS = (layers.Cropping1D, layers.Cropping2D, layers.Cropping3D)
GLOBAL = (
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
)
NORMS = (layers.GroupNormalization,)  # its statistics are those of the whole image
# operations that keep a shape of None although they move samples
MOVING = {
    "GetItem",
    "Pad",
    "Roll",
    "Reshape",
    "Transpose",
    "Permute",
    "Flip",
    "Repeat",
    "Tile",
    "Take",
    "Conv",
    "MaxPool",
    "AveragePool",
    "Resize",
    "Resizing",
    "Lambda",
}


def needs(operation: Any, before: Any, after: Any, axis: int, wanted: Interval) -> Interval:
    """The first and last input index that one layer sees along an axis.

    Args:
        operation: the layer.
        before: a tensor that goes into it.
        after: its first output.
        axis: 0 for the first axis after the batch.
        wanted: first and last index of its outputs.

    Raises:
        ModelError: a layer of which it is not known what it sees.
    """
    if hasattr(operation, "needs"):
        return operation.needs(axis, *wanted)
    for kinds, rule in RULES:
        if isinstance(operation, kinds):
            return rule(operation, before, axis, wanted)
    if len(before.shape) == 2:  # behind Flatten or a global pooling there is no axis
        return wanted
    same = before.shape[axis + 1] in (after.shape[axis + 1], 1)
    if same and type(operation).__name__ not in MOVING:
        return wanted
    raise ModelError(
        f"Expected layers whose reach is known; got {type(operation).__name__} "
        f"{operation.name!r}, from {before.shape} to {after.shape}. Give the layer a method "
        "needs(axis, first, last)."
    )


def _window(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    """Convolution or pooling."""
    size, stride, dilation = _taps(layer, axis)
    width = (size - 1) * dilation
    left = 0 if layer.padding == "valid" else width if layer.padding == "causal" else None
    if left is None:  # "same": TensorFlow pads more after than before
        left = max(0, width + 1 - stride) // 2
    return wanted[0] * stride - left, wanted[1] * stride - left + width


def _transposed(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    size, stride, _ = _taps(layer, axis)
    left = 0 if layer.padding == "valid" else max(0, size - stride) // 2
    first = ceil((wanted[0] + left - (size - 1)) / stride)
    return first, max(first, (wanted[1] + left) // stride)


def _upsampled(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    factor = keras.tree.flatten(layer.size)[axis]
    if getattr(layer, "interpolation", "nearest") == "bilinear":
        return (2 * wanted[0] + 1 - factor) // (2 * factor), -(
            -(2 * wanted[1] + 1 - factor) // (2 * factor)
        )
    return wanted[0] // factor, wanted[1] // factor


def _padded(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    left = _pair(layer.padding, axis)[0]
    return wanted[0] - left, wanted[1] - left


def _cropped(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    left = _pair(layer.cropping, axis)[0]
    return wanted[0] + left, wanted[1] + left


def _whole(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    size = before.shape[axis + 1]
    if size is None:
        raise ModelError(
            f"Expected inputs of known size in front of {layer.name!r}, which sees all of them; "
            "got None. Build the model with its sizes."
        )
    return 0, size - 1


Rule = Callable[[Any, Any, int, Interval], Interval]
RULES: tuple[tuple[tuple[type, ...], Rule], ...] = (
    (TRANSPOSED, _transposed),
    ((*CONVOLUTIONS, *DEPTHWISE, *SEPARABLE, *POOLINGS), _window),
    (UPSAMPLINGS, _upsampled),
    (MARGINS, _padded),
    (CROPPINGS, _cropped),
    ((layers.Flatten, *GLOBAL), _whole),
)


def _taps(layer: Any, axis: int) -> tuple[int, int, int]:
    """Width, stride and dilation of a window along an axis."""
    if isinstance(layer, POOLINGS):
        return keras.tree.flatten(layer.pool_size)[axis], keras.tree.flatten(layer.strides)[axis], 1
    return layer.kernel_size[axis], layer.strides[axis], layer.dilation_rate[axis]


def _pair(margins: Any, axis: int) -> tuple[int, int]:
    """Samples before and after along an axis, from the margins of one axis or of several."""
    flat = keras.tree.flatten(margins)
    return flat[2 * axis], flat[2 * axis + 1]
