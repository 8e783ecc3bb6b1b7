"""Lower precisions: taken where they agree with float32 on the cube at hand, else not."""

from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.errors import MissingPackageError, ModelError
from tfseis.inference import openvino_models, precision
from tfseis.inference.agreement import mask_agreement
from tfseis.inference.cube_windows import Windows
from tfseis.inference.layer_precision import in_precision
from tfseis.inference.numbered import Numbered
from tfseis.inference.precision import computes_bfloat16, lowered, with_precision
from tfseis.inference.runtime import Runtime
from tfseis.inference.window_inputs import WindowInputs
from tfseis.io import ArrayCube
from tfseis.models import unet_res1

BATCH = np.random.default_rng(0).normal(size=(1, 8, 12, 10, 1)).astype("float32")


class Named:
    """Gives amplitudes between 0 and 1 as probabilities, in a lower precision a little more."""

    def __init__(self, more=0.0, backend="openvino", computes="float32"):
        self.runtime = SimpleNamespace(backend=backend, precision=computes)
        self.more, self.added, self.seen, self.measured = more, 0.0, [], None

    def __call__(self, batch):
        self.seen.append(batch)
        return np.clip(batch[..., np.newaxis] + self.added, 0, 1)

    def settle(self, batch):
        """Nothing to choose."""

    def lowered(self, computes, windows=()):
        lower = Named(backend=self.runtime.backend, computes=computes)
        lower.added, lower.measured = self.more, windows
        return lower


@pytest.fixture
def native(monkeypatch):
    """A processor that computes bfloat16, by OpenVINO alone."""
    monkeypatch.setattr(precision, "computes_bfloat16", lambda backend: backend == "openvino")


def windows(length=24):
    """27 windows of 8 samples, of amplitudes from 0 to 1; or fewer."""
    amplitude = np.random.default_rng(0).random((length,) * 3).astype("float32")
    cube = ArrayCube(amplitude)
    over = Windows.over(cube.shape, 8, 0)
    return WindowInputs(cube, over, tuple(slice(0, n) for n in cube.shape), Scaling(0, 1))


def chosen(model, wanted, inputs=None, threshold=0.5):
    models = model if isinstance(model, list) else [model]
    agree = partial(mask_agreement, threshold=threshold)
    return with_precision(models, wanted, inputs or windows(), agree, progress=False)


@pytest.mark.parametrize(
    "more, wanted, computes",
    [
        (0.0, "auto", "bfloat16"),
        (0.001, "auto", "bfloat16"),
        (0.003, "auto", "float32"),  # probabilities differ, masks by 0.6 %
        (0.003, "bfloat16", "bfloat16"),
        (0.0, "bfloat16", "bfloat16"),
        (0.1, "float32", "float32"),
    ],
)
def test_bfloat16_is_taken_where_it_agrees_or_is_asked_for(native, more, wanted, computes):
    model = Named(more)
    (used,), why = chosen(model, wanted)
    assert (used.runtime.precision, why.precision) == (computes, computes)
    assert (used is model) == (computes == "float32")
    if wanted != "float32":
        assert why.agreement.windows == 4
        assert why.agreement.difference == pytest.approx(more, abs=1e-4)
        assert why.agreement.good == (more < 0.002)
        assert len({batch.tobytes() for batch in model.seen}) == 4
    else:
        assert model.seen == []


def test_masks_that_differ_fall_back_though_probabilities_hardly_do(native):
    """Amplitudes of 0.5 and little more: at that threshold 0.001 less is another mask."""
    near = ArrayCube(np.full((24,) * 3, 0.5005, "float32"))
    inputs = WindowInputs(near, windows().windows, windows().parts, Scaling(0, 1))
    (used,), why = chosen(Named(-0.001), "auto", inputs)
    assert (used.runtime.precision, why.agreement.iou) == ("float32", 0)
    assert why.agreement.difference == pytest.approx(0.001, abs=1e-5)
    assert chosen(Named(-0.001), "auto", inputs, 0.6)[1].precision == "bfloat16"


def test_the_mean_of_several_models_is_compared(native):
    (one, two), why = chosen([Named(0.003), Named(-0.003)], "auto")
    assert (one.runtime.precision, two.runtime.precision) == ("bfloat16", "bfloat16")
    assert why.agreement.difference < 1e-4


@pytest.mark.parametrize("length, compared", [(24, 4), (16, 0), (48, 4), (64, 8), (80, 8)])
def test_the_comparison_is_a_small_part_of_the_run(native, length, compared):
    """Of fewer than 24 windows it would take what it saves; above 400 there are 8."""
    model = Named()
    _, why = chosen(model, "auto", windows(length))
    assert len(model.seen) == compared
    assert why.precision == ("bfloat16" if compared else "float32")
    if not compared:
        assert why.reason == "8 windows are too few to gain from bfloat16"
        assert chosen(model, "bfloat16", windows(length))[1].agreement.windows == 4


def test_a_processor_without_bfloat16(monkeypatch):
    monkeypatch.setattr(precision, "computes_bfloat16", lambda backend: False)
    model = Named()
    (used,), why = chosen(model, "auto")
    assert used is model
    assert (why.precision, model.seen) == ("float32", [])
    assert why.reason == "this processor does not compute bfloat16 itself"
    with pytest.raises(ModelError, match=r"slower than float32\. Use --precision auto"):
        chosen(model, "bfloat16")


def test_a_model_that_openvino_computes_wrongly_is_left_in_float32(native):
    """A runtime may leave OpenVINO for TensorFlow where it is settled."""

    class Left(Named):
        def settle(self, batch):
            assert batch.shape == (1, 8, 8, 8)
            self.runtime.backend = "keras"

    assert chosen(Left(), "auto")[1].precision == "float32"
    with pytest.raises(ModelError, match="a processor that computes bfloat16"):
        chosen(Left(), "bfloat16")


def test_int8_is_measured_on_other_windows_than_it_is_compared_on():
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    model = Named()
    (used,), why = chosen(model, "int8")
    assert (why.precision, used.runtime.precision) == ("int8", "int8")
    measured = {batch.tobytes() for batch in used.measured}
    compared = {batch.tobytes() for batch in model.seen}
    assert (len(measured), len(compared), len(measured & compared)) == (4, 4, 0)
    assert {batch.shape for batch in used.measured} == {(1, 8, 8, 8)}
    two = ArrayCube(np.random.default_rng(0).random((16, 8, 8)).astype("float32"))
    parts = slice(0, 16), slice(0, 8), slice(0, 8)
    few = WindowInputs(two, Windows.over(two.shape, 8, 0), parts, Scaling(0, 1))
    assert chosen(Named(), "int8", few)[1].agreement.windows == 1


def test_int8_that_differs_is_refused_with_its_numbers():
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    with pytest.raises(ModelError, match=r"got IoU of masks 0\.8\d+, mean .* 0\.09\d+, windows"):
        chosen(Named(0.1), "int8")
    with pytest.raises(ModelError, match=r"two or more windows with live samples .*; got 1"):
        chosen(Named(), "int8", windows(8))
    with pytest.raises(ModelError, match="Expected OpenVINO for --precision int8"):
        chosen(Named(backend="keras"), "int8")


def test_int8_without_its_package(monkeypatch):
    find = openvino_models.find_spec
    monkeypatch.setattr(
        openvino_models, "find_spec", lambda name: None if name == "nncf" else find(name)
    )
    with pytest.raises(MissingPackageError, match="pip install 'tfseis"):
        chosen(Named(), "int8")


def test_files_of_8_bits_stay_as_they_are(native):
    stored = Named(computes="int8")
    for wanted in ("auto", "int8"):
        (used,), why = chosen(stored, wanted)
        assert (used is stored, why.precision, stored.seen) == (True, "int8", [])
    for models, wanted in (
        ([stored], "float32"),
        ([stored], "bfloat16"),
        ([stored, Named()], "auto"),
    ):
        with pytest.raises(ModelError, match="got the file of one with weights of 8 bits"):
            chosen(models, wanted)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ModelError, match="among auto, float32, bfloat16, int8; got 'half'"):
        chosen(Named(), "half")
    with pytest.raises(ModelError, match="precision float32 or bfloat16; got 'auto'"):
        Runtime(unet_res1(filters=(2, 3)), precision="auto")


def test_what_processors_and_devices_say(monkeypatch):
    found = SimpleNamespace(told=["FP32", "INT8"], gpus=[], capability=(7, 5))
    core = SimpleNamespace(get_property=lambda *_: found.told)
    package = SimpleNamespace(Core=lambda: core)
    monkeypatch.setattr(precision, "required", lambda *_: package)
    config = SimpleNamespace(
        list_physical_devices=lambda kind: found.gpus,
        experimental=SimpleNamespace(
            get_device_details=lambda gpu: {"compute_capability": found.capability}
        ),
    )
    monkeypatch.setattr(precision, "tf", SimpleNamespace(config=config))
    assert (computes_bfloat16("openvino"), computes_bfloat16("keras")) == (False, False)
    found.told, found.gpus = ["BF16", "FP32"], ["GPU"]
    assert (computes_bfloat16("openvino"), computes_bfloat16("keras")) == (True, False)
    found.capability = (9, 0)
    assert computes_bfloat16("keras")


@pytest.fixture(scope="module")
def network():
    """A small network; its weights, biases too, are not 0."""
    made = unet_res1(filters=(2, 3))
    rng = np.random.default_rng(1)
    made.set_weights([rng.normal(0, 0.3, w.shape) for w in made.get_weights()])
    return made


def test_keras_in_bfloat16_gives_float32_logits_that_are_near(network):
    exact = Runtime(network, "keras")
    lower = lowered(exact, "bfloat16")
    assert (lower.backend, lower.precision, exact.precision) == ("keras", "bfloat16", "float32")
    expected, found = exact(BATCH), lower(BATCH)
    assert found.dtype == "float32"
    apart = np.abs(found - expected)
    assert 1e-4 < apart.max() < 0.1 * np.ptp(expected)
    assert len(np.unique(found)) > 900  # of 960: the logits themselves are not rounded
    np.testing.assert_array_equal(network.get_weights()[0], lower.source.get_weights()[0])


def test_a_model_that_was_trained_in_mixed_precision_computes_in_float32(network):
    mixed = in_precision(network, "bfloat16")
    assert {layer.compute_dtype for layer in mixed.layers} == {"bfloat16", "float32"}
    np.testing.assert_allclose(Runtime(mixed, "keras")(BATCH), network(BATCH), atol=1e-5)
    assert in_precision(network, "float32") is network


def test_openvino_in_int8_is_near(network):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    exact = Runtime(network, "openvino")
    measured = [np.random.default_rng(n).normal(size=BATCH.shape).astype("float32") for n in (1, 2)]
    lower = lowered(exact, "int8", measured)
    assert (lower.backend, lower.precision) == ("openvino", "int8")
    expected = exact(BATCH)
    apart = np.abs(lower(BATCH) - expected)
    assert 1e-4 < apart.mean() < 0.1 * expected.std()
    assert lower(np.concatenate([BATCH, BATCH])).shape == (2, 8, 12, 10, 1)


def test_a_saved_model_has_one_precision(network, tmp_path):
    network.export(tmp_path / "saved", verbose=False)
    with pytest.raises(ModelError, match="for bfloat16; got a SavedModel, whose"):
        Runtime(tmp_path / "saved", "keras", "bfloat16", trusted=True)


def test_shared_and_nested_layers_are_converted_too():
    inputs = keras.Input((4, 4, 1))
    shared = keras.layers.Conv2D(1, 3, padding="same")
    inner = keras.Model(inputs, shared(shared(inputs)))
    outer = keras.Model(inputs, keras.layers.Conv2D(2, 1)(inner(inputs)))
    lower = in_precision(outer, "bfloat16")
    batch = BATCH[:, :4, :4, 0]
    assert len(lower.weights) == len(outer.weights) == 4
    np.testing.assert_allclose(lower(batch), outer(batch), atol=0.02)
    back = in_precision(lower, "float32")
    np.testing.assert_allclose(back(batch), outer(batch), atol=1e-6)


def test_numbered_windows_are_spread_and_hold_something_live():
    """Of 1000, all but the first 500 are dead; of a few each comes once."""
    read = []

    def window(number):
        read.append(number)
        return np.full((2, 2), number, "float32"), np.full((2, 2), number < 500)

    found = [block[0, 0] for block, _ in Numbered(1000, window).spread(8)]
    assert len(found) == len(set(found)) == 8
    assert {int(n) // 125 for n in found} == {0, 1, 2, 3}, "in each quarter of what is live"
    assert len(read) < 64
    few = Numbered(3, window)
    assert sorted(block[0, 0] for block, _ in few.spread(8)) == [0, 1, 2]
    assert list(Numbered(1, lambda n: (np.ones(1), np.zeros(1, bool))).spread(4)) == []
