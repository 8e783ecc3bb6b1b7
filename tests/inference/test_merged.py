"""Doubling and convolution in one step give what they gave in two."""

import keras
import numpy as np
import pytest
from keras import layers

from tfseis.inference.merged import merged
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import attention_unet3d, recurrent_unet3d, unet3d, unet_res1, with_recipe

BUILDERS = [unet3d, unet_res1, attention_unet3d, recurrent_unet3d]
RECIPE = FaultRecipe(
    network="", crop_size=8, window=8, overlap=2, threshold=0.5, scaling={}, seed=0, version="0"
)


def doublings(model):
    return sum(isinstance(layer, layers.Conv3DTranspose) for layer in model.layers)


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_the_same_logits_with_less_work(build):
    model = with_recipe(build(filters=(3, 4, 5)), RECIPE)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    batch = rng.normal(size=(2, 8, 12, 16, 1)).astype("float32")
    expected = np.asarray(model(batch))
    assert expected.std() > 0.01
    largest = np.abs(expected).max()
    for shape in (batch.shape, (None, None, None, None, 1)):
        twin = merged(model, shape)
        assert doublings(twin) == 2
        np.testing.assert_allclose(twin(batch) / largest, expected / largest, atol=1e-5)


def test_a_model_of_another_session_keeps_its_names():
    """Keras counts names from the start again, and those of the model are taken."""
    keras.backend.clear_session()
    model = with_recipe(recurrent_unet3d(filters=(3, 4)), RECIPE)
    keras.backend.clear_session()
    batch = np.random.default_rng(0).normal(size=(1, 8, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(merged(model, batch.shape)(batch), model(batch), atol=1e-4)


def test_what_is_cut_to_an_odd_size_stays_as_it_is():
    model = unet3d(filters=(3, 4, 5))
    batch = np.random.default_rng(0).normal(size=(1, 9, 10, 11, 1)).astype("float32")
    twin = merged(model, batch.shape)
    assert doublings(twin) == 0
    np.testing.assert_allclose(twin(batch), model(batch), atol=1e-5)
