import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.inference import equivariant_predict, phases
from tfseis.models import micro, vanilla
from tfseis.models.azimuth.layers import ZERO
from tfseis.models.azimuth.networks import flexible


@pytest.mark.parametrize(
    "build, columns, count",
    [(micro, 36, 4), (flexible, 36, 4), (flexible, 20, 4), (flexible, 9, 1), (vanilla, 7, 1)],
)
def test_rolled_in_is_rolled_out_whatever_the_roll(build, columns, count):
    keras.utils.set_random_seed(3)
    model = build((16, columns, 1), **({"filters": (3,)} if build is vanilla else {"width": 2}))
    x = np.random.default_rng(3).normal(size=(3, 16, columns, 1)).astype("float32")
    y = equivariant_predict(model, x, batch_size=2)
    assert phases(model, columns) == count
    for shift in sorted({*range(1, min(count + 2, columns)), columns // 2, columns - 1}):
        rolled = equivariant_predict(model, np.roll(x, shift, axis=2))
        np.testing.assert_allclose(rolled, np.roll(y, shift, axis=2), atol=1e-5)


def test_zeros_beyond_the_seam_do_not_roll():
    model = micro((16, 36, 1), padding=ZERO)
    x = np.random.default_rng(3).normal(size=(1, 16, 36, 1)).astype("float32")
    y = equivariant_predict(model, x)
    rolled = equivariant_predict(model, np.roll(x, 18, axis=2))
    assert np.abs(rolled - np.roll(y, 18, axis=2)).max() > 1e-3


def test_images_without_channels_are_refused():
    with pytest.raises(
        ModelError, match=r"\(images, rows, columns, channels\); got shape \(4, 4\)"
    ):
        equivariant_predict(micro(), np.zeros((4, 4)))
