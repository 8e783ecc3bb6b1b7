"""A trained fault network: from scaled windows to probabilities, and how it is laid on cubes."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import lcm
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.special import expit

from tfseis.errors import ModelError
from tfseis.inference.equivariant import effective_field
from tfseis.inference.runtime import Runtime, required
from tfseis.inference.volume import Windows
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.learning.saving import load_model
from tfseis.models.receptive import receptive_field
from tfseis.models.recipe import recipe_for

NOTE = "tfseis_faults"  # what an OpenVINO model of ours is told, as JSON


class FaultModel:
    """A fault network as a function of windows, whoever computes it.

    Args:
        model: a Keras model of one channel that carries a `FaultRecipe`, the ``.keras`` file of
            one, or the ``.xml`` file that `quantized` wrote.
        backend: see `Runtime`.

    Attributes:
        recipe: of the model.
        multiple: what the size and the place of windows must be a multiple of.
        overlap: samples that its windows share: the recipe's or, where that is 0, as far as 95 %
            of what moves its output reaches, on either side.
        runtime: what computes.

    Raises:
        TfseisError: no fault model there, or one that this backend cannot compute.
    """

    def __init__(self, model: keras.Model | str | Path, backend: str = "auto") -> None:
        if not isinstance(model, keras.Model) and Path(model).suffix == ".xml":
            told = read_note(Path(model))
            self.recipe = FaultRecipe(**told["recipe"])
            self.multiple, self.overlap = told["multiple"], told["overlap"]
            self.runtime = Runtime(model, backend)
            return
        loaded = model if isinstance(model, keras.Model) else load_model(model)
        self.recipe = recipe_for(loaded, "faults")
        _check(loaded)
        self.multiple = lcm(*receptive_field(loaded).stride)
        self.overlap = self.recipe.overlap or _measured(loaded, self.recipe.window, self.multiple)
        self.runtime = Runtime(loaded, backend)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities (batch, .., 1) of scaled windows (batch, inlines, crosslines, samples)."""
        return fault_probability(self.runtime(batch[..., np.newaxis]))

    def note(self) -> str:
        """What must be known besides the network, as JSON."""
        told = {"recipe": asdict(self.recipe), "multiple": self.multiple, "overlap": self.overlap}
        return json.dumps(told)


def fault_probability(logits: np.ndarray) -> np.ndarray:
    """The probability of a fault, (.., 1): one logit is a sigmoid's, of two the second is fault's.

    Examples:
        >>> fault_probability(np.array([[0.0], [2.0]])).round(2).tolist()
        [[0.5], [0.88]]
        >>> fault_probability(np.array([[1.0, 1.0], [0.0, 2.0]])).round(2).tolist()
        [[0.5], [0.88]]
    """
    return expit(logits if logits.shape[-1] == 1 else logits[..., 1:] - logits[..., :1])


def fault_windows(
    models: Sequence[FaultModel], shape: tuple[int, int, int], overlap: int | None = None
) -> Windows:
    """Windows over a cube that suit every one of some models.

    Args:
        models: one or more.
        shape: of the cube.
        overlap: samples that windows share; None for the largest that a model wants.

    Raises:
        ModelError: an overlap that makes no windows.
    """
    multiple = lcm(*(model.multiple for model in models))
    size = max(model.recipe.window for model in models)
    size = -(-size // multiple) * multiple
    wanted = max(model.overlap for model in models) if overlap is None else overlap
    if overlap is None:
        wanted = min(wanted, size - multiple)
    return Windows.over(shape, size, wanted, multiple=multiple)


def read_note(path: Path) -> dict[str, Any]:
    """What an OpenVINO model of ours was told.

    Raises:
        ModelError: it is none of ours.
    """
    openvino = required("openvino", "openvino")
    if path.is_file():
        model = openvino.Core().read_model(path)
        if model.has_rt_info(NOTE):
            return json.loads(model.get_rt_info(NOTE).astype(str))
    raise ModelError(
        f"{path}: expected an OpenVINO model that tfseis wrote, with its recipe; found none. Give "
        "the .keras file, or write the .xml with tfseis export."
    )


def _check(model: keras.Model) -> None:
    """Refuse what gives no fault logit for each sample of a cube of one channel."""
    takes, gives = model.input_shape, model.output_shape
    if len(takes) != 5 or takes[-1] != 1 or len(gives) != 5 or gives[-1] not in {1, 2}:
        raise ModelError(
            "Expected a fault network from (batch, inlines, crosslines, samples, 1) to 1 or 2 "
            f"logits a sample; got one from {takes} to {gives}. Give another model."
        )


def _measured(model: keras.Model, window: int, multiple: int) -> int:
    """Samples that windows must share so that 95 % of what moves an output lies in its window."""
    field = max(effective_field(model, (window, window, window, 1), images=1))
    overlap = -(-field // multiple) * multiple  # half of it on either side
    return int(min(overlap, max(0, window // 2 // multiple * multiple)))
