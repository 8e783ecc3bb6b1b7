"""A network as one function of batches, computed by TensorFlow or by OpenVINO."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import FormatError, MissingPackageError, ModelError
from tfseis.inference.merged import merged
from tfseis.learning.saving import as_model
from tfseis.models.functional import functional
from tfseis.models.receptive import receptive_field

BACKENDS = ("auto", "keras", "openvino")
COMPARED = 64  # samples along each axis on which OpenVINO is compared with TensorFlow
TOLERANCE = 1e-4  # between OpenVINO and Keras, relative to the largest logit if that is above 1
# without a hint OpenVINO computes in bfloat16 on some CPUs
EXACT = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
CUBE = 5  # axes of a batch of cubes
TELEMETRY = "openvino_telemetry"
Forward = Callable[[np.ndarray], np.ndarray]


class Runtime:
    """A network as a function of batches, computed by TensorFlow or OpenVINO.

    Args:
        model: a functional or sequential Keras model, a ``.keras`` file or the name of a model that
            ships, the folder of a SavedModel, or an OpenVINO model (``.xml``).
        backend: "keras" computes by TensorFlow, "openvino" by OpenVINO. "auto" takes OpenVINO where
            it is installed and there is no GPU. It compares both on a corner of the first batch,
            and goes on with TensorFlow if they differ by more than 1e-4.
        trusted: whether the folder of a SavedModel may be loaded. It holds a program of TensorFlow
            that can read and write files; a ``.keras`` or ``.xml`` file cannot.

    Attributes:
        backend: "keras" or "openvino", whichever computes.

    Raises:
        ModelError: the backend is unknown or cannot compute this model.
        FormatError: no model there, or a SavedModel that is not said to be trusted.
        MissingPackageError: OpenVINO is asked for and not installed.

    Examples:
        >>> network = Runtime(keras.Sequential([keras.Input((3,)), keras.layers.ReLU()]), "keras")
        >>> network(np.array([[-1, 0, 2]], "float32")).tolist()
        [[0.0, 0.0, 2.0]]
    """

    def __init__(
        self, model: keras.Model | str | Path, backend: str = "auto", *, trusted: bool = False
    ) -> None:
        if backend not in BACKENDS:
            raise ModelError(f"Expected a backend among {', '.join(BACKENDS)}; got {backend!r}.")
        source = functional(model) if isinstance(model, keras.Model) else _found(Path(model))
        if isinstance(source, Path) and source.is_dir() and not trusted:
            raise FormatError(
                f"{source}: expected a .keras or .xml file; a SavedModel is a program, which can "
                "read and write files. If you know who made it, give trusted=True."
            )
        only_openvino = isinstance(source, Path) and source.is_file()
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
            if backend == "openvino" and not only_openvino:
                self._reference, self._multiples = _tensorflow(source), _multiples(source)
        self.backend = backend
        self._forward = _tensorflow(source) if backend == "keras" else _openvino(source)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Logits, float32, of a batch of inputs."""
        if self._reference is not None:
            self._compare(batch, self._reference)
        return self._forward(batch)

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


def openvino_model(model: keras.Model | Path, shape: tuple[int | None, ...]) -> Any:
    """A network as an OpenVINO model for inputs of one shape.

    Args:
        model: a functional Keras model, the folder of a SavedModel, or an ``.xml`` file.
        shape: shape of the inputs with batch and channels. None is any size; along the axes of a
            cube any multiple of what the poolings of the network need.

    Raises:
        MissingPackageError: OpenVINO is not installed.
    """
    openvino = required("openvino", "openvino")
    if isinstance(model, Path) and model.is_file():
        converted = openvino.Core().read_model(model)
    elif isinstance(model, Path):
        converted = openvino.convert_model(model)
    else:
        lighter = merged(model, shape) if len(shape) == CUBE else model
        return openvino.convert_model(_graph(lighter, shape))
    converted.reshape([-1 if size is None else size for size in shape])
    return converted


def required(package: str, extra: str) -> Any:
    """Import an optional package; the usage data that OpenVINO and NNCF send are switched off.

    Args:
        package: name of the package.
        extra: extra of tfseis that installs it.

    Raises:
        MissingPackageError: it is not installed; the message says how to.
    """
    if find_spec(package) is None:
        raise MissingPackageError(
            f"Expected the package {package!r}; it is not installed. Run "
            f"pip install 'tfseis[{extra}]'."
        )
    _send_no_usage_data()
    return __import__(package)


def _send_no_usage_data() -> None:
    """Keep OpenVINO and NNCF from reporting their use, which they do from a fork of this process.

    Both do without the package `openvino_telemetry` where it cannot be imported. Where a program
    has imported it before, what it sends through is replaced.
    """
    telemetry = sys.modules.setdefault(TELEMETRY, None)  # type: ignore[arg-type]
    if telemetry is not None:
        for name in (
            "start_session",
            "end_session",
            "send_event",
            "send_error",
            "send_stack_trace",
        ):
            setattr(telemetry.Telemetry, name, lambda *_, **__: None)


def _found(path: Path) -> keras.Model | Path:
    if (path / "saved_model.pb").is_file() or (path.suffix == ".xml" and path.is_file()):
        return path
    if path.is_dir() or path.suffix == ".xml":
        raise FormatError(
            f"{path}: expected a SavedModel or an OpenVINO model; found none. Give a .keras file, "
            "the folder that holds saved_model.pb, or an .xml file."
        )
    return as_model(path)


def _tensorflow(model: keras.Model | Path) -> Forward:
    """The forward pass by TensorFlow."""
    if isinstance(model, Path):
        signature = tf.saved_model.load(str(model)).signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]

        def served(batch: np.ndarray) -> np.ndarray:
            (found,) = signature(**{name: tf.constant(batch)}).values()
            return found.numpy()

        return served
    graph = _graph(model, model.input_shape)
    return lambda batch: graph(tf.constant(batch)).numpy()


def _graph(model: keras.Model, shape: tuple[int | None, ...]) -> Callable:
    """A network traced for inputs of one shape; None for any size."""
    traced = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec(shape)])
    return traced.get_concrete_function()


def _openvino(model: keras.Model | Path) -> Forward:
    """The forward pass by OpenVINO on the CPU, compiled once for each shape of a batch."""
    openvino = required("openvino", "openvino")
    compiled: dict[tuple[int, ...], Any] = {}

    def forward(batch: np.ndarray) -> np.ndarray:
        if batch.shape not in compiled:
            compiled[batch.shape] = openvino.compile_model(
                openvino_model(model, batch.shape), "CPU", EXACT
            )
        return np.array(compiled[batch.shape](batch)[0])

    return forward
