import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfseis.errors import ModelError
from tfseis.learning import (
    CrossentropyAndDice,
    Distillation,
    balanced_crossentropy,
    dice_loss,
    fault_crossentropy,
    level_labels,
    load_model,
    taught,
    thin_dice,
    with_levels,
)
from tfseis.learning.losses.labelled_masks import labelled_bce
from tfseis.learning.losses.surfaces import WEIGHTS, soft_skeleton
from tfseis.models import unet3d, unet_ds

SIZE = (2, 5, 6, 7, 1)


@pytest.fixture
def labels():
    return (np.random.default_rng(0).uniform(size=SIZE) > 0.8).astype("float32")


@pytest.fixture
def logits():
    return np.random.default_rng(1).normal(size=SIZE).astype("float32")


def test_crossentropy_equals_that_of_keras(labels, logits):
    wanted = keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits)
    assert float(fault_crossentropy(labels, logits)) == pytest.approx(float(wanted), rel=1e-5)
    assert float(fault_crossentropy(labels[..., 0], logits)) == pytest.approx(float(wanted), 1e-5)


def test_two_logits_mean_what_one_does(labels, logits):
    both = np.concatenate([np.full_like(logits, 0.3), logits + 0.3], -1)
    for loss in (fault_crossentropy, balanced_crossentropy, dice_loss, thin_dice):
        assert float(loss(labels, both)) == pytest.approx(float(loss(labels, logits)), rel=1e-4)


@pytest.mark.parametrize("loss", [fault_crossentropy, balanced_crossentropy, dice_loss])
def test_what_nobody_labelled_counts_nowhere(loss, labels, logits):
    hidden = labels.copy()
    hidden[0] = -1
    assert float(loss(hidden, logits)) == pytest.approx(float(loss(labels[1:], logits[1:])), 1e-5)
    changed = logits.copy()
    changed[0] += 5
    assert float(loss(hidden, changed)) == pytest.approx(float(loss(hidden, logits)), 1e-5)


def test_balanced_crossentropy_by_hand():
    # one fault in four: it weighs 3/4 and costs log(1+e^-1); each other 1/4 and log(1+e^2)
    labels = np.array([1, 0, 0, 0], "float32").reshape(1, 4, 1)
    logits = np.array([1, 2, 2, 2], "float32").reshape(1, 4, 1)
    wanted = (0.75 * np.log1p(np.exp(-1)) + 3 * 0.25 * np.log1p(np.exp(2))) / 4
    assert float(balanced_crossentropy(labels, logits)) == pytest.approx(wanted, rel=1e-5)


def test_dice_by_hand_and_at_its_limits(labels):
    # p = 1/2 everywhere, two of four are faults, b = 1.5: 1 - (3.25 * 1 + 1) / (2.25 * 2 + 2 + 1)
    four = np.array([1, 1, 0, 0], "float32").reshape(1, 4, 1)
    assert float(dice_loss(four, np.zeros((1, 4, 1)), 1.5)) == pytest.approx(1 - 4.25 / 7.5)
    sure = 40 * (2 * labels - 1)
    assert float(dice_loss(labels, sure)) == pytest.approx(0, abs=1e-6)
    assert float(thin_dice(labels, sure)) == pytest.approx(0, abs=1e-6)
    assert float(dice_loss(labels, -sure)) > 0.98


def gradients(loss, labels, logits, steps):
    """Gradient of the logits in each of some steps."""
    logits = tf.Variable(logits)
    found = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = loss(labels, logits)
        found.append(tape.gradient(value, logits).numpy())
    return np.array(found)


def test_the_weight_is_drawn_anew_at_each_step_and_repeats_with_the_seed(labels, logits):
    first, again = CrossentropyAndDice(seed=4), CrossentropyAndDice(seed=4)
    found = gradients(first, labels, logits, 40)
    np.testing.assert_array_equal(found, gradients(again, labels, logits, 40))
    alone = [
        gradients(
            lambda y, x, b=b: fault_crossentropy(y, x) + dice_loss(y, x, b), labels, logits, 1
        )[0]
        for b in WEIGHTS
    ]
    apart = np.array([[np.abs(one - other).max() for other in alone] for one in found])
    assert apart.min(axis=1).max() < 1e-7
    assert {*apart.argmin(axis=1).tolist()} == set(range(10))


def test_the_value_is_the_mean_over_the_weights_whatever_is_drawn(labels, logits):
    loss = CrossentropyAndDice(seed=4)
    ratio = lambda y, p, b: 1 - ((1 + b * b) * (p * y).sum() + 1) / (b * b * p.sum() + y.sum() + 1)
    y, p = labels.astype("float64"), 1 / (1 + np.exp(-logits.astype("float64")))
    losses = -np.log(np.where(y == 1, p, 1 - p)).mean() + np.mean([ratio(y, p, b) for b in WEIGHTS])
    values = {float(loss(labels, logits)) for _ in range(9)}
    assert len(values) == 1
    assert values.pop() == pytest.approx(losses, rel=1e-5)
    one = CrossentropyAndDice(weights=(1.0,))
    expected = float(fault_crossentropy(labels, logits) + dice_loss(labels, logits, 1.0))
    assert float(one(labels, logits)) == pytest.approx(expected, rel=1e-6)


def test_the_weight_is_drawn_in_a_compiled_step_and_evaluation_repeats(labels, logits):
    model = keras.Sequential([keras.Input(SIZE[1:]), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), loss=CrossentropyAndDice())
    start, ends, values = model.get_weights(), set(), set()
    for _ in range(12):
        model.set_weights(start)
        values.add(float(model.evaluate(logits, labels, verbose=0)))
        model.train_on_batch(logits, labels)
        ends.add(float(model.get_weights()[0].ravel()[0]))
    assert len(ends) > 3
    assert len(values) == 1


def test_a_sheet_is_thinned_to_its_middle():
    cube = np.zeros((1, 9, 9, 9, 1), "float32")
    cube[:, :, :, 3:6] = 1
    thin = ops.convert_to_numpy(soft_skeleton(cube))[0, 4, 4, :, 0]
    assert thin.round(3).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_thin_dice_fears_a_hole_in_a_sheet_more_than_dice_does():
    cube = np.zeros((1, 16, 16, 9, 1), "float32")
    cube[:, :, :, 3:6] = 1
    logits = 20 * (2 * cube - 1)
    shaved, broken = logits.copy(), logits.copy()
    shaved[:, :, :, 3] = -20
    broken[:, :, :5, 3:6] = -20
    assert float(dice_loss(cube, broken)) == pytest.approx(float(dice_loss(cube, shaved)), abs=0.03)
    assert float(thin_dice(cube, broken)) > float(thin_dice(cube, shaved)) + 0.02


def test_losses_survive_saving(tmp_path, labels, logits):
    losses = [
        fault_crossentropy,
        balanced_crossentropy,
        thin_dice,
        CrossentropyAndDice(seed=2),
    ]
    for loss in losses:
        model = unet3d(filters=(2, 2))
        model.compile("adam", loss=Distillation(loss, kind="divergence", temperature=10.0))
        target = np.concatenate([labels, logits], -1)
        model.train_on_batch(logits, target)
        model.save(tmp_path / "model.keras")
        again = load_model(tmp_path / "model.keras")
        assert again.loss.temperature == 10.0
        assert float(again.evaluate(logits, target, verbose=0)) > 0


def test_distillation_by_hand():
    # labels 1; teacher ln 3 (p = 3/4), student 0 (p = 1/2)
    target = np.array([[[1.0, np.log(3)]]], "float32")
    student = np.zeros((1, 1, 1), "float32")
    squares = ((np.log(0.5) - np.log(0.25)) ** 2 + (np.log(0.5) - np.log(0.75)) ** 2) / 2
    loss = Distillation(fault_crossentropy)
    assert float(loss(target, student)) == pytest.approx(np.log(2) + squares, rel=1e-5)
    divergence = 0.25 * np.log(0.25 / 0.5) + 0.75 * np.log(0.75 / 0.5)
    loss = Distillation(fault_crossentropy, kind="divergence", share=0.5)
    assert float(loss(target, student)) == pytest.approx(np.log(2) + 0.5 * divergence, rel=1e-5)
    p = 1 / (1 + 3**-0.5)  # temperature 2
    divergence = p * np.log(2 * p) + (1 - p) * np.log(2 * (1 - p))
    loss = Distillation(fault_crossentropy, kind="divergence", temperature=2.0)
    assert float(loss(target, student)) == pytest.approx(np.log(2) + 4 * divergence, rel=1e-4)


def test_a_student_comes_to_say_what_its_teacher_says(labels, logits):
    keras.utils.set_random_seed(0)
    teacher, student = unet3d(filters=(3, 4)), unet3d(filters=(2, 2))
    before = [w.numpy() for w in teacher.weights]

    def batches():
        while True:
            yield logits, labels

    student.compile(keras.optimizers.Adam(0.02), Distillation(_nothing, share=1.0))
    past = student.fit(
        taught(batches(), teacher), steps_per_epoch=10, epochs=5, shuffle=False, verbose=0
    )
    assert past.history["loss"][-1] < 0.6 * past.history["loss"][0]
    assert all(np.array_equal(w, b) for w, b in zip(teacher.weights, before, strict=True))


def test_the_teacher_drops_out_only_in_training_mode(labels, logits):
    teacher = unet_ds(base=2, dropout=0.5)
    for training in (False, True):
        (_, one), (_, two) = (next(taught([(logits, labels)], teacher, training=training)),) * 1 + (
            next(taught([(logits, labels)], teacher, training=training)),
        )
        assert one.shape == (*SIZE[:-1], 2)
        np.testing.assert_array_equal(one[..., :1], labels)
        assert np.array_equal(one, two) is not training


def test_the_student_sees_noise_that_the_teacher_does_not(labels, logits):
    teacher = unet3d(filters=(2, 3))
    ((clean, one),) = taught([(logits, labels)], teacher)
    ((noisy, two),) = taught([(logits, labels)], teacher, noise=0.5, seed=1)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(clean, logits)
    assert float(np.std(noisy - logits)) == pytest.approx(0.5, rel=0.2)


def test_where_nothing_is_known_the_teacher_alone_teaches(labels, logits):
    unknown = np.concatenate([np.full_like(labels, -1), logits], -1)
    for loss in (fault_crossentropy, CrossentropyAndDice(), thin_dice, balanced_crossentropy):
        assert float(Distillation(loss)(unknown, logits)) == pytest.approx(0, abs=1e-6)


def test_each_level_has_its_own_loss(labels, logits):
    network = unet_ds(base=2, dropout=0.0)
    model = with_levels(network)
    found, wanted = model(logits), level_labels(labels)
    assert {name: tuple(v.shape) for name, v in found.items()} == {
        "logits": SIZE,
        "logits_half": (2, 3, 3, 4, 1),
        "logits_quarter": (2, 2, 2, 2, 1),
    }
    assert {name: v.shape for name, v in wanted.items()} == {n: v.shape for n, v in found.items()}
    np.testing.assert_array_equal(found["logits"], network(logits))
    block = labels[0, 2:4, 4:6, 0:2].max()
    assert float(wanted["logits_half"][0, 1, 2, 0, 0]) == block
    model.compile("adam", loss=dict.fromkeys(found, fault_crossentropy))
    model.train_on_batch(logits, wanted)
    with pytest.raises(ValueError, match=r"logits_half.*got 'unet3d'.*unet_ds"):
        with_levels(unet3d(filters=(2, 2)))


def test_the_loss_itself_on_the_probabilities_of_a_teacher():
    labels, teacher, student = 1.0, 0.0, np.log(3.0)  # teacher 1/2, student 3/4
    targets = np.full((1, 2, 2, 2), [labels, teacher], "float32")
    logits = np.full((1, 2, 2, 1), student, "float32")
    hard, soft = -np.log(0.75), -(np.log(0.75) + np.log(0.25)) / 2
    loss = Distillation(labelled_bce, kind="loss", share=2.0)
    assert float(loss(targets, logits)) == pytest.approx(hard + 2 * soft, rel=1e-5)
    targets[..., 0] = -1  # nobody labelled
    assert float(loss(targets, logits)) == pytest.approx(2 * soft, rel=1e-5)
    with pytest.raises(ModelError, match="teacher with one logit for kind 'loss'; got 2"):
        loss(np.zeros((1, 2, 2, 3), "float32"), logits)


def test_an_unknown_kind_is_refused():
    with pytest.raises(
        ValueError, match=r"'log-softmax' or 'divergence' or 'loss'.*got 'mse', 1.0"
    ):
        Distillation(fault_crossentropy, kind="mse")
    with pytest.raises(ValueError, match="temperature above 0"):
        Distillation(fault_crossentropy, temperature=0.0)


@keras.saving.register_keras_serializable("tests")
def _nothing(labels, logits):
    return ops.zeros(())
