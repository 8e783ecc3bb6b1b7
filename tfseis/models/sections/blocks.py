"""Layers and blocks that Keras does not have."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfseis")
class DenseMaxPooling(layers.Layer):
    """Maximum over a window that moves by one sample.

    Args:
        size: number of samples of the window along each axis.
        dilation: distance between the samples of the window.
        name: name of the layer.
        dtype: accepted for older files; the layer is always saved as float32.
    """

    def __init__(self, size: int, dilation: int, name: str | None = None, dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.size, self.dilation = size, dilation

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Shrink each axis by ``(size - 1) * dilation``."""
        x, reach = inputs, (self.size - 1) * self.dilation
        for axis in range(1, len(inputs.shape) - 1):
            taps = [
                x[(slice(None),) * axis + (slice(shift, shift - reach or None),)]
                for shift in range(0, reach + 1, self.dilation)
            ]
            x = taps[0]
            for tap in taps[1:]:
                x = ops.maximum(x, tap)
        return x

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """First and last input index that the outputs from `first` to `last` see."""
        return first, last + (self.size - 1) * self.dilation

    def get_config(self) -> dict[str, object]:
        """Size and dilation."""
        return {"name": self.name, "dtype": "float32", "size": self.size, "dilation": self.dilation}


def scse(x: keras.KerasTensor, *, name: str, reduction: int = 2) -> keras.KerasTensor:
    """Weigh features by channel and by position, and add both.

    Source: Roy et al. 2018, Concurrent Spatial and Channel Squeeze & Excitation in Fully
    Convolutional Networks, https://arxiv.org/abs/1803.02579.
    Differs from it: nothing.

    Args:
        x: features (batch, rows, columns, channels).
        name: prefix of its layers.
        reduction: number of channels for each unit of the narrow layer.

    Returns:
        Features of the same shape.
    """
    channels = x.shape[-1]
    weight = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    weight = layers.Dense(max(1, channels // reduction), "relu", name=f"{name}_squeeze")(weight)
    weight = layers.Dense(channels, "sigmoid", name=f"{name}_excite")(weight)
    place = layers.Conv2D(1, 1, activation="sigmoid", name=f"{name}_place")(x)
    by_channel = layers.Multiply(name=f"{name}_by_channel")([x, weight])
    by_place = layers.Multiply(name=f"{name}_by_place")([x, place])
    return layers.Add(name=f"{name}_sum")([by_channel, by_place])
