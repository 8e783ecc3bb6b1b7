"""The recipe of a trained model: how its input is prepared and what its output means.

It is saved inside the model. The recipe class of a job is a frozen dataclass of plain values with
`job`, `seed`, `version` and `schema` among them; the job's entry in `JOBS` names the class. A
recipe stores facts, such as how many neighbouring sections a network sees, and never a name that
code must know. A field that is added later has a default, so that every saved model loads in every
later version.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.fields import check_values, shortened
from tfseis.jobs.contract import JOBS
from tfseis.models.functional import functional


@keras.saving.register_keras_serializable("tfseis")
class RecipeLayer(keras.layers.Layer):
    """Returns its input unchanged and keeps a recipe in its configuration.

    Args:
        recipe: the recipe as plain JSON values.
        name: name of the layer.
        dtype: accepted for older files; the layer is always float32.
    """

    def __init__(self, recipe: dict[str, object], name: str = "recipe", dtype: str = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.recipe = recipe

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the input."""
        return inputs

    def get_config(self) -> dict[str, object]:
        """Name and recipe."""
        return {"name": self.name, "dtype": "float32", "recipe": self.recipe}


def with_recipe(model: keras.Model, recipe: Any) -> keras.Model:
    """The same network, weights shared, with a recipe that is saved with it.

    Args:
        model: a functional or sequential model, of one or several inputs and outputs. A recipe that
            it already carries is replaced.
        recipe: an object of its job's recipe class.

    Raises:
        ModelError: a subclassed model, or a sequential one without input shape.
    """
    network = functional(model)
    last = network.layers[-1]
    bare = last.input if isinstance(last, RecipeLayer) else network.output
    return keras.Model(network.input, RecipeLayer(asdict(recipe))(bare), name=network.name)


def recipe_of(model: keras.Model) -> Any:
    """The recipe that a model carries: an object of its job's recipe class.

    Args:
        model: a trained model.

    Raises:
        ModelError: the model carries none, so tfseis did not train it; or the recipe is one that
            this version does not know.
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
    """The recipe of a model that must be of one job.

    Args:
        model: a trained model.
        job: name of the job, such as "facies".

    Raises:
        ModelError: the model carries no recipe, or that of another job.
    """
    recipe = recipe_of(model)
    if recipe.job != job:
        raise ModelError(
            f"Expected a model that `tfseis {job} train` saved; got one of `tfseis {recipe.job}`. "
            "Give another model."
        )
    if hasattr(recipe, "network_shape"):
        _check_network(model, recipe.network_shape)
    return recipe


def read_recipe(values: Mapping[str, Any]) -> Any:
    """A recipe from plain values that this or an earlier version wrote.

    A recipe class may have a class method ``upgraded(values) -> values``, which turns the values of
    an earlier schema into those of the present one. Recipes of tfseis 0.1.0 have no ``schema``.
    Fields that are missing take their defaults.

    Args:
        values: as `RecipeLayer` keeps them; lists become tuples.

    Raises:
        ModelError: the values are no recipe of a known job, or a later version of tfseis wrote
            them.
    """
    if not isinstance(values, Mapping):
        raise ModelError(
            f"Expected a recipe of names and values; got {shortened(values)}. Use the file that "
            "tfseis saved."
        )
    found: dict[str, Any] = {name: _plain(value) for name, value in values.items()}
    job = found.get("job")
    if not isinstance(job, str) or job not in JOBS:
        raise ModelError(
            f"Expected a recipe of {', '.join(JOBS)}; got one of {shortened(job)}. Use the "
            "version of tfseis, or the package, that trained the model."
        )
    kind = JOBS[str(found["job"])].part("recipe")
    known: dict[str, Any] = {field.name: field for field in fields(kind)}
    latest = int(known["schema"].default)
    schema = _schema(found.get("schema", 0), latest)
    if schema <= latest and hasattr(kind, "upgraded"):
        found = kind.upgraded(found)
    strange = sorted(map(str, set(found) - set(known)))
    lacking = sorted(name for name, field in known.items() if _required(field) - set(found))
    if schema > latest or strange or lacking:
        raise ModelError(
            f"Expected a recipe of {found['job']} up to schema {latest}; the model, made by tfseis "
            f"{found.get('version')}, has schema {schema}{_apart(strange, lacking)}. Install that "
            "version or a later one."
        )
    found["schema"] = latest
    check_values(kind, found, f"a recipe of {job}")
    return kind(**found)


def _check_network(model: keras.Model, wanted: tuple[int | None, ...]) -> None:
    """Refuse a network that does not take and give what its recipe says."""
    takes, gives = model.input_shape, model.output_shape
    if not (isinstance(takes, tuple) and isinstance(gives, tuple)):
        return  # several inputs or outputs, which the job looks at
    found = len(takes) - 2, takes[-1], gives[-1]
    pairs = zip(wanted, found, strict=True)
    if any(one is not None and other not in (None, one) for one, other in pairs):
        raise ModelError(
            f"Expected a network that fits its recipe, which tells of {wanted[0]} axes, "
            f"{wanted[1] or 'any'} channels and {wanted[2]} outputs a sample; got one from {takes} "
            f"to {gives}. Use the file that tfseis saved."
        )


def _schema(value: Any, latest: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ModelError(
        f"Expected a recipe with a schema from 0 to {latest}; got {shortened(value)}. Use the file "
        "that tfseis saved."
    )


def _plain(value: Any) -> Any:
    """A value without the wrappers of Keras, which cannot be pickled; lists become tuples."""
    if isinstance(value, Mapping):
        return dict(value)
    return tuple(value) if isinstance(value, list) else value


def _required(field: Field) -> set[str]:
    """The name of a field that has no default, else nothing."""
    optional = field.default is not MISSING or field.default_factory is not MISSING
    return set() if optional else {field.name}


def _apart(strange: list[str], lacking: list[str]) -> str:
    more = f", unknown fields {', '.join(strange)}" if strange else ""
    return more + (f", no {', '.join(lacking)}" if lacking else "")
