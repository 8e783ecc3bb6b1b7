"""A step that two devices share comes to what one device makes of the whole batch."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
TWO_DEVICES = """
import json
import numpy as np
import tensorflow as tf

cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from keras import layers
from tfseis import learning as L

STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def build(normalized=False):
    inputs = keras.Input((6, 7, 1))
    x = layers.Conv2D(3, 3, padding="same", activation="gelu")(inputs)
    x = layers.BatchNormalization()(x) if normalized else x
    return keras.Model(inputs, layers.Conv2D(1, 3, padding="same")(x))


def batch(number):  # samples with few and with many marks: their mean loss is not that of all
    rng = np.random.default_rng(number)
    inputs = rng.normal(size=(4, 6, 7, 1)).astype("float32")
    marked = inputs > np.array([2.0, 1.5, 0.0, -0.5]).reshape(4, 1, 1, 1)
    return inputs, marked.astype("float32")
"""
STEPS = """
from tfseis.devices.choice import OneDevice
from tfseis.devices.strategies import OneProcess


def trained(devices, loss, **options):
    keras.utils.set_random_seed(3)
    model = build(**options)
    model.compile("adam", loss=loss(), metrics=["mae"], jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    step = devices.step(model)
    losses = []
    for number in range(3):
        model.reset_metrics()
        losses.append(step(batch(number)))
    return [[row["loss"], row["mae"]] for row in losses], [w.tolist() for w in model.get_weights()]


class Sum(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))  # one number already


LOSSES = {
    "crossentropy": lambda: L.fault_crossentropy,
    "dice": lambda: L.dice_loss,
    "crossentropy and dice": lambda: L.CrossentropyAndDice(7),
    "one number": lambda: Sum(),
    "a sum": lambda: keras.losses.MeanSquaredError(reduction="sum"),
}
found = {}
for name, loss in LOSSES.items():
    normalized = name == "dice"
    both = [trained(d, loss, normalized=normalized) for d in (OneDevice(), OneProcess(STRATEGY))]
    found[name] = both
print(json.dumps(found))
"""
FIT = """
import sys
from pathlib import Path
from tfseis.errors import ModelError
from tfseis.learning import Plateau, Training, fit, taught
from tfseis.learning.fitting import loop

place = Path(sys.argv[1])
TRAINING = Training(
    epochs=3, steps=3, learning_rate=0.02, rate=Plateau(2, 0.0), memory=0.9, best="last", seed=3
)


def batches(first):
    for number in range(first, 10_000):
        yield batch(number)


def run(name, strategy, dropout=0.0, batches=batches):
    def made():
        model = build(normalized=True)
        return keras.Model(model.input, layers.Dropout(dropout)(model.output))

    fitted = fit(
        made, batches, TRAINING, folder=place / name, loss=L.CrossentropyAndDice(7),
        metrics={"mae": keras.metrics.mean_absolute_error}, validation=[batch(99)],
        score=lambda model: float(model(batch(98)[0])[0, 0, 0, 0]), progress=False,
        strategy=strategy,
    )
    rows = fitted.history.drop(columns="minutes")
    return sorted(rows), rows[sorted(rows)].to_numpy().tolist(), [
        w.tolist() for w in fitted.model.get_weights()
    ]


def killed(name, strategy, **options):
    next_batch = loop._next

    def interrupted(stream, step):
        if step == 7:
            raise KeyboardInterrupt
        return next_batch(stream, step)

    loop._next = interrupted
    try:
        run(name, strategy, **options)
    except KeyboardInterrupt:
        pass
    loop._next = next_batch
    return run(name, strategy, **options)


found = {
    "one": run("one", None),
    "two": run("two", STRATEGY),
    "killed": killed("killed", STRATEGY),
    "dropout": run("dropout", STRATEGY, dropout=0.4),
    "killed dropout": killed("killed dropout", STRATEGY, dropout=0.4),
}
try:
    run("odd", STRATEGY, batches=lambda first: ((x[:3], y[:3]) for x, y in batches(first)))
except ModelError as error:
    found["odd"] = str(error)
print(json.dumps(found))
"""


def on_two_devices(script, *words):
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES + script, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def assert_alike(one, other, tolerance=1e-5):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.slow
def test_two_devices_learn_what_one_does_from_the_whole_batch():
    for name, (one, two) in on_two_devices(STEPS).items():
        assert_alike(two[0], one[0])
        assert_alike(two[1], one[1])
        assert np.ptp([row[0] for row in one[0]]) > 1e-4, name  # something was learnt


@pytest.mark.slow
def test_a_training_on_two_devices_is_that_on_one_also_after_a_kill(tmp_path):
    found = on_two_devices(FIT, tmp_path)
    assert found["two"][0] == found["one"][0]
    assert_alike(found["two"][1], found["one"][1])
    assert_alike(found["two"][2], found["one"][2])
    assert found["killed"] == found["two"]  # bit by bit
    assert found["killed dropout"] == found["dropout"]
    assert found["dropout"][1] != found["two"][1]
    assert found["odd"] == (
        "Expected batches of a multiple of 2, the number of devices; got 3. Choose a batch size "
        "of 4, or fewer devices."
    )
