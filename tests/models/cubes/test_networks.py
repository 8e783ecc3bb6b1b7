"""The 3D networks: numbers of weights, any size, precision, saving, learning."""

import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.learning import balanced_crossentropy
from tfseis.models import (
    attention_unet3d,
    light_unet3d,
    recurrent_unet3d,
    unet3d,
    unet_ds,
    unet_res1,
    unet_res2,
    vnet,
    vnet_modified,
)

PUBLISHED = [
    (partial(unet3d), 1_459_585),
    (partial(vnet_modified, classes=2), 11_200_226),
    (partial(unet_res1, classes=2), 7_399_522),
    (partial(unet_ds, classes=2, base=8), 1_781_304),
    (partial(unet_ds, classes=2, base=16), 7_124_336),
]
LARGE = [
    (partial(vnet, classes=2), 45_595_000),
    (partial(unet_ds, classes=2, base=32), 28_495_584),
]
SMALL = {
    "unet3d": partial(unet3d, filters=(4, 6)),
    "light": partial(light_unet3d, filters=(4, 6)),
    "vnet": partial(vnet, filters=(2, 4, 4, 4, 4), dropout=0.0),
    "vnet_modified": partial(vnet_modified, filters=(4, 6), dropout=0.0),
    "unet_res1": partial(unet_res1, filters=(4, 6), dropout=0.0),
    "unet_res2": partial(unet_res2, filters=(4, 6), depths=(1, 1), dropout=0.0),
    "unet_ds": partial(unet_ds, base=4, dropout=0.0),
    "attention": partial(attention_unet3d, filters=(4, 6)),
    "recurrent": partial(recurrent_unet3d, filters=(4, 6)),
}
SIZE = (8, 12, 16)


@pytest.mark.parametrize("build, weights", PUBLISHED)
def test_published_numbers_of_weights(build, weights):
    assert build().count_params() == weights


@pytest.mark.slow
@pytest.mark.parametrize("build, weights", LARGE)
def test_published_numbers_of_weights_of_the_largest(build, weights):
    assert build().count_params() == weights


def test_attention_and_recurrence_at_full_width():
    # Wu's without biases (1,458,864 + 17), and 11 w^2 + 2 w + 1 for a gate on w channels
    gates = sum(11 * w**2 + 2 * w + 1 for w in (16, 32, 64))
    assert attention_unet3d().count_params() == 1_458_864 + 17 + gates
    assert unet_res2(classes=2).count_params() <= unet_res1(classes=2).count_params()


@pytest.mark.parametrize("name", SMALL)
def test_any_size_goes_through(name):
    model = SMALL[name]()
    x = np.random.default_rng(0).normal(size=(1, *SIZE, 1)).astype("float32")
    for part in (x, x[:, :7, :9, :11], x[:, :1, :2, :3]):
        assert model(part).shape == part.shape


def test_an_exported_network_takes_any_size(tmp_path):
    model = SMALL["unet_res1"]()
    model.export(tmp_path / "saved_model", verbose=False)
    exported = tf.saved_model.load(tmp_path / "saved_model")
    x = np.random.default_rng(0).normal(size=(1, 7, 9, 11, 1)).astype("float32")
    for part in (x, x[:, :5, :6, :8]):
        np.testing.assert_allclose(exported.serve(part), model(part), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("build", SMALL.values(), ids=SMALL)
def test_overfits_one_cube(build):
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(1, *SIZE, 1)).astype("float32")
    faults = np.zeros((1, *SIZE, 1), "float32")
    faults[:, 3:5, :6] = faults[:, :, 6:, 9:11] = 1
    model = build()
    model.compile(keras.optimizers.Adam(0.03), loss=balanced_crossentropy)
    model.fit(x + faults, faults, epochs=50, verbose=0)
    found = np.asarray(model(x + faults)) > 0
    true = faults > 0
    assert (found & true).sum() > 0.6 * (found | true).sum()


def test_every_network_loads_in_a_fresh_process(tmp_path):
    x = np.ones((1, 5, 6, 7, 1), "float32") * np.arange(7)[:, np.newaxis].astype("float32")
    wanted = {}
    for name, build in SMALL.items():
        model = build()
        model.save(tmp_path / f"{name}.keras")
        wanted[name] = np.asarray(model(x))
    np.savez(tmp_path / "wanted.npz", x=x, **wanted)
    script = (
        "import sys, pathlib, numpy, tfseis\nfolder = pathlib.Path(sys.argv[1])\n"
        "wanted = numpy.load(folder / 'wanted.npz')\n"
        "for path in folder.glob('*.keras'):\n"
        "    found = tfseis.load_model(path)(wanted['x'])\n"
        "    numpy.testing.assert_allclose(found, wanted[path.stem], atol=1e-4)\n"
        "    print(path.stem)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_mixed_precision_gives_float32_logits(name):
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 8, 1)).astype("float32")
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = SMALL[name]()
    finally:
        keras.config.set_dtype_policy("float32")
    logits = model(x)
    assert logits.dtype == "float32"
    assert np.isfinite(np.asarray(logits)).all()
    assert model.layers[2].compute_dtype == "bfloat16"


def test_widths_that_make_no_network_are_refused():
    with pytest.raises(ValueError, match=r"Expected two or more positive widths.*\(4,\)\. Give"):
        unet3d(filters=(4,))
    with pytest.raises(ValueError, match="Expected 5 positive widths"):
        vnet(filters=(4, 8))
    with pytest.raises(ValueError, match="Expected 2 positive widths"):
        unet_res2(filters=(4, 8), depths=(1,))
