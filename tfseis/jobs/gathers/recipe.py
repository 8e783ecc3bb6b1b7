"""How a gather model is applied, and what it was trained on."""

from dataclasses import dataclass

import keras

from tfseis.models.sections.separable_unet import GATHER_NETWORKS

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class GatherRecipe:
    """How a gather network is applied: it takes amplitudes divided by their local level.

    `tfseis.inference.GatherDenoiser` follows it.

    Args:
        network: one of `GATHER_NETWORKS`.
        channels: of the input, names of `tfseis.data.GATHER_CHANNELS`.
        size: traces and samples of a window.
        stride: traces and samples from one window to the next.
        sample_interval: of the training gathers, ms.
        trained_on: "synthetic", "blind-trace" or "blind-spot".
        seed: of the run.
        version: of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    channels: tuple[str, ...]
    size: tuple[int, int]
    stride: tuple[int, int]
    sample_interval: float
    trained_on: str
    seed: int
    version: str
    job: str = "gathers"
    schema: int = SCHEMA


def network(recipe: GatherRecipe) -> keras.Model:
    """The untrained network of a recipe, at its usual widths."""
    return GATHER_NETWORKS[recipe.network]((None, None, len(recipe.channels)))
