"""How the input of a facies model is prepared, and what its output means."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class FaciesRecipe:
    """How the inputs of a facies network were prepared and what its outputs mean.

    Args:
        network: name of the architecture: "unet", "unet25" (its input channels are sections),
            "unet3d", "patch" or "patch3d".
        crop_size: samples along each axis of a crop.
        channels: name of a channel set.
        axis: what is constant on the sections it was trained on: 0 inline, 1 crossline, 2 time.
        codes: number of each class in a class cube.
        names: name of each class.
        colours: colour of each class, ``#rrggbb``.
        scaling: statistics of the training survey.
        grid: first, step and count of each axis of the training survey.
        seed: of the run.
        version: of tfseis that trained it.
        job: name of the job.
        schema: number of this layout of the recipe.
    """

    network: str
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
    job: str = "facies"
    schema: int = SCHEMA
