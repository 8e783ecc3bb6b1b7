"""How the images of a salt model are prepared, and what its output means."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class SaltRecipe:
    """How the images of a 2D salt network were prepared and what its one logit means.

    `tfseis.data.preparation` follows it.

    Args:
        network: "light", or the name of a backbone.
        size: rows and columns that the network sees.
        preparation: "pad", by reflection, or "resize".
        image_size: rows and columns of the training images.
        channels: of the input: "image", "depth", "coordinate".
        threshold: a pixel whose probability is above it is salt.
        smallest: a mask with fewer pixels is called empty.
        seed: of the run.
        version: of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
    size: int
    preparation: str
    image_size: int
    channels: tuple[str, ...]
    threshold: float
    smallest: int
    seed: int
    version: str
    job: str = "salt"
    schema: int = SCHEMA
