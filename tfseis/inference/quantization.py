"""Fault and borehole networks as OpenVINO files, in float32 or with weights of 8 bits.

Source: NNCF, post-training quantization, https://github.com/openvinotoolkit/nncf.
"""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.errors import OutputError
from tfseis.inference.runtime import Runtime, openvino_model, required
from tfseis.io.output import check_output, complete_or_absent
from tfseis.jobs.boreholes.patches import scaled_images, synthetic_patches
from tfseis.jobs.faults.model import NOTE, FaultModel, fault_probability
from tfseis.jobs.faults.survey_crops import scaled
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_of

CALIBRATION = {"faults": 18, "boreholes": 256}  # cubes, as many by each generator; patches
TESTED = {"faults": 6, "boreholes": 256}  # others, to see what 8 bits cost
TEST_SEED = 1000
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class QuantizationLoss:
    """What 8 bits cost and gain.

    Args:
        iou: at 0.5 on synthetic cubes or patches, of the float32 network.
        quantized_iou: the same, of the network of 8 bits.
        seconds: they take, float32.
        quantized_seconds: they take, 8 bits.
    """

    iou: float
    quantized_iou: float
    seconds: float
    quantized_seconds: float

    def text(self) -> str:
        """For people."""
        return (
            f"IoU at 0.5 on synthetic data: {self.iou:.4f} in float32, {self.quantized_iou:.4f} "
            f"in int8; {self.seconds / self.quantized_seconds:.2f} times as fast"
        )


def export_openvino(
    model: str | Path, path: str | Path, *, int8: bool = False, overwrite: bool = False
) -> str:
    """Write a fault or borehole model as an OpenVINO model; `tfseis faults` runs the first.

    Args:
        model: the ``.keras`` file of a fault or borehole model.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        int8: weights and activations of 8 bits, measured on synthetic data.
        overwrite: replace files of these names.

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
    loaded = load_model(model)
    if not int8:
        write_openvino(loaded, path, overwrite=overwrite)
        return f"{path.name}: takes scaled amplitudes or images, gives logits"
    quantized(loaded, path, overwrite=overwrite)
    return f"{path.name}: {quantization_loss(loaded, path).text()}"


def write_openvino(
    model: keras.Model | str | Path, path: str | Path, *, overwrite: bool = False
) -> None:
    """Write a model as an OpenVINO model, float32, for multiples of what its poolings need.

    Args:
        model: a fault or borehole model, or its ``.keras`` file.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no such model, OpenVINO is not installed, or a file exists.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    shape, key, note = _contract(loaded)
    _save(openvino_model(loaded, shape), (key, note), Path(path), overwrite)


def quantized(
    model: keras.Model | str | Path, path: str | Path, *, count: int | None = None, seed: int = 0,
    overwrite: bool = False,
) -> None:  # fmt: skip
    """Write a model as an OpenVINO model whose convolutions have weights of 8 bits.

    Args:
        model: a fault or borehole model, or its ``.keras`` file.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        count: synthetic cubes of the size of a window, or patches, on which activations are
            measured; None for 16 or 256.
        seed: of the first.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no such model, NNCF is not installed, or a file exists.
    """
    nncf = required("nncf", "int8")
    for file in _files(Path(path)):
        check_output(file, overwrite)
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    shape, key, note = _contract(loaded)
    nncf.set_log_level(logging.ERROR)
    recipe = recipe_of(loaded)
    inputs = [one for one, _ in _examples(recipe, count or CALIBRATION[recipe.job], seed)]
    with redirect_stdout(sys.stderr):  # NNCF's progress bars
        converted = nncf.quantize(
            openvino_model(loaded, shape), nncf.Dataset(inputs), subset_size=len(inputs)
        )
    _save(converted, (key, note), Path(path), overwrite)


def quantization_loss(
    model: keras.Model | str | Path, path: str | Path, *, count: int | None = None,
    seed: int = TEST_SEED,
) -> QuantizationLoss:  # fmt: skip
    """Compare a model with its twin of 8 bits, both computed by OpenVINO, on synthetic data.

    Args:
        model: the float32 one, or its ``.keras`` file.
        path: ``.xml`` of the other.
        count: cubes of the size of a window, or patches; None for 4 or 256.
        seed: of the first; not one of those that activations were measured on.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    recipe = recipe_of(loaded)
    networks = Runtime(loaded, "openvino"), Runtime(path, "openvino")
    both, either, seconds = np.zeros(2), np.zeros(2), np.zeros(2)
    for place, (inputs, truth) in enumerate(_examples(recipe, count or TESTED[recipe.job], seed)):
        for number, network in enumerate(networks):
            if place == 0:
                network(inputs)  # compiled before anything is timed
            began = time.perf_counter()
            logits = network(inputs)
            seconds[number] += time.perf_counter() - began
            found = (fault_probability(logits)[0, ..., 0] > 0.5) & (truth >= 0)
            both[number] += np.sum(found & (truth == 1))
            either[number] += np.sum(found | (truth == 1))
    ious = both / np.maximum(either, 1)
    return QuantizationLoss(*ious.tolist(), *seconds.tolist())


def _contract(model: keras.Model) -> tuple[Shape, str, str]:
    """The shape of a model's inputs, and the note that goes along: its key, and JSON."""
    recipe = recipe_of(model)
    if recipe.job == "boreholes":
        note = json.dumps({"recipe": asdict(recipe)})
        return (None, None, recipe.columns, 1), "tfseis_boreholes", note
    return (None, None, None, None, 1), NOTE, FaultModel(model, "keras").note()


def _examples(recipe: Any, count: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Inputs, one in a batch, and the truth, of synthetic data."""
    if recipe.job == "faults":
        yield from surveys(count, recipe.window, seed)
        return
    patches = synthetic_patches(count, seed)
    assert patches.masks is not None
    for image, mask in zip(scaled_images(patches), patches.masks, strict=True):
        yield image[np.newaxis], mask


def surveys(count: int, size: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scaled amplitudes (1, size, size, size, 1) and faults of synthetic cubes, generator by generator."""
    generators = list(SURVEY_GENERATORS.values())
    for number in range(count):
        made = generators[number % len(generators)]((size, size, size), seed=seed + number)
        yield scaled(made.amplitude)[np.newaxis, ..., np.newaxis], made.faults


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_suffix(".bin")


def _save(model: Any, note: tuple[str, str], path: Path, overwrite: bool) -> None:
    """Both files, the one with the graph last."""
    openvino = required("openvino", "openvino")
    key, text = note
    model.set_rt_info(text, key)
    graph, weights = _files(path)
    with (
        complete_or_absent(graph, overwrite) as partial_graph,
        complete_or_absent(weights, overwrite) as partial_weights,
        tempfile.TemporaryDirectory(dir=path.absolute().parent) as folder,
    ):
        openvino.save_model(model, Path(folder) / "model.xml", compress_to_fp16=False)
        (Path(folder) / "model.bin").replace(partial_weights)
        (Path(folder) / "model.xml").replace(partial_graph)
