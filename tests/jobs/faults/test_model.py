"""What a fault model is, and what it says."""

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.jobs.faults.model import FaultModel, fault_windows
from tfseis.jobs.faults.probability import fault_probability
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import unet3d, unet_res1, with_recipe

USUAL = {
    "network": "unet3d",
    "crop_size": 16,
    "window": 16,
    "overlap": 4,
    "threshold": 0.5,
    "scaling": {},
    "seed": 0,
    "version": "0",
}
BATCH = np.random.default_rng(0).normal(size=(1, 8, 8, 8)).astype("float32")


def fault_model(network, **changes):
    return with_recipe(network, FaultRecipe(**USUAL | changes))


@pytest.mark.parametrize("classes", [1, 2])
def test_one_logit_is_a_sigmoid_and_two_are_a_softmax(classes):
    model = unet3d(classes=classes, filters=(2, 3))
    logits = np.asarray(model(BATCH[..., None]))
    expected = keras.ops.sigmoid(logits) if classes == 1 else keras.ops.softmax(logits)[..., 1:]
    found = FaultModel(fault_model(model), "keras")
    np.testing.assert_allclose(found(BATCH), expected, atol=1e-6)
    assert found.multiple == 2
    assert found.recipe.window == 16


def test_extreme_logits_are_no_trouble():
    assert fault_probability(np.array([[-1e4], [1e4]], "float32")).tolist() == [[0], [1]]


def test_a_saved_model_comes_back(tmp_path):
    model = fault_model(unet_res1(filters=(2, 3)))
    model.save(tmp_path / "model.keras")
    found = FaultModel(tmp_path / "model.keras", "keras")
    np.testing.assert_allclose(found(BATCH), FaultModel(model, "keras")(BATCH), atol=1e-6)


def test_an_overlap_of_0_is_measured():
    inputs = keras.Input((None, None, None, 1))
    wide = keras.Model(inputs, keras.layers.Conv3D(1, 7, padding="same")(inputs))
    wide.layers[-1].set_weights([np.ones((7, 7, 7, 1, 1)), np.zeros(1)])
    assert FaultModel(fault_model(wide, overlap=0), "keras").overlap == 7
    assert FaultModel(fault_model(wide, overlap=0, window=8), "keras").overlap == 4
    assert FaultModel(fault_model(wide), "keras").overlap == 4


def test_windows_suit_every_model():
    one = FaultModel(fault_model(unet3d(filters=(2, 2, 2))), "keras")
    two = FaultModel(fault_model(unet3d(filters=(2, 2)), window=18, overlap=6), "keras")
    windows = fault_windows([one, two], (50, 17, 20))
    assert windows.sizes == (20, 20, 20)
    assert windows.starts[0].tolist() == [0, 12, 24, 32]
    assert fault_windows([two], (50, 17, 20), overlap=0).starts[0].tolist() == [0, 18, 32]
    with pytest.raises(ModelError, match="overlap between 0 and 16"):
        fault_windows([one, two], (50, 17, 20), overlap=20)


@pytest.mark.parametrize("lines", [1, 2, 9, 15])
def test_few_lines_lie_in_the_middle_of_a_slab(lines):
    model = FaultModel(fault_model(unet3d(filters=(2, 2, 2)), window=64, overlap=8), "keras")
    windows = fault_windows([model], (lines, 70, 30))
    assert windows.sizes == (48, 64, 32)
    (start,) = windows.starts[0].tolist()
    assert start % model.multiple == 0
    assert min(-start, 48 + start - lines) >= 12
    assert (windows.shares[0] == 1).all()
    assert fault_windows([model], (70, lines, 30)).starts[1].tolist() == [start]


def test_refusals(tmp_path):
    three = fault_model(unet3d(classes=3, filters=(2, 2)))
    with pytest.raises(ModelError, match=r"1 or 2 logits a sample; got one from .*None, 3\)"):
        FaultModel(three)
    with pytest.raises(ModelError, match="as `tfseis JOB train` saves it"):
        FaultModel(unet3d(filters=(2, 2)))
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    with pytest.raises(ModelError, match=r"none\.xml: expected an OpenVINO model that tfseis wrot"):
        FaultModel(tmp_path / "none.xml")
