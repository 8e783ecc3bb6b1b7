"""How the input of a facies model is prepared, and what its output means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = 1
EVERY_SAMPLE, MIDDLE = "every sample", "middle of a crop"
HALO = 32  # samples of context around a section for the 2D U-Nets of this package


@dataclass(frozen=True, kw_only=True)
class FaciesRecipe:
    """How the inputs of a facies network were prepared and what its outputs mean.

    Args:
        network: description of the architecture, for people.
        axes: number of axes of the network's input: 2 for sections, 3 for blocks.
        answers: what the network classifies: "every sample" of its input, or the "middle of a
            crop".
        sections: number of neighbouring sections that are the input channels, the middle one
            being classified; None to read it from the model's input.
        multiple: samples at whose multiples a block begins, along each axis, so that poolings
            fall on the same samples wherever it is cut; None to read it from the model's layers.
        halo: samples of context around what is predicted, cut off afterwards, along each axis
            of the input; None for all that the model's layers can see.
        crop_size: samples along each axis of a training crop.
        channels: name of a channel set of `tfseis.jobs.facies.channels`.
        axis: what is constant on the sections it was trained on: 0 inline, 1 crossline, 2 time.
        codes: number of each class in a class cube.
        names: name of each class.
        colours: colour of each class, ``#rrggbb``.
        scaling: centre and spread of the amplitudes of the training survey.
        grid: first number, step and count of each axis of the training survey.
        seed: seed of the training.
        version: version of tfseis that trained the model.
        temperature: divides the logits before they become probabilities, as held-out blocks ask
            for; None where probabilities are not calibrated.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    axes: int
    answers: str
    sections: int | None = None
    multiple: int | None = None
    halo: int | None = None
    crop_size: int
    channels: str
    axis: int
    codes: tuple[int, ...]
    names: tuple[str, ...]
    colours: tuple[str, ...]
    scaling: dict[str, float]
    grid: dict[str, list[float]]
    seed: int
    version: str
    temperature: float | None = None
    job: str = "facies"
    schema: int = SCHEMA

    @property
    def flat(self) -> bool:
        """Whether the network sees sections (2D) rather than blocks (3D)."""
        return self.axes == 2

    @property
    def every_sample(self) -> bool:
        """Whether the network classifies every sample of its input."""
        return self.answers == EVERY_SAMPLE

    @classmethod
    def upgraded(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an earlier schema as those of the present one.

        Args:
            values: as a saved model carries them. tfseis 0.1.0 wrote no schema; what is now said
                by facts followed from the name of the network.
        """
        if values.get("schema", 0) >= 1 or values.get("network") not in _BEFORE_SCHEMA:
            return dict(values)
        return {**values, **_BEFORE_SCHEMA[values["network"]]}


_BEFORE_SCHEMA: dict[str, dict[str, Any]] = {
    "unet": {"axes": 2, "answers": EVERY_SAMPLE, "sections": 1, "multiple": 1, "halo": HALO},
    "unet25": {"axes": 2, "answers": EVERY_SAMPLE, "multiple": 1, "halo": HALO},
    "unet3d": {"axes": 3, "answers": EVERY_SAMPLE, "sections": 1},
    "patch": {"axes": 2, "answers": MIDDLE, "sections": 1},
    "patch3d": {"axes": 3, "answers": MIDDLE, "sections": 1},
}
