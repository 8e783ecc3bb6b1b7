"""How the images of a salt model are prepared, and what its output means."""

from dataclasses import dataclass, field

from tfseis.fields import Range

SCHEMA = 1
SIDES = Range(1, 65_536)  # rows and columns of an image


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
    size: int = field(metadata={"range": SIDES})
    preparation: str = field(metadata={"choices": ("pad", "resize")})
    image_size: int = field(metadata={"range": SIDES})
    channels: tuple[str, ...] = field(metadata={"choices": ("image", "depth", "coordinate")})
    threshold: float = field(metadata={"range": Range(0, 1)})
    smallest: int = field(metadata={"range": Range(0)})
    seed: int
    version: str
    job: str = "salt"
    schema: int = SCHEMA

    @property
    def network_shape(self) -> tuple[int, int, int]:
        """Axes and channels of an input, and outputs a sample."""
        return 2, len(self.channels), 1
