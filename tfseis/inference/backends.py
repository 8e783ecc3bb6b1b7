"""The forward pass of a network by TensorFlow, or by OpenVINO on the CPU."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.inference.layer_precision import in_precision
from tfseis.inference.openvino_models import (
    CUBE,
    check_installed,
    openvino_model,
    required,
    traced,
)
from tfseis.tasks.threads import threads

HINTS = {"float32": "f32", "bfloat16": "bf16"}  # without one OpenVINO chooses by itself
KEPT = 16  # compiled shapes
KEPT_SAMPLES = 2_000_000  # of their inputs, all together: about 1 GB of features
Forward = Callable[[np.ndarray], np.ndarray]


def by_tensorflow(model: keras.Model | Path, precision: str) -> Forward:
    """The forward pass by TensorFlow, traced at the first call.

    Args:
        model: a functional Keras model, or the folder of a SavedModel.
        precision: "float32" or "bfloat16".
    """
    if isinstance(model, Path):
        signature = tf.saved_model.load(str(model)).signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]

        def served(batch: np.ndarray) -> np.ndarray:
            (found,) = signature(**{name: tf.constant(batch)}).values()
            return found.numpy()

        return served
    network = in_precision(model, precision)
    graphs: list[Callable] = []

    def forward(batch: np.ndarray) -> np.ndarray:
        if not graphs:
            graphs.append(traced(network, network.input_shape))
        return graphs[0](tf.constant(batch)).numpy()

    return forward


def by_openvino(model: Any, precision: str, *, many_sizes: bool = False) -> Forward:
    """The forward pass by OpenVINO, compiled at the first call with a shape.

    Args:
        model: what `tfseis.inference.openvino_models.openvino_model` takes.
        precision: "float32" or "bfloat16".
        many_sizes: inputs come in more shapes than are kept. Then a network over images is compiled
            once, for any size, which is slower by up to a sixth at each call.

    Raises:
        MissingPackageError: OpenVINO is not installed.
    """
    check_installed("openvino", "openvino")
    compiled = _Compiled(model, precision)
    if many_sizes and not (compiled.of_cubes or isinstance(model, Path)):
        return compiled.of_any_size
    return compiled.of_this_size


class _Compiled:
    """A network compiled for some shapes; those that were not used for longest are forgotten."""

    def __init__(self, model: Any, precision: str) -> None:
        self.model, self.precision = model, precision
        self.of_cubes = isinstance(model, keras.Model) and len(model.input_shape) == CUBE
        self._kept: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def of_this_size(self, batch: np.ndarray) -> np.ndarray:
        """Logits; each shape is compiled, and examples are computed 1, 2, 4, .. at once."""
        if not self._free:
            return self._exact(batch)
        return np.concatenate([self._exact(batch[part]) for part in powers(len(batch))])

    def of_any_size(self, batch: np.ndarray) -> np.ndarray:
        """Logits, by a network that is compiled for any shape."""
        return np.array(self._any(batch)[0])

    def _exact(self, batch: np.ndarray) -> np.ndarray:
        shape = batch.shape
        if shape not in self._kept:
            self._kept[shape] = self._compile(shape)
            while len(self._kept) > KEPT or (self._held() > KEPT_SAMPLES and len(self._kept) > 1):
                self._kept.popitem(last=False)
        self._kept.move_to_end(shape)
        return np.array(self._kept[shape](batch)[0])

    def _held(self) -> int:
        return sum(int(np.prod(shape[:-1])) for shape in self._kept)

    @cached_property
    def _converted(self) -> Any:
        """The network, which is converted once; that of cubes is another one for each shape."""
        if self.of_cubes or not isinstance(self.model, keras.Model):
            return self.model
        return openvino_model(self.model, self.model.input_shape)

    @cached_property
    def _free(self) -> bool:
        """Whether the examples of a batch may be computed by themselves."""
        if isinstance(self.model, Path):
            return False
        if isinstance(self.model, keras.Model):
            return self.model.input_shape[0] is None
        return bool(self.model.input(0).partial_shape[0].is_dynamic)

    @cached_property
    def _any(self) -> Any:
        shape = self._converted.input(0).partial_shape
        return self._compile(tuple(None if n.is_dynamic else n.get_length() for n in shape))

    def _compile(self, shape: tuple[int | None, ...]) -> Any:
        options: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": HINTS[self.precision],
            "PERFORMANCE_HINT": "LATENCY",
        }
        if threads() is not None:
            options["INFERENCE_NUM_THREADS"] = threads()
            options["ENABLE_CPU_PINNING"] = False  # or all processes share the first core
        openvino = required("openvino", "openvino")
        return openvino.compile_model(openvino_model(self._converted, shape), "CPU", options)


def powers(count: int) -> Iterator[slice]:
    """Parts of so many examples of which each holds a power of two, the largest first.

    Examples:
        >>> [(part.start, part.stop) for part in powers(11)]
        [(0, 8), (8, 10), (10, 11)]
    """
    first = 0
    while first < count:
        size = 1 << (count - first).bit_length() - 1
        yield slice(first, first + size)
        first += size
