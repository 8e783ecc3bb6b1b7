"""Networks as OpenVINO files, in float32 or with weights of 8 bits.

Source: NNCF, post-training quantization, https://github.com/openvinotoolkit/nncf.
Differs from it: activations are measured on synthetic inputs that the job of the model makes.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.errors import OutputError
from tfseis.inference.model_note import KEY, ModelNote, note_of
from tfseis.inference.openvino_models import openvino_model, required
from tfseis.inference.runtime import Runtime
from tfseis.io.output import check_output, complete_or_absent
from tfseis.jobs.contract import JOBS
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_of

EVEN = 0.5  # threshold of a model whose recipe has none
TEST_SEED = 1000  # far from the seeds of the inputs that activations are measured on


@dataclass(frozen=True)
class QuantizationLoss:
    """A network in float32 beside its twin with weights of 8 bits, on synthetic inputs.

    Args:
        iou: intersection over union of marked samples and labels in float32, at the threshold of
            the recipe, or at 0.5 without one.
        quantized_iou: the same for the network of 8 bits.
        seconds: time that the network takes in float32, in seconds.
        quantized_seconds: the same for the network of 8 bits.
    """

    iou: float
    quantized_iou: float
    seconds: float
    quantized_seconds: float

    def text(self) -> str:
        """The comparison in one line, for people."""
        return (
            f"IoU on synthetic data: {self.iou:.4f} in float32, {self.quantized_iou:.4f} "
            f"in int8; {self.seconds / self.quantized_seconds:.2f} times as fast"
        )


def export_openvino(
    model: str | Path, path: str | Path, *, int8: bool = False, overwrite: bool = False
) -> str:
    """Write a model as an OpenVINO model, which takes scaled inputs and gives logits.

    Args:
        model: the ``.keras`` file of a model that carries its recipe.
        path: the ``.xml`` file to write; the weights are written beside it, ``.bin``.
        int8: whether weights and activations get 8 bits, measured on synthetic data.
        overwrite: whether files of these names may be replaced.

    Returns:
        What was written, and with `int8` what that costs, for people.

    Raises:
        TfseisError: no such model, a package is missing, or a file exists.
    """
    path = Path(path)
    if path.suffix != ".xml":
        raise OutputError(
            f"{path}: expected a file NAME.xml for an OpenVINO model; got another ending. Choose "
            "such a name, or leave out --int8."
        )
    network = as_model(model)
    if not int8:
        write_openvino(network, path, overwrite=overwrite)
        return f"{path.name}: takes scaled amplitudes or images, gives logits"
    quantized(network, path, overwrite=overwrite)
    return f"{path.name}: {quantization_loss(network, path).text()}"


def write_openvino(
    model: keras.Model | str | Path, path: str | Path, *, overwrite: bool = False
) -> None:
    """Write a model as an OpenVINO model in float32, with its note.

    Inputs may have any size that is a multiple of what the poolings of the network need.

    Args:
        model: a model that carries its recipe, or its ``.keras`` file.
        path: the ``.xml`` file to write; the weights are written beside it, ``.bin``.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no such model, OpenVINO is not installed, or a file exists.
    """
    network = as_model(model)
    note = note_of(network)
    _save(openvino_model(network, network.input_shape), note, Path(path), overwrite)


def quantized(
    model: keras.Model | str | Path,
    path: str | Path,
    *,
    count: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
) -> None:
    """Write a model as an OpenVINO model whose convolutions have weights of 8 bits, with its note.

    Args:
        model: a model that carries its recipe, or its ``.keras`` file; its job must have examples.
        path: the ``.xml`` file to write; the weights are written beside it, ``.bin``.
        count: number of synthetic inputs on which activations are measured; None for the number
            that the job gives.
        seed: seed of the first of them.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no such model, a job without examples, NNCF is not installed, or a file exists.
    """
    required("nncf", "int8")
    for file in _files(Path(path)):
        check_output(file, overwrite)
    network = as_model(model)
    note = note_of(network)
    examples = JOBS[note.recipe.job].part("examples")
    wanted = count or examples.calibration
    inputs = [one for one, _ in examples.make(note.recipe, wanted, seed)]
    _save(eight_bits(network, inputs), note, Path(path), overwrite)


def eight_bits(model: keras.Model | Path, inputs: Sequence[np.ndarray]) -> Any:
    """A network as an OpenVINO model whose convolutions have weights and inputs of 8 bits.

    Args:
        model: a functional Keras model, or an ``.xml`` file in float32.
        inputs: batches on which the ranges of activations are measured.

    Raises:
        MissingPackageError: NNCF or OpenVINO is not installed.
    """
    nncf = required("nncf", "int8")
    nncf.set_log_level(logging.ERROR)
    free = (*[None] * (inputs[0].ndim - 1), inputs[0].shape[-1])
    shape = free if isinstance(model, Path) else model.input_shape
    with redirect_stdout(sys.stderr):  # NNCF's progress bars
        return nncf.quantize(
            openvino_model(model, shape), nncf.Dataset(inputs), subset_size=len(inputs)
        )


def quantization_loss(
    model: keras.Model | str | Path,
    path: str | Path,
    *,
    count: int | None = None,
    seed: int = TEST_SEED,
) -> QuantizationLoss:
    """Compare a model with its twin of 8 bits, both computed by OpenVINO, on synthetic inputs.

    Args:
        model: the float32 model with its recipe, or its ``.keras`` file.
        path: the ``.xml`` file of the other.
        count: number of synthetic inputs; None for the number that the job gives.
        seed: seed of the first; not one of those that activations were measured on.

    Raises:
        TfseisError: no such model, a job without examples, or OpenVINO is not installed.
    """
    network = as_model(model)
    recipe = recipe_of(network)
    examples = JOBS[recipe.job].part("examples")
    threshold = float(getattr(recipe, "threshold", EVEN))
    twins = Runtime(network, "openvino"), Runtime(path, "openvino")
    both, either, seconds = np.zeros(2), np.zeros(2), np.zeros(2)
    for place, (inputs, labels) in enumerate(
        examples.make(recipe, count or examples.comparison, seed)
    ):
        for number, twin in enumerate(twins):
            if place == 0:
                twin(inputs)  # compiled before anything is timed
            began = time.perf_counter()
            logits = twin(inputs)
            seconds[number] += time.perf_counter() - began
            marked = _marked(logits, threshold)[0] & (labels >= 0)
            both[number] += np.sum(marked & (labels == 1))
            either[number] += np.sum(marked | (labels == 1))
    ious = both / np.maximum(either, 1)
    return QuantizationLoss(*ious.tolist(), *seconds.tolist())


def _marked(logits: np.ndarray, threshold: float) -> np.ndarray:
    """Where the probability of class 1 is above a threshold, from one logit or from both."""
    other = logits[..., 0] if logits.shape[-1] == 2 else 0
    return np.asarray(logits[..., -1] - other > np.log(threshold / (1 - threshold)))


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_suffix(".bin")


def _save(model: Any, note: ModelNote, path: Path, overwrite: bool) -> None:
    """Write both files, the one with the graph last."""
    openvino = required("openvino", "openvino")
    model.set_rt_info(note.text(), KEY)
    graph, weights = _files(path)
    with (
        complete_or_absent(graph, overwrite) as partial_graph,
        complete_or_absent(weights, overwrite) as partial_weights,
        tempfile.TemporaryDirectory(dir=path.absolute().parent) as folder,
    ):
        openvino.save_model(model, Path(folder) / "model.xml", compress_to_fp16=False)
        (Path(folder) / "model.bin").replace(partial_weights)
        (Path(folder) / "model.xml").replace(partial_graph)
