"""Layers that Keras does not have."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfseis")
class DenseMaxPooling(layers.Layer):
    """Maximum over a window that moves by one sample; its taps are `dilation` apart."""

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

    def get_config(self) -> dict[str, object]:
        """Size and dilation."""
        return {"name": self.name, "dtype": "float32", "size": self.size, "dilation": self.dilation}
