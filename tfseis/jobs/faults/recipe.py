"""What the output of a fault model means, and the windows that it is applied to."""

from dataclasses import dataclass

import keras

from tfseis.models.cubes.networks import fault_network

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class FaultRecipe:
    """What the logits of a 3D fault network mean, and the windows that it is applied to.

    Args:
        network: name of the architecture, one of the 3D builders of `tfseis.models`.
        crop_size: samples along each axis of a training crop.
        window: samples along each axis of a window to predict; a multiple of what pooling needs.
        overlap: samples that neighbouring windows share.
        threshold: a sample whose fault probability is above it is a fault.
        scaling: statistics of the training data; empty for data that were scaled cube by cube.
        seed: of the run.
        version: of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    crop_size: int
    window: int
    overlap: int
    threshold: float
    scaling: dict[str, float]
    seed: int
    version: str
    job: str = "faults"
    schema: int = SCHEMA


def network(recipe: FaultRecipe) -> keras.Model:
    """The untrained network of a recipe, at its usual widths."""
    return fault_network(recipe.network)
