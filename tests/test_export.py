"""SavedModels answer as the models do, in a process that cannot import tfseis."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest

from tfseis.cli import main
from tfseis.data.scaling import Scaling, samples_scaling
from tfseis.errors import ModelError, OutputError
from tfseis.export import export_model
from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes.patches import scaled_images
from tfseis.jobs.boreholes.prediction import predict_patches
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.contract import JOBS
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.recipe import EVERY_SAMPLE, MIDDLE, FaciesRecipe
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.models import (
    backbone_unet,
    flexible,
    light_unet,
    patch_classifier,
    recipe_of,
    unet,
    unet3d,
    with_recipe,
)

SERVE = """
import importlib.abc, json, sys
import numpy as np

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tfseis":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import tensorflow as tf
for folder, asked in json.loads(sys.argv[1]):
    model = tf.saved_model.load(folder + "/saved")
    for number, (name, inputs) in enumerate(asked):
        given = {key: tf.constant(np.load(path)) for key, path in inputs.items()}
        found = model.signatures[name](**given)
        np.savez(f"{folder}/{number}.npz", **{k: v.numpy() for k, v in found.items()})
assert "tfseis" not in sys.modules
"""


def serve(folders):
    """What each SavedModel ``folder/saved`` answers in one fresh process.

    Args:
        folders: {folder: [(signature, inputs), ..]}.

    Returns:
        For each folder a list of answers.
    """
    words = []
    for folder, asked in folders.items():
        told = []
        for number, (name, inputs) in enumerate(asked):
            paths = {key: str(folder / f"{number}-{key}.npy") for key in inputs}
            for key, path in paths.items():
                np.save(path, inputs[key])
            told.append((name, paths))
        words.append((str(folder), told))
    script = [sys.executable, "-c", SERVE, json.dumps(words)]
    subprocess.run(script, cwd=next(iter(folders)), check=True)
    return [
        [dict(np.load(folder / f"{number}.npz")) for number in range(len(asked))]
        for folder, asked in folders.items()
    ]


def salt_model(**changes):
    usual = {
        "network": "light",
        "size": 32,
        "preparation": "pad",
        "image_size": 21,
        "channels": ("image",),
        "threshold": 0.5,
        "smallest": 0,
        "seed": 0,
        "version": "0",
    }
    recipe = SaltRecipe(**usual | changes)
    keras.utils.set_random_seed(0)
    network = light_unet((None, None, len(recipe.channels)), filters=(4, 6, 8))
    return with_recipe(network, recipe)


FEW = {  # exports that are tried each time; the others are slow tests
    *("pad", "unet on crosslines", "patch in 3D", "faults, two logits", "boreholes"),
}


def each(names):
    """Names as parameters of a test, those beyond `FEW` marked as slow."""
    return [pytest.param(one, marks=[] if one in FEW else pytest.mark.slow) for one in names]


SALT = {
    "pad": {"smallest": 300},
    "resize": {
        "preparation": "resize",
        "size": 48,
        "channels": ("image", "depth", "coordinate"),
    },
}
SMALL = np.random.default_rng(0).integers(0, 256, (2, 21, 20, 3)).astype("uint8")
LARGE = np.random.default_rng(0).random((1, 50, 37, 1), dtype="float32")
DEPTH = np.array([120, np.nan], "float32")


@pytest.mark.parametrize("name", each(SALT))
def test_a_salt_model_serves_raw_images_of_any_size(served, name):
    model, answers = served[name]
    recipe = recipe_of(model)
    wanted = [image_probability(model, SMALL, recipe), image_probability(model, LARGE, recipe)]
    if "depth" in recipe.channels:
        wanted.append(image_probability(model, SMALL, recipe, DEPTH))
        assert not np.allclose(wanted[2][0], wanted[0][0], atol=1e-4)
        np.testing.assert_allclose(wanted[2][1], wanted[0][1], atol=1e-6)
    for found, expected in zip(answers, wanted, strict=True):
        assert found.keys() == {"probability", "mask"}
        np.testing.assert_allclose(found["probability"], expected[..., 0], atol=1e-5)
        mask = found["probability"] > 0.5
        mask &= mask.sum(axis=(1, 2), keepdims=True) >= recipe.smallest
        assert found["mask"].dtype == np.uint8
        np.testing.assert_array_equal(found["mask"], mask)


class Block:
    """A cube in memory; what is no number is dead, and so are traces of zeros."""

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def read(self, key):
        values = np.where(np.isfinite(self.values), self.values, 0)
        live = np.isfinite(self.values) & values.any(axis=2, keepdims=True)
        return values[key], live[key]


def facies_model(network, axis=0, channels="amplitude"):
    recipe = FaciesRecipe(
        network=network,
        axes=3 if network.endswith("3d") else 2,
        answers=EVERY_SAMPLE if network.startswith("unet") else MIDDLE,
        crop_size=6,
        channels=channels,
        axis=axis,
        codes=(4, 2, 9),
        names=("a", "b", "c"),
        colours=("#000000",) * 3,
        scaling={"centre": 3.0, "spread": 2.0},
        grid={},
        seed=0,
        version="0",
    )
    keras.utils.set_random_seed(0)
    layout = {"layout": "cna cnap", "filters": (4, 5), "classes": 3}
    shapes = {"unet": (None, None, 1), "unet25": (None, None, 3), "unet3d": (None, None, None, 1)}
    if network in shapes:
        model = unet(shapes[network], classes=3, filters=(4, 4))
    elif network == "patch3d":
        model = patch_classifier((6, 6, 6, 1), **layout)
    else:
        model = patch_classifier((6, 6, 8 if channels == "seed" else 1), **layout)
    return with_recipe(model, recipe)


FACIES = {
    "unet on crosslines": ("unet", 1, "amplitude"),
    "patch on time slices, with coordinates": ("patch", 2, "seed"),
    "unet of three crosslines": ("unet25", 1, "amplitude"),
    "unet of blocks": ("unet3d", 0, "amplitude"),
    "patch in 3D": ("patch3d", 0, "amplitude"),
}


def fault_model(classes, scaling):
    recipe = FaultRecipe(
        network="unet3d",
        crop_size=8,
        window=8,
        overlap=4,
        threshold=0.45,
        scaling=scaling,
        seed=0,
        version="0",
    )
    network = unet3d(classes=classes, filters=(2, 3))
    rng = np.random.default_rng(3)
    network.set_weights([rng.normal(0, 0.4, w.shape) for w in network.get_weights()])
    return with_recipe(network, recipe)


FAULTS = {
    "faults, cubes scaled one by one": (1, {}),
    "faults, two logits": (2, {"centre": 3.0, "spread": 2.0}),
}


def borehole_model():
    recipe = BoreholeRecipe(
        network="flexible", padding="azimuth", columns=36, threshold=0.45, seed=0, version="0"
    )
    network = flexible((None, 36, 1), width=2, encoder=(1, 1, 1), decoder=(1, 1), refinement=(4,))
    rng = np.random.default_rng(3)
    network.set_weights([rng.normal(0, 0.4, w.shape) for w in network.get_weights()])
    return with_recipe(network, recipe)


def well():
    """Raw patches of one well, partly not measured."""
    images = np.random.default_rng(1).normal(50, 9, (3, 37, 36)).astype("float32")
    images[0, 4:7], images[1, 2, 3], images[2, 5, 6] = -999.25, np.nan, -999
    return images


@pytest.fixture(scope="module")
def block():
    block = np.random.default_rng(0).normal(3, 2, (7, 8, 9)).astype("float32")
    block[1, 2] = 0
    block[3, 4, 5] = np.nan
    return block


@pytest.fixture(scope="module")
def served(request, tmp_path_factory, block):
    """{name: (model, what its SavedModel answers)}, of the models whose tests are run."""
    other = {"centre": np.float32(-1), "spread": np.float32(7)}
    muted = np.where(np.arange(9) < 8, 0, block).astype("float32")
    both = [
        ("serve_float32", {"amplitude": block}),
        ("serve_float32_scaled", {"amplitude": block, **other}),
    ]
    dead = [("serve_float32", {"amplitude": muted}), ("serve_float32", {"amplitude": 0 * block})]
    images = [("serve_uint8", {"images": SMALL}), ("serve_float32", {"images": LARGE})]
    depth = [("serve_uint8_depth", {"images": SMALL, "depth": DEPTH})]
    wells = [
        ("serve_float32", {"images": well()}),
        ("serve_float32_scaled", {"images": well(), **other}),
    ]
    kinds = {name: (partial(facies_model, *kind), both) for name, kind in FACIES.items()}
    kinds |= {name: (partial(fault_model, *kind), both + dead) for name, kind in FAULTS.items()}
    for name, changes in SALT.items():
        asked = images + (depth if "depth" in changes.get("channels", ()) else [])
        kinds[name] = (partial(salt_model, **changes), asked)
    kinds["boreholes"] = (borehole_model, wells)
    run = {
        item.callspec.params["name"] if hasattr(item, "callspec") else "boreholes"
        for item in request.session.items
        if getattr(item, "module", None) is request.module and "served" in item.fixturenames
    }
    models, folders = {}, {}
    for number, name in enumerate(sorted(run)):
        make, asked = kinds[name]
        models[name], folder = make(), tmp_path_factory.mktemp(str(number))
        export_model(models[name], folder / "saved")
        folders[folder] = asked
    answers = serve(folders)
    return {
        name: (model, found) for (name, model), found in zip(models.items(), answers, strict=True)
    }


@pytest.mark.parametrize("name", each(FACIES))
def test_a_facies_model_serves_raw_amplitudes(served, block, name):
    model, found = served[name]
    classifier = DenseClassifier(model)
    for answer, scaling in zip(found, [Scaling(3.0, 2.0), Scaling(-1.0, 7.0)], strict=True):
        expected = classifier.predict(Block(block), (slice(None),) * 3, scaling)
        codes = np.where(expected.live, np.array([4, 2, 9])[expected.classes], -1)
        assert answer.keys() == {"probability", "facies"}
        assert answer["facies"].dtype == np.int16
        np.testing.assert_array_equal(answer["facies"], codes)
        largest = answer["probability"].max(axis=-1)
        np.testing.assert_allclose(largest, expected.confidence, atol=1e-5)
        np.testing.assert_allclose(answer["probability"].sum(axis=-1), expected.live, atol=1e-5)
    assert not np.array_equal(found[0]["facies"], found[1]["facies"])


@pytest.mark.parametrize("name", each(FAULTS))
def test_a_fault_model_serves_raw_amplitudes(served, block, name):
    model, found = served[name]
    stored = recipe_of(model).scaling

    def expected(values, scaling):
        clean, live = Block(values).read((slice(None),) * 3)
        scaling = scaling or samples_scaling(clean[live])
        found = FaultModel(model, "keras")(scaling.apply(clean, live)[np.newaxis])
        return np.where(live, found[0, ..., 0], 0)

    muted = np.where(np.arange(9) < 8, 0, block)
    own = Scaling(**stored) if stored else None
    wanted = expected(block, own), expected(block, Scaling(-1.0, 7.0)), expected(muted, own)
    assert np.ptp(wanted[0]) > 0.2
    assert not np.allclose(wanted[0], wanted[1], atol=0.01)
    for answer, probability in zip(found, wanted, strict=False):
        assert answer.keys() == {"probability", "mask"}
        np.testing.assert_allclose(answer["probability"], probability, atol=1e-5)
        assert answer["mask"].dtype == np.uint8
        np.testing.assert_array_equal(answer["mask"], answer["probability"] > 0.45)
    assert not found[3]["probability"][:, :, :4].any()  # a block without a live trace


def test_a_borehole_model_serves_raw_images_of_a_well(served):
    model, found = served["boreholes"]
    images = well()
    valid = np.isfinite(images) & (images > -900)
    patches = Patches(np.where(valid, images, 0), valid, np.ones(3, int), np.arange(3), None, {})
    for answer, scalings in zip(found, [None, {1: Scaling(-1.0, 7.0)}], strict=True):
        probability = predict_patches(model, scaled_images(patches, scalings))
        assert np.ptp(probability) > 0.2
        np.testing.assert_allclose(answer["probability"], probability, atol=1e-5)
        np.testing.assert_array_equal(answer["mask"], answer["probability"] > 0.45)
        assert answer["mask"].dtype == np.uint8


def test_a_section_is_a_block_of_one_line(tmp_path):
    model = facies_model("unet", axis=0)
    serve_float32, _ = export_model(model, tmp_path / "saved")["serve_float32"]
    block = np.random.default_rng(0).normal(3, 2, (3, 8, 9)).astype("float32")
    whole, one = serve_float32(block), serve_float32(block[1:2])
    np.testing.assert_allclose(one["probability"][0], whole["probability"][1], atol=1e-6)


def test_the_command_tells_its_signatures_and_replaces_only_what_it_made(tmp_path, capsys):
    model = facies_model("unet")
    file, out = tmp_path / "model.keras", tmp_path / "saved"
    model.save(file)
    assert main(["export", str(file), str(out)]) == 0
    assert "serve_float32: amplitude float32\n" in capsys.readouterr().out
    assert main(["export", str(file), str(out)]) == 1
    assert "expected no folder there; one exists" in capsys.readouterr().err
    assert main(["export", str(file), str(out), "--overwrite"]) == 0
    (out / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match=r"it also holds mine\.txt"):
        export_model(model, out, overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.keras", "saved"]


def test_models_that_cannot_be_exported(tmp_path, monkeypatch):
    bare = unet((None, None, 1), classes=1, filters=(4, 4))
    with pytest.raises(ModelError, match=r"with a recipe, as `tfseis JOB train` saves it"):
        export_model(bare, tmp_path / "saved")
    monkeypatch.setitem(JOBS.data, "salt", replace(JOBS["salt"], signatures=None))
    with pytest.raises(ModelError, match=r"a job with signatures; 'salt' has none"):
        export_model(salt_model(), tmp_path / "saved")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["e1.txt", "m.keras", "m.h5", "m.onnx"])
def test_the_name_of_a_file_is_refused(tmp_path, name):
    file = tmp_path / "model.keras"
    facies_model("unet").save(file)
    with pytest.raises(OutputError, match=r"the name of a folder, .* like a file. Choose (e1|m),"):
        export_model(file, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_a_saved_model_that_answers_otherwise_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("tfseis.export.TOLERANCE", -1.0)
    with pytest.raises(ModelError, match=r"probability of serve_float32 differs by"):
        export_model(facies_model("unet"), tmp_path / "saved")
    assert not list(tmp_path.iterdir())


def _last_convolution(network):
    return [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)][-1]


@pytest.mark.slow
@pytest.mark.parametrize("decoder", ["unet", "fpn"])
@pytest.mark.parametrize("backbone", ["seresnet18", "efficientnetb0", "convnexttiny"])
def test_networks_on_pretrained_encoders_are_exported_too(tmp_path, backbone, decoder):
    recipe = recipe_of(facies_model("unet"))
    network = backbone_unet(
        (None, None, 1), backbone=backbone, classes=1, weights=None, decoder=decoder
    )
    last = _last_convolution(network)  # untrained, a deep encoder gives logits of hundreds
    last.set_weights([0.001 * last.get_weights()[0], last.get_weights()[1]])
    model = with_recipe(network, recipe)
    export_model(model, tmp_path / "saved")
    (found,) = serve({tmp_path: [("serve_uint8", {"images": SMALL})]})[0]
    expected = image_probability(model, SMALL, recipe)
    np.testing.assert_allclose(found["probability"], expected[..., 0], atol=1e-5)


def test_a_folder_in_use_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (".", "..", "./"):
        with pytest.raises(OutputError, match=r"the name of a new folder.*such as served"):
            export_model(facies_model("unet"), name, overwrite=True)


def test_a_disk_without_room_is_told_in_one_line(tmp_path):
    model = facies_model("unet")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"saved: expected .*got: File too large\. Check"):
            export_model(model, tmp_path / "saved")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())
