"""Networks that take multiples of their stride only, on inputs of any size."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfseis.inference import any_size
from tfseis.inference.any_size import of_any_size
from tfseis.models import gather_unet, unet, unet3d


def doubled():
    """Pools and doubles, so that an odd axis loses a sample."""
    inputs = keras.Input((None, None, 1))
    x = layers.UpSampling2D(2)(layers.MaxPooling2D(2)(inputs))
    return keras.Model(inputs, layers.Conv2D(1, 3, padding="same")(x))


@pytest.mark.parametrize(
    "build", [lambda: unet((None, None, 1), classes=2, filters=(2, 3, 3)), doubled]
)
@pytest.mark.parametrize("shape", [(7, 10), (3, 1), (8, 12)])
def test_an_end_is_continued_by_its_mirror_image_and_cut_off(build, shape):
    keras.utils.set_random_seed(0)
    model = build()
    x = np.random.default_rng(0).normal(size=(2, *shape, 1)).astype("float32")
    traced = tf.function(of_any_size(model), input_signature=[tf.TensorSpec((None,) * 3 + (1,))])
    multiple = 4 if model.name == "unet" else 2
    margins = [(0, 0), *((0, -size % multiple) for size in shape), (0, 0)]
    expected = np.asarray(model(np.pad(x, margins, "symmetric")))
    np.testing.assert_allclose(traced(x), expected[:, : shape[0], : shape[1]], atol=1e-6)


@pytest.mark.parametrize(
    "model, shape",
    [
        (unet3d(filters=(2, 3)), (1, 5, 6, 7, 1)),
        (gather_unet((None, None, 1), filters=(2, 3)), (1, 5, 7, 1)),
    ],
    ids=["cubes", "gathers"],
)
def test_networks_of_any_size_are_left_as_they_are(model, shape, monkeypatch):
    monkeypatch.setattr(any_size, "_lengthened", None)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    np.testing.assert_array_equal(of_any_size(model)(x), model(x))
