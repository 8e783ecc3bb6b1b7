"""What a trained model must be told again before it can be used, kept inside the model.

Each job has its recipe: a frozen dataclass of plain values with `job`, `seed` and `version` among
them, listed in `RECIPES`.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import keras

from tfseis.errors import ModelError


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
        version: of tfseis.
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
        version: of tfseis.
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


@dataclass(frozen=True, kw_only=True)
class BoreholeRecipe:
    """What the one logit of a borehole network means; images are scaled by well.

    Args:
        network: one of `CIRCULAR_NETWORKS`.
        padding: "azimuth", or "zero" for the twin that does not know of the seam.
        columns: of an image, once around the hole.
        threshold: a sample whose probability is above it is marked.
        seed: of the run.
        version: of tfseis.
    """

    network: str
    padding: str
    columns: int
    threshold: float
    seed: int
    version: str
    job: str = "boreholes"


@dataclass(frozen=True, kw_only=True)
class FaultRecipe:
    """What the logits of a 3D fault network mean, and the windows that it is applied to.

    Args:
        network: name of the architecture, one of the 3D builders of `tfseis.models`.
        crop_size: samples along each axis of a training crop.
        window: samples along each axis of a window to predict; a multiple of what pooling needs.
        overlap: samples that neighbouring windows share.
        threshold: a sample whose fault probability is above it is a fault.
        scaling: statistics of the training data; empty for data that were scaled cube by cube.
        seed: of the run.
        version: of tfseis.
    """

    network: str
    crop_size: int
    window: int
    overlap: int
    threshold: float
    scaling: dict[str, float]
    seed: int
    version: str
    job: str = "faults"


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
        version: of tfseis.
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


RECIPES: dict[str, type] = {
    "facies": FaciesRecipe,
    "salt": SaltRecipe,
    "boreholes": BoreholeRecipe,
    "faults": FaultRecipe,
    "gathers": GatherRecipe,
}


@keras.saving.register_keras_serializable("tfseis")
class RecipeLayer(keras.layers.Layer):
    """Returns its input; carries a recipe in its configuration, as plain JSON values."""

    def __init__(self, recipe: dict[str, object], name: str = "recipe", dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.recipe = recipe

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Change nothing."""
        return inputs

    def get_config(self) -> dict[str, object]:
        """Name and recipe."""
        return {"name": self.name, "dtype": "float32", "recipe": self.recipe}


def with_recipe(model: keras.Model, recipe: Any) -> keras.Model:
    """The same network, weights shared, that carries a recipe when it is saved."""
    outputs = RecipeLayer(asdict(recipe))(model.output)
    return keras.Model(model.input, outputs, name=model.name)


def recipe_of(model: keras.Model) -> Any:
    """The recipe that a model carries: one of the classes of `RECIPES`.

    Raises:
        ModelError: it carries none: tfseis did not train it; or one of another version.
    """
    for layer in reversed(model.layers):
        if isinstance(layer, RecipeLayer):
            values = {k: tuple(v) if isinstance(v, list) else v for k, v in layer.recipe.items()}
            kind = RECIPES.get(str(values.get("job")))
            expected = {field.name for field in fields(kind)} if kind else {"job"}
            if kind is None or set(values) != expected:
                raise ModelError(
                    f"Expected a recipe of {', '.join(RECIPES)} with "
                    f"{', '.join(sorted(expected))}; the model, made by tfseis "
                    f"{values.get('version')}, has {', '.join(sorted(values))}. Train it again."
                )
            return kind(**values)
    raise ModelError(
        "Expected a model that a tfseis command trained and saved; this one does not say how its "
        "input is scaled and what its classes mean. Train it with `tfseis facies`."
    )


def recipe_for(model: keras.Model, job: str) -> Any:
    """The recipe of a model of one job.

    Raises:
        ModelError: it carries none, or that of another job.
    """
    recipe = recipe_of(model)
    if recipe.job != job:
        raise ModelError(
            f"Expected a model that `tfseis {job}` trained; got one of `tfseis {recipe.job}`. "
            "Give another model."
        )
    return recipe
