"""Sequential models enter wherever functional models do, and give the same answers there."""

import keras
import numpy as np
import pytest
from keras import layers

from tfseis.errors import ModelError
from tfseis.export import export_model
from tfseis.inference.dense import dense_model
from tfseis.inference.merged import merged
from tfseis.inference.runtime import Runtime
from tfseis.inference.summary import summary
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.learning.saving import as_model, load_model
from tfseis.models import multiply_adds, receptive_field, recipe_of, with_recipe
from tfseis.models.functional import functional

RECIPE = FaultRecipe(
    network="tests:own",
    crop_size=8,
    window=8,
    overlap=4,
    threshold=0.5,
    scaling={},
    seed=0,
    version="0",
)
BATCH = np.random.default_rng(0).normal(size=(2, 8, 6, 10, 1)).astype("float32")


def grown():
    """A network over cubes, layer by layer; each `add` calls all earlier layers again."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(name="own")
    model.add(keras.Input((None, None, None, 1)))
    model.add(layers.Conv3D(3, 3, padding="same", activation="relu"))
    model.add(layers.MaxPooling3D(2))
    model.add(layers.UpSampling3D(2))
    model.add(layers.Conv3D(1, 3, padding="same"))
    return model


def classifier():
    """A patch classifier, layer by layer."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential()
    for layer in (
        keras.Input((7, 7, 2)),
        layers.Conv2D(3, 3),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(4),
    ):
        model.add(layer)
    return model


def test_layers_and_weights_are_shared():
    model = grown()
    found = functional(model)
    assert functional(found) is found
    assert [layer for layer in found.layers if layer not in model.layers] == [found.layers[0]]
    assert (found.name, found.count_params()) == ("own", 3 * 27 + 3 + 3 * 27 + 1)
    np.testing.assert_array_equal(found(BATCH), model(BATCH))


def test_fields_and_costs_are_those_of_the_functional_twin():
    model = grown()
    field = receptive_field(model)
    assert field == receptive_field(functional(model))
    assert (field.smallest, field.largest, field.stride) == ((6,) * 3, (6,) * 3, (2,) * 3)
    assert multiply_adds(model, (4, 4, 4, 1)) == 64 * (27 * 3 + 27 * 3)


def test_a_sequential_model_carries_a_recipe_through_a_file(tmp_path):
    model = with_recipe(grown(), RECIPE)
    model.save(tmp_path / "own.keras")
    loaded = load_model(tmp_path / "own.keras")
    assert recipe_of(loaded) == RECIPE
    np.testing.assert_allclose(loaded(BATCH), grown()(BATCH), atol=1e-6)
    grown().save(tmp_path / "plain.keras")  # a file may hold a sequential model, too
    assert isinstance(load_model(tmp_path / "plain.keras"), keras.Sequential)
    np.testing.assert_allclose(as_model(tmp_path / "plain.keras")(BATCH), loaded(BATCH), atol=1e-6)


def test_a_recipe_is_replaced_by_a_new_one():
    model = with_recipe(with_recipe(grown(), RECIPE), FaultRecipe(**{**vars(RECIPE), "seed": 5}))
    assert recipe_of(model).seed == 5
    assert sum(layer.name == "recipe" for layer in model.layers) == 1
    np.testing.assert_array_equal(model(BATCH), grown()(BATCH))


@pytest.mark.parametrize("outputs", [list, dict])
def test_several_inputs_and_outputs_stay_what_they_are(outputs, tmp_path):
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    both = layers.Add()([first, second]), layers.Subtract()([first, second])
    made = list(both) if outputs is list else dict(zip(("sum", "rest"), both, strict=True))
    model = with_recipe(keras.Model([first, second], made), RECIPE)
    model.save(tmp_path / "both.keras")
    values = np.ones((1, 4), "float32"), np.full((1, 4), 3, "float32")
    found = load_model(tmp_path / "both.keras")(list(values))
    assert isinstance(found, outputs)
    total, rest = found if outputs is list else (found["sum"], found["rest"])
    assert (total.numpy().tolist(), rest.numpy().tolist()) == ([[4.0] * 4], [[-2.0] * 4])


def test_dense_evaluation_of_a_sequential_classifier():
    model = classifier()
    section = np.random.default_rng(1).normal(size=(1, 12, 9, 2)).astype("float32")
    dense = np.asarray(dense_model(model)(section))
    assert dense.shape == (1, 6, 3, 4)
    for row, column in ((0, 0), (5, 2), (3, 1)):
        crop = section[:, row : row + 7, column : column + 7]
        np.testing.assert_allclose(dense[:, row, column], model(crop), atol=1e-5)


@pytest.mark.parametrize("build", [grown, lambda: keras.Sequential([grown()], name="nested")])
def test_engines_take_sequential_and_nested_models(build, tmp_path):
    model = build()
    expected = np.asarray(grown()(BATCH))
    np.testing.assert_allclose(Runtime(model, "keras")(BATCH), expected, atol=1e-5)
    np.testing.assert_allclose(merged(model, BATCH.shape)(BATCH), expected, atol=1e-5)
    assert "receptive field 6 x 6 x 6 samples" in summary(model)
    fault = FaultModel(with_recipe(model, RECIPE), "keras")
    assert (fault.multiple, fault.overlap) == (2, 4)
    np.testing.assert_allclose(fault(BATCH[..., 0]), 1 / (1 + np.exp(-expected)), atol=1e-5)
    served = export_model(with_recipe(model, RECIPE), tmp_path / "saved")
    assert set(served) == {"serve_float32", "serve_float32_scaled"}


def test_models_whose_layers_cannot_be_followed_are_refused():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ModelError, match=r"functional or sequential model; got Subclassed .*Build"):
        receptive_field(Subclassed())
    with pytest.raises(ModelError, match=r"'open' has no input shape\. Begin it with keras\.Input"):
        with_recipe(keras.Sequential([layers.Dense(2)], name="open"), RECIPE)
