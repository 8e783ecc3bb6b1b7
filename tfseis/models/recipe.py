"""What a trained model must be told again before it can be used, kept inside the model."""

from dataclasses import asdict, dataclass, fields

import keras

from tfseis.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How inputs were prepared and what outputs mean; travels in the saved file.

    Args:
        job: what the model does: "facies".
        network: name of the architecture: "patch" or "patch3d".
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

    job: str
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


@keras.saving.register_keras_serializable("tfseis")
class RecipeLayer(keras.layers.Layer):
    """Returns its input; carries a `Recipe` in its configuration, as plain JSON values."""

    def __init__(self, recipe: dict[str, object], name: str = "recipe", dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.recipe = recipe

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Change nothing."""
        return inputs

    def get_config(self) -> dict[str, object]:
        """Name and recipe."""
        return {"name": self.name, "dtype": "float32", "recipe": self.recipe}


def with_recipe(model: keras.Model, recipe: Recipe) -> keras.Model:
    """The same network, weights shared, that carries a recipe when it is saved."""
    outputs = RecipeLayer(asdict(recipe))(model.output)
    return keras.Model(model.input, outputs, name=model.name)


def recipe_of(model: keras.Model) -> Recipe:
    """The recipe that a model carries.

    Raises:
        ModelError: it carries none: tfseis did not train it.
    """
    for layer in reversed(model.layers):
        if isinstance(layer, RecipeLayer):
            values = {k: tuple(v) if isinstance(v, list) else v for k, v in layer.recipe.items()}
            expected = {field.name for field in fields(Recipe)}
            if set(values) != expected:
                raise ModelError(
                    f"Expected a recipe with {', '.join(sorted(expected))}; the model, made by "
                    f"tfseis {values.get('version')}, has {', '.join(sorted(values))}. "
                    "Train it again."
                )
            return Recipe(**values)  # type: ignore[arg-type]
    raise ModelError(
        "Expected a model that a tfseis command trained and saved; this one does not say how its "
        "input is scaled and what its classes mean. Train it with `tfseis facies`."
    )
