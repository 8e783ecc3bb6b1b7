from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tfseis.errors import ModelError, OutputError
from tfseis.learning import Plateau, Training, fit, load_model
from tfseis.learning.fitting import loop
from tfseis.learning.fitting.progress import ProgressBar
from tfseis.models import patch_classifier

# What an interrupted process leaves open, it need not close.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
TRAINING = Training(epochs=4, steps=3, learning_rate=0.01, patience=10, seed=5)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
ACCURACY = {"accuracy": keras.metrics.sparse_categorical_accuracy}


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
    options = {"loss": LOSS, "metrics": ACCURACY, "progress": False} | options
    fitted = fit(build, batches, training, folder=folder, **options)
    return fitted.model, fitted.history


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupted: its folder, model and history."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *trained(folder, validation=held_out())


def assert_same_history(one, other):
    pd.testing.assert_frame_equal(one.drop(columns="minutes"), other.drop(columns="minutes"))


def state(folder):
    """All that a checkpoint holds but the record, which has the minutes."""
    with np.load(folder / "state.npz") as saved:
        return {name: saved[name] for name in saved.files if name != "record"}


def assert_same_state(one, other):
    mine, theirs = state(one), state(other)
    assert set(mine) == set(theirs)
    for name, array in mine.items():
        np.testing.assert_array_equal(array, theirs[name])


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

    ends = []

    class Weights(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            ends.append(self.model.get_weights())

    training = Training(epochs=4, steps=3, learning_rate=1e-4, patience=10, seed=5)
    best, history = trained(tmp_path, training, batches=spoilt, callbacks=[Weights()])
    assert len(ends) == 4
    assert history["loss"].argmin() == 0
    for kept, first, last in zip(best.get_weights(), ends[0], ends[-1], strict=True):
        np.testing.assert_array_equal(kept, first)
        assert (kept != last).any()
    assert_same_weights(load_model(tmp_path / "best.keras"), best)


def test_batches_are_asked_for_by_number(tmp_path):
    asked = []

    def noted(first):
        asked.append(first)
        return batches(first)

    trained(tmp_path, batches=noted)
    assert asked == [0]


def interrupt(monkeypatch, owner, name, when):
    """Ctrl-C before what a function does."""
    original = getattr(owner, name)

    def stopped(*arguments, **options):
        if when(*arguments):
            raise KeyboardInterrupt
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, stopped)


PLACES = {
    "after an epoch": (ProgressBar, "move", lambda bar, row: row["epoch"] == 1),
    "in the first epoch": (loop, "_next", lambda stream, step: step == 1),
    "in a later epoch": (loop, "_next", lambda stream, step: step == 8),
    "before the first history": (loop, "write_history", lambda rows, folder: True),
    "before a later history": (loop, "write_history", lambda rows, folder: len(rows) == 3),
    "before the first state": (loop, "save_state", lambda *arguments: True),
    "before a later state": (loop, "save_state", lambda *given: len(given[2].rows) == 3),
    "before the best network": (loop, "save_model", lambda model, path: True),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_an_interrupted_run_ends_as_if_it_had_not_been(whole, tmp_path, monkeypatch, place):
    folder, model, history = whole
    with monkeypatch.context() as patch:
        interrupt(patch, *place)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path, validation=held_out())
    resumed, past = trained(tmp_path, validation=held_out())
    assert_same_weights(resumed, model)
    assert_same_state(tmp_path, folder)
    assert_same_history(past, history)
    assert_same_history(pd.read_csv(tmp_path / "history.csv"), history)
    assert (np.diff(past["minutes"]) > 0).all()


def test_an_interrupted_save_leaves_the_earlier_checkpoint(whole, tmp_path, monkeypatch):
    def half(file, **arrays):
        file.write(b"half a file")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        interrupt(patch, *PLACES["after an epoch"])
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", half)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path)
    assert_same_weights(trained(tmp_path)[0], whole[1])


def test_a_finished_run_is_not_trained_again(whole):
    folder, model, history = whole

    def none_wanted(first):
        raise AssertionError("trained again")

    again, same = trained(folder, batches=none_wanted)
    assert_same_weights(again, model)
    pd.testing.assert_frame_equal(same, history)  # the minutes too


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
        interrupt(patch, ProgressBar, "move", lambda bar, row: row["epoch"] == best + 1)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "halves", training, batches=constant)
    _, resumed = trained(tmp_path / "halves", training, batches=constant)
    assert_same_history(resumed, history)
    _, after = trained(tmp_path / "halves", training, batches=None)  # has ended: no batch wanted
    assert len(after) == len(history)


@pytest.mark.parametrize(
    "options",
    [
        {"training": replace(TRAINING, epochs=5)},
        {"training": replace(TRAINING, seed=6)},
        {"training": replace(TRAINING, rate=Plateau())},
        {"run": "other labels"},
    ],
)
def test_a_run_with_other_settings_is_refused(whole, options):
    with pytest.raises(OutputError, match=r"holds another run. Expected .*; got .*--overwrite"):
        trained(whole[0], **options)


def test_the_seed_decides(whole, tmp_path):
    weights = trained(tmp_path, replace(TRAINING, seed=6))[0].get_weights()
    assert any((a != b).any() for a, b in zip(weights, whole[1].get_weights(), strict=True))


def test_a_loss_that_is_never_finite_is_said_so(tmp_path):
    def broken(first):
        for crops, classes in batches(first):
            yield crops * np.nan, classes

    with pytest.raises(ModelError, match=r"finite loss; got nan at step 0\. Lower the .*, or look"):
        trained(tmp_path, batches=broken)


def test_a_training_that_diverges_delivers_the_best_epoch_before_and_says_so(tmp_path):
    def late(first):
        for number, (crops, classes) in enumerate(batches(first), start=first):
            yield crops * (np.nan if number == 7 else 1), classes

    with pytest.warns(UserWarning, match=r"got nan at step 7\..* lowest loss is delivered"):
        model, history = trained(tmp_path, batches=late)
    assert len(history) == 2
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    with pytest.raises(ModelError, match=r"finite loss; got nan at step 7"):
        trained(tmp_path / "last", replace(TRAINING, best="last"), batches=late)


def test_batches_that_end_are_refused(tmp_path):
    with pytest.raises(ModelError, match=r"endless batches; they ended before step 2\. Begin"):
        trained(tmp_path, batches=lambda first: [batch(0), batch(1)])


def test_what_fails_in_the_batches_is_raised(tmp_path):
    def failing(first):
        yield batch(0)
        raise RuntimeError("no such crop")

    with pytest.raises(RuntimeError, match="no such crop"):
        trained(tmp_path, batches=failing)
