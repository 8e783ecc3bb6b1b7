"""A U-Net over whole sections: what lies around them, and what is cut off again."""

import keras
import numpy as np
import pytest

from tfseis.data import Scaling
from tfseis.inference import DenseClassifier
from tfseis.inference.facies import MARGIN
from tfseis.io import open_segy
from tfseis.models import FaciesRecipe, unet, with_recipe

SCALING = Scaling(300.0, 200.0)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    network = unet((None, None, 1), classes=3, filters=(2, 3, 4))
    recipe = FaciesRecipe(
        network="unet", crop_size=16, channels="amplitude", axis=0, codes=(4, 7, 9),
        names=("a", "b", "c"), colours=("#000000",) * 3, scaling=SCALING.as_dict(), grid={},
        seed=0, version="test",
    )  # fmt: skip
    return with_recipe(network, recipe)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_equals_the_network_on_each_reflected_section(model, survey, axis):
    """Sections of 7 x 8 x 9: every size needs padding up to the poolings' factor of 4."""
    with open_segy(survey) as cube:
        values, live = cube.read((slice(None),) * 3)
        found = DenseClassifier(model, axis).predict(cube, (slice(None),) * 3, SCALING)
    scaled = np.moveaxis(SCALING.apply(values, live), axis, 0)
    for index, section in enumerate(scaled):
        around = np.pad(section, MARGIN, mode="symmetric")
        full = np.pad(around, [(0, -n % 4) for n in around.shape], mode="symmetric")
        logits = model(full[np.newaxis, ..., np.newaxis]).numpy()[0]
        inside = logits[MARGIN:, MARGIN:][: section.shape[0], : section.shape[1]]
        probability = keras.ops.convert_to_numpy(keras.ops.softmax(inside))
        there = np.moveaxis(found.live, axis, 0)[index]
        confidence = np.moveaxis(found.confidence, axis, 0)[index]
        classes = np.moveaxis(found.classes, axis, 0)[index]
        np.testing.assert_allclose(confidence, np.where(there, probability.max(-1), 0), atol=1e-5)
        np.testing.assert_array_equal(classes, np.where(there, probability.argmax(-1), 0))


def test_strides_keep_every_other_sample_of_the_whole(model, survey):
    with open_segy(survey) as cube:
        classifier = DenseClassifier(model)
        whole = classifier.predict(cube, (slice(None),) * 3, SCALING)
        thin = classifier.predict(cube, (slice(1, None, 2),) * 3, SCALING)
    assert thin.classes.shape == (3, 4, 4)
    kept = whole.classes[1::2, :, :]
    assert (thin.live == whole.live[1::2, 1::2, 1::2]).all()
    # rows and columns begin one later, so poolings fall elsewhere: alike, not equal
    assert (thin.classes == kept[:, 1::2, 1::2]).mean() > 0.7
