"""Linear interpolation of images of any size, beside that of Keras for sizes that are known."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfseis.learning import load_model
from tfseis.learning.saving import as_model
from tfseis.models import light_unet
from tfseis.models.receptive import receptive_field
from tfseis.models.sections.upsampling import LinearUpsampling2D, with_linear_upsampling

SHAPES = [(1, 1), (1, 7), (5, 1), (6, 9)]


def noise(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, (2, 5)])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_gives_what_keras_gives(size, shape):
    image = noise(2, *shape, 3)
    expected = layers.UpSampling2D(size, interpolation="bilinear")(image)
    np.testing.assert_allclose(LinearUpsampling2D(size)(image), expected, atol=1e-6)


def test_by_hand():
    row = np.array([0, 4, 8], "float32").reshape(1, 1, 3, 1)
    found = np.asarray(LinearUpsampling2D((1, 2))(row))
    assert found.ravel().tolist() == [0, 1, 3, 5, 7, 8]


def test_channels_may_come_first():
    image = noise(2, 3, 4, 5)
    layer = LinearUpsampling2D((2, 3), data_format="channels_first")
    expected = LinearUpsampling2D((2, 3))(image.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(layer(image), np.transpose(expected, (0, 3, 1, 2)), atol=1e-6)
    assert layer.compute_output_shape((None, 3, None, 5)) == (None, 3, None, 15)


def test_sizes_that_a_graph_does_not_know():
    layer = LinearUpsampling2D(4)
    graph = tf.function(layer, input_signature=[tf.TensorSpec([None, None, None, 2])])
    for shape in SHAPES:
        image = noise(3, *shape, 2)
        found = graph(image)
        assert found.shape[-1] == 2
        np.testing.assert_allclose(found, layer(image), atol=1e-6)


def test_its_configuration_and_its_view():
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, LinearUpsampling2D(4, name="large")(inputs))
    again = keras.Model.from_config(model.get_config())
    layer = again.get_layer("large")
    assert type(layer) is LinearUpsampling2D
    assert layer.size == (4, 4)
    theirs = keras.Model(inputs, layers.UpSampling2D(4, interpolation="bilinear")(inputs))
    assert receptive_field(model) == receptive_field(theirs)


def keras_upsampled(depth):
    """A network as tfseis 0.2.0 saved them: layers of Keras, inside another network at depth 1."""
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(2, 3, padding="same", name="first")(inputs)
    x = layers.UpSampling2D(4, interpolation="bilinear", name="up")(x)
    model = keras.Model(inputs, layers.Conv2D(1, 3, padding="same", name="last")(x))
    outer = keras.Input((None, None, 1))
    return keras.Model(outer, model(outer)) if depth else model


@pytest.mark.parametrize("depth", [0, 1])
def test_models_that_hold_the_layer_of_keras_load_and_take_any_size(tmp_path, depth):
    model = keras_upsampled(depth)
    model.compile("adam", loss="mse", run_eagerly=True)
    small = noise(1, 6, 7, 1)
    model.train_on_batch(small, noise(1, 24, 28, 1))
    expected = np.asarray(model(small))
    model.save(tmp_path / "old.keras")
    loaded = load_model(tmp_path / "old.keras")
    np.testing.assert_allclose(loaded(small), expected, atol=1e-6)
    assert [loaded.predict(noise(1, n, 9, 1), verbose=0).shape for n in (6, 11)] == [
        (1, 24, 36, 1),
        (1, 44, 36, 1),
    ]
    assert loaded.optimizer is not None
    loaded.save(tmp_path / "new.keras")
    np.testing.assert_allclose(load_model(tmp_path / "new.keras")(small), expected, atol=1e-6)


def test_a_model_in_memory_is_changed_too_and_others_are_left():
    inner = keras_upsampled(0)
    assert type(as_model(inner).get_layer("up")) is LinearUpsampling2D
    inputs = keras.Input((None, None, 1))
    other = keras.Model(inputs, layers.UpSampling2D(2, name="up")(inputs))
    assert type(with_linear_upsampling(other).get_layer("up")) is layers.UpSampling2D


def test_the_light_network_predicts_images_of_several_sizes():
    model = light_unet((None, None, 1), filters=(4, 6))
    for rows, columns in ((32, 48), (64, 16)):
        image = noise(1, rows, columns, 1)
        found = model.predict(image, verbose=0)
        np.testing.assert_allclose(found, model(image, training=False), atol=1e-5)
