"""One answer, whoever computes it."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tfseis.errors import FormatError, MissingPackageError, ModelError
from tfseis.inference import openvino_models, runtime
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


def test_auto_takes_openvino_after_one_comparison(model, expected, capsys):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    network = Runtime(model)
    for _ in range(2):
        np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
    assert network.backend == "openvino"
    assert capsys.readouterr().err == ""


def test_the_comparison_takes_a_corner(model, monkeypatch):
    """Of whole strides; all windows are answered by one backend, the first one too."""
    asked = []

    def told(batch):
        asked.append(batch.shape[1:-1])
        return np.asarray(model(batch))

    monkeypatch.setattr(runtime, "find_spec", lambda name: True)
    monkeypatch.setattr(
        runtime, "_openvino", lambda source, precision: lambda b: np.asarray(model(b))
    )
    monkeypatch.setattr(runtime, "_tensorflow", lambda source, precision: told)
    for compared, corner in ((64, (8, 12, 10)), (8, (8, 8, 8)), (7, (6, 6, 6)), (1, (2, 2, 2))):
        monkeypatch.setattr(runtime, "COMPARED", compared)
        network = Runtime(model)
        both = np.concatenate([BATCH, -BATCH])
        np.testing.assert_array_equal(network(both), np.asarray(model(both)))
        network(BATCH)
        assert asked == [corner]
        asked.clear()


def test_a_network_of_one_size_is_compared_on_the_whole():
    inputs = keras.Input((8, 12, 10, 1))
    fixed = keras.Model(inputs, keras.layers.Conv3D(1, 3, padding="same")(inputs))
    assert runtime._multiples(fixed) is None
    assert runtime._corner(BATCH, None) is BATCH


@pytest.mark.parametrize("how", ["differs", "fails"])
def test_auto_falls_back_with_a_line(model, expected, monkeypatch, capsys, how):
    def wrong(batch):
        if how == "fails":
            raise RuntimeError("first line\nno such operation")
        return np.asarray(model(batch)) + 0.001 * np.abs(expected).max()

    monkeypatch.setattr(runtime, "find_spec", lambda name: True)
    monkeypatch.setattr(runtime, "_openvino", lambda source, precision: wrong)
    network = Runtime(model)
    for _ in range(2):
        np.testing.assert_allclose(network(BATCH), expected, atol=1e-5)
    assert network.backend == "keras"
    (line,) = capsys.readouterr().err.splitlines()
    assert "OpenVINO is not used: " in line
    assert ("no such operation" if how == "fails" else "differ by 0.001") in line


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


def test_a_saved_model_is_a_program_and_must_be_trusted(model, tmp_path):
    model.export(tmp_path / "saved", verbose=False)
    with pytest.raises(ValueError, match=r"saved: expected a .keras or .xml file; a SavedModel is"):
        Runtime(tmp_path / "saved", "keras")
