"""Networks that go to other processes: they answer there by the same library as here."""

import pickle
from importlib.util import find_spec

import keras
import numpy as np
import pytest

from tfseis.inference.quantization import eight_bits
from tfseis.inference.runtime import Runtime
from tfseis.models import unet3d

needs_openvino = pytest.mark.skipif(not find_spec("openvino"), reason="OpenVINO")
BACKENDS = ["keras", pytest.param("openvino", marks=needs_openvino)]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return unet3d(filters=(2, 3))


@pytest.fixture(scope="module")
def batch():
    return np.random.default_rng(0).normal(size=(1, 8, 8, 8, 1)).astype("float32")


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_answers_by_the_same_library(model, batch, backend):
    here = Runtime(model, backend)
    there = pickle.loads(pickle.dumps(here))
    assert there.backend == backend
    np.testing.assert_array_equal(there(batch), here(batch))


def test_what_was_chosen_stays_chosen(model, batch):
    here = Runtime(model, "auto")
    here.settle(batch)
    there = pickle.loads(pickle.dumps(here))
    assert there.backend == here.backend
    assert there._reference is None
    np.testing.assert_array_equal(there(batch), here(batch))


@needs_openvino
def test_weights_of_8_bits_go_along(model, batch):
    pytest.importorskip("nncf")
    here = Runtime(eight_bits(model, [batch, batch]), "openvino")
    there = pickle.loads(pickle.dumps(here))
    assert there.precision == here.precision == "int8"
    np.testing.assert_array_equal(there(batch), here(batch))
