"""Recipes of this, of earlier and of later versions."""

import re
from dataclasses import asdict, dataclass

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.jobs.contract import JOBS, Job
from tfseis.models import RecipeLayer, read_recipe, recipe_for, recipe_of, with_recipe


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe of the third schema: `halo` was called `margin`, and `unit` did not exist."""

    widths: tuple[int, ...]
    halo: int
    unit: str = "ms"
    version: str = "9.1"
    seed: int = 0
    job: str = "waves"
    schema: int = 3

    @classmethod
    def upgraded(cls, values):
        """Rename what schema 1 called otherwise."""
        renamed = {("halo" if key == "margin" else key): value for key, value in values.items()}
        return renamed if values.get("schema", 0) < 2 else dict(values)


@pytest.fixture(autouse=True)
def waves(monkeypatch):
    """A job of this file in the table of jobs."""
    job = Job(
        name="waves", about="", settings=None, recipe=Recipe, train=None, apply=None, command=None
    )
    monkeypatch.setitem(JOBS.data, "waves", job)


PRESENT = {"widths": [3, 4], "halo": 7, "version": "9.1", "seed": 2, "job": "waves", "schema": 3}


def model():
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(2)(inputs))


def test_a_missing_new_field_takes_its_default():
    recipe = read_recipe(PRESENT)
    assert recipe == Recipe(widths=(3, 4), halo=7, seed=2)
    assert recipe.unit == "ms"


def test_an_earlier_recipe_is_upgraded_and_is_of_the_present_schema():
    first = {"widths": [3], "margin": 5, "version": "0.1.0", "seed": 1, "job": "waves"}
    assert read_recipe(first) == Recipe(widths=(3,), halo=5, version="0.1.0", seed=1)
    second = {**first, "schema": 2, "halo": 6}
    with pytest.raises(ModelError, match="unknown fields margin"):  # that was schema 1
        read_recipe(second)


def test_a_later_recipe_is_refused_before_it_is_upgraded(monkeypatch):
    monkeypatch.setattr(Recipe, "upgraded", None)
    later = {**PRESENT, "schema": 4, "version": "12.0", "curvature": 1.0}
    message = (
        "Expected a recipe of waves up to schema 3; the model, made by tfseis 12.0, has schema 4, "
        "unknown fields curvature. Install that version or a later one."
    )
    with pytest.raises(ModelError, match=re.escape(message)):
        read_recipe(later)
    with pytest.raises(ModelError, match=r"has schema 5\. Install"):
        read_recipe({**PRESENT, "schema": 5})


def test_an_unknown_job_or_field_or_a_missing_one_is_refused():
    with pytest.raises(ModelError, match=r"Expected a recipe of .*, waves; got one of 'tides'"):
        read_recipe({**PRESENT, "job": "tides"})
    with pytest.raises(ModelError, match="got one of None"):
        read_recipe({"widths": (3,)})
    with pytest.raises(ModelError, match=r"schema 3, unknown fields depth, speed\. Install"):
        read_recipe({**PRESENT, "speed": 1, "depth": 2})
    with pytest.raises(ModelError, match=r"schema 3, no halo\. Install"):
        read_recipe({key: value for key, value in PRESENT.items() if key != "halo"})


def test_a_model_carries_its_recipe_through_a_file(tmp_path):
    recipe = Recipe(widths=(3, 4), halo=7)
    carried = with_recipe(model(), recipe)
    carried.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert recipe_of(again) == recipe_for(again, "waves") == recipe
    assert again.get_layer("recipe").recipe["widths"] == [3, 4]  # JSON knows no tuples
    x = np.ones((1, 3), "float32")
    np.testing.assert_array_equal(again(x), carried(x))
    assert RecipeLayer.from_config(RecipeLayer(asdict(recipe)).get_config()).recipe["halo"] == 7


def test_a_model_without_a_recipe_or_of_another_job_is_refused():
    with pytest.raises(ModelError, match=r"`tfseis JOB train` saves it.*models\.with_recipe\("):
        recipe_of(model())
    other = with_recipe(model(), Recipe(widths=(1,), halo=0))
    with pytest.raises(ModelError, match="`tfseis tides train` saved; got one of `tfseis waves`"):
        recipe_for(other, "tides")


@pytest.mark.parametrize("name", [name for name in JOBS])
def test_every_recipe_says_job_version_and_schema(name):
    """With defaults for what the first schema did not have, so that old models load."""
    kind = JOBS[name].part("recipe")
    fields = kind.__dataclass_fields__
    assert fields["job"].default == name
    assert fields["schema"].default >= 1
    assert {"seed", "version"} <= set(fields)
