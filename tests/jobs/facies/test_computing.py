"""Who computes a facies network, and in which precision."""

import pickle
from dataclasses import replace

import keras
import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.errors import ModelError
from tfseis.inference import trial
from tfseis.inference.precision import Computed
from tfseis.io import ArrayCube
from tfseis.jobs.facies import computing
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.computing import choose_computing, windows_of
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.models import patch_classifier, unet
from tfseis.models.recipe import with_recipe

SCALING = Scaling(0.0, 1.0)
SHAPE = (5, 13, 14)
WHOLE = (slice(0, 5), slice(0, 13), slice(0, 14))
RECIPE = FaciesRecipe(
    network="own",
    axes=2,
    answers="every sample",
    sections=1,
    crop_size=4,
    channels="amplitude",
    axis=0,
    codes=(0, 1, 2),
    names=("a", "b", "c"),
    colours=("#000000",) * 3,
    scaling=SCALING.as_dict(),
    grid={},
    seed=0,
    version="0",
)
MIDDLE = {"answers": "middle of a crop"}


@pytest.fixture(scope="module")
def cube():
    """One crossline is dead."""
    values = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    values[:, 7] = 0
    live = np.ones(SHAPE[:2], bool)
    live[:, 7] = False
    return ArrayCube(values, live=live)


def classifier(kind, axis=0, **options):
    keras.utils.set_random_seed(1)
    if kind == "patch":
        recipe = replace(RECIPE, **MIDDLE, channels="neighbours")
        model = patch_classifier((4, 4, 5), classes=3, layout="cn", filters=(4,))
    else:
        shape = {"sections": (None, None, 1), "stacked": (None, None, 3)}.get(
            kind, (None,) * 3 + (1,)
        )
        model = unet(shape, classes=3, filters=(2, 3))
        more = {"stacked": {"sections": 3}, "blocks": {"axes": 3}}.get(kind, {})
        recipe = replace(RECIPE, **more)
    rng = np.random.default_rng(2)
    model.set_weights([np.abs(w) + rng.normal(0, 0.2, w.shape) for w in model.get_weights()])
    return DenseClassifier(with_recipe(model, recipe), axis, **options)


@pytest.mark.parametrize(
    "kind, axis", [("sections", 0), ("sections", 2), ("stacked", 1), ("blocks", 0), ("patch", 1)]
)
def test_windows_show_what_the_prediction_sees(cube, monkeypatch, kind, axis):
    """Classes in the live part of a window are those of the whole prediction, in its order."""
    monkeypatch.setattr(computing, "SIDES", {True: 6, False: 6})
    one = classifier(kind, axis)
    predicted = one.predict(cube, WHOLE, SCALING)
    windows = windows_of(one, cube, WHOLE, SCALING)
    assert windows.count() == {0: 5 * 3 * 3, 1: 13 * 3, 2: 14 * 3}[axis] if one.flat else 9
    seen = 0
    for number in range(windows.count()):
        inputs, live = windows.read(number)
        logits = one.runtime(inputs[np.newaxis])[0]
        assert logits.shape[:-1] == live.shape
        found = logits.argmax(axis=-1)[live]
        place = np.unravel_index(number, _counts(one, axis))
        region = tuple(
            slice(int(p) * s, min(int(p) * s + s, n))
            for p, s, n in zip(place, _sizes(one, axis), SHAPE, strict=True)
        )
        expected = predicted.classes[region], predicted.live[region]
        if one.flat:
            expected = tuple(np.moveaxis(part, axis, 0) for part in expected)
        np.testing.assert_array_equal(found, expected[0][expected[1]])
        seen += len(found)
    assert seen == predicted.live.sum()


def _sizes(one, axis):
    return [1 if one.flat and a == axis else 6 for a in range(3)]


def _counts(one, axis):
    return [-(-n // size) for n, size in zip(SHAPE, _sizes(one, axis), strict=True)]


def test_openvino_classifies_as_tensorflow_does_and_elsewhere_too(cube):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    one = classifier("sections")
    expected = one.predict(cube, WHOLE, SCALING)
    chosen = choose_computing(one, cube, WHOLE, SCALING, backend="openvino", progress=False)
    found = one.predict(cube, WHOLE, SCALING)
    computed = Computed.by([one.runtime], chosen)
    assert computed.facts()["backend"] == "openvino"
    assert computed.text().startswith("computed by openvino in float32 (")
    np.testing.assert_array_equal(found.classes, expected.classes)
    np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-5)
    there = pickle.loads(pickle.dumps(one))
    assert there.runtime.backend == "openvino"
    np.testing.assert_array_equal(there.predict(cube, WHOLE, SCALING).confidence, found.confidence)


def test_little_work_stays_with_tensorflow(cube):
    one = classifier("sections")
    chosen = choose_computing(one, cube, WHOLE, SCALING, progress=False)
    told = Computed.by([one.runtime], chosen).facts()
    assert told["backend"] == "keras"
    assert told["precision"] == "float32"


def test_the_trial_decides_before_anything_is_predicted(cube, monkeypatch):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    monkeypatch.setattr(trial, "LONG", 0.0)
    monkeypatch.setattr(
        trial, "_seconds", lambda forward, part: 1.0 if "size" in forward.__name__ else 2.0
    )
    one = classifier("sections")
    choose_computing(one, cube, WHOLE, SCALING, progress=False)
    assert one.runtime.backend == "openvino"
    assert "2.00 times as fast as TensorFlow" in one.runtime.reason


def by_sign(weight, bias):
    """Classes 0 and 1 by the sign of the amplitude, or one of them everywhere."""
    inputs = keras.Input((None, None, 1))
    logits = keras.layers.Conv2D(3, 1, name="logits")(inputs)
    model = with_recipe(keras.Model(inputs, logits), RECIPE)
    weights = np.reshape([weight, -weight, 0.0], (1, 1, 1, 3)), np.array([bias, 0.0, -90.0])
    model.get_layer("logits").set_weights(weights)
    return DenseClassifier(model)


def test_int8_is_refused_where_classes_differ(cube, monkeypatch):
    """The largest amplitudes are 9: the 256 steps of 8 bits leave no sign to those below 0.03."""
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    monkeypatch.setattr(computing, "SIDES", {True: 6, False: 6})
    values = cube.read(WHOLE)[0]
    amplitude = np.where(np.abs(values) > 1.5, 9.0, 0.02) * np.sign(values)
    small = ArrayCube(amplitude.astype("float32"), live=np.asarray(cube.live))
    with pytest.raises(ModelError, match=r"to agree with .*the same class at 99%.*; got the same"):
        choose_computing(
            by_sign(1.0, 0.0),
            small,
            WHOLE,
            SCALING,
            backend="openvino",
            precision="int8",
            progress=False,
        )


def test_int8_is_taken_where_classes_are_the_same(cube, monkeypatch):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    monkeypatch.setattr(computing, "SIDES", {True: 6, False: 6})
    one = by_sign(0.0, 9.0)
    chosen = choose_computing(
        one, cube, WHOLE, SCALING, backend="openvino", precision="int8", progress=False
    )
    assert (chosen.precision, one.runtime.precision) == ("int8", "int8")
    assert chosen.facts()["precision_same"] == 1
    assert (one.predict(cube, WHOLE, SCALING).classes == 0).all()


def test_unknown_names_are_refused(cube):
    one = classifier("sections")
    with pytest.raises(ModelError, match="among auto, keras, openvino; got 'onnx'"):
        choose_computing(one, cube, WHOLE, SCALING, backend="onnx")
    with pytest.raises(ModelError, match="among auto, float32, bfloat16, int8; got 'half'"):
        choose_computing(one, cube, WHOLE, SCALING, precision="half")
    with pytest.raises(ModelError, match="Expected OpenVINO for --precision int8"):
        choose_computing(one, cube, WHOLE, SCALING, backend="keras", precision="int8")
