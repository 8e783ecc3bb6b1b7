"""A U-Net over whole sections: what lies around them, and what is cut off again."""

import keras
import numpy as np
import pytest

from tfseis.data import Scaling
from tfseis.io import open_segy
from tfseis.jobs.facies import classifier as facies
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.recipe import EVERY_SAMPLE, HALO, FaciesRecipe
from tfseis.models import unet, with_recipe

SCALING = Scaling(300.0, 200.0)
WHOLE = (slice(None),) * 3


def built(network, shape, filters):
    keras.utils.set_random_seed(3)
    recipe = FaciesRecipe(
        network=network,
        axes=len(shape) - 1,
        answers=EVERY_SAMPLE,
        **({"multiple": 1, "halo": HALO} if len(shape) == 3 else {}),
        crop_size=16,
        channels="amplitude",
        axis=0,
        codes=(4, 7, 9),
        names=("a", "b", "c"),
        colours=("#000000",) * 3,
        scaling=SCALING.as_dict(),
        grid={},
        seed=0,
        version="test",
    )
    return with_recipe(unet(shape, classes=3, filters=filters), recipe)


@pytest.fixture(scope="module")
def model():
    return built("unet", (None, None, 1), (2, 3, 4))


@pytest.fixture(scope="module", params=[3, 5])
def stacked(request):
    """A 2.5D network."""
    return built("unet25", (None, None, request.param), (2, 3, 4))


@pytest.fixture(scope="module", params=[(2, 3), (2, 3, 4)], ids=str)
def solid(request):
    """A 3D network."""
    return built("unet3d", (None, None, None, 1), request.param)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_equals_the_network_on_each_reflected_section(model, survey, axis):
    """Sections of 7 x 8 x 9: every size needs padding up to the poolings' factor of 4."""
    with open_segy(survey) as cube:
        values, live = cube.read(WHOLE)
        found = DenseClassifier(model, axis).predict(cube, WHOLE, SCALING)
    scaled = np.moveaxis(SCALING.apply(values, live), axis, 0)
    for index, section in enumerate(scaled):
        around = np.pad(section, HALO, mode="symmetric")
        full = np.pad(around, [(0, -n % 4) for n in around.shape], mode="symmetric")
        logits = model(full[np.newaxis, ..., np.newaxis]).numpy()[0]
        inside = logits[HALO:, HALO:][: section.shape[0], : section.shape[1]]
        expect(found, axis, index, inside)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_in_25d_equals_the_network_on_each_section_with_its_reflected_neighbours(
    stacked, make, ragged, axis
):
    beside = stacked.input_shape[-1] // 2
    with open_segy(make(live=ragged)) as cube:
        values, live = cube.read(WHOLE)
        found = DenseClassifier(stacked, axis).predict(cube, WHOLE, SCALING)
    scaled = np.moveaxis(SCALING.apply(values, live), axis, 0)
    margins = [(beside, beside), (HALO, HALO), (HALO, HALO)]
    around = np.pad(scaled, margins, mode="symmetric")
    full = np.pad(around, [(0, 0), *[(0, -n % 4) for n in around.shape[1:]]], mode="symmetric")
    for index, section in enumerate(scaled):
        seen = np.moveaxis(full[index : index + 2 * beside + 1], 0, -1)
        logits = stacked(seen[np.newaxis]).numpy()[0, HALO:, HALO:]
        expect(found, axis, index, logits[: section.shape[0], : section.shape[1]])


def expect(found, axis, index, logits):
    """A section of a prediction follows from logits (rows, columns, classes)."""
    probability = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    parts = (found.live, found.confidence, found.classes)
    there, confidence, classes = (np.moveaxis(part, axis, 0)[index] for part in parts)
    np.testing.assert_allclose(confidence, np.where(there, probability.max(-1), 0), atol=1e-5)
    np.testing.assert_array_equal(classes, np.where(there, probability.argmax(-1), 0))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("some", [slice(2, 5), slice(0, 7, 3)])
def test_in_25d_some_sections_are_as_in_the_whole(stacked, survey, monkeypatch, axis, some):
    parts = [slice(None)] * 3
    parts[axis] = some
    monkeypatch.setattr(facies, "MOST_SAMPLES", 2 * (2 * HALO + 9) ** 2)  # two sections a call
    with open_segy(survey) as cube:
        classifier = DenseClassifier(stacked, axis)
        whole = classifier.predict(cube, WHOLE, SCALING)
        part = classifier.predict(cube, tuple(parts), SCALING)
    np.testing.assert_array_equal(part.classes, whole.classes[tuple(parts)])
    np.testing.assert_allclose(part.confidence, whole.confidence[tuple(parts)], atol=1e-6)


def test_in_3d_equals_the_network_on_the_reflected_cube(solid, make, ragged):
    with open_segy(make(live=ragged)) as cube:
        values, live = cube.read(WHOLE)
        found = DenseClassifier(solid).predict(cube, WHOLE, SCALING)
    full = np.pad(SCALING.apply(values, live), [(40, 49 - n) for n in (7, 8, 9)], mode="symmetric")
    full = np.pad(full, [(0, -n % 4) for n in full.shape], mode="edge")
    logits = solid(full[np.newaxis, ..., np.newaxis]).numpy()[0, 40:47, 40:48, 40:49]
    for index in range(7):
        expect(found, 0, index, logits[index])


@pytest.mark.parametrize("held", [10**7, 1])
@pytest.mark.parametrize(
    "parts",
    [
        (slice(1, 7), slice(3, 8), slice(5, 9)),
        (slice(3, 4), slice(None), slice(None)),
        (slice(1, 7, 2), slice(2, 8, 3), slice(0, 9, 2)),
    ],
    ids=str,
)
def test_in_3d_parts_and_blocks_are_as_in_the_whole(solid, survey, monkeypatch, held, parts):
    """Exactly: margins hold all that counts, and poolings fall on the same samples."""
    with open_segy(survey) as cube:
        classifier = DenseClassifier(solid)
        whole = classifier.predict(cube, WHOLE, SCALING)
        monkeypatch.setattr(facies, "MOST_IN_BLOCK", held)
        part = classifier.predict(cube, parts, SCALING)
    np.testing.assert_array_equal(part.classes, whole.classes[parts])
    np.testing.assert_allclose(part.confidence, whole.confidence[parts], atol=1e-6)


def test_strides_keep_every_other_sample_of_the_whole(model, survey):
    with open_segy(survey) as cube:
        classifier = DenseClassifier(model)
        whole = classifier.predict(cube, WHOLE, SCALING)
        thin = classifier.predict(cube, (slice(1, None, 2),) * 3, SCALING)
    assert thin.classes.shape == (3, 4, 4)
    kept = whole.classes[1::2, :, :]
    assert (thin.live == whole.live[1::2, 1::2, 1::2]).all()
    # rows and columns begin one later, so poolings fall elsewhere: alike, not equal
    assert (thin.classes == kept[:, 1::2, 1::2]).mean() > 0.7
