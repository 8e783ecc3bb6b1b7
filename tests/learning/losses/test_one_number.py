"""Losses of one number a batch, in `compile`, on several devices, and in saved models."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from tfseis import learning
from tfseis.errors import LabelError
from tfseis.learning import load_model
from tfseis.learning.losses.one_number import BatchLoss

ROOT = Path(__file__).resolve().parents[3]
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(6, 5, 7, 1)).astype("float32")
MASKS = (RNG.random((6, 5, 7, 1)) > 0.6).astype("float32")
MASK_LOSSES = {
    "fault_crossentropy": learning.fault_crossentropy,
    "balanced_crossentropy": learning.balanced_crossentropy,
    "dice_loss": learning.dice_loss,
    "mask_crossentropy": learning.mask_crossentropy,
    "mask_dice": learning.mask_dice,
    "mask_jaccard": learning.mask_jaccard,
    "mask_focal": learning.mask_focal,
    "lovasz_hinge": learning.lovasz_hinge,
    **learning.BOREHOLE_LOSSES,
    "CrossentropyAndDice": learning.CrossentropyAndDice(0, weights=(1.0,)),
    "LossSum": learning.LossSum([learning.mask_dice, learning.BOREHOLE_LOSSES["bce"]], [1.0, 0.5]),
}
REPLICAS = """
import json, sys
import numpy as np
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from tfseis import learning as L

# both devices see the same images, so that the loss of a batch is that of either half
half = np.random.default_rng(0).normal(size=(2, 8, 8, 8, 1)).astype("float32")
x = np.concatenate([half, half])
y = (x > 0.4).astype("float32")
three, taught = np.concatenate([y, np.ones_like(y), x], -1), np.concatenate([y, x], -1)

def trained(strategy, loss, shape, targets):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        inputs = keras.Input(shape)
        dense = keras.layers.Dense(2 if targets is None else 1)(inputs)
        model = keras.Model(inputs, dense)
        model.compile(keras.optimizers.SGD(0.2), loss=loss())
    flat = x[:, 0] if len(shape) == 3 else x
    wanted = y if targets is None else targets
    wanted = wanted[:, 0] if len(shape) == 3 else wanted
    wanted = wanted[..., 0] if targets is None else wanted
    data = tf.data.Dataset.from_tensor_slices((flat, wanted)).batch(4)
    found = model.fit(data, epochs=2, verbose=0).history["loss"]
    return found + [float(np.abs(w).sum()) for w in model.get_weights()]

flat, solid = (8, 8, 1), (8, 8, 8, 1)
losses = {
    "fault": (lambda: L.fault_crossentropy, solid, y),
    "balanced": (lambda: L.balanced_crossentropy, solid, y),
    "fault dice": (lambda: L.dice_loss, solid, y),
    "thin": (lambda: L.thin_dice, solid, y),
    "ce-dice": (lambda: L.CrossentropyAndDice(0, weights=(1.0,)), solid, y),
    "classes": (lambda: L.labelled_crossentropy, flat, None),
    "sum": (lambda: L.LossSum([L.mask_dice, L.BOREHOLE_LOSSES["bce"]], [1.0, 0.5]), flat, y),
    "distillation": (lambda: L.Distillation(L.fault_crossentropy), solid, taught),
    **{n: (lambda one=one: one, flat, y) for n, one in L.BOREHOLE_LOSSES.items()},
    **{n: (lambda one=one: one, flat, three) for n, one in L.GATHER_LOSSES.items()},
}
one, two = tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
found = {name: [trained(one, *rest), trained(two, *rest)] for name, rest in losses.items()}
print(json.dumps(found))
"""


@pytest.mark.slow
def test_several_devices_learn_what_one_does():
    done = subprocess.run(
        [sys.executable, "-c", REPLICAS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == 8 + len(learning.BOREHOLE_LOSSES) + len(learning.GATHER_LOSSES)
    for name, (one, two) in found.items():
        np.testing.assert_allclose(two, one, rtol=1e-2, atol=0.02, err_msg=name)  # Dice is smoothed


@pytest.mark.parametrize("name", MASK_LOSSES)
@pytest.mark.parametrize("kind", ["uint8", "bool", "int64", "float64"])
def test_masks_of_any_type_count_alike(name, kind):
    loss = MASK_LOSSES[name]
    np.testing.assert_allclose(loss(MASKS.astype(kind), LOGITS), loss(MASKS, LOGITS), rtol=1e-6)
    known = ops.convert_to_tensor(MASKS.astype(kind))
    np.testing.assert_allclose(loss(known, LOGITS), loss(MASKS, LOGITS), rtol=1e-6)


@pytest.mark.parametrize("name", MASK_LOSSES)
def test_masks_of_255_are_refused_or_give_no_number(name):
    loss = MASK_LOSSES[name]
    with pytest.raises(
        LabelError, match=r"masks of 0 and 1; got values up to 255\. Give masks > 0"
    ):
        loss((255 * MASKS).astype("uint8"), LOGITS)
    inputs = keras.Input((5, 7, 1))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", loss=loss)
    assert np.isnan(model.test_on_batch(LOGITS, (255 * MASKS).astype("uint8")))
    model.reset_metrics()  # Keras 3.12 goes on with the mean
    assert np.isfinite(model.test_on_batch(LOGITS, MASKS))


def test_a_loss_of_one_number_is_called_like_its_function():
    loss = learning.fault_crossentropy
    assert isinstance(loss, BatchLoss)
    assert loss.__name__ == "fault_crossentropy"
    assert ops.shape(loss(MASKS, LOGITS)) == ()
    assert float(loss(MASKS, LOGITS)) == float(loss.function(MASKS, LOGITS))
    assert float(learning.dice_loss(MASKS, LOGITS, 1.5)) != float(learning.dice_loss(MASKS, LOGITS))


def test_labels_without_channels_fit_one_logit():
    for loss in (learning.fault_crossentropy, learning.BOREHOLE_LOSSES["dice-bce"]):
        assert float(loss(MASKS[..., 0], LOGITS)) == float(loss(MASKS, LOGITS))


@pytest.mark.parametrize("old", [True, False])
def test_compiled_models_load_also_those_that_name_a_function(old, tmp_path, monkeypatch):
    inputs = keras.Input((5, 7, 1))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    loss = learning.fault_crossentropy
    if old:  # as tfseis 0.2.0 saved it

        def fault_crossentropy(labels, logits):
            return learning.fault_crossentropy.function(labels, logits)

        names = keras.src.saving.object_registration.GLOBAL_CUSTOM_NAMES
        monkeypatch.setitem(names, fault_crossentropy, "tfseis>fault_crossentropy")
        loss = fault_crossentropy
    model.compile("sgd", loss=loss)
    expected = model.test_on_batch(LOGITS, MASKS)
    model.train_on_batch(LOGITS, MASKS)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.loss is learning.fault_crossentropy
    assert loaded.test_on_batch(LOGITS, MASKS) < expected
