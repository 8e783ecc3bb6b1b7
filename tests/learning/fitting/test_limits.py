"""Time limits, averaged weights and scores between epochs."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError, OutputError
from tfseis.learning import Plateau, Training, fault_crossentropy, fit, load_model
from tfseis.models import unet3d

TRAINING = Training(
    epochs=2,
    steps=3,
    learning_rate=0.01,
    rate=Plateau(warm_up=2),
    clipnorm=1.0,
    memory=0.5,
    best="last",
    score_minutes=15.0,
)


def batches(first):
    for number in range(first, 10_000):
        amplitude = np.random.default_rng(number).normal(size=(2, 6, 7, 8, 1)).astype("float32")
        yield amplitude, (amplitude > 1).astype("float32")


def train(folder, training=TRAINING, score=None, **options):
    options = {"loss": fault_crossentropy, "score": score, "progress": False} | options
    drawn = options.pop("batches", batches)
    fitted = fit(lambda: unet3d(filters=(2, 3)), drawn, training, folder=folder, **options)
    return fitted.model, fitted.history


def test_a_training_goes_on_with_a_higher_limit_to_the_same_weights(tmp_path):
    constant = replace(TRAINING, rate=Plateau(2, descent=0.0))  # else it depends on what is left
    whole, past = train(tmp_path / "whole", replace(constant, epochs=3))
    train(tmp_path / "parts", replace(constant, epochs=1))
    parts, history = train(tmp_path / "parts", replace(constant, epochs=3))
    for one, two in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(past["loss"], history["loss"])
    assert list(history["epoch"]) == [0, 1, 2]
    assert (np.diff(history["minutes"]) > 0).all()


def test_weights_are_averaged_and_the_loss_falls(tmp_path):
    last = []

    class Weights(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            last[:] = self.model.get_weights()

    training = replace(TRAINING, epochs=12, learning_rate=0.03)
    averaged, history = train(tmp_path, training, callbacks=[Weights()])
    assert (averaged.get_weights()[0] != last[0]).any()
    saved = load_model(tmp_path / "best.keras").get_weights()
    for one, two in zip(averaged.get_weights(), saved, strict=True):
        np.testing.assert_array_equal(one, two)
    assert history["loss"].iloc[-1] < 0.8 * history["loss"].iloc[0]
    assert history["learning_rate"].iloc[-1] < 0.1 * history["learning_rate"].max()


def test_averages_are_what_the_formula_says(tmp_path):
    """Steps 0 and 4 move them: memory min(0.5**4, 1/10) and min(0.5**4, 5/14), both 1/16."""
    steps = []

    class Weights(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            steps.append(self.model.get_weights())

        def on_train_batch_end(self, batch, logs=None):
            steps.append(self.model.get_weights())

    averaged, _ = train(tmp_path, replace(TRAINING, steps=6, epochs=1), callbacks=[Weights()])
    for number, weight in enumerate(averaged.get_weights()):
        expected = steps[0][number] / 16 + 15 / 16 * steps[1][number]
        expected = expected / 16 + 15 / 16 * steps[5][number]
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-7)


def test_the_clock_ends_a_training_after_one_step_at_least(tmp_path):
    _, history = train(tmp_path, replace(TRAINING, minutes=1e-9))
    assert list(history["steps"]) == [1]


def test_scores_are_taken_when_their_minutes_have_passed(tmp_path):
    score = lambda model: {"iou": 1}
    _, history = train(tmp_path / "often", replace(TRAINING, score_minutes=0), score)
    assert list(history["iou"]) == [1, 1]
    with np.load(tmp_path / "often" / "state.npz") as saved:
        record = json.loads(str(saved["record"]))
    assert record["scored"] == history["minutes"].iloc[-1] > 0
    _, history = train(tmp_path / "never", score=score)
    assert "iou" not in history


def test_the_averaged_weights_with_the_best_score_come_back(tmp_path):
    scored = []

    def score(model):
        scored.append(model.get_weights())
        return [1.0, 3.0, 3.0, 2.0][len(scored) - 1]

    training = replace(TRAINING, epochs=4, best="score", score_minutes=0.0)
    best, history = train(tmp_path, training, score)
    assert list(history["score"]) == [1.0, 3.0, 3.0, 2.0]
    for kept, second, third in zip(best.get_weights(), scored[1], scored[2], strict=True):
        np.testing.assert_array_equal(kept, second)
        assert (kept != third).any()


def test_a_score_that_no_longer_rises_ends_the_training(tmp_path):
    values = iter([1.0, 2.0, np.nan, 1.5, 3.0])
    training = replace(TRAINING, epochs=5, best="score", score_minutes=0.0, patience=2)
    _, history = train(tmp_path, training, lambda model: next(values))
    assert len(history) == 4


def test_the_best_score_needs_a_score(tmp_path):
    training = replace(TRAINING, best="score", score_minutes=0.0)
    with pytest.raises(ModelError, match=r"Expected a score, since .*got none\. Give one"):
        train(tmp_path / "none", training)
    with pytest.raises(ModelError, match=r"a score named 'score'.*got iou\. Give a number"):
        train(tmp_path / "other", training, lambda model: {"iou": 1.0})


def root_of_nothing(labels, logits):
    """0, with a gradient that is not a number."""
    nothing = logits - keras.ops.stop_gradient(logits)
    return keras.ops.mean(keras.ops.sqrt(nothing))


def test_refusals(tmp_path):
    with pytest.raises(ModelError, match=r"finite loss; got nan at step 0\. Lower"):
        train(tmp_path / "nan", loss=lambda labels, logits: keras.ops.mean(logits) * np.nan)
    with pytest.raises(ModelError, match=r"finite weights after each epoch; some are not\. Lower"):
        train(tmp_path / "weights", replace(TRAINING, steps=1), loss=root_of_nothing)
    assert not (tmp_path / "weights" / "state.npz").exists()
    train(tmp_path / "run", run="one")
    with pytest.raises(OutputError, match=r"holds another run\..* one; got .* two\. Use the same"):
        train(tmp_path / "run", run="two")
