"""Linear interpolation to a multiple of the size, of images whose size a graph does not know."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

BILINEAR = "bilinear"
FIRST_AXIS = {"channels_last": 1, "channels_first": 2}  # of rows; that of columns follows


@keras.saving.register_keras_serializable("tfseis")
class LinearUpsampling2D(layers.UpSampling2D):
    """Multiplies rows and columns by whole factors, by linear interpolation.

    It gives what `keras.layers.UpSampling2D` gives with ``interpolation="bilinear"``, which in
    Keras 3.14 and 3.15 fails in graphs that do not know the size of the image.

    Args:
        size: factor of both axes, or of rows and of columns.
        options: further arguments of `keras.layers.UpSampling2D`.
    """

    def __init__(self, size: int | tuple[int, int] = 2, **options: Any) -> None:
        super().__init__(size, **{**options, "interpolation": BILINEAR})

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Interpolate along both axes."""
        first = FIRST_AXIS[self.data_format]
        for axis, factor in enumerate(self.size, start=first):
            inputs = _lengthened(inputs, axis, factor)
        return inputs


def upsampling(size: Any = 2, interpolation: str = "nearest", **options: Any) -> layers.Layer:
    """A layer with the arguments of `keras.layers.UpSampling2D` that takes images of any size.

    Args:
        size: factor of both axes, or of rows and of columns.
        interpolation: "nearest", "bilinear" or another that Keras knows.
        options: further arguments of `keras.layers.UpSampling2D`.
    """
    if interpolation == BILINEAR:
        return LinearUpsampling2D(size, **options)
    return layers.UpSampling2D(size, interpolation=interpolation, **options)


def with_linear_upsampling(model: keras.Model) -> keras.Model:
    """The same model, whose bilinear layers of Keras have become `LinearUpsampling2D`.

    Models of tfseis 0.2.0 and earlier hold layers of Keras. They are changed in place: they have no
    weights, and all that refers to them, such as a compiled loss, stays.
    """
    for layer in _all_layers(model):
        if type(layer) is layers.UpSampling2D and layer.interpolation == BILINEAR:
            layer.__class__ = LinearUpsampling2D
    return model


def _all_layers(model: Any) -> list[Any]:
    """The layers of a model, and those inside them."""
    inside = [*getattr(model, "layers", []), getattr(model, "layer", None)]
    found = [layer for layer in inside if layer is not None]
    return found + [one for layer in found for one in _all_layers(layer)]


def _lengthened(x: KerasTensor, axis: int, factor: int) -> KerasTensor:
    """Each sample becomes `factor` samples between the middles of its neighbours and its own."""
    if factor == 1:
        return x
    before = ops.concatenate([_part(x, axis, 0, 1), _part(x, axis, 0, -1)], axis=axis)
    after = ops.concatenate([_part(x, axis, 1, None), _part(x, axis, -1, None)], axis=axis)
    parts = []
    for place in range(factor):
        offset = (place + 0.5) / factor - 0.5  # from the middle of the sample, in samples
        share = abs(offset)
        parts.append((1 - share) * x + share * (before if offset < 0 else after))
    shape = list(ops.shape(x))
    shape[axis] = shape[axis] * factor
    return ops.reshape(ops.stack(parts, axis=axis + 1), shape)


def _part(x: KerasTensor, axis: int, start: int, stop: int | None) -> KerasTensor:
    return x[(slice(None),) * axis + (slice(start, stop),)]
