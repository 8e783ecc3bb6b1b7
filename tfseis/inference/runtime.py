"""A network as one function of batches, computed by TensorFlow or by OpenVINO."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.errors import FormatError, ModelError
from tfseis.inference.backends import HINTS, Forward, by_openvino, by_tensorflow
from tfseis.inference.layer_precision import in_precision
from tfseis.inference.moved import restored, stored
from tfseis.inference.openvino_models import check_installed, is_quantized
from tfseis.inference.trial import sizes_of, tried
from tfseis.learning.saving import as_model
from tfseis.models.functional import functional

BACKENDS = ("auto", "keras", "openvino")


class Runtime:
    """A network as a function of batches, computed by TensorFlow or OpenVINO.

    Args:
        model: a functional or sequential Keras model, a ``.keras`` file or the name of a model that
            ships, the folder of a SavedModel, or an OpenVINO model (an object or ``.xml``).
        backend: "keras" computes by TensorFlow, "openvino" by OpenVINO. "auto" tries both on a part
            of the first batch where OpenVINO is installed and there is no GPU, and goes on with
            TensorFlow if they differ by more than 1e-4 in float32 or TensorFlow is faster.
        precision: "float32", or "bfloat16", which is faster where the processor computes it itself
            and less exact; `tfseis.inference.precision` compares both.
        trusted: whether the folder of a SavedModel may be loaded. It holds a program of TensorFlow
            that can read and write files; a ``.keras`` or ``.xml`` file cannot.
        work: samples that it is applied to in all; None for many. "auto" tries OpenVINO only where
            TensorFlow would take 20 seconds or more.
        many_sizes: whether inputs come in so many sizes that a network over images is better
            compiled once, for any.

    Attributes:
        backend: "keras" or "openvino", whichever computes.
        reason: why, in a few words.
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
        work: int | None = None,
        many_sizes: bool = False,
    ) -> None:
        check_backend(backend)
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
        self.reason, self.work, self.many_sizes = "as asked", work, many_sizes
        if backend == "auto":
            backend, self.reason = _usual(only_openvino)
            if backend == "openvino" and not only_openvino and precision == "float32":
                self._reference = by_tensorflow(source, precision)
        self.backend, self.source = backend, source
        self.precision = "int8" if only_openvino and is_quantized(source) else precision
        if backend == "keras":
            self._forward = by_tensorflow(source, precision)
        else:
            self._forward = by_openvino(source, precision, many_sizes=many_sizes)

    def __call__(self, batch: Any) -> np.ndarray:
        """Logits, float32, of a batch of inputs."""
        batch = np.asarray(batch, "float32")
        if self._reference is not None and not batch.any():
            return self._reference(batch)  # dead samples, which tell nothing
        self.settle(batch)
        return self._forward(batch)

    def settle(self, batch: np.ndarray) -> None:
        """Choose now what computes, where "auto" waits for the first batch.

        Args:
            batch: a batch of inputs, of which a part is computed.
        """
        reference, self._reference = self._reference, None
        if reference is None:
            return
        found = tried(batch, reference, self._forward, sizes_of(self.source), self.work)
        self.reason = found.reason
        if found.cause:
            print(f"OpenVINO is not used: {found.cause}; TensorFlow computes.", file=sys.stderr)
        if not found.openvino:
            self._forward, self.backend = reference, "keras"

    def __reduce__(self) -> tuple:
        """Another process computes by the same library."""
        trusted = isinstance(self.source, Path)  # it was, or this would not be here
        precision = "float32" if self.precision == "int8" else self.precision
        options = {"trusted": trusted, "many_sizes": self.many_sizes}
        return _rebuilt, (stored(self.source), self.backend, precision, options, self.reason)


def check_backend(backend: str) -> None:
    """Refuse a library that is not known or not installed.

    Raises:
        ModelError: another name than "auto", "keras" and "openvino".
        MissingPackageError: OpenVINO is asked for and not installed.
    """
    if backend not in BACKENDS:
        raise ModelError(f"Expected a backend among {', '.join(BACKENDS)}; got {backend!r}.")
    if backend == "openvino":
        check_installed("openvino", "openvino")


def _rebuilt(
    source: Any, backend: str, precision: str, options: dict[str, bool], reason: str
) -> Runtime:
    made = Runtime(restored(source), backend, precision, **options)
    made.reason = reason
    return made


def _usual(only_openvino: bool) -> tuple[str, str]:
    """What computes before anything is tried, and why."""
    if only_openvino:
        return "openvino", "the file is one of OpenVINO"
    if not find_spec("openvino"):
        return "keras", "OpenVINO is not installed"
    if tf.config.list_physical_devices("GPU"):
        return "keras", "on the GPU"
    return "openvino", "OpenVINO is installed"


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
