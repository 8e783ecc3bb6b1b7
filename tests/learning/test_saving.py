import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import tfseis
from tfseis.errors import FormatError
from tfseis.inference.dense import dense_model
from tfseis.learning import load_model
from tfseis.learning.saving import REGISTERING, as_model, save_model
from tfseis.models import patch_classifier

FRESH = """
import sys, numpy as np
from tfseis.learning import load_model
folder, *kinds = sys.argv[1:]
for kind in kinds:
    model = load_model(f"{folder}/{kind}.keras")
    np.save(f"{folder}/{kind}.npy", model(np.load(f"{folder}/x.npy")))
"""


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return patch_classifier((5, 5, 1), classes=2, layout="cnap", filters=(3,))


def test_saved_models_give_the_same_answers_in_a_fresh_process(model, tmp_path):
    saved = {"classifier": model, "dense": dense_model(model)}
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 1)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    for kind, one in saved.items():
        one.save(tmp_path / f"{kind}.keras")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    words = [sys.executable, "-c", FRESH, str(tmp_path), *saved]
    subprocess.run(words, check=True, env=environment)
    for kind, one in saved.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{kind}.npy"), one(x), atol=1e-6)


def test_a_saved_model_keeps_its_optimizer(model, tmp_path):
    trained = keras.models.clone_model(model)
    trained.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(0).normal(size=(4, 5, 5, 1))
    trained.fit(x, np.array([0, 1, 0, 1]), verbose=0)
    trained.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert int(loaded.optimizer.iterations) == 1


def test_code_inside_a_model_is_refused(tmp_path):
    inputs = keras.Input((3,))
    lambda_layer = layers.Lambda(lambda x: x + 1)
    keras.Model(inputs, lambda_layer(inputs)).save(tmp_path / "bad.keras")
    with pytest.raises(FormatError, match=r"bad.keras: expected a .keras model; .*Lambda"):
        load_model(tmp_path / "bad.keras")


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "model.keras"
    if content is not None:
        path.write_bytes(content)
    told = "there is no such" if content is None else "zip archive; the file is something else"
    with pytest.raises(FormatError, match=rf"model.keras: expected a .keras model.* {told}"):
        load_model(path)
    with pytest.raises(FormatError, match=r"expected a .keras model"):
        load_model(tmp_path)


def test_a_model_is_saved_whole_or_not_at_all(model, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    save_model(model, path)
    before = path.read_bytes()

    def half(self, place):
        place.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(type(model), "save", half)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_every_module_with_registered_classes_is_imported_before_a_model_is_loaded():
    """A registration that is missing shows only in a fresh process, long after training."""
    home = Path(tfseis.__file__).parent
    found = set()
    for path in home.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        if any(line.startswith("@keras.saving.register_keras_serializable") for line in lines):
            found.add(".".join(["tfseis", *path.relative_to(home).with_suffix("").parts]))
    assert found == set(REGISTERING)
    assert list(REGISTERING) == sorted(REGISTERING)


def test_a_model_is_taken_as_an_object_a_file_or_a_name(model, tmp_path):
    assert as_model(model) is model
    save_model(model, tmp_path / "model.keras")
    for one, two in zip(
        as_model(tmp_path / "model.keras").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert as_model("faults").count_params() == load_model("faults").count_params()
    with pytest.raises(FormatError, match=r"horizons: expected a .keras model; there is no such"):
        as_model("horizons")


def my_loss(labels, outputs):
    return keras.ops.mean(keras.ops.square(labels - outputs))


def test_a_model_with_a_loss_of_ones_own_loads_to_predict(tmp_path):
    inputs = keras.Input((3,))
    own = keras.Model(inputs, layers.Dense(2)(inputs))
    own.compile("adam", loss=my_loss, metrics=[my_loss])
    x = np.ones((2, 3), "float32")
    own.fit(x, np.ones((2, 2)), verbose=0)
    own.save(tmp_path / "own.keras")
    loaded = load_model(tmp_path / "own.keras")
    np.testing.assert_allclose(loaded(x), own(x), atol=1e-6)
    assert not loaded.compiled


def test_the_folder_of_a_saved_model_is_named(model, tmp_path):
    model.export(tmp_path / "served", verbose=False)
    with pytest.raises(FormatError, match=r"served: .* a SavedModel is.*it was exported from"):
        load_model(tmp_path / "served")


def test_a_newer_keras_is_named_as_the_cause(model, tmp_path):
    model.save(tmp_path / "new.keras")
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = {"keras_version": "99.1.2"}
    members["metadata.json"] = json.dumps(json.loads(members["metadata.json"]) | told).encode()
    config = members["config.json"].replace(b'"padding":', b'"a_new_argument": 1, "padding":', 1)
    members["config.json"] = config
    with zipfile.ZipFile(tmp_path / "new.keras", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FormatError, match=r"or older; Keras 99\.1\.2 saved it\. Install"):
        load_model(tmp_path / "new.keras")
