"""Recipes that are wrong in one field are refused in one line when a model is read."""

from dataclasses import fields
from typing import Any

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.fields import Between, Range
from tfseis.jobs.contract import JOBS
from tfseis.models import read_recipe, recipe_for
from tfseis.models.recipe import RecipeLayer

RUN: dict[str, Any] = {"seed": 5, "version": "0.2.0"}
PAIR = {"centre": 3.0, "spread": 2.0}
GOOD: dict[str, dict[str, Any]] = {
    "facies": {
        "network": "unet",
        "axes": 2,
        "answers": "every sample",
        "sections": 1,
        "multiple": 1,
        "halo": 32,
        "crop_size": 16,
        "channels": "amplitude",
        "axis": 1,
        "codes": [4, 2, 9],
        "names": ["sand", "shale", "salt"],
        "colours": ["#aa0000", "#00aa00", "#0000aa"],
        "scaling": PAIR,
        "grid": {"inline": [100.0, 2.0, 7.0], "crossline": [300.0, 1.0, 8.0]},
        "temperature": None,
    },
    "faults": {
        "network": "light",
        "crop_size": 16,
        "window": 16,
        "overlap": 6,
        "threshold": 0.5,
        "scaling": PAIR,
        "logits": 1,
        "multiple": 4,
    },
    "boreholes": {
        "network": "micro",
        "padding": "azimuth",
        "columns": 36,
        "threshold": 0.4,
        "hole_diameter": 216.0,
        "row_height": 2.5,
    },
    "gathers": {
        "network": "unet",
        "channels": ["amplitude", "offset"],
        "size": [8, 32],
        "stride": [4, 16],
        "sample_interval": 4.0,
        "trained_on": "synthetic",
    },
    "salt": {
        "network": "light",
        "size": 32,
        "preparation": "pad",
        "image_size": 21,
        "channels": ["image", "depth"],
        "threshold": 0.45,
        "smallest": 3,
    },
}
GOOD = {job: {**values, **RUN, "job": job, "schema": 1} for job, values in GOOD.items()}
FIELDS = [(job, name) for job, values in GOOD.items() for name in values]
OF_OTHER_TYPES = ([[1]], {"a": "b"}, -1.5, float("nan"), True)
FREE = {"network", "version", "padding", "trained_on", "channels"}  # any text
ODD = [
    ("facies", {"axis": 7}),
    ("facies", {"axis": -1}),
    ("facies", {"axes": 1}),
    ("facies", {"answers": "nothing"}),
    ("facies", {"codes": [4, 2, 10**9]}),
    ("facies", {"codes": [4, 2, -1]}),
    ("facies", {"codes": [4, 2, 4]}),
    ("facies", {"codes": [4, 2]}),
    ("facies", {"codes": []}),
    ("facies", {"names": ["sand", "shale"]}),
    ("facies", {"names": ["sand", "shale", 7]}),
    ("facies", {"colours": []}),
    ("facies", {"scaling": {"mean": 0.0, "std": 1.0}}),
    ("facies", {"scaling": {"centre": 0.0}}),
    ("facies", {"scaling": {"centre": 0.0, "spread": 0.0}}),
    ("facies", {"scaling": {"centre": float("nan"), "spread": 1.0}}),
    ("facies", {"scaling": {"centre": 0.0, "spread": float("inf")}}),
    ("facies", {"scaling": 3}),
    ("facies", {"grid": {"inline": [1.0]}}),
    ("facies", {"grid": {"depth": [1.0, 2.0, 3.0]}}),
    ("facies", {"crop_size": 10**9}),
    ("facies", {"crop_size": 0}),
    ("facies", {"halo": -1}),
    ("facies", {"multiple": 0}),
    ("facies", {"temperature": 0.0}),
    ("faults", {"window": 10**6}),
    ("faults", {"overlap": 16}),
    ("faults", {"overlap": -1}),
    ("faults", {"threshold": 1.5}),
    ("faults", {"threshold": "0.5"}),
    ("faults", {"logits": 3}),
    ("faults", {"multiple": 0}),
    ("faults", {"scaling": {"centre": 0.0}}),
    ("boreholes", {"columns": 0}),
    ("boreholes", {"threshold": -0.1}),
    ("gathers", {"size": [8]}),
    ("gathers", {"size": [0, 8]}),
    ("gathers", {"stride": [9, 16]}),
    ("gathers", {"sample_interval": 0}),
    ("salt", {"size": -5}),
    ("salt", {"preparation": "stretch"}),
    ("salt", {"channels": ["image", "colour"]}),
    ("salt", {"smallest": -1}),
]


@pytest.mark.parametrize("job", GOOD)
def test_the_good_ones_are_read(job):
    known = set(JOBS[job].part("recipe").__dataclass_fields__)
    assert set(GOOD[job]) <= known
    assert known <= set(GOOD[job])
    recipe = read_recipe(GOOD[job])
    assert recipe.job == job
    whole = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    assert read_recipe(whole) == recipe


@pytest.mark.parametrize(("job", "change"), ODD, ids=str)
def test_a_value_out_of_range_is_refused(job, change):
    with pytest.raises(
        ModelError, match=r"^Expected a recipe (of|with) .*; got .*tfseis saved"
    ) as e:
        read_recipe({**GOOD[job], **change})
    assert len(str(e.value).splitlines()) == 1


@pytest.mark.parametrize(("job", "name"), FIELDS, ids=str)
@pytest.mark.parametrize("value", OF_OTHER_TYPES, ids=str)
def test_a_value_of_another_type_is_refused(job, name, value):
    with pytest.raises(ModelError, match=r"^Expected a recipe") as found:
        read_recipe({**GOOD[job], name: value})
    assert len(str(found.value).splitlines()) == 1


@pytest.mark.parametrize("values", [7, None, "recipe", [1], {}, {"job": ["facies"]}, {"job": {}}])
def test_what_is_no_recipe_is_refused(values):
    with pytest.raises(ModelError, match=r"^Expected a recipe of"):
        read_recipe(values)


def carrying(values, shape=(None, None, 2), outputs=1, kernel=1):
    inputs = keras.Input(shape)
    found = keras.layers.Conv2D(outputs, kernel)(inputs)
    return keras.Model(inputs, RecipeLayer(values)(found))


@pytest.mark.parametrize(
    ("job", "shape", "outputs"),
    [
        ("facies", (None, None, 1), 4),
        ("facies", (None, None, 3), 3),
        ("gathers", (None, None, 1), 1),
        ("gathers", (None, None, 2), 5),
        ("salt", (32, 32, 3), 1),
        ("boreholes", (None, 36, 2), 1),
        ("boreholes", (None, 36, 1), 2),
    ],
)
def test_a_network_that_does_not_fit_its_recipe_is_refused(job, shape, outputs):
    with pytest.raises(ModelError, match=r"^Expected a network that fits its recipe.*got one from"):
        recipe_for(carrying(GOOD[job], shape, outputs), job)


def test_networks_that_fit_their_recipes_are_taken():
    for job, shape, outputs in (("facies", (None, None, 1), 3), ("gathers", (None, None, 2), 1)):
        assert recipe_for(carrying(GOOD[job], shape, outputs), job).job == job
    several = {**GOOD["facies"], "sections": 3}
    assert recipe_for(carrying(several, (None, None, 3), 3), "facies").sections == 3


def test_ranges_hold_finite_numbers_alone():
    for value in (float("nan"), float("inf"), -float("inf")):
        assert not Range(0).holds(value)
        assert not Between(0).holds(value)
    assert Range(0).holds(np.float32(3))
    assert Between(0, 1).holds(0.5)
