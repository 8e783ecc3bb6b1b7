import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes import BoreholeSettings, apply_boreholes
from tfseis.jobs.boreholes.computing import predicted
from tfseis.jobs.boreholes.pipeline import build
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


def test_windows_of_a_well_are_of_one_size_and_any_function_may_compute():
    """OpenVINO is compiled for each size."""
    model, sizes = micro(), set()

    def compute(batch):
        sizes.add(batch.shape)
        return model(batch)

    image = np.random.default_rng(0).normal(size=(107, 36)).astype("float32")
    found = predict_well(model, image, window=24, compute=compute)
    assert len(sizes) == 1
    np.testing.assert_array_equal(found, predict_well(model, image, window=24))


def patches_of(count=6, rows=30):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(count, rows, 36)).astype("float32")
    valid = np.ones(images.shape, bool)
    valid[0] = False
    wells = np.repeat([1, 2], count // 2)
    numbers = np.tile(np.arange(count // 2), 2)
    return Patches(images, valid, wells, numbers, masks=None, counts={})


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    return build(BoreholeSettings(network="micro"), 36)


@pytest.mark.parametrize("wells", [False, True])
def test_openvino_marks_as_tensorflow_does(trained, wells):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    patches = patches_of()
    expected, by_keras = predicted(trained, patches, wells, backend="keras", progress=False)
    found, computed = predicted(trained, patches, wells, backend="openvino", progress=False)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert (by_keras.backend, computed.backend) == ("keras", "openvino")
    assert computed.facts()["precision"] == "float32"


def test_a_few_patches_are_left_to_tensorflow_and_precision_is_refused_at_once(trained, tmp_path):
    found, computed = predicted(trained, patches_of(), wells=False, progress=False)
    assert (computed.backend, computed.precision.precision) == ("keras", "float32")
    assert found.shape == (6, 30, 36)
    with pytest.raises(ModelError, match="among auto, float32, bfloat16, int8; got 'half'"):
        apply_boreholes(trained, tmp_path / "none", tmp_path / "out", precision="half")
    with pytest.raises(ModelError, match="among auto, keras, openvino; got 'tpu'"):
        apply_boreholes(trained, tmp_path / "none", tmp_path / "out", backend="tpu")


@pytest.mark.parametrize("same", [True, False])
def test_int8_is_certified_on_the_patches_or_refused(trained, same, monkeypatch):
    """One patch was not measured, and is neither measured on nor compared."""
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    seen = []

    def eight_bits(model, inputs):
        seen.extend(inputs)
        other = keras.models.clone_model(model)
        if same:
            other.set_weights(model.get_weights())
        return other

    monkeypatch.setattr("tfseis.inference.precision.eight_bits", eight_bits)
    options = {"backend": "openvino", "precision": "int8", "progress": False}
    if same:
        found, computed = predicted(trained, patches_of(), False, **options)
        assert computed.facts()["precision_iou"] == 1
        assert found.shape == (6, 30, 36)
    else:
        with pytest.raises(ModelError, match="int8 to agree with float32"):
            predicted(trained, patches_of(), False, **options)
    assert {x.shape for x in seen} == {(1, 32, 36, 1)}
    assert len(seen) == 2
