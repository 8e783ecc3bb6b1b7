"""A run that is killed in the middle of an epoch ends with the same weights, whatever it draws."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfseis.learning import (
    CrossentropyAndDice,
    Distillation,
    Plateau,
    Training,
    fit,
    taught,
)
from tfseis.learning.fitting import loop

TRAINING = Training(epochs=3, steps=3, learning_rate=0.02, rate=Plateau(2, 0.0), seed=3)
WAYS = {
    "lowest loss": replace(TRAINING, best="loss"),
    "best score": replace(TRAINING, best="score", memory=0.9),
    "last averages": replace(TRAINING, best="last", memory=0.9),
    "last weights, cosine": replace(TRAINING, best="last", rate=None),
}


class Jitter(layers.Layer):
    """Noise from a generator of its own, as a layer that a user writes may have."""

    def __init__(self, seed=None):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if not training:
            return x
        return x + 0.1 * keras.random.normal(ops.shape(x), seed=self.seed_generator)


def build():
    """Dropout, a nested network with dropout, and the layer above."""
    inner = keras.Sequential([keras.Input((5, 4)), layers.Dense(4), layers.Dropout(0.3)])
    inputs = keras.Input((5, 4))
    x = layers.Dropout(0.4)(inner(inputs))
    x = layers.BatchNormalization()(Jitter()(inner(x)))
    return keras.Model(inputs, layers.Dense(1)(x))


def batches(first):
    for number in range(first, 10_000):
        inputs = np.random.default_rng(number).normal(size=(3, 5, 4)).astype("float32")
        yield inputs, (inputs[..., :1] > 0).astype("float32")


def score(model):
    inputs, targets = next(batches(999))
    return -float(ops.mean(ops.abs(model(inputs) - targets)))


def trained(folder, training, kind):
    """A training whose loss draws random numbers, with a teacher that draws its own, or none."""
    loss, options = CrossentropyAndDice(7), {}
    if kind != "labels":
        keras.utils.set_random_seed(len(str(folder)))  # the teacher's own seeds must not matter
        teacher = build()
        teacher.set_weights([np.full(w.shape, 0.1) for w in teacher.get_weights()])
        draws = keras.random.SeedGenerator(training.seed)
        itself = kind == "its own teacher"
        options = {
            "random": [draws, teacher],
            "teach": lambda drawn, network: taught(
                drawn, network if itself else teacher, training=True, noise=0.1, seed=draws
            ),
        }
        loss = Distillation(loss)
    fitted = fit(
        build, batches, training, folder=folder, loss=loss, score=score, progress=False, **options
    )
    return fitted.model, fitted.history.drop(columns="minutes")


@pytest.mark.parametrize(
    "way, kind",
    [
        ("lowest loss", "labels"),
        ("lowest loss", "a teacher"),
        ("best score", "its own teacher"),
        ("last averages", "a teacher"),
        ("last averages", "its own teacher"),
        ("last weights, cosine", "labels"),
    ],
)
def test_a_killed_run_ends_with_the_same_weights(tmp_path, monkeypatch, way, kind):
    training = WAYS[way]
    whole, history = trained(tmp_path / "whole", training, kind)
    next_batch = loop._next

    def killed(stream, step):
        if step == 7:
            raise KeyboardInterrupt
        return next_batch(stream, step)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "_next", killed)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "killed, then resumed", training, kind)
    resumed, past = trained(tmp_path / "killed, then resumed", training, kind)
    for one, two in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert history.equals(past)
    with (
        np.load(tmp_path / "whole/state.npz") as one,
        np.load(tmp_path / "killed, then resumed/state.npz") as two,
    ):
        for name in set(one.files) - {"record"}:
            np.testing.assert_array_equal(one[name], two[name])


def test_the_state_of_another_network_is_refused(tmp_path):
    trained(tmp_path, WAYS["last averages"], "labels")
    other = lambda: keras.Sequential([keras.Input((5, 4)), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"state of this network.*other shapes\. Resume with"):
        fit(other, batches, WAYS["last averages"], folder=tmp_path, loss="mse", progress=False)
