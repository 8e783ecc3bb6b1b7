"""OpenVINO models of networks; OpenVINO and NNCF, whose usage data are switched off."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tfseis.errors import MissingPackageError
from tfseis.inference.merged import merged

CUBE = 5  # axes of a batch of cubes
QUANTIZED = "FakeQuantize"  # operation of models that compute in int8
TELEMETRY = "openvino_telemetry"


def openvino_model(model: Any, shape: tuple[int | None, ...]) -> Any:
    """A network as an OpenVINO model for inputs of one shape.

    Args:
        model: a functional Keras model, the folder of a SavedModel, an ``.xml`` file, or an
            OpenVINO model, which stays as it is.
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
    elif isinstance(model, openvino.Model):
        converted = model.clone()
    else:
        lighter = merged(model, shape) if len(shape) == CUBE else model
        return openvino.convert_model(traced(lighter, shape))
    converted.reshape([-1 if size is None else size for size in shape])
    return converted


def is_quantized(model: Any) -> bool:
    """Whether an OpenVINO model, or the file of one, has weights of 8 bits."""
    if isinstance(model, Path):
        model = required("openvino", "openvino").Core().read_model(model)
    return any(operation.get_type_name() == QUANTIZED for operation in model.get_ops())


def traced(model: keras.Model, shape: tuple[int | None, ...]) -> Callable:
    """A network traced for inputs of one shape; None for any size."""
    function = tf.function(
        lambda x: model(x, training=False), input_signature=[tf.TensorSpec(shape)]
    )
    return function.get_concrete_function()


def check_installed(package: str, extra: str) -> None:
    """Refuse to go on without an optional package, which is not imported.

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


def required(package: str, extra: str) -> Any:
    """Import an optional package; the usage data that OpenVINO and NNCF send are switched off.

    Args:
        package: name of the package.
        extra: extra of tfseis that installs it.

    Raises:
        MissingPackageError: it is not installed; the message says how to.
    """
    check_installed(package, extra)
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
