"""A trained fault network: from scaled windows to probabilities, and how it is laid on cubes."""

from collections.abc import Sequence
from copy import copy
from math import lcm
from pathlib import Path
from typing import Self

import keras
import numpy as np

from tfseis.errors import ModelError
from tfseis.inference.cube_windows import Windows
from tfseis.inference.model_note import ModelNote, note_of, read_note
from tfseis.inference.precision import lowered
from tfseis.inference.runtime import Runtime
from tfseis.jobs.faults.probability import fault_probability
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.learning.saving import as_model
from tfseis.models.receptive import receptive_field
from tfseis.models.recipe import recipe_for

OPENVINO = ".xml"
NARROW = 16  # lines, below which a cube is extended by its mirror image
SLAB = 48  # lines of a cube that is extended


class FaultModel:
    """A fault network as a function from windows to probabilities.

    Args:
        model: a Keras model of one channel that carries a `FaultRecipe`, the ``.keras`` file of
            one, the name of one that comes with tfseis, or an OpenVINO ``.xml`` file that tfseis
            wrote.
        backend: what computes: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.

    Attributes:
        recipe: recipe of the model.
        multiple: number of samples that the size and the place of windows must be a multiple of.
        overlap: samples that its windows share: that of the recipe or, where it is 0, the length
            of the interval that holds 95 % of what moves an output.
        runtime: what computes.

    Raises:
        TfseisError: there is no fault model, or this backend cannot compute it.
    """

    def __init__(self, model: keras.Model | str | Path, backend: str = "auto") -> None:
        if not isinstance(model, keras.Model) and Path(model).suffix == OPENVINO:
            note = _fault_note(model)
        else:
            model = as_model(model)
            recipe_for(model, "faults")
            check_fault_network(model)
            note = note_of(model)
        self.recipe: FaultRecipe = note.recipe
        self.multiple, self.overlap = note.multiple, note.overlap
        self.runtime = Runtime(model, backend)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities of faults in windows.

        Args:
            batch: float32 (batch, inlines, crosslines, samples), scaled amplitudes.

        Returns:
            float32 (batch, inlines, crosslines, samples, 1).
        """
        return fault_probability(self.runtime(batch[..., np.newaxis]))

    def settle(self, batch: np.ndarray) -> None:
        """Let the runtime choose now what computes; a batch as of a call."""
        self.runtime.settle(batch[..., np.newaxis])

    def lowered(self, precision: str, windows: Sequence[np.ndarray] = ()) -> Self:
        """The same model in a lower precision.

        Args:
            precision: "bfloat16" or "int8".
            windows: batches as of a call, on which the ranges of activations are measured for int8.

        Raises:
            TfseisError: this precision cannot be computed.
        """
        twin = copy(self)
        inputs = [batch[..., np.newaxis] for batch in windows]
        twin.runtime = lowered(self.runtime, precision, inputs)
        return twin


def fault_windows(
    models: Sequence[FaultModel], shape: tuple[int, int, int], overlap: int | None = None
) -> Windows:
    """Windows over a cube that suit every one of some models.

    Args:
        models: one or more models.
        shape: shape of the cube, (inlines, crosslines, samples).
        overlap: samples that neighbouring windows share; None for the largest that a model asks
            for.

    Raises:
        ModelError: an overlap that leaves no windows.
    """
    multiple = lcm(*(model.multiple for model in models))
    size = max(model.recipe.window for model in models)
    size = -(-size // multiple) * multiple
    wanted = max(model.overlap for model in models) if overlap is None else overlap
    if overlap is None:
        wanted = min(wanted, size - multiple)
    windows = Windows.over(shape, size, wanted, multiple=multiple)
    for axis in (0, 1):
        if shape[axis] < NARROW:
            windows = _with_slab(windows, axis, shape[axis], min(SLAB, size), multiple)
    return windows


def _with_slab(windows: Windows, axis: int, lines: int, size: int, multiple: int) -> Windows:
    """One window with mirrored lines on both sides, where the cube has few or a single one.

    At its borders a network knows no neighbours: on a 2D line it finds half of what it finds in
    the middle of a slab of copies.
    """
    size = -(-size // multiple) * multiple
    start = -((size - lines) // 2 // multiple) * multiple
    parts = zip(windows.sizes, windows.starts, windows.shares, strict=True)
    sizes, starts, shares = (list(part) for part in zip(*parts, strict=True))
    sizes[axis], starts[axis], shares[axis] = size, np.array([start]), np.ones((1, size))
    return Windows((sizes[0], sizes[1], sizes[2]), tuple(starts), tuple(shares))


def _fault_note(path: str | Path) -> ModelNote:
    """The note of an OpenVINO file that must hold a fault model."""
    note = read_note(path)
    if note.recipe.job != "faults":
        raise ModelError(
            f"{path}: expected an OpenVINO model of faults; got one of {note.recipe.job}. Give "
            "another file."
        )
    return note


def check_fault_network(model: keras.Model) -> None:
    """Refuse a network that gives no fault logit for each sample of a cube of one channel.

    Raises:
        ModelError: its input or its output has another shape.
    """
    takes, gives = model.input_shape, model.output_shape
    cube = isinstance(takes, tuple) and isinstance(gives, tuple) and len(takes) == len(gives) == 5
    if not cube or takes[-1] != 1 or gives[-1] not in {1, 2}:
        raise ModelError(
            "Expected a fault network from (batch, inlines, crosslines, samples, 1) to 1 or 2 "
            f"logits a sample; got one from {takes} to {gives}. Give another model."
        )


def window_multiple(model: keras.Model) -> int:
    """Number of samples that windows of a network must be a multiple of."""
    return lcm(*receptive_field(model).stride)
