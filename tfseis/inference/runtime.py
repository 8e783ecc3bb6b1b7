"""A network as one function of batches, computed by TensorFlow or by OpenVINO."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import FormatError, ModelError
from tfseis.inference.layer_precision import in_precision
from tfseis.inference.openvino_models import (
    is_quantized,
    openvino_model,
    required,
    restored,
    stored,
    traced,
)
from tfseis.inference.threads import threads
from tfseis.learning.saving import as_model
from tfseis.models.functional import functional
from tfseis.models.receptive import receptive_field

BACKENDS = ("auto", "keras", "openvino")
COMPARED = 64  # samples along each axis on which OpenVINO is compared with TensorFlow
TOLERANCE = 1e-4  # between OpenVINO and Keras, relative to the largest logit if that is above 1
HINTS = {"float32": "f32", "bfloat16": "bf16"}  # without one OpenVINO chooses by itself
Forward = Callable[[np.ndarray], np.ndarray]


class Runtime:
    """A network as a function of batches, computed by TensorFlow or OpenVINO.

    Args:
        model: a functional or sequential Keras model, a ``.keras`` file or the name of a model that
            ships, the folder of a SavedModel, or an OpenVINO model (an object or ``.xml``).
        backend: "keras" computes by TensorFlow, "openvino" by OpenVINO. "auto" takes OpenVINO where
            it is installed and there is no GPU. It compares both on a corner of the first batch,
            and goes on with TensorFlow if they differ by more than 1e-4 in float32.
        precision: "float32", or "bfloat16", which is faster where the processor computes it itself
            and less exact; `tfseis.inference.precision` compares both.
        trusted: whether the folder of a SavedModel may be loaded. It holds a program of TensorFlow
            that can read and write files; a ``.keras`` or ``.xml`` file cannot.

    Attributes:
        backend: "keras" or "openvino", whichever computes.
        precision: "float32", "bfloat16", or "int8" for an OpenVINO model of 8 bits.
        source: the network: a functional Keras model, an OpenVINO model, or a path.

    Raises:
        ModelError: backend or precision are unknown or cannot compute this model.
        FormatError: no model there, or a SavedModel that is not said to be trusted.
        MissingPackageError: OpenVINO is asked for and not installed.

    Examples:
        >>> network = Runtime(keras.Sequential([keras.Input((3,)), keras.layers.ReLU()]), "keras")
        >>> network(np.array([[-1, 0, 2]], "float32")).tolist()
        [[0.0, 0.0, 2.0]]
    """

    def __init__(
        self,
        model: Any,
        backend: str = "auto",
        precision: str = "float32",
        *,
        trusted: bool = False,
    ) -> None:
        if backend not in BACKENDS:
            raise ModelError(f"Expected a backend among {', '.join(BACKENDS)}; got {backend!r}.")
        if precision not in HINTS:
            raise ModelError(f"Expected precision {' or '.join(HINTS)}; got {precision!r}.")
        source = _source(model)
        folder = isinstance(source, Path) and source.is_dir()
        if folder and not trusted:
            raise FormatError(
                f"{source}: expected a .keras or .xml file; a SavedModel is a program, which can "
                "read and write files. If you know who made it, give trusted=True."
            )
        only_openvino = not (folder or isinstance(source, keras.Model))
        if folder and backend != "openvino" and precision != "float32":
            raise ModelError(
                f"{source}: expected a .keras file for {precision}; got a SavedModel, whose "
                "precision is fixed. Give precision='float32'."
            )
        if backend == "keras" and only_openvino:
            raise ModelError(
                f"{source}: expected a .keras file or a SavedModel for the backend 'keras'; got an "
                "OpenVINO model. Use --backend openvino or auto."
            )
        self._reference: Forward | None = None  # what OpenVINO is compared with
        self._multiples: tuple[int, ...] | None = None
        if backend == "auto":
            free = find_spec("openvino") and not tf.config.list_physical_devices("GPU")
            backend = "openvino" if free or only_openvino else "keras"
            if backend == "openvino" and not only_openvino and precision == "float32":
                self._reference = _tensorflow(source, precision)
                self._multiples = _multiples(source)
        self.backend, self.source = backend, source
        self.precision = "int8" if only_openvino and is_quantized(source) else precision
        compute = _tensorflow if backend == "keras" else _openvino
        self._forward = compute(source, precision)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Logits, float32, of a batch of inputs."""
        self.settle(batch)
        return self._forward(batch)

    def settle(self, batch: np.ndarray) -> None:
        """Choose now what computes, where "auto" waits for the first batch.

        Args:
            batch: a batch of inputs, of which a corner is computed.
        """
        if self._reference is not None:
            self._compare(batch, self._reference)

    def __reduce__(self) -> tuple:
        """Another process computes by the same library."""
        trusted = isinstance(self.source, Path)  # it was, or this would not be here
        precision = "float32" if self.precision == "int8" else self.precision
        return _rebuilt, (stored(self.source), self.backend, precision, trusted)

    def _compare(self, batch: np.ndarray, reference: Forward) -> None:
        """Go on with TensorFlow where OpenVINO answers differently, or not at all."""
        self._reference = None
        cause = self._difference(_corner(batch, self._multiples), reference)
        if cause:
            print(f"OpenVINO is not used: {cause}; TensorFlow computes.", file=sys.stderr)
            self._forward, self.backend = reference, "keras"

    def _difference(self, batch: np.ndarray, reference: Forward) -> str:
        """Why the logits are not those expected; empty if they are."""
        expected = reference(batch)
        try:
            apart = np.abs(self._forward(batch) - expected).max() / max(1, np.abs(expected).max())
        except Exception as error:  # TensorFlow can compute what the converter cannot
            return (str(error).strip().splitlines() or ["it failed"])[-1]
        return "" if apart <= TOLERANCE else f"its answers differ by {apart:.2g}"


def _rebuilt(source: Any, backend: str, precision: str, trusted: bool) -> Runtime:
    return Runtime(restored(source), backend, precision, trusted=trusted)


def _multiples(model: keras.Model | Path) -> tuple[int, ...] | None:
    """What sizes of inputs must be multiples of along each axis; None where that is not known."""
    if isinstance(model, Path) or any(size is not None for size in model.input_shape[1:-1]):
        return None
    try:
        return receptive_field(model).stride
    except ModelError:
        return None


def _corner(batch: np.ndarray, multiples: tuple[int, ...] | None) -> np.ndarray:
    """A corner of the first input of a batch, which costs a fraction of the whole."""
    if multiples is None:
        return batch
    sizes = [max(multiple, COMPARED // multiple * multiple) for multiple in multiples]
    return batch[(slice(1), *map(slice, sizes))]


def _source(model: Any) -> Any:
    """A functional Keras model of float32, an OpenVINO model, or a path."""
    if isinstance(model, (str, Path)):
        model = _found(Path(model))
    return in_precision(functional(model), "float32") if isinstance(model, keras.Model) else model


def _found(path: Path) -> keras.Model | Path:
    if (path / "saved_model.pb").is_file() or (path.suffix == ".xml" and path.is_file()):
        return path
    if path.is_dir() or path.suffix == ".xml":
        raise FormatError(
            f"{path}: expected a SavedModel or an OpenVINO model; found none. Give a .keras file, "
            "the folder that holds saved_model.pb, or an .xml file."
        )
    return as_model(path)


def _tensorflow(model: keras.Model | Path, precision: str) -> Forward:
    """The forward pass by TensorFlow."""
    if isinstance(model, Path):
        signature = tf.saved_model.load(str(model)).signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]

        def served(batch: np.ndarray) -> np.ndarray:
            (found,) = signature(**{name: tf.constant(batch)}).values()
            return found.numpy()

        return served
    model = in_precision(model, precision)
    graph = traced(model, model.input_shape)
    return lambda batch: graph(tf.constant(batch)).numpy()


def _openvino(model: Any, precision: str) -> Forward:
    """The forward pass by OpenVINO on the CPU, compiled once for each shape of a batch."""
    openvino = required("openvino", "openvino")
    options: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "PERFORMANCE_HINT": "LATENCY",
    }
    if threads() is not None:
        options["INFERENCE_NUM_THREADS"] = threads()
    compiled: dict[tuple[int, ...], Any] = {}

    def forward(batch: np.ndarray) -> np.ndarray:
        if batch.shape not in compiled:
            compiled[batch.shape] = openvino.compile_model(
                openvino_model(model, batch.shape), "CPU", options
            )
        return np.array(compiled[batch.shape](batch)[0])

    return forward
