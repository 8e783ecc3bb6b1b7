"""One answer, whoever computes it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.errors import FormatError, MissingPackageError, ModelError
from tfseis.inference import backends, openvino_models, runtime, trial
from tfseis.inference.backends import by_openvino
from tfseis.inference.runtime import Runtime
from tfseis.models import unet_res1

BATCH = np.random.default_rng(0).normal(size=(1, 8, 12, 10, 1)).astype("float32")


@pytest.fixture(scope="module")
def model():
    """A small network with all that the large ones have; its weights, biases too, are not 0."""
    network = unet_res1(filters=(2, 3))
    rng = np.random.default_rng(1)
    network.set_weights([rng.normal(0, 0.3, w.shape) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def expected(model):
    logits = np.asarray(model(BATCH))
    assert logits.std() > 0.1
    return logits


@pytest.fixture
def without_openvino(monkeypatch):
    find = runtime.find_spec
    for module in (runtime, openvino_models):
        monkeypatch.setattr(module, "find_spec", lambda n: None if n == "openvino" else find(n))


def test_keras_and_its_files_answer_alike(model, expected, tmp_path):
    model.save(tmp_path / "model.keras")
    model.export(tmp_path / "saved", verbose=False)
    for source in (model, tmp_path / "model.keras", str(tmp_path / "saved")):
        network = Runtime(source, "keras", trusted=True)
        np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
        assert network(BATCH[:, :, :8]).shape == (1, 8, 8, 10, 1)


def test_openvino_answers_as_keras_does(model, expected):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    network = Runtime(model, "openvino")
    np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
    both = np.concatenate([BATCH, -BATCH])[:, :, :8]  # another shape, compiled anew
    np.testing.assert_allclose(network(both), np.asarray(model(both)), atol=1e-5)


def test_openvino_reads_saved_models(tmp_path):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    inputs = keras.Input((None, 3, 3, 1))
    small = keras.Model(inputs, keras.layers.Conv3D(1, 3, padding="same")(inputs))
    small.export(tmp_path / "saved", verbose=False)
    found = Runtime(tmp_path / "saved", "openvino", trusted=True)(BATCH[:, :, :3, :3])
    np.testing.assert_allclose(found, np.asarray(small(BATCH[:, :, :3, :3])), atol=1e-5)


@pytest.fixture
def seconds(monkeypatch):
    """What each backend takes, by name, and nothing is measured."""
    told = {"tensorflow": 30.0, "openvino": 20.0}
    asked = []

    def take(forward, part):
        asked.append(part.shape)
        return told["openvino" if forward.__name__ in {"of_this_size", "wrong"} else "tensorflow"]

    monkeypatch.setattr(trial, "_seconds", take)
    told["asked"] = asked
    return told


@pytest.fixture(scope="module")
def images():
    """A network over images, whose libraries are timed."""
    keras.utils.set_random_seed(0)
    given = keras.Input((None, None, 1))
    return keras.Model(given, keras.layers.Conv2D(2, 3, padding="same")(given))


SECTION = BATCH[:, 0]


def test_over_cubes_openvino_computes_untimed(model, expected, seconds):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    network = Runtime(model)
    np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
    assert (network.backend, seconds["asked"]) == ("openvino", [])


def test_auto_takes_openvino_where_it_is_faster(images, capsys, seconds):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    network = Runtime(images)
    for _ in range(2):
        np.testing.assert_allclose(network(SECTION), np.asarray(images(SECTION)), atol=1e-5)
    assert network.backend == "openvino"
    assert network.reason == "OpenVINO is 1.50 times as fast as TensorFlow"
    assert len(seconds["asked"]) == 2, "the trial is over"
    assert capsys.readouterr().err == ""


def test_auto_takes_tensorflow_where_it_is_faster(images, capsys, seconds):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    seconds["openvino"] = 60.0
    network = Runtime(images)
    np.testing.assert_array_equal(network(SECTION), Runtime(images, "keras")(SECTION))
    assert network.backend == "keras"
    assert network.reason == "TensorFlow is 2.00 times as fast as OpenVINO"
    assert capsys.readouterr().err == "", "nothing went wrong"


def test_what_is_asked_for_is_not_tried(model, seconds):
    for backend in ("keras", "openvino"):
        if backend == "openvino":
            pytest.importorskip("openvino", reason="needs tfseis[openvino]")
        network = Runtime(model, backend)
        network(BATCH)
        assert (network.backend, network.reason, seconds["asked"]) == (backend, "as asked", [])


@pytest.mark.parametrize("part, tries", [(1.0, True), (0.66, False), (None, True)])
def test_little_work_is_not_worth_a_trial(images, monkeypatch, seconds, part, tries):
    """What takes 30 s takes 20 s for two thirds of the samples."""
    work = None if part is None else int(part * SECTION.size)
    made = []
    monkeypatch.setattr(runtime, "find_spec", lambda name: True)
    monkeypatch.setattr(
        runtime, "by_openvino", lambda *_, **__: lambda b: made.append(1) or np.asarray(images(b))
    )
    network = Runtime(images, work=work)
    network(SECTION)
    assert bool(made) == tries
    assert ("too little to compute" in network.reason) != tries


def test_dead_samples_settle_nothing(images, seconds):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    network = Runtime(images)
    network(np.zeros_like(SECTION))
    assert seconds["asked"] == []
    network(SECTION)
    assert seconds["asked"]


def test_a_part_is_tried_around_the_largest_value(monkeypatch):
    """Of whole strides, and some examples where these are small."""
    image = np.zeros((3, 12, 10, 1), "float32")
    image[1, 9, 2] = -7
    monkeypatch.setattr(trial, "SIDES", {4: 5})
    found = trial.part_of(image, (2, 2))
    assert (found.shape, found.min()) == ((3, 4, 4, 1), -7)
    monkeypatch.setattr(trial, "SAMPLES", 32)
    assert trial.part_of(image, (2, 2)).shape == (2, 4, 4, 1)
    assert trial.part_of(image, (2, 2)).min() == -7
    monkeypatch.setattr(trial, "SAMPLES", 1)
    np.testing.assert_array_equal(trial.part_of(image, None), image[1:2])
    assert trial.part_of(image, (7, 20)).shape == (1, 7, 10, 1)


def test_a_network_of_one_size_is_tried_on_the_whole():
    inputs = keras.Input((8, 12, 10, 1))
    fixed = keras.Model(inputs, keras.layers.Conv3D(1, 3, padding="same")(inputs))
    assert trial.sizes_of(fixed) is None
    np.testing.assert_array_equal(trial.part_of(BATCH, None), BATCH)


@pytest.mark.parametrize("how", ["differs", "fails"])
def test_auto_falls_back_with_a_line(model, expected, monkeypatch, capsys, how):
    def wrong(batch):
        if how == "fails":
            raise RuntimeError("first line\nno such operation")
        return np.asarray(model(batch)) + 0.001 * np.abs(expected).max()

    monkeypatch.setattr(runtime, "find_spec", lambda name: True)
    monkeypatch.setattr(runtime, "by_openvino", lambda *_, **__: wrong)
    network = Runtime(model)
    for _ in range(2):
        np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
    assert network.backend == "keras"
    (line,) = capsys.readouterr().err.splitlines()
    assert "OpenVINO is not used: " in line
    assert ("no such operation" if how == "fails" else "differ by 0.001") in line


def image_network():
    inputs = keras.Input((None, None, 2))
    x = keras.layers.Conv2D(3, 3, padding="same", activation="elu")(inputs)
    x = keras.layers.UpSampling2D(2)(keras.layers.MaxPooling2D(2)(x))
    return keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same")(x))


class Shifted(keras.layers.Layer):
    """Nothing that OpenVINO can convert."""

    def call(self, x):
        found = tf.numpy_function(lambda a: a + np.float32(1), [x], "float32")
        return tf.ensure_shape(found, x.shape)


def test_a_layer_that_openvino_does_not_know_leaves_tensorflow(capfd, seconds):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    inputs = keras.Input((4, 4, 1))
    network = Runtime(keras.Model(inputs, Shifted()(inputs)))
    x = np.ones((1, 4, 4, 1), "float32")
    np.testing.assert_array_equal(network(x), x + 1)
    assert network.backend == "keras"
    told = [line for line in capfd.readouterr().err.splitlines() if "OpenVINO is not" in line]
    assert len(told) == 1


@pytest.mark.parametrize("many", [False, True])
def test_images_of_many_sizes_are_answered_and_few_are_kept(many, monkeypatch):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")

    monkeypatch.setattr(backends, "KEPT", 2)
    model = image_network()
    forward = by_openvino(model, "float32", many_sizes=many)
    compiled = forward.__self__
    rng = np.random.default_rng(0)
    for shape in ((5, 4, 6, 2), (3, 8, 6, 2), (1, 4, 4, 2), (5, 4, 6, 2)):
        x = rng.normal(size=shape).astype("float32")
        np.testing.assert_allclose(forward(x), np.asarray(model(x)), atol=1e-5)
        assert len(compiled._kept) <= 2
    assert ("_any" in vars(compiled)) == many
    monkeypatch.setattr(backends, "KEPT_SAMPLES", 1)
    forward(x)
    forward(x[:1, :2])
    assert len(compiled._kept) == (0 if many else 1), "one stays, however large"


def test_auto_without_openvino_is_keras(model, without_openvino):
    assert Runtime(model).backend == "keras"
    with pytest.raises(MissingPackageError, match=r"'openvino'.*pip install 'tfseis\[openvino\]'"):
        Runtime(model, "openvino")


def test_refusals(model, tmp_path):
    with pytest.raises(ModelError, match="among auto, keras, openvino; got 'onnx'"):
        Runtime(model, "onnx")
    with pytest.raises(FormatError, match=r"expected a SavedModel .*holds saved_model\.pb"):
        Runtime(tmp_path)
    with pytest.raises(FormatError, match="expected a SavedModel or an OpenVINO model"):
        Runtime(tmp_path / "none.xml")
    (tmp_path / "a.xml").write_text("")
    with pytest.raises(ModelError, match=r"got an OpenVINO model\. Use --backend"):
        Runtime(tmp_path / "a.xml", "keras")


SENDS = """
import sys
import keras
{first}
from tfseis.inference.runtime import Runtime

model = keras.Sequential([keras.Input((4, 4, 4, 1)), keras.layers.Conv3D(1, 3)])
import numpy as np
Runtime(model, "openvino")(np.zeros((1, 4, 4, 4, 1), "float32"))
from openvino.tools.ovc import convert_impl, telemetry_utils
"""
STUB = 'assert "stub" in convert_impl.tm.__name__, convert_impl.tm'
SENDER = """
from openvino_telemetry.utils.sender import TelemetrySender
sent = []
TelemetrySender.send = lambda *given: sent.append(given)
from openvino_telemetry.main import Telemetry
Telemetry._update_opt_in_status = staticmethod(lambda *_: None)
import openvino
sent.clear()
"""
CONSENT = """
telemetry_utils.init_ovc_telemetry().consent = True
telemetry_utils.init_ovc_telemetry().send_event("ovc", "version", "any")
assert not sent, sent
"""


@pytest.mark.parametrize("first, check", [("", STUB), (SENDER, CONSENT)], ids=["first", "after"])
def test_openvino_reports_nothing_of_its_use(first, check, tmp_path):
    pytest.importorskip("openvino_telemetry")
    code = SENDS.format(first=first) + check
    home = {**os.environ, "HOME": str(tmp_path)}
    home.pop("CI", None)
    run = subprocess.run(
        [sys.executable, "-c", code], env=home, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]


def test_openvino_and_nncf_are_imported_in_one_place_alone():
    """Where `required` has switched off what they report."""
    home = Path(runtime.__file__).parents[1]
    for path in home.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"openvino", "nncf"}, path


@pytest.mark.slow
def test_nncf_reports_nothing_of_its_use(tmp_path):
    pytest.importorskip("openvino_telemetry")
    pytest.importorskip("nncf", reason="needs tfseis[int8]")
    code = (
        "import sys\nfrom tfseis.inference.openvino_models import required\n"
        "required('nncf', 'int8')\nassert sys.modules['openvino_telemetry'] is None\n"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )
    home = {**os.environ, "HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=home, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert not (tmp_path / "intel").exists()


def test_a_saved_model_is_a_program_and_must_be_trusted(model, tmp_path):
    model.export(tmp_path / "saved", verbose=False)
    with pytest.raises(ValueError, match=r"saved: expected a .keras or .xml file; a SavedModel is"):
        Runtime(tmp_path / "saved", "keras")
