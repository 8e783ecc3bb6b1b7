import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tfseis.errors import ModelError, OutputError
from tfseis.learning import Training, fit, load_model
from tfseis.learning.fitting.fit import Checkpoint, EpochBar
from tfseis.models import patch_classifier

# What an interrupted process leaves open, it need not close.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
TRAINING = Training(epochs=4, steps=3, learning_rate=0.01, seed=5)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def build():
    return patch_classifier((5, 5, 1), classes=2, layout="cnad", filters=(3,), dropout=0.4)


def batch(number):
    rng = np.random.default_rng(number)
    classes = rng.integers(0, 2, 8).astype("int32")
    crops = rng.normal(size=(8, 5, 5, 1)) + classes.reshape(-1, 1, 1, 1)
    return crops.astype("float32"), classes


def held_out():
    return tf.data.Dataset.from_tensors(batch(1000))


def batches(first):
    number = first
    while True:
        yield batch(number)
        number += 1


def trained(folder, training=TRAINING, *, batches=batches, **options):
    return fit(build, batches, training, folder=folder, loss=LOSS, progress=False, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupted: its folder, model and history."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *trained(folder, validation=held_out())


def assert_same_weights(one, other):
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_history_has_a_row_an_epoch(whole):
    folder, _, history = whole
    assert history["epoch"].tolist() == [0, 1, 2, 3]
    assert {"loss", "accuracy", "learning_rate", "val_loss", "val_accuracy"} <= set(history)
    rate = 0.5 * 0.01 * (1 + np.cos(np.pi * np.arange(3, 13, 3) / 12))
    np.testing.assert_allclose(history["learning_rate"], rate, atol=1e-6)
    pd.testing.assert_frame_equal(history, pd.read_csv(folder / "history.csv"))


def test_the_weights_with_the_lowest_loss_come_back(tmp_path):
    """Rows of zeros cost ln 2 however they are labelled; later, labels mean nothing."""

    def spoilt(first):
        for number, (crops, _) in enumerate(batches(first), start=first):
            wrong = np.random.default_rng(number).integers(0, 2, 8)
            yield (5 * crops, wrong) if number >= 3 else (0 * crops, np.array([0, 1] * 4))

    training = Training(epochs=4, steps=3, learning_rate=1e-4, seed=5)
    best, history = trained(tmp_path, training, batches=spoilt)
    last = load_model(tmp_path / "last.keras")
    assert history["loss"].argmin() == 0
    assert int(best.optimizer.iterations) == 3
    assert int(last.optimizer.iterations) == 12


def test_batches_are_asked_for_by_number(tmp_path):
    asked = []

    def noted(first):
        asked.append(first)
        return batches(first)

    trained(tmp_path, batches=noted)
    assert asked == [0]


def interrupt(monkeypatch, owner, method, when):
    """Ctrl-C in a callback, before or instead of what it does."""
    original = getattr(owner, method)

    def stopped(self, number, logs=None):
        if when(self, number):
            raise KeyboardInterrupt
        original(self, number, logs)

    monkeypatch.setattr(owner, method, stopped)


PLACES = {
    "after an epoch": (EpochBar, "on_epoch_end", lambda self, epoch: epoch == 1),
    "in the first epoch": (EpochBar, "on_train_batch_end", lambda self, number: True),
    "in a later epoch": (
        EpochBar,
        "on_train_batch_end",
        lambda self, number: int(self.model.optimizer.iterations) == 8,
    ),
    "before the first log": (keras.callbacks.CSVLogger, "on_epoch_end", lambda self, epoch: True),
    "before a later log": (
        keras.callbacks.CSVLogger,
        "on_epoch_end",
        lambda self, epoch: epoch == 2,
    ),
    "before the first checkpoint": (
        Checkpoint,
        "on_epoch_end",
        lambda self, epoch: self.path.name == "last.keras",
    ),
    "before a later checkpoint": (
        Checkpoint,
        "on_epoch_end",
        lambda self, epoch: self.path.name == "last.keras" and epoch == 2,
    ),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_an_interrupted_run_ends_as_if_it_had_not_been(whole, tmp_path, monkeypatch, place):
    _, model, history = whole
    with monkeypatch.context() as patch:
        interrupt(patch, *place)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path, validation=held_out())
    resumed, past = trained(tmp_path, validation=held_out())
    assert_same_weights(resumed, model)
    assert_same_weights(load_model(tmp_path / "last.keras"), load_model(whole[0] / "last.keras"))
    pd.testing.assert_frame_equal(past, history)


def test_an_interrupted_save_leaves_the_earlier_checkpoint(whole, tmp_path, monkeypatch):
    def half(self, path, *args, **kwargs):
        path.write_bytes(b"half a file")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        interrupt(patch, *PLACES["after an epoch"])
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save", half)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path)
    assert_same_weights(trained(tmp_path)[0], whole[1])


def test_a_finished_run_is_not_trained_again(whole):
    folder, model, history = whole

    def none_wanted(first):
        raise AssertionError("trained again")

    again, same = trained(folder, batches=none_wanted)
    assert_same_weights(again, model)
    pd.testing.assert_frame_equal(same, history)


def constant(first):
    while True:
        yield np.zeros((8, 5, 5, 1), "float32"), np.array([0, 1] * 4, "int32")


def test_it_stops_when_the_loss_no_longer_falls_and_a_resumed_run_counts_on(tmp_path, monkeypatch):
    """Nothing to learn but the bias, at rate 0: the loss never falls below that of epoch 0."""
    training = Training(epochs=30, steps=1, learning_rate=0.0, patience=3, seed=0)
    _, history = trained(tmp_path / "whole", training, batches=constant)
    best = int(history["loss"].argmin())
    assert len(history) == best + 1 + 3
    with monkeypatch.context() as patch:
        interrupt(patch, EpochBar, "on_epoch_end", lambda self, epoch: epoch == best + 1)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "halves", training, batches=constant)
    _, resumed = trained(tmp_path / "halves", training, batches=constant)
    pd.testing.assert_frame_equal(resumed, history)
    _, after = trained(tmp_path / "halves", training, batches=None)  # has ended: no batch wanted
    assert len(after) == len(history)


@pytest.mark.parametrize(
    "options",
    [
        {"training": Training(epochs=5, steps=3, learning_rate=0.01, seed=5)},
        {"training": Training(epochs=4, steps=3, learning_rate=0.01, seed=6)},
        {"run": "other labels"},
    ],
)
def test_a_run_with_other_settings_is_refused(whole, options):
    with pytest.raises(OutputError, match=r"holds another run. Expected .*; got .*--overwrite"):
        trained(whole[0], **options)


def test_the_seed_decides(whole, tmp_path):
    other = Training(epochs=4, steps=3, learning_rate=0.01, seed=6)
    weights = trained(tmp_path, other)[0].get_weights()
    assert any((a != b).any() for a, b in zip(weights, whole[1].get_weights(), strict=True))


def test_a_loss_that_is_never_finite_is_said_so(tmp_path):
    def broken(first):
        for crops, classes in batches(first):
            yield crops * np.nan, classes

    with pytest.raises(ModelError, match=r"loss that is finite .* Lower the learning rate"):
        trained(tmp_path, batches=broken)


@pytest.mark.parametrize("epochs, steps", [(0, 3), (3, 0), (-1, 1)])
def test_a_training_of_nothing_is_refused(epochs, steps):
    with pytest.raises(ModelError, match=rf"at least one epoch .* got {epochs} epochs of {steps}"):
        Training(epochs=epochs, steps=steps)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"seed": -1}, "seed from 0"),
        ({"seed": 2**32}, "seed from 0"),
        ({"learning_rate": -1.0}, "learning rate of 0 or more"),
        ({"learning_rate": np.nan}, "learning rate of 0 or more"),
    ],
)
def test_a_seed_or_rate_that_cannot_be_is_refused(options, reason):
    with pytest.raises(ModelError, match=reason):
        Training(epochs=1, steps=1, **options)
