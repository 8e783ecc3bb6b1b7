"""How the images of a salt model are prepared, and what its output means."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class SaltRecipe:
    """What a salt model carries: it takes prepared images and gives one logit a pixel.

    `tfseis.jobs.salt.preparation` follows it.

    Args:
        network: description of the architecture, for people.
        size: rows and columns that the network sees.
        preparation: "pad", by reflection, or "resize".
        image_size: rows and columns of the training images.
        channels: channels of the input, among "image", "depth" and "coordinate".
        threshold: a pixel is salt where its probability is above this.
        smallest: a mask with fewer pixels is called empty.
        seed: seed of the training.
        version: version of tfseis that trained it.
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
