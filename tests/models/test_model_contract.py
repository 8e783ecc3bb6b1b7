"""What every builder promises, checked in the same way for each of them."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.learning import load_model
from tfseis.models import (
    DenseMaxPooling,
    attention_unet3d,
    light_unet3d,
    patch_classifier,
    recipe_of,
    recurrent_unet3d,
    unet3d,
    unet_ds,
    unet_res1,
    unet_res2,
    vnet,
    vnet_modified,
    with_recipe,
)

CUBE = (8, 8, 32, 1)  # at a sixteenth there must be more than one sample to normalise

# name: (builder, shape of one input, classes, number of weights worked out by hand)
MODELS = {
    # 9*2*3+3 + 4*3 + 9*3*4+4 + 4*4, then 2*2*4 features * 5 + 5
    "patch": (
        partial(patch_classifier, (9, 9, 2), classes=5, layout="cna cnapd", filters=(3, 4)),
        (9, 9, 2),
        5,
        57 + 12 + 112 + 16 + 85,
    ),
    # 27*1*2+2 + 8 + 27*2*3+3 + 12, then 1*3 features * 2 + 2
    "patch3d": (
        partial(patch_classifier, (6, 6, 6, 1), classes=2, layout="cna cnapd", filters=(2, 3)),
        (6, 6, 6, 1),
        2,
        56 + 8 + 165 + 12 + 8,
    ),
    # 27*2+2, 27*4+2; 27*6+3, 27*9+3; (5 -> 2) 27*10+2, 27*4+2; 2+1
    "unet3d": (
        partial(unet3d, filters=(2, 3)),
        CUBE,
        1,
        56 + 110 + 165 + 246 + 272 + 110 + 3,
    ),
    # 27*2+2, 27*4+2; 27*6, 27*9, 3*4 each; narrowed 3*2, 2*4, (4 -> 2) 27*8+2; 2+1
    "light_unet3d": (
        partial(light_unet3d, filters=(2, 3)),
        CUBE,
        1,
        56 + 110 + 162 + 243 + 24 + 6 + 8 + 218 + 3,
    ),
    # 125*2+2; down 2^3 and eight 5^3 of 4; up 2^3 and five 5^3 of 8, one of 4; 4+1
    "vnet": (
        partial(vnet, filters=(2, 4, 4, 4, 4), dropout=0.1),
        CUBE,
        1,
        252 + 68 + 3 * 132 + 8 * 2004 + 132 + 2 * 260 + 130 + 5 * 8008 + 2004 + 5,
    ),
    # 54, 108, 108; down 27*6, shared 243; up 243, (5 -> 2) 270+2; 2+1
    "vnet_modified": (
        partial(vnet_modified, filters=(2, 3), dropout=0.1),
        CUBE,
        1,
        54 + 108 + 108 + 162 + 243 + 243 + 272 + 3,
    ),
    # 54+2, 108, 108+2; down 162+3, 243; up 243, (5 -> 2) 272; 3
    "unet_res1": (
        partial(unet_res1, filters=(2, 3), dropout=0.1),
        CUBE,
        1,
        56 + 108 + 110 + 165 + 243 + 243 + 272 + 3,
    ),
    # a block of n: 2*27n^2, n -> 4 -> n; so 904 for 4, 2002 for 6
    # 108, block(4); down 648, block(6) twice; 24, (8 -> 4) 864, block(4); 5
    "unet_res2": (
        partial(unet_res2, filters=(4, 6), depths=(1, 2), dropout=0.1),
        CUBE,
        1,
        108 + 904 + 648 + 2 * 2002 + 24 + 864 + 904 + 5,
    ),
    # a sixteenth of base 8 without its first and its last convolutions; 54; 2*2 + 8*2 + 4*2
    "unet_ds": (
        partial(unet_ds, base=2, dropout=0.1),
        CUBE,
        1,
        (1_781_304 - 216 - 32 - 128 - 64) // 16 + 54 + 28,
    ),
    # unet3d without biases, logit; gate: theta 8*4, phi 3*2+2, psi 2+1, W 4
    "attention": (
        partial(attention_unet3d, filters=(2, 3)),
        CUBE,
        1,
        54 + 108 + 162 + 243 + 270 + 108 + 3 + 32 + 8 + 3 + 4,
    ),
    # 1*2+2, 2*108; 2*3+3, 2*243; up 162; 4*2+2, 2*108; 3
    "recurrent": (
        partial(recurrent_unet3d, filters=(2, 3)),
        CUBE,
        1,
        4 + 216 + 9 + 486 + 162 + 10 + 216 + 3,
    ),
}
RECIPE = FaciesRecipe(
    network="patch",
    axes=2,
    answers="middle of a crop",
    crop_size=9,
    channels="neighbours",
    axis=1,
    codes=(0, 7),
    names=("Zechstein", "überlagert, 3"),
    colours=("#000000", "#ffffff"),
    scaling={"centre": -0.1, "spread": 1e3},
    grid={"inline": [100, 2, 7], "crossline": [300, 1, 8], "sample": [12.5, 4.0, 9]},
    seed=3,
    version="0.1.0",
)


@pytest.fixture(scope="module", params=MODELS.values(), ids=MODELS)
def case(request):
    build, shape, classes, weights = request.param
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    return build(), x, classes, weights


def test_logits_and_weights(case):
    model, x, classes, weights = case
    logits = model(x)
    assert logits.shape in {(4, classes), (*x.shape[:-1], classes)}  # a class, or one a sample
    assert logits.dtype == "float32"
    assert np.asarray(logits).min() < 0  # no activation
    assert not np.allclose(np.asarray(logits).sum(axis=-1), 1)
    assert model.count_params() == weights


def test_saved_and_exported_models_agree(case, tmp_path):
    model, x, *_ = case
    carried = with_recipe(model, RECIPE)
    carried.save(tmp_path / "model.keras")
    carried.export(tmp_path / "saved_model", verbose=False)
    exported = tf.saved_model.load(tmp_path / "saved_model")
    reloaded = load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(reloaded(x), model(x), atol=1e-6)
    np.testing.assert_allclose(exported.serve(x), model(x), atol=1e-5)
    assert recipe_of(reloaded) == RECIPE


def test_every_weight_learns(case):
    model, x, *_ = case
    copy = keras.models.clone_model(model)
    before = [w.numpy() for w in copy.trainable_weights]
    copy.compile("adam", loss="mse")
    copy.fit(x, np.random.default_rng(1).normal(size=model(x).shape), verbose=0)
    after = copy.trainable_weights
    convolutions = [layer for layer in copy.layers[:-1] if "conv" in layer.name]
    bias = [layer.bias.path for layer in convolutions if layer.bias is not None]
    stuck = [w.path for w, b in zip(after, before, strict=True) if np.array_equal(w, b)]
    assert set(stuck) <= set(bias)  # a norm behind a convolution takes its bias away


def test_the_same_seed_builds_the_same_model():
    models = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        models.append(MODELS["patch"][0]().get_weights()[0])
    assert (models[0] == models[1]).all()
    assert (models[0] != models[2]).any()


def test_a_recipe_shares_the_weights_of_its_model(case):
    model, x, *_ = case
    carried = with_recipe(model, RECIPE)
    assert all(a is b for a, b in zip(carried.weights, model.weights, strict=True))
    np.testing.assert_array_equal(carried(x), model(x))
    assert recipe_of(carried) == RECIPE


def test_a_model_without_a_recipe_is_refused():
    model = patch_classifier((3, 3, 1), classes=2, layout="c", filters=(2,))
    with pytest.raises(ValueError, match=r"as `tfseis JOB train` saves it; .*with_recipe\("):
        recipe_of(model)


def test_dense_pooling_by_hand_and_through_its_configuration():
    row = np.array([3, 1, 4, 1, 5, 9, 2], "float32").reshape(1, 7, 1)
    layer = DenseMaxPooling(2, dilation=3, name="pool")
    assert np.ravel(layer(row)).tolist() == [3, 5, 9, 2]
    again = DenseMaxPooling.from_config(layer.get_config())
    assert np.ravel(again(row)).tolist() == [3, 5, 9, 2]
    assert np.ravel(DenseMaxPooling(3, dilation=1)(row)).tolist() == [4, 4, 5, 9, 9]
