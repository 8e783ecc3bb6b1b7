import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.models import light_unet


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return light_unet((None, None, 3), supervised=True)


def test_it_is_light(network):
    assert 5e5 < network.count_params() < 2e6


def test_outputs_of_training(network):
    found = network(np.zeros((2, 32, 48, 3), "float32"))
    shapes = {name: tuple(of.shape) for name, of in found.items()}
    assert shapes == {"mask": (2, 32, 48, 1), "salt": (2, 1), "deep": (2, 16, 24, 3)}
    assert {of.dtype for of in found.values()} == {keras.ops.zeros(1, "float32").dtype}


def test_every_weight_learns(network):
    copy = keras.models.clone_model(network)
    before = [weight.numpy() for weight in copy.trainable_weights]
    copy.compile("adam", loss={name: "mse" for name in copy.output})
    x = np.random.default_rng(0).random((4, 32, 32, 3), "float32")
    truth = {"mask": x[..., :1], "salt": x[:, 0, 0, :1], "deep": x[:, ::2, ::2]}
    copy.train_on_batch(x, truth)
    stuck = [
        w.path for w, b in zip(copy.trainable_weights, before, strict=True) if np.array_equal(w, b)
    ]
    assert stuck == []


def test_every_pixel_hears_of_the_whole_image(network):
    image = np.random.default_rng(0).random((1, 64, 64, 3), "float32")
    other = image.copy()
    other[:, 60:, 60:] += 1
    found = [np.asarray(network(of)["mask"]) for of in (image, other)]
    assert np.abs(found[0] - found[1])[:, :4, :4].max() > 0


def test_axes_that_do_not_survive_are_refused():
    with pytest.raises(ModelError, match=r"multiples of 16; got 101\. Pad to 112"):
        light_unet((101, 112, 1))
    with pytest.raises(ModelError, match="two or more positive widths"):
        light_unet((112, 112, 1), filters=(8,))
