import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.learning import Plateau, Training, fit, tracking
from tfseis.learning.fitting import engine


def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def batches(first):
    while True:
        yield np.ones((4, 3), "float32"), np.zeros(4, "int64")


def train(folder):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fitted = fit(build, batches, Training(epochs=2, steps=1), folder=folder, loss=loss)
    return fitted.history


def test_nothing_is_tracked_unless_asked(tmp_path, monkeypatch):
    monkeypatch.delenv(tracking.VARIABLE, raising=False)
    assert tracking.trackers(tmp_path, "") == []
    with tracking.tracked_by(None):
        assert tracking.trackers(tmp_path, "") == []


def test_a_service_is_known_and_installed_or_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setenv(tracking.VARIABLE, "diary")
    with pytest.raises(ModelError, match=r"to be wandb; got 'diary'\. Unset it"):
        train(tmp_path)
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    with tracking.tracked_by("wandb"), pytest.raises(ModelError, match=r"tfseis\[wandb\]"):
        train(tmp_path)
    assert tracking.os.environ[tracking.VARIABLE] == "diary"


@pytest.mark.filterwarnings("ignore")  # of the service's own
def test_every_epoch_is_logged_to_weights_and_biases_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="needs tfseis[wandb]")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    with tracking.tracked_by("wandb"):
        history = train(tmp_path)
    assert len(history) == 2
    (log,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    assert b"loss" in log.read_bytes()
    assert (tmp_path / "wandb.txt").read_text() in log.name


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.told = []

    def on_train_begin(self, logs=None):
        self.told.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.told.append((epoch, float(logs["loss"])))

    def on_train_end(self, logs=None):
        self.told.append("end")


def test_trainings_against_the_clock_are_tracked_too(tmp_path, monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(engine, "trackers", lambda folder, about: [recorder])
    inputs = np.ones((1, 4, 4, 4, 1), "float32")
    training = Training(epochs=2, steps=1, minutes=9.0, rate=Plateau(), memory=0.5, best="last")
    history = fit(
        lambda: keras.Sequential([keras.Input((4, 4, 4, 1)), keras.layers.Dense(1)]),
        lambda first: iter([(inputs, inputs)] * 9),
        training,
        folder=tmp_path,
        loss="mse",
        score=lambda model: {},
        progress=False,
    ).history
    assert recorder.told == ["begin", *enumerate(history["loss"].tolist()), "end"]
