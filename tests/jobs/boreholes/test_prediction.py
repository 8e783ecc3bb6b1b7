import keras
import numpy as np
import pytest

from tfseis.jobs.boreholes.prediction import predict_patches, predict_well
from tfseis.models import flexible, micro, vanilla
from tfseis.models.azimuth.layers import ZERO


@pytest.mark.parametrize(
    "build, words",
    [
        (micro, {}),
        (flexible, {"width": 2}),
        (vanilla, {"filters": (3, 4)}),
        (micro, {"padding": ZERO}),
    ],
    ids=["micro", "flexible", "vanilla", "zero"],
)
@pytest.mark.parametrize("rows, window", [(149, 40), (30, 400)])
def test_windows_along_a_well_join_without_a_seam(build, words, rows, window):
    keras.utils.set_random_seed(0)
    model = build(**words)
    image = np.random.default_rng(0).normal(size=(rows, 36)).astype("float32")
    whole = predict_patches(model, image[np.newaxis, ..., np.newaxis])[0]
    joined = predict_well(model, image, window=window)
    np.testing.assert_allclose(joined, whole, atol=1e-5)
    assert joined.shape == image.shape


def test_a_well_rolls_with_its_image():
    model = micro()
    image = np.random.default_rng(0).normal(size=(60, 36)).astype("float32")
    rolled = predict_well(model, np.roll(image, 7, axis=1), window=20)
    np.testing.assert_allclose(rolled, np.roll(predict_well(model, image), 7, axis=1), atol=1e-5)


def test_patches_of_any_depth():
    """36 rows are no multiple of 8: they are lengthened, predicted and cut."""
    images = np.random.default_rng(0).normal(size=(3, 36, 36, 1)).astype("float32")
    probability = predict_patches(flexible(width=2), images)
    assert probability.shape == (3, 36, 36)
    assert 0 < probability.min() < probability.max() < 1
