"""Recipes hold facts; those of tfseis 0.1.0, which had none, mean what they meant."""

from dataclasses import asdict

import keras
import pytest

from tfseis.errors import ModelError
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.recipe import EVERY_SAMPLE, MIDDLE, FaciesRecipe
from tfseis.models import patch_classifier, read_recipe, unet
from tfseis.models.recipe import RecipeLayer

OLD = {  # as tfseis 0.1.0 wrote it: no schema, no facts
    "network": "unet",
    "crop_size": 16,
    "channels": "amplitude",
    "axis": 0,
    "codes": [0, 1, 2],
    "names": ["a", "b", "c"],
    "colours": ["#000000"] * 3,
    "scaling": {"centre": 0.0, "spread": 1.0},
    "grid": {},
    "seed": 0,
    "version": "0.1.0",
    "job": "facies",
}
SIX_LEVELS = (2, 2, 2, 2, 2, 2)


def saved_before(network, model):
    """A model as tfseis 0.1.0 saved it."""
    output = RecipeLayer({**OLD, "network": network})(model.output)
    return DenseClassifier(keras.Model(model.input, output))


@pytest.mark.parametrize(
    "network, axes, answers",
    [
        ("unet", 2, EVERY_SAMPLE),
        ("unet25", 2, EVERY_SAMPLE),
        ("unet3d", 3, EVERY_SAMPLE),
        ("patch", 2, MIDDLE),
        ("patch3d", 3, MIDDLE),
    ],
)
def test_names_of_before_become_facts(network, axes, answers):
    found = read_recipe({**OLD, "network": network})
    assert (found.axes, found.answers, found.schema) == (axes, answers, 1)
    assert read_recipe(asdict(found)) == found


def test_another_name_of_before_is_refused():
    with pytest.raises(ModelError, match="axes"):
        read_recipe({**OLD, "network": "vnet"})


@pytest.mark.parametrize("sections", [1, 3])
def test_sections_of_before_keep_their_halo_of_32(sections):
    """Whatever the network could see: its blocks began anywhere, too."""
    network = "unet" if sections == 1 else "unet25"
    found = saved_before(network, unet((None, None, sections), classes=3, filters=SIX_LEVELS))
    beside = sections // 2
    assert [(r.before, r.after) for r in found.halo] == [(beside, beside), (32, 32), (32, 32)]
    assert (found.sections, found.multiples, found.flat) == (sections, (1, 1, 1), True)


@pytest.mark.parametrize("levels, halo", [(2, 10), (3, 24), (4, 56)])
def test_blocks_of_before_hold_all_that_counts(levels, halo):
    """The halos of 0.1.0: 9, 23 and 51 samples, and on to a multiple."""
    found = saved_before("unet3d", unet((None,) * 3 + (1,), classes=3, filters=(2,) * levels))
    assert {(r.before, r.after) for r in found.halo} == {(halo, halo)}
    assert found.multiples == (2 ** (levels - 1),) * 3


def test_crops_of_before_are_their_own_context():
    small = {"classes": 3, "layout": "c cp", "filters": (2, 2)}
    found = saved_before("patch", patch_classifier((16, 16, 1), **small))
    assert [(r.before, r.after) for r in found.halo] == [(0, 0), (8, 7), (8, 7)]
    found = saved_before("patch3d", patch_classifier((16, 16, 16, 1), **small))
    assert [(r.before, r.after) for r in found.halo] == [(8, 7)] * 3


def test_the_names_of_a_recipe_decide_nothing(tmp_path):
    values = asdict(read_recipe(OLD)) | {"network": "my own network"}
    model = unet((None, None, 1), classes=3, filters=(2, 2))
    classifier = DenseClassifier(keras.Model(model.input, RecipeLayer(values)(model.output)))
    assert isinstance(classifier.recipe, FaciesRecipe)
    assert classifier.sections == 1
