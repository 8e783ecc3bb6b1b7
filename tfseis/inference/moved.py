"""Networks on their way to another process: as the bytes of their files."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from tfseis.inference.openvino_models import required
from tfseis.learning.saving import load_model

KERAS = "model.keras"


def stored(model: Any) -> Any:
    """A network as something that can be pickled.

    Args:
        model: a Keras model, an OpenVINO model, or a path, which stays as it is.
    """
    if isinstance(model, Path):
        return model
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        if isinstance(model, keras.Model):
            model.save(path.with_name(KERAS))
            return (path.with_name(KERAS).read_bytes(),)
        required("openvino", "openvino").serialize(model, path)
        return path.read_bytes(), path.with_suffix(".bin").read_bytes()


def restored(model: Any) -> Any:
    """What `stored` was given."""
    if isinstance(model, Path):
        return model
    data, *weights = model
    if weights:
        openvino = required("openvino", "openvino")
        return openvino.Core().read_model(data, openvino.Tensor(np.frombuffer(weights[0], "u1")))
    with TemporaryDirectory() as folder:
        path = Path(folder) / KERAS
        path.write_bytes(data)
        return load_model(path)
