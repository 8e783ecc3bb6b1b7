"""Losses of the user's are tried on shapes alone, before anything is written."""

import keras
import pytest
from keras import ops

from tfseis.errors import LabelError, ModelError
from tfseis.learning.losses.surfaces import CrossentropyAndDice
from tfseis.learning.own import check_kept, check_loss, tried

SHAPE = (2, 7, 8, 1)


def check(loss, labels=SHAPE, logits=SHAPE):
    check_loss(loss, "mine:loss", labels, logits, dtype="float32")


@pytest.mark.parametrize(
    "loss",
    [
        lambda labels, logits: ops.mean(ops.abs(labels - logits)),
        lambda labels, logits: ops.abs(labels - logits),  # Keras takes its mean
        keras.losses.MeanSquaredError(),
        CrossentropyAndDice(3),
    ],
)
def test_losses_that_can_be_computed_pass(loss):
    check(loss)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (3.0, r"loss mine:loss to be a function of labels and logits; got float"),
        (
            lambda labels: 0,
            r"labels \(2, 7, 8, 1\) and logits .* it failed with TypeError: .*2 w",
        ),
        (lambda labels, logits: 3, r"to return one number, float32; got int"),
        (lambda labels, logits: ops.argmax(logits), r"got int32 for labels"),
        (lambda labels, logits: ops.mean(logits + ops.ones((5, 5))), r"failed with \w+: .*Call it"),
        (lambda labels, logits: labels.numpy(), r"it failed with AttributeError"),
    ],
)
def test_others_are_refused_in_one_line(loss, message):
    with pytest.raises(ModelError, match=message) as refused:
        check(loss)
    assert "\n" not in str(refused.value)


def test_no_random_number_is_drawn():
    generator = keras.random.SeedGenerator(5)
    before = ops.convert_to_numpy(generator.state).tolist()
    check(lambda labels, logits: ops.mean(logits) * keras.random.uniform((), seed=generator))
    assert ops.convert_to_numpy(generator.state).tolist() == before


def test_what_is_refused_in_words_of_the_package_stays():
    def refuse():
        raise LabelError("Expected a; got b. Do c.")

    with pytest.raises(LabelError, match="Do c"):
        tried(refuse, "the variation", "crops")


@pytest.mark.parametrize("found", [None, (ops.ones(SHAPE),), (ops.ones(SHAPE), ops.ones((2, 7)))])
def test_a_variation_keeps_shapes(found):
    with pytest.raises(ModelError, match=r"the shapes \(2, 7, 8, 1\) and \(2, 7, 8, 1\) that"):
        check_kept(found, [SHAPE, SHAPE], "the variation", "images and masks")
