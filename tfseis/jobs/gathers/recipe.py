"""How a gather model is applied, and what it was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.fields import Between, Range
from tfseis.models.sections.separable_unet import GATHER_NETWORKS

SCHEMA = 1
SIDES = Range(1, 65_536)  # traces and samples of a window


@dataclass(frozen=True, kw_only=True)
class GatherRecipe:
    """How a gather network is applied: it takes amplitudes divided by their local level.

    `tfseis.jobs.gathers.GatherDenoiser` follows it.

    Args:
        network: description of the architecture: one of the names of `GATHER_NETWORKS`, or
            'package.module:function'.
        channels: names of the input channels, of `tfseis.jobs.gathers.GATHER_CHANNELS`.
        size: number of traces and of samples of a window.
        stride: traces and samples from the start of one window to that of the next.
        sample_interval: sample interval of the training gathers, ms.
        trained_on: "synthetic", "blind-trace", "blind-spot" or "input".
        seed: seed of the run.
        version: version of tfseis that trained the model.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    channels: tuple[str, ...]
    size: tuple[int, int] = field(metadata={"range": SIDES})
    stride: tuple[int, int] = field(metadata={"range": SIDES})
    sample_interval: float = field(metadata={"range": Between(0)})
    trained_on: str
    seed: int
    version: str
    job: str = "gathers"
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if any(step > size for step, size in zip(self.stride, self.size, strict=True)):
            raise ModelError(
                f"Expected a recipe with strides up to its windows of {self.size}; got "
                f"{self.stride}. Use the file that tfseis saved."
            )

    @property
    def network_shape(self) -> tuple[int, int, int]:
        """Axes and channels of an input, and outputs a sample."""
        return 2, len(self.channels), 1

    @classmethod
    def upgraded(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of this schema from those of an earlier one, which are the same."""
        return dict(values)


def network(recipe: GatherRecipe) -> keras.Model:
    """The untrained network of a recipe, at its usual widths; weights that ship fit it."""
    return GATHER_NETWORKS[recipe.network]((None, None, len(recipe.channels)))
