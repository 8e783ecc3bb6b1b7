"""How the images of a borehole model are prepared, and what its output means."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class BoreholeRecipe:
    """What the one logit of a borehole network means; images are scaled by well.

    Args:
        network: one of `CIRCULAR_NETWORKS`.
        padding: "azimuth", or "zero" for the twin that does not know of the seam.
        columns: of an image, once around the hole.
        threshold: a sample whose probability is above it is marked.
        seed: of the run.
        version: of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    padding: str
    columns: int
    threshold: float
    seed: int
    version: str
    job: str = "boreholes"
    schema: int = SCHEMA
