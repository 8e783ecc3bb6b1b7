"""How the images of a borehole model are prepared, and what its output means."""

from dataclasses import dataclass, field

from tfseis.fields import Between, Range

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class BoreholeRecipe:
    """What a borehole model carries: it takes images scaled by well and gives one logit a sample.

    How far it sees, and the multiple that its rows must be, are asked of the network itself, see
    `tfseis.models.receptive_field`.

    Args:
        network: description of the architecture, for people.
        padding: description of its padding, for people.
        columns: columns of an image, once around the borehole.
        threshold: a sample is marked where its probability is above this.
        hole_diameter: diameter of the hole in mm, or None.
        row_height: distance of two rows along the hole in mm, or None.
        seed: seed of the training.
        version: version of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    padding: str
    columns: int = field(metadata={"range": Range(1, 65_536)})
    threshold: float = field(metadata={"range": Range(0, 1)})
    seed: int
    version: str
    hole_diameter: float | None = field(default=None, metadata={"range": Between(0)})
    row_height: float | None = field(default=None, metadata={"range": Between(0)})
    job: str = "boreholes"
    schema: int = SCHEMA

    @property
    def network_shape(self) -> tuple[int, int, int]:
        """Axes and channels of an input, and outputs a sample."""
        return 2, 1, 1
