"""How the input of a facies model is prepared, and what its output means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfseis.data.scaling import check_statistics
from tfseis.errors import ModelError
from tfseis.fields import Between, Range

SCHEMA = 1
EVERY_SAMPLE, MIDDLE = "every sample", "middle of a crop"
MOST_LENGTH = 65_536  # samples of an axis
MOST_CODE = 32_767  # class cubes are int16
GRID = ("inline", "crossline", "sample")
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
    axes: int = field(metadata={"range": Range(2, 3)})
    answers: str = field(metadata={"choices": (EVERY_SAMPLE, MIDDLE)})
    sections: int | None = field(default=None, metadata={"range": Range(1, 999)})
    multiple: int | None = field(default=None, metadata={"range": Range(1, MOST_LENGTH)})
    halo: int | None = field(default=None, metadata={"range": Range(0, MOST_LENGTH)})
    crop_size: int = field(metadata={"range": Range(1, MOST_LENGTH)})
    channels: str
    axis: int = field(metadata={"range": Range(0, 2)})
    codes: tuple[int, ...] = field(metadata={"range": Range(0, MOST_CODE)})
    names: tuple[str, ...]
    colours: tuple[str, ...]
    scaling: dict[str, float]
    grid: dict[str, list[float]]
    seed: int
    version: str
    temperature: float | None = field(default=None, metadata={"range": Between(0)})
    job: str = "facies"
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        counts = [len(self.codes), len(self.names), len(self.colours)]
        if not counts[0] or len(set(counts)) > 1 or len(set(self.codes)) < counts[0]:
            raise ModelError(
                "Expected a recipe with a code, a name and a colour for each class, codes each "
                f"once; got {counts[0]}, {counts[1]} and {counts[2]}, codes {self.codes[:9]}. Use "
                "the file that tfseis saved."
            )
        check_statistics(self.scaling)
        if not set(self.grid) <= set(GRID) or any(len(one) != 3 for one in self.grid.values()):
            raise ModelError(
                "Expected a recipe with first number, step and count of inlines, crosslines and "
                f"samples; got a grid of {', '.join(map(str, self.grid))}. Use the file that "
                "tfseis saved."
            )

    @property
    def network_shape(self) -> tuple[int, int | None, int]:
        """Axes and channels of an input, None where any number is right, and outputs a sample."""
        plain = self.flat and self.channels == "amplitude"
        return self.axes, self.sections if plain else None, len(self.codes)

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
