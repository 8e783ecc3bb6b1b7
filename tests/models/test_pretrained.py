"""Trained models that come with the package: written, read, refused."""

import hashlib
import json
import tomllib
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import tfseis
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.faults.train import train_faults
from tfseis.jobs.gathers.scores import synthetic_scores
from tfseis.jobs.gathers.settings import GatherSettings
from tfseis.jobs.gathers.train import train_gathers
from tfseis.models import (
    FAULT_NETWORKS,
    GATHER_NETWORKS,
    gather_unet,
    light_unet3d,
    recipe_of,
    with_recipe,
)
from tfseis.models.pretrained import PRETRAINED, pretrained, write_pretrained
from training.ship import main

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


SHIPPED = {  # sha256 of shapes and float32 values of all weights
    "faults": "691a9bada3da5318bd90c318935695391e404962113774a157c339afeaf010f6",
    "gathers": "5fc2549e64f4016924f1d646c08f594b705c3242371254910f6059cb3bc0714c",
}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(FAULT_NETWORKS, "light", partial(light_unet3d, filters=(3, 4)))


@pytest.fixture
def model():
    return with_recipe(light_unet3d(filters=(3, 4)), RECIPE)


@pytest.mark.usefixtures("small")
def test_what_is_shipped_is_nearly_what_was_trained(tmp_path, model):
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.normal(0, 0.1, w.shape) ** 2 for w in model.get_weights()])
    path = write_pretrained(model, "faults", folder=tmp_path)
    again = pretrained("faults", folder=tmp_path)
    assert recipe_of(again) == RECIPE
    for one, two in zip(model.get_weights(), again.get_weights(), strict=True):
        assert two.dtype == "float32"
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-6)
        if one.ndim == 1:  # statistics of normalisation stay as they are
            np.testing.assert_array_equal(one, two)
    with np.load(path) as stored:
        assert stored["w0000"].dtype == "float16"


@pytest.mark.usefixtures("small")
def test_refusals(tmp_path, model):
    with pytest.raises(ValueError, match=r"with tfseis: faults, gathers; got 'salt'.*\.keras"):
        pretrained("salt")
    with pytest.raises(ValueError, match=r"faults\.npz: expected the weights.*has none. Train"):
        pretrained("faults", folder=tmp_path)
    (tmp_path / "faults.npz").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"expected weights that tfseis wrote.*Install"):
        pretrained("faults", folder=tmp_path)
    wide = with_recipe(light_unet3d(filters=(4, 5)), RECIPE)
    with pytest.raises(ValueError, match="'light' at its usual widths"):
        write_pretrained(wide, "faults", folder=tmp_path)
    model.set_weights([w + 1e5 for w in model.get_weights()])
    with pytest.raises(ValueError, match=r"weights below 65504; got 1.*lower"):
        write_pretrained(model, "faults", folder=tmp_path)


@pytest.mark.usefixtures("small")
def test_a_run_becomes_weights_and_a_card(tmp_path, capsys, monkeypatch):
    settings = FaultSettings(network="light", crop_size=16, survey_size=16, epochs=1, steps=1)
    monkeypatch.setattr("tfseis.jobs.faults.survey_crops.SURVEYS", 1)
    train_faults(out=tmp_path / "run", settings=settings, unseen=1, progress=False)
    words = [str(tmp_path / "run"), "--weights", str(tmp_path), "--cards", str(tmp_path)]
    assert main(words) == 0
    assert "MB" in capsys.readouterr().out
    card = (tmp_path / "faults.md").read_text()
    assert "| this network | all | " in card
    assert "| 16 and more | " in card
    assert "Network `light`" in card
    assert "{" not in card
    scores = json.loads((tmp_path / "run" / "metrics.json").read_text())["scores"]
    iou = scores[-1]["baselines"]["low semblance"]["iou"]
    assert f"| low semblance | rift | {iou:.3f}" in card
    assert (
        pretrained("faults", folder=tmp_path).count_params()
        == light_unet3d(filters=(3, 4)).count_params()
    )
    assert main([str(tmp_path)]) == 1
    assert "ship: " in capsys.readouterr().err


def test_a_gather_run_becomes_weights_and_a_card(tmp_path, monkeypatch):
    monkeypatch.setitem(GATHER_NETWORKS, "unet", partial(gather_unet, filters=(3, 4)))
    settings = GatherSettings(
        filters=(3, 4), epochs=1, patches_per_epoch=8, batch_size=8, size=(16, 32), samples=100
    )
    monkeypatch.setattr(synthetic_scores, "__kwdefaults__", {"tuning": 1, "scored": 1})
    train_gathers(None, out=tmp_path / "run", settings=settings, command="the command")
    words = [str(tmp_path / "run"), "--weights", str(tmp_path), "--cards", str(tmp_path)]
    assert main([*words, "--machine", "one core"]) == 0
    card = (tmp_path / "gathers.md").read_text()
    assert "8 patches of 16 x 32 on one core" in card
    assert "| network | " in card
    assert "{" not in card
    again = pretrained("gathers", folder=tmp_path)
    assert recipe_of(again).channels == ("amplitude",)
    assert again.count_params() == gather_unet((None, None, 1), filters=(3, 4)).count_params()


def test_a_name_is_a_file_first_and_else_what_ships(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no such file"):
        tfseis.load_model("salt")
    assert recipe_of(tfseis.load_model("gathers")).job == "gathers"
    (tmp_path / "gathers").write_text("mine")
    with pytest.raises(ValueError, match=r"expected a \.keras model, which is a zip archive"):
        tfseis.load_model("gathers")


@pytest.mark.parametrize("name", PRETRAINED)
def test_what_ships_loads_bit_by_bit_as_it_did(name):
    digest = hashlib.sha256()
    for weight in pretrained(name).get_weights():
        digest.update(str(weight.shape).encode() + weight.tobytes())
    assert digest.hexdigest() == SHIPPED[name]
    assert set(SHIPPED) == set(PRETRAINED)


def test_weights_are_package_data():
    project = tomllib.loads((Path(tfseis.__file__).parents[1] / "pyproject.toml").read_text())
    assert "weights/*.npz" in project["tool"]["setuptools"]["package-data"]["tfseis"]
