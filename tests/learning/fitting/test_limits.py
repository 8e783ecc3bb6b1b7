import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from tfseis.learning import TimedTraining, fault_crossentropy, fit_timed
from tfseis.learning.fitting.timed_fit import _scored_at
from tfseis.models import unet3d

TRAINING = TimedTraining(epochs=2, steps=3, learning_rate=0.01, warm_up=2, memory=0.5)


def batches(first):
    for number in range(first, 10_000):
        amplitude = np.random.default_rng(number).normal(size=(2, 6, 7, 8, 1)).astype("float32")
        yield amplitude, (amplitude > 1).astype("float32")


def train(folder, training=TRAINING, score=lambda model: {}, **options):
    return fit_timed(
        lambda: unet3d(filters=(2, 3)),
        options.pop("batches", batches),
        training,
        folder=folder,
        loss=options.pop("loss", fault_crossentropy),
        score=score,
        progress=False,
        **options,
    )


def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path):
    constant = replace(TRAINING, descent=0.0)  # else the rate depends on what is left
    whole, past = train(tmp_path / "whole", replace(constant, epochs=3))
    train(tmp_path / "parts", replace(constant, epochs=1))
    parts, history = train(tmp_path / "parts", replace(constant, epochs=3))
    for one, two in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(past["loss"], history["loss"], rtol=1e-5)
    assert list(history["epoch"]) == [0, 1, 2]
    assert (np.diff(history["minutes"]) > 0).all()


def test_weights_are_averaged_and_the_loss_falls(tmp_path):
    averaged, history = train(tmp_path, replace(TRAINING, epochs=12, learning_rate=0.03))
    last = keras.saving.load_model(tmp_path / "last.keras")
    assert (averaged.get_weights()[0] != last.get_weights()[0]).any()
    assert history["loss"].iloc[-1] < 0.8 * history["loss"].iloc[0]
    assert history["learning_rate"].iloc[-1] < 0.1 * history["learning_rate"].max()


def test_the_clock_ends_a_training_after_one_step_at_least(tmp_path):
    _, history = train(tmp_path, replace(TRAINING, minutes=1e-9))
    assert list(history["steps"]) == [1]


def test_scores_are_taken_when_their_minutes_have_passed(tmp_path):
    _, history = train(tmp_path / "often", replace(TRAINING, score_minutes=0), lambda m: {"iou": 1})
    assert list(history["iou"]) == [1, 1]
    assert _scored_at(json.loads((tmp_path / "often" / "history.json").read_text())) > 0
    _, history = train(tmp_path / "never", score=lambda m: {"iou": 1})
    assert "iou" not in history


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match=r"one step and a time limit above 0.*0 steps in None"):
        TimedTraining(epochs=1, steps=0)
    with pytest.raises(ValueError, match=r"descent from 0 to 1; got 2\. Try"):
        TimedTraining(epochs=1, steps=1, descent=2)
    with pytest.raises(ValueError, match=r"finite loss; got nan at step 0\. Lower"):
        train(tmp_path / "nan", loss=lambda labels, logits: keras.ops.mean(logits) * np.nan)
    train(tmp_path / "kept")
    kept = (tmp_path / "kept" / "last.keras").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "get_weights", lambda model: [np.array(np.nan)])
        with pytest.raises(ValueError, match="finite weights"):
            train(tmp_path / "kept", replace(TRAINING, epochs=3))
    assert (tmp_path / "kept" / "last.keras").read_bytes() == kept
    train(tmp_path / "run", run="one")
    with pytest.raises(ValueError, match=r"holds another run\..* one; got .* two\. Use the same"):
        train(tmp_path / "run", run="two")
