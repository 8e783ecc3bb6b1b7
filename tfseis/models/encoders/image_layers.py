"""Layers with which a network takes images of any size and number of channels, and reloads."""

from collections.abc import Sequence

import keras
from keras import layers, ops

from tfseis.data.padding import mirrored

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable("tfseis")
class PadToMultiple(layers.Layer):
    """Pads rows and columns to a multiple by reflection on both sides, edge sample repeated."""

    def __init__(self, multiple: int, name: str | None = None, dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.multiple = multiple

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Pad rows and columns that are no multiple."""
        for axis in (1, 2):
            length = ops.shape(inputs)[axis]
            target = self._padded(length)
            if not isinstance(length, int) or length != target:
                inputs = mirrored(inputs, axis, target)
        return inputs

    def compute_output_shape(self, shape: Shape) -> Shape:
        """Rows and columns rounded up."""
        rows, columns = (None if n is None else self._padded(n) for n in shape[1:3])
        return (shape[0], rows, columns, shape[3])

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """The same indices: `CropLike` cuts off what `PadToMultiple` adds."""
        return first, last

    def get_config(self) -> dict[str, object]:
        """The multiple."""
        return {"name": self.name, "dtype": "float32", "multiple": self.multiple}

    def _padded(self, length: int) -> int:
        return -(-length // self.multiple) * self.multiple


@keras.saving.register_keras_serializable("tfseis")
class CropLike(layers.Layer):
    """Crops the middle of its first input to the rows and columns of its second; undoes padding."""

    def __init__(self, name: str | None = None, dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)

    def call(self, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Crop."""
        padded, like = inputs
        for axis in (1, 2):
            length = ops.shape(like)[axis]
            start = (ops.shape(padded)[axis] - length) // 2
            padded = padded[(slice(None),) * axis + (slice(start, start + length),)]
        return padded

    def compute_output_shape(self, shapes: Sequence[Shape]) -> Shape:
        """Channels of the first input, other sizes of the second."""
        return (*shapes[1][:3], shapes[0][3])

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """The same indices: `CropLike` cuts off what `PadToMultiple` adds."""
        return first, last

    def get_config(self) -> dict[str, object]:
        """The name."""
        return {"name": self.name, "dtype": "float32"}


@keras.saving.register_keras_serializable("tfseis")
class Colours(layers.Layer):
    """Selects, scales and shifts channels, as pretrained weights need their input.

    Args:
        source: input channel of each output channel.
        scale: factor of each output channel.
        offset: value added to each output channel afterwards.
        name: name of the layer.
        dtype: accepted for older files; the layer is always saved as float32.
    """

    def __init__(
        self,
        source: Sequence[int],
        scale: Sequence[float],
        offset: Sequence[float],
        name: str | None = None,
        dtype: str = "float32",
    ):
        super().__init__(name=name, dtype=dtype)
        self.source, self.scale, self.offset = list(source), list(scale), list(offset)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Select, scale, shift."""
        if self.source != list(range(inputs.shape[-1])):
            inputs = ops.take(inputs, ops.convert_to_tensor(self.source, "int32"), axis=-1)
        scale, offset = (
            ops.convert_to_tensor(v, self.compute_dtype) for v in (self.scale, self.offset)
        )
        return inputs * scale + offset

    def compute_output_shape(self, shape: Shape) -> Shape:
        """One channel for each source."""
        return (*shape[:-1], len(self.source))

    def get_config(self) -> dict[str, object]:
        """Sources, scales and offsets."""
        return {
            "name": self.name,
            "dtype": "float32",
            "source": self.source,
            "scale": self.scale,
            "offset": self.offset,
        }


@keras.saving.register_keras_serializable("tfseis")
class ChannelSlice(layers.Layer):
    """Selects neighbouring channels, from `start` to before `stop`."""

    def __init__(self, start: int, stop: int, name: str | None = None, dtype: str | None = None):
        super().__init__(name=name, dtype=dtype)
        self.start, self.stop = start, stop

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Slice."""
        return inputs[..., self.start : self.stop]

    def get_config(self) -> dict[str, object]:
        """Start and stop."""
        return {
            "name": self.name,
            "dtype": self.dtype_policy.name,
            "start": self.start,
            "stop": self.stop,
        }


@keras.saving.register_keras_serializable("tfseis")
class ScaledSum(layers.Layer):
    """Adds the second input times a constant to the first."""

    def __init__(self, scale: float, name: str | None = None, dtype: str | None = None):
        super().__init__(name=name, dtype=dtype)
        self.scale = scale

    def call(self, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Scale and add."""
        return inputs[0] + inputs[1] * self.scale

    def compute_output_shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the first."""
        return tuple(shapes[0])

    def get_config(self) -> dict[str, object]:
        """The constant."""
        return {"name": self.name, "dtype": self.dtype_policy.name, "scale": self.scale}
