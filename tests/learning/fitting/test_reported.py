"""Each number that a training reports, compared with one computed outside of it."""

from itertools import count

import keras
import numpy as np
import pytest

from tfseis.learning import LossSum, Plateau, Training, fit, mask_crossentropy, mask_dice
from tfseis.learning.fitting.clock import Clock

STILL = Training(epochs=1, steps=5, learning_rate=0.0)
TRUTH = np.array([[[[1.0], [0.0], [0.0]]]], "float32")


def line():
    """A network that gives 0 and stays as it is where the learning rate is 0."""
    inputs = keras.Input((1,))
    return keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="zeros")(inputs))


def squares(first, sizes=(1, 1, 1, 1, 1)):
    """Batch n of targets n + 1, so that its squared error is (n + 1)^2."""
    for number in count(first):
        size = sizes[number % len(sizes)]
        yield np.ones((size, 1), "float32"), np.full((size, 1), number + 1, "float32")


def history(folder, training=STILL, batches=squares, build=line, **options):
    options = {"loss": "mse", "progress": False} | options
    return fit(build, batches, training, folder=folder, **options).history


def test_the_loss_of_an_epoch_is_the_mean_of_its_batches(tmp_path):
    """Losses 1, 4, 9, 16, 25: their mean is 11."""
    assert history(tmp_path)["loss"].tolist() == [11.0]


def test_each_epoch_has_its_own_mean(tmp_path):
    found = history(tmp_path, Training(epochs=2, steps=2, learning_rate=0.0))
    assert found["loss"].tolist() == [2.5, 12.5]


def test_batches_count_by_their_size(tmp_path):
    sizes = (1, 3, 1, 1, 2)
    found = history(tmp_path, batches=lambda first: squares(first, sizes))
    expected = np.average([1, 4, 9, 16, 25], weights=sizes)
    assert found["loss"][0] == pytest.approx(expected, rel=1e-6)


def test_an_epoch_that_the_clock_ends_is_the_mean_of_the_steps_made(tmp_path, monkeypatch):
    """Time is up after two of five steps: (1 + 4) / 2."""
    minutes = iter([0.0] * 3 + [2.0] * 9)
    monkeypatch.setattr(Clock, "minutes", property(lambda clock: next(minutes)))
    training = Training(epochs=1, steps=5, learning_rate=0.0, minutes=1.0, rate=Plateau())
    found = history(tmp_path, training)
    assert found["steps"].tolist() == [2]
    assert found["loss"].tolist() == [2.5]


def test_metrics_and_validation_are_means_too(tmp_path):
    absolute = lambda wanted, found: keras.ops.abs(wanted - found)[..., 0]
    one = next(squares(6))
    held_out = [next(squares(7)), next(squares(8))]

    class HeldOut(keras.utils.PyDataset):
        def __len__(self):
            return len(held_out)

        def __getitem__(self, number):
            return held_out[number]

    assert one[1] == 7
    found = history(tmp_path, metrics={"off": absolute}, validation=HeldOut())
    assert found["off"].tolist() == [3.0]
    assert found["val_loss"].tolist() == [(64 + 81) / 2]
    assert found["val_off"].tolist() == [8.5]
    own = {"epoch", "learning_rate", "steps", "minutes"}  # of these there is none of the validation
    assert {*found.columns} == {"loss", "off", "val_loss", "val_off", *own}


class Drawn(keras.losses.Loss):
    """The mean square times a number that is drawn in each step, as a user's own loss may be."""

    def __init__(self, seed=5):
        super().__init__()
        self.draws = keras.random.SeedGenerator(seed)

    def call(self, wanted, found):
        factor = keras.random.uniform((), 0.5, 1.5, seed=self.draws)
        return factor * keras.ops.mean(keras.ops.square(wanted - found), axis=-1)


def test_validation_draws_the_same_each_time_and_changes_no_draw_of_the_training(tmp_path):
    training = Training(epochs=3, steps=2, learning_rate=0.0)
    held_out = [next(squares(7)), next(squares(8))]
    found = [
        history(tmp_path / str(number), training, loss=Drawn(), validation=validation)
        for number, validation in enumerate((None, held_out))
    ]
    assert found[0]["loss"].tolist() == found[1]["loss"].tolist()
    assert len({*found[1]["val_loss"]}) == 1
    assert 0.5 * 72.5 < found[1]["val_loss"][0] < 1.5 * 72.5


def test_losses_of_several_outputs_are_weighed_and_the_others_left_out(tmp_path):
    def two():
        inputs = keras.Input((1,))
        zero = lambda name: keras.layers.Dense(1, kernel_initializer="zeros", name=name)(inputs)
        return keras.Model(inputs, {"fine": zero("fine"), "coarse": zero("coarse")})

    def both(first):
        for inputs, targets in squares(first):
            yield inputs, {"fine": targets, "coarse": 2 * targets}

    losses = {"fine": "mse", "coarse": "mse", "none": "mse"}
    weights = {"fine": 1.0, "coarse": 0.5, "none": 9.0}
    found = history(tmp_path, build=two, batches=both, loss=losses, loss_weights=weights)
    assert found["loss"].tolist() == [11 + 0.5 * 44]
    assert found["fine_loss"].tolist() == [11.0]
    assert found["coarse_loss"].tolist() == [44.0]


def test_a_loss_that_changes_from_step_to_step_is_reported_as_it_was(tmp_path):
    loss = LossSum([mask_crossentropy, mask_dice], [1.0, 0.0])
    seen = []

    def change(step, part):
        seen.append((step, part))
        loss.shares.assign([1 - part, part])

    def build():
        inputs = keras.Input((1, 3, 1))
        return keras.Model(inputs, keras.layers.Conv2D(1, 1, kernel_initializer="zeros")(inputs))

    def masks(first):
        while True:
            yield TRUTH, TRUTH

    training = Training(epochs=1, steps=4, learning_rate=0.0)
    found = history(tmp_path, training, masks, build, loss=loss, on_step=change)
    parts = np.arange(4) / 4
    assert seen == list(enumerate(parts))
    of_each = [float(one(TRUTH, 0 * TRUTH)[0]) for one in (mask_crossentropy, mask_dice)]
    expected = np.mean((1 - parts) * of_each[0] + parts * of_each[1])
    assert found["loss"][0] == pytest.approx(expected, rel=1e-6)


def test_the_learning_rate_is_that_of_the_last_step(tmp_path):
    quarter = Training(epochs=1, steps=4, learning_rate=0.8, rate=lambda step, part: step / 4)
    assert history(tmp_path, quarter)["learning_rate"][0] == pytest.approx(0.6, rel=1e-6)
