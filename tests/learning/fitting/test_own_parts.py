"""What a user brings along trains, finishes and resumes: losses, metrics, networks, optimizers."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfseis.errors import ModelError
from tfseis.learning import Training, fit, load_model
from tfseis.learning.fitting import loop
from tfseis.learning.fitting.ahead import drawn_ahead
from tfseis.learning.fitting.randomness import restart, seeds_of, state_of

TRAINING = Training(epochs=2, steps=2, learning_rate=0.1)
GENERATOR = keras.random.SeedGenerator(5)


def build():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.5)])


def batches(first):
    for number in range(first, 10_000):
        inputs = np.random.default_rng(number).normal(size=(4, 3)).astype("float32")
        yield inputs, inputs[:, :2]


def absolute(targets, outputs):
    return ops.mean(ops.abs(targets - outputs))


def drawing(targets, outputs):
    """Draws from a generator of its module."""
    return absolute(targets, outputs) * keras.random.uniform((), seed=GENERATOR)


class Absolute(keras.losses.Loss):
    """A loss that nobody registered."""

    def call(self, targets, outputs):
        return absolute(targets, outputs)


LOSSES = {
    "function": absolute,
    "lambda": lambda targets, outputs: ops.mean(ops.square(targets - outputs)),
    "class": Absolute(),
    "keras": "mse",
}


@pytest.mark.parametrize("best", ["loss", "last"])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_an_own_loss_and_metric_train_finish_and_resume(tmp_path, monkeypatch, loss, best):
    training = Training(epochs=2, steps=2, learning_rate=0.1, best=best)
    metrics = {"off": lambda targets, outputs: ops.mean(targets - outputs)}

    def run(folder):
        return fit(
            build, batches, training, folder=folder, loss=loss, metrics=metrics, progress=False
        )

    whole = run(tmp_path / "whole")
    next_batch = loop._next
    with monkeypatch.context() as patch:
        patch.setattr(loop, "_next", lambda stream, step: 1 / (3 - step) and next_batch(stream, 0))
        with pytest.raises(ZeroDivisionError):
            run(tmp_path / "parts")
    parts = run(tmp_path / "parts")
    assert len(parts.history) == 2
    assert "off" in parts.history
    saved = load_model(tmp_path / "parts" / "best.keras")
    for one, two, three in zip(
        *(m.get_weights() for m in (whole.model, parts.model, saved)), strict=True
    ):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_an_own_optimizer_and_rate(tmp_path):
    """Plain descent on sum(w): each step takes the rate from each weight."""
    network = lambda: keras.Sequential(
        [keras.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    ones = lambda first: iter([(np.ones((1, 1), "float32"),) * 2] * 9)
    training = Training(
        epochs=1,
        steps=3,
        learning_rate=0.1,
        optimizer=keras.optimizers.SGD,
        rate=lambda step, part: step,
        best="last",
    )
    fitted = fit(
        network,
        ones,
        training,
        folder=tmp_path,
        progress=False,
        loss=lambda targets, outputs: ops.mean(outputs),
    )
    np.testing.assert_allclose(fitted.model.get_weights()[0], 1 - 0.1 * (0 + 1 + 2), rtol=1e-6)


def test_callbacks_are_told_and_may_stop(tmp_path):
    told = []

    class Told(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            told.append(batch)
            self.model.stop_training = len(told) == 4  # 0, 1, epoch 0, 0

        def on_epoch_end(self, epoch, logs=None):
            told.append(f"epoch {epoch}")

    fitted = fit(
        build,
        batches,
        Training(epochs=5, steps=2),
        folder=tmp_path,
        loss="mse",
        callbacks=[Told()],
        progress=False,
    )
    assert told == [0, 1, "epoch 0", 0, "epoch 1"]
    assert fitted.history["steps"].tolist() == [2, 1]


def test_a_network_that_does_not_know_its_inputs_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"knows the shape of its inputs; 'own'.*keras\.Input"):
        fit(
            lambda: keras.Sequential([layers.Dense(1)], name="own"),
            batches,
            TRAINING,
            folder=tmp_path,
            loss="mse",
            progress=False,
        )


def test_the_delivered_network_is_not_compiled(tmp_path):
    fitted = fit(build, batches, TRAINING, folder=tmp_path, loss=absolute, progress=False)
    assert not fitted.model.compiled


def test_generators_are_found_wherever_a_loss_holds_them():
    inside = keras.random.SeedGenerator(1)
    enclosed = lambda targets, outputs: keras.random.uniform((), seed=inside)
    held = Absolute()
    held.parts = {"other": [enclosed], "share": keras.Variable(2.0)}
    found = seeds_of([held, drawing, enclosed, build()])
    assert [id(state) for state in found[:2]] == [id(inside.state), id(GENERATOR.state)]
    assert len(found) == 3
    restart(found, 2**32 - 1)
    np.testing.assert_array_equal(
        [np.asarray(state) for state in found], [[2**32 - 1, 0], [0, 0], [1, 0]]
    )
    assert len(state_of(held)) == 2
    assert state_of([None, "mse", 3, absolute]) == []


def test_batches_drawn_ahead_are_the_same_and_the_thread_ends():
    assert list(drawn_ahead(range(7))) == list(range(7))
    drawn = []

    def endless():
        for number in range(10_000):
            drawn.append(number)
            yield number

    ahead = drawn_ahead(endless())
    assert [next(ahead), next(ahead)] == [0, 1]
    ahead.close()
    assert len(drawn) <= 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del ahead
