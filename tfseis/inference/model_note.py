"""Recipe, multiple and overlap of a network: what must be known to apply it to windows.

A ``.keras`` file holds its recipe in a layer. An OpenVINO model holds the same values as JSON in
its runtime information, and with them what was worked out from layers that it no longer has.
"""

import json
from dataclasses import asdict, dataclass
from math import lcm
from pathlib import Path
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.inference.equivariant import effective_field
from tfseis.inference.openvino_models import required
from tfseis.jobs.contract import JOBS
from tfseis.models.receptive import receptive_field
from tfseis.models.recipe import read_recipe, recipe_of

KEY = "tfseis"  # of the runtime information


@dataclass(frozen=True)
class ModelNote:
    """A recipe, and how windows must lie.

    Args:
        recipe: an object of its job's recipe class.
        multiple: samples of which the size and the start of windows must be multiples.
        overlap: samples that neighbouring windows share; 0 where the recipe has no windows.
    """

    recipe: Any
    multiple: int
    overlap: int

    def text(self) -> str:
        """The note as JSON."""
        values = {"recipe": asdict(self.recipe), "multiple": self.multiple, "overlap": self.overlap}
        return json.dumps(values)


def note_of(model: keras.Model) -> ModelNote:
    """The note of a model, from its recipe and its layers.

    The recipe's own ``multiple`` and ``overlap`` are taken where it has them. Else the multiple
    comes from the strides of the network, and the overlap is measured so that 95 % of what moves an
    output lies in its window.

    Raises:
        ModelError: the model has no recipe, or a layer of which it is not known what it sees.
    """
    recipe = recipe_of(model)
    multiple = getattr(recipe, "multiple", None) or lcm(*receptive_field(model).stride)
    overlap = getattr(recipe, "overlap", 0)
    window = getattr(recipe, "window", 0)
    if window and not overlap:
        overlap = _measured_overlap(model, window, multiple)
    return ModelNote(recipe, multiple, overlap)


def read_note(path: str | Path) -> ModelNote:
    """The note of an OpenVINO model that tfseis wrote, this or an earlier version.

    Args:
        path: the ``.xml`` file.

    Raises:
        ModelError: no OpenVINO model there, or one without a note.
        MissingPackageError: OpenVINO is not installed.
    """
    path = Path(path)
    openvino = required("openvino", "openvino")
    if path.is_file():
        model = openvino.Core().read_model(path)
        for key in (KEY, *(f"{KEY}_{job}" for job in JOBS)):  # version 0.1.0 added the job
            if model.has_rt_info(key):
                values = json.loads(model.get_rt_info(key).astype(str))
                if {"recipe", "multiple", "overlap"} <= values.keys():
                    recipe = read_recipe(values["recipe"])
                    return ModelNote(recipe, values["multiple"], values["overlap"])
    raise ModelError(
        f"{path}: expected an OpenVINO model that tfseis wrote, with its recipe; found none. Give "
        "the .keras file, or write the .xml with tfseis export."
    )


def _measured_overlap(model: keras.Model, window: int, multiple: int) -> int:
    """Samples that windows must share so that 95 % of what moves an output lies in its window."""
    axes = len(model.inputs[0].shape) - 2
    field = max(effective_field(model, (*[window] * axes, model.inputs[0].shape[-1]), images=1))
    overlap = -(-field // multiple) * multiple  # half of it on either side
    return int(min(overlap, max(0, window // 2 // multiple * multiple)))
