"""Means of the weights of several trainings."""

from functools import partial

import numpy as np
import pytest

from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import FAULT_NETWORKS, light_unet3d, recipe_of, with_recipe
from tfseis.models.pretrained import pretrained, write_pretrained
from training.mixing import main

RECIPE = FaultRecipe(
    network="light",
    crop_size=16,
    window=32,
    overlap=8,
    threshold=0.5,
    scaling={},
    seed=0,
    version="0",
)


@pytest.fixture
def folders(monkeypatch, tmp_path):
    monkeypatch.setitem(FAULT_NETWORKS, "light", partial(light_unet3d, filters=(3, 4)))
    for name in ("one", "two"):
        model = with_recipe(light_unet3d(filters=(3, 4)), RECIPE)
        write_pretrained(model, "faults", folder=tmp_path / name)
    return tmp_path


def weights(folder):
    return pretrained("faults", folder=folder).get_weights()


def test_weights_lie_between_those_that_are_mixed(folders, capsys):
    one, two, out = (str(folders / name) for name in ("one", "two", "out"))
    assert main([out, f"{one}=0.75", f"{two}=0.25", "--threshold", "0.6"]) == 0
    assert "faults.npz" in capsys.readouterr().out
    for first, second, found in zip(weights(one), weights(two), weights(out), strict=True):
        np.testing.assert_allclose(found, 0.75 * first + 0.25 * second, rtol=2e-3, atol=1e-6)
    assert recipe_of(pretrained("faults", folder=out)).threshold == 0.6
    assert main([out, f"{one}=1"]) == 0
    for first, found in zip(weights(one), weights(out), strict=True):
        np.testing.assert_array_equal(first, found)
    assert recipe_of(pretrained("faults", folder=out)) == RECIPE


def test_refusals(folders, capsys):
    one, out = str(folders / "one"), str(folders / "out")
    for parts, match in (
        ([f"{one}=0.7"], "sum is 1; got 0.7"),
        ([one], "Expected DIR=SHARE"),
        ([f"{folders / 'none'}=1"], "expected the weights"),
    ):
        assert main([out, *parts]) == 1
        assert match in capsys.readouterr().err
