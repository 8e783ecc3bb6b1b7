"""Fault networks as OpenVINO files, in float32 or with weights and activations of 8 bits.

Source: NNCF, post-training quantization, https://github.com/openvinotoolkit/nncf.
"""

import logging
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.data.scaling import samples_scaling
from tfseis.data.synthetic import FAULT_LAWS
from tfseis.errors import OutputError
from tfseis.inference.fault_model import NOTE, FaultModel
from tfseis.inference.runtime import openvino_model, required
from tfseis.io.segy_output import check_output, complete_or_absent
from tfseis.learning.fault_counts import FaultCounts
from tfseis.learning.saving import load_model

CALIBRATION = 16  # cubes, half by each law: statistics of activations settle with a few
ANY_SIZE = (None, None, None, None, 1)


@dataclass(frozen=True)
class QuantizationLoss:
    """What 8 bits cost and gain.

    Args:
        iou: at 0.5 on synthetic cubes, of the float32 network.
        quantized_iou: the same, of the network of 8 bits.
        seconds: a cube takes, float32.
        quantized_seconds: a cube takes, 8 bits.
    """

    iou: float
    quantized_iou: float
    seconds: float
    quantized_seconds: float

    def text(self) -> str:
        """For people."""
        return (
            f"IoU at 0.5 on synthetic cubes: {self.iou:.4f} in float32, {self.quantized_iou:.4f} "
            f"in int8; {self.seconds / self.quantized_seconds:.2f} times as fast"
        )


def export_openvino(
    model: str | Path, path: str | Path, *, int8: bool = False, overwrite: bool = False
) -> str:
    """Write a fault model as an OpenVINO model that `tfseis faults` and OpenVINO itself run.

    Args:
        model: the ``.keras`` file of a fault model.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        int8: weights and activations of 8 bits, measured on synthetic cubes.
        overwrite: replace files of these names.

    Returns:
        What was written, and with `int8` what that costs, for people.

    Raises:
        TfseisError: no fault model, a package is missing, or a file exists.
    """
    path = Path(path)
    if path.suffix != ".xml":
        raise OutputError(
            f"{path}: expected a file NAME.xml for an OpenVINO model; got another ending. Choose "
            "such a name, or leave out --int8."
        )
    if not int8:
        write_openvino(model, path, overwrite=overwrite)
        return f"{path.name}: takes scaled amplitudes, gives logits"
    quantized(model, path, overwrite=overwrite)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "float32.xml"
        write_openvino(model, plain)
        return f"{path.name}: {quantization_loss(plain, path).text()}"


def write_openvino(
    model: keras.Model | str | Path, path: str | Path, *, overwrite: bool = False
) -> None:
    """Write a fault model as an OpenVINO model, float32, for multiples of what its poolings need.

    Args:
        model: a fault model, or its ``.keras`` file.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no fault model, OpenVINO is not installed, or a file exists.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    note = FaultModel(loaded, "keras").note()
    _save(openvino_model(loaded, ANY_SIZE), note, Path(path), overwrite)


def quantized(
    model: keras.Model | str | Path, path: str | Path, *, cubes: int = CALIBRATION, seed: int = 0,
    overwrite: bool = False,
) -> None:  # fmt: skip
    """Write a fault model as an OpenVINO model whose convolutions have weights of 8 bits.

    Args:
        model: a fault model, or its ``.keras`` file.
        path: the ``.xml`` file to write; the weights lie beside it, ``.bin``.
        cubes: synthetic cubes of the size of a window on which activations are measured.
        seed: of the first cube.
        overwrite: whether files of these names may be replaced.

    Raises:
        TfseisError: no fault model, NNCF is not installed, or a file exists.
    """
    nncf = required("nncf", "int8")
    for file in _files(Path(path)):
        check_output(file, overwrite)
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    known = FaultModel(loaded, "keras")
    nncf.set_log_level(logging.ERROR)
    inputs = [amplitude for amplitude, _ in surveys(cubes, known.recipe.window, seed)]
    converted = nncf.quantize(
        openvino_model(loaded, ANY_SIZE), nncf.Dataset(inputs), subset_size=cubes
    )
    _save(converted, known.note(), Path(path), overwrite)


def quantization_loss(
    model: str | Path, other: str | Path, *, cubes: int = 4, seed: int = 1000
) -> QuantizationLoss:
    """Compare a float32 model with its 8-bit twin on synthetic cubes of the size of a window.

    Args:
        model: ``.xml`` of the one.
        other: ``.xml`` of the other.
        cubes: how many.
        seed: of the first; not one of those that it was measured on.
    """
    networks = FaultModel(model, "openvino"), FaultModel(other, "openvino")
    counts, seconds = (FaultCounts(), FaultCounts()), [0.0, 0.0]
    for network in networks:  # compiled before anything is timed
        network(np.zeros((1,) + (network.recipe.window,) * 3, "float32"))
    for amplitude, faults in surveys(cubes, networks[0].recipe.window, seed):
        for number, network in enumerate(networks):
            began = time.perf_counter()
            probability = network(amplitude[..., 0])[0, ..., 0]
            seconds[number] += time.perf_counter() - began
            counts[number].add(faults, probability)
    ious = [found.scores().iou for found in counts]
    return QuantizationLoss(ious[0], ious[1], seconds[0] / cubes, seconds[1] / cubes)


def surveys(count: int, size: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scaled amplitudes (1, size, size, size, 1) and faults of synthetic cubes, by both laws."""
    laws = list(FAULT_LAWS.values())
    for number in range(count):
        made = laws[number % len(laws)]((size, size, size), seed=seed + number)
        scaling = samples_scaling(made.amplitude.ravel())
        live = np.ones(made.amplitude.shape, bool)
        scaled = scaling.apply(made.amplitude, live) if scaling else made.amplitude
        yield scaled[np.newaxis, ..., np.newaxis], made.faults


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_suffix(".bin")


def _save(model: Any, note: str, path: Path, overwrite: bool) -> None:
    """Both files, the one with the graph last."""
    openvino = required("openvino", "openvino")
    model.set_rt_info(note, NOTE)
    graph, weights = _files(path)
    with (
        complete_or_absent(graph, overwrite) as partial_graph,
        complete_or_absent(weights, overwrite) as partial_weights,
        tempfile.TemporaryDirectory(dir=path.absolute().parent) as folder,
    ):
        openvino.save_model(model, Path(folder) / "model.xml", compress_to_fp16=False)
        (Path(folder) / "model.bin").replace(partial_weights)
        (Path(folder) / "model.xml").replace(partial_graph)
