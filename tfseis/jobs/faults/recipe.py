"""What the output of a fault model means, and the windows that it is applied to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from tfseis.data.scaling import check_statistics
from tfseis.errors import ModelError
from tfseis.fields import Range
from tfseis.models.cubes.networks import fault_network

SCHEMA = 1
MOST_WINDOW = 4096  # samples along each axis


@dataclass(frozen=True, kw_only=True)
class FaultRecipe:
    """What the logits of a 3D fault network mean, and the windows that it is applied to.

    Args:
        network: description of the architecture: one of the names of
            `tfseis.models.FAULT_NETWORKS`, or 'package.module:function'.
        crop_size: length of a training crop along each axis, in samples.
        window: length of a window to predict along each axis, in samples.
        overlap: samples that neighbouring windows share; 0 to measure how far the network sees
            when it is loaded.
        threshold: a sample whose fault probability is above this is a fault, 0 to 1.
        scaling: statistics of the training data, ``centre`` and ``spread``; empty for data that
            were scaled cube by cube.
        seed: seed of the run.
        version: version of tfseis that trained the model.
        logits: 1 where a sample has the logit of a fault, 2 where it has those of no fault and of
            a fault; None for as many as the output of the model has.
        multiple: number of samples that the size and the place of windows must be a multiple of;
            None to measure it when the model is loaded.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    crop_size: int = field(metadata={"range": Range(1, MOST_WINDOW)})
    window: int = field(metadata={"range": Range(1, MOST_WINDOW)})
    overlap: int = field(metadata={"range": Range(0, MOST_WINDOW)})
    threshold: float = field(metadata={"range": Range(0, 1)})
    scaling: dict[str, float]
    seed: int
    version: str
    logits: int | None = field(default=None, metadata={"range": Range(1, 2)})
    multiple: int | None = field(default=None, metadata={"range": Range(1, MOST_WINDOW)})
    job: str = "faults"
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if self.scaling:
            check_statistics(self.scaling)
        if self.overlap >= self.window:
            raise ModelError(
                f"Expected a recipe with an overlap below its window of {self.window}; got "
                f"{self.overlap}. Use the file that tfseis saved."
            )

    @classmethod
    def upgraded(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of this schema from those of an earlier one: all that they lack has a default."""
        return dict(values)


def network(recipe: FaultRecipe) -> keras.Model:
    """The untrained network of a recipe, at its usual widths; weights that ship fit it."""
    return fault_network(recipe.network)
