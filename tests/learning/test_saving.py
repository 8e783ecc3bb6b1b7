import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from tfseis.errors import FormatError
from tfseis.inference.dense import dense_model
from tfseis.learning import load_model
from tfseis.learning.saving import save_model
from tfseis.models import patch_classifier

FRESH = """
import sys, numpy as np
from tfseis.learning import load_model
model = load_model(sys.argv[1])
np.save(sys.argv[3], model(np.load(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return patch_classifier((5, 5, 1), classes=2, layout="cnap", filters=(3,))


@pytest.mark.parametrize("kind", ["classifier", "dense"])
def test_a_saved_model_gives_the_same_answers_in_a_fresh_process(model, tmp_path, kind):
    saved = model if kind == "classifier" else dense_model(model)
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 1)).astype("float32")
    paths = [str(tmp_path / name) for name in ("model.keras", "x.npy", "y.npy")]
    saved.save(paths[0])
    np.save(paths[1], x)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", FRESH, *paths], check=True, env=environment)
    np.testing.assert_allclose(np.load(paths[2]), saved(x), atol=1e-6)


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
    with pytest.raises(FormatError, match=r"model.keras: expected a .keras model"):
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
