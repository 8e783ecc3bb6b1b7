import os
import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.inference.summary import summary
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.models import (
    GATHER_NETWORKS,
    gather_autoencoder,
    gather_unet,
    receptive_field,
    recipe_of,
    with_recipe,
)

RECIPE = GatherRecipe(
    network="unet",
    channels=("amplitude", "offset"),
    size=(8, 16),
    stride=(4, 8),
    sample_interval=4.0,
    trained_on="blind-trace",
    seed=3,
    version="0.1.0",
)
FRESH = """
import sys, numpy as np
from tfseis.learning import load_model
for name in sys.argv[1:]:
    np.save(name + ".out.npy", load_model(name + ".keras")(np.load(name + ".npy")))
"""


def trained(model):
    """Every number of a network something else than it begins with."""
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.1 * rng.random(w.shape) for w in model.get_weights()])
    return model


def test_the_autoencoder_has_587_numbers_to_train_and_keeps_its_size():
    model = gather_autoencoder((32, 32, 1))
    sizes = [np.size(weight.value) for weight in model.trainable_weights]
    # norm 2; 1-2-4-8-16 and 16-8-4-2-1 in groups: 9 weights an input of a group, and a bias
    assert sum(sizes) == 2 + (20 + 40 + 80 + 160) + (152 + 76 + 38 + 19) == 587
    assert model.output_shape == (None, 32, 32, 1)
    assert receptive_field(model).largest == (17, 17)


def test_grouped_convolutions_are_the_transposed_ones_they_stand_for():
    x = np.random.default_rng(0).normal(size=(1, 6, 7, 2)).astype("float32")
    ours = keras.layers.Conv2D(1, 3)
    padded = ours(keras.layers.ZeroPadding2D(2)(x))
    theirs = keras.layers.Conv2DTranspose(1, 3)
    theirs.build(x.shape)
    kernel, bias = ours.get_weights()
    theirs.set_weights([kernel[::-1, ::-1].transpose(0, 1, 3, 2), bias])
    np.testing.assert_allclose(theirs(x), padded, atol=1e-5)


def test_an_untrained_residual_network_changes_nothing():
    x = np.random.default_rng(0).normal(size=(2, 11, 19, 2)).astype("float32")
    np.testing.assert_array_equal(gather_unet((None, None, 2), filters=(2, 3))(x), x[..., :1])
    plain = gather_unet((None, None, 2), filters=(2, 3), residual=False)
    assert not np.allclose(plain(x), x[..., :1])


@pytest.mark.parametrize("shape", [(8, 16), (11, 19), (1, 5)])
def test_any_size_goes_through(shape):
    model = trained(gather_unet((None, None, 1), filters=(2, 3, 4)))
    out = model(np.ones((1, *shape, 1), "float32"))
    assert out.shape == (1, *shape, 1)
    assert np.isfinite(out).all()


def test_depth_and_blocks_make_the_number_of_weights():
    # stem 15*2; level 2: 2*(9*2 + 4 + 8); 2->3: 6, 9*2 + 6 + 12, 9*3 + 9 + 12; 3->2 6; 4->2: 8,
    # 9*4 + 8 + 8, 9*2 + 4 + 8; 12*2 + 1
    expected = 30 + 60 + 6 + 36 + 48 + 6 + 8 + 52 + 30 + 25
    assert gather_unet((None, None, 1), filters=(2, 3)).count_params() == expected
    sizes = [
        receptive_field(gather_unet((None, None, 1), filters=(2,) * n, blocks=b)).largest
        for n, b in ((2, 1), (2, 2), (3, 1))
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_networks_reload_in_a_fresh_process_with_their_recipe(tmp_path):
    words, models = [], {"unet": (24, 30, 2), "autoencoder": (24, 30, 1)}
    for name, shape in models.items():
        model = with_recipe(trained(GATHER_NETWORKS[name](shape)), RECIPE)
        x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", x)
        words.append(str(tmp_path / name))
        models[name] = np.asarray(model(x))
        assert recipe_of(model) == RECIPE
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", FRESH, *words], check=True, env=environment)
    for name, expected in models.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.out.npy"), expected, atol=1e-5)


def test_a_summary_names_the_job():
    model = with_recipe(gather_unet((None, None, 2), filters=(2, 3), blocks=1), RECIPE)
    assert "trained by tfseis gathers 0.1.0, network unet" in summary(model)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (partial(gather_unet, filters=(4,)), r"two or more positive widths.*got \(4,\)"),
        (partial(gather_unet, kernel=(0, 3)), "a kernel and blocks of at least 1"),
        (partial(gather_autoencoder, filters=(2, 3)), "widths that are multiples"),
    ],
)
def test_networks_that_cannot_be_are_refused(build, message):
    with pytest.raises(ModelError, match=message):
        build((None, None, 1))
    with pytest.raises(ModelError, match="more than 8 traces and samples; got 8"):
        gather_autoencoder((8, 32, 1))
