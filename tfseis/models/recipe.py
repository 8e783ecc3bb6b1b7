"""What a trained model must be told again before it can be used, kept inside the model.

The recipe of each job is a frozen dataclass of plain values with `job`, `seed`, `version` and
`schema` among them; the job's entry in `JOBS` names it. A recipe stores facts, such as how many
neighbouring sections a network sees, and never a name that code must know. A field that is added
later has a default, so that every saved model loads in every later version.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.jobs.contract import JOBS


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
    """The recipe that a model carries: an object of its job's recipe class.

    Raises:
        ModelError: it carries none, so tfseis did not train it; or one that this version does not
            know.
    """
    for layer in reversed(model.layers):
        if isinstance(layer, RecipeLayer):
            return read_recipe(layer.recipe)
    raise ModelError(
        "Expected a model with a recipe, as `tfseis JOB train` saves it; this one does not say how "
        "its input is scaled and what its output means. Train it with tfseis, or add the recipe: "
        "tfseis.models.with_recipe(model, recipe)."
    )


def recipe_for(model: keras.Model, job: str) -> Any:
    """The recipe of a model of one job.

    Raises:
        ModelError: it carries none, or that of another job.
    """
    recipe = recipe_of(model)
    if recipe.job != job:
        raise ModelError(
            f"Expected a model that `tfseis {job} train` saved; got one of `tfseis {recipe.job}`. "
            "Give another model."
        )
    return recipe


def read_recipe(values: Mapping[str, Any]) -> Any:
    """A recipe from plain values, of this or an earlier version.

    A recipe class may have a class method ``upgraded(values) -> values``, which turns the values of
    an earlier schema into those of the present one. Fields that are missing take their defaults.

    Args:
        values: as `RecipeLayer` keeps them.

    Raises:
        ModelError: no recipe of a known job, or one that a later version of tfseis wrote.
    """
    found = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    if found.get("job") not in JOBS:
        raise ModelError(
            f"Expected a recipe of {', '.join(JOBS)}; got one of {found.get('job')!r}. Use the "
            "version of tfseis, or the package, that trained the model."
        )
    kind = JOBS[str(found["job"])].part("recipe")
    if hasattr(kind, "upgraded"):
        found = kind.upgraded(found)
    known = {field.name: field for field in fields(kind)}
    latest = known["schema"].default
    try:
        if set(found) - set(known) or found.get("schema", 0) > latest:
            raise TypeError(f"it holds {', '.join(sorted(set(found) - set(known))) or 'more'}")
        return kind(**{"schema": latest, **found})
    except TypeError as error:
        raise ModelError(
            f"Expected a recipe of {found['job']} up to schema {latest}; the model, made by tfseis "
            f"{found.get('version')}, has schema {found.get('schema', 0)}: {error}. Install that "
            "version or a later one."
        ) from error
