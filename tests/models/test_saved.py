"""Models that each version of tfseis saved load in this one, and give what they gave."""

import json
import runpy
import subprocess
import sys
import zipfile
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import pytest

from tfseis.jobs.contract import JOBS
from tfseis.models import read_recipe

HOME = Path(__file__).parent / "saved"
VERSIONS = [path.name for path in sorted(HOME.iterdir()) if (path / "recipes.json").is_file()]
LARGEST = 3_000_000  # bytes of the models of a version
APART = 3e-5  # of the range of an output: processors add in other orders, 4e-6 was seen
LOAD = """
import dataclasses, importlib, json, pathlib, sys
import numpy as np
import tfseis
from tfseis.inference import summary
from tfseis.models import recipe_of

importlib.import_module("tfseis.inference.summary").LARGEST = 2**12  # gradients take seconds
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = tfseis.load_model(path)
    with np.load(path.with_suffix(".npz")) as stored:
        given, expected = stored["input"], stored["output"]
    apart = np.abs(np.asarray(model(given, training=False)) - expected).max()
    recipe = dataclasses.asdict(recipe_of(model))
    found[path.stem] = float(apart), float(np.ptp(expected)), recipe, summary(model)
print(json.dumps(found))
"""


def loaded(folder):
    """{name: (largest difference, range of the outputs, recipe, summary)}, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(folder):
    """Outputs as stored; recipes with what they held; every job among them."""
    found, stored = loaded(folder), json.loads((folder / "recipes.json").read_text())
    assert {name.partition("_")[0] for name in found} == set(JOBS)
    assert set(found) == set(stored)
    for name, (apart, width, recipe, text) in found.items():
        assert apart <= APART * max(1, width), name
        assert width > 0, name
        assert recipe["job"] == name.partition("_")[0]
        assert recipe["schema"] >= 1
        same = (stored[name].keys() & recipe.keys()) - {"schema"}
        assert {key: recipe[key] for key in same} == {key: stored[name][key] for key in same}, name
        assert f"trained by tfseis {recipe['job']}" in text


def number(version):
    return tuple(int(part) for part in version.split(".")[:3])


def keras_of(folder):
    """The latest Keras that saved a model of a folder; older ones need not load it."""
    found = []
    for path in folder.glob("*.keras"):
        with zipfile.ZipFile(path) as archive:
            found.append(number(json.loads(archive.read("metadata.json"))["keras_version"]))
    return max(found)


@pytest.mark.parametrize("version", VERSIONS)
def test_models_of_every_version_load_and_give_what_they_gave(version):
    if number(metadata.version("keras")) < keras_of(HOME / version):
        pytest.skip("a later Keras saved them; `load_model` says so")
    check(HOME / version)


def test_models_that_this_version_saves_are_such_a_collection(tmp_path):
    runpy.run_path(str(HOME / "save.py"))["save"](tmp_path)
    check(tmp_path)
    for values in json.loads((tmp_path / "recipes.json").read_text()).values():
        assert asdict(read_recipe(values))["version"] == values["version"]


def test_the_collection_is_small_and_begins_with_the_first_version():
    assert VERSIONS[0] == "0.1.0"
    for version in VERSIONS:
        assert sum(path.stat().st_size for path in (HOME / version).iterdir()) < LARGEST
