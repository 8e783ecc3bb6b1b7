import keras
import numpy as np
import pytest

from tfseis.learning import (
    LossSum,
    lovasz_hinge,
    mask_crossentropy,
    mask_dice,
    mask_focal,
    mask_jaccard,
)

LOSSES = [mask_crossentropy, mask_dice, mask_jaccard, mask_focal]
SURE = 50.0


@pytest.fixture
def masks():
    values = (np.random.default_rng(0).random((3, 4, 5, 1)) > 0.6).astype("float32")
    values[1] = 0
    return values


@pytest.mark.parametrize("loss", LOSSES)
def test_certainty_costs_nothing_where_it_is_right(loss, masks):
    np.testing.assert_allclose(loss(masks, SURE * (2 * masks - 1)), 0, atol=1e-5)


@pytest.mark.parametrize("loss", [mask_dice, mask_jaccard])
def test_all_wrong_costs_nearly_1(loss):
    ones = np.ones((1, 50, 50, 1), "float32")
    assert float(loss(ones, -SURE * ones)[0]) == pytest.approx(1 - 1 / 2501, abs=1e-5)


def test_crossentropy_and_focal_loss_are_those_of_keras(masks):
    logits = np.random.default_rng(1).normal(scale=3, size=masks.shape).astype("float32")
    for own, oracle in (
        (mask_crossentropy, keras.losses.BinaryCrossentropy(from_logits=True)),
        (mask_focal, keras.losses.BinaryFocalCrossentropy(from_logits=True, gamma=2.0)),
    ):
        expected = float(oracle(masks, logits))
        assert float(np.mean(own(masks, logits))) == pytest.approx(expected, rel=1e-4)


def test_lovasz_by_hand():
    """Two pixels of salt, errors 0.5 and 2; one without, error 0: jaccard 0.5, 1, 1."""
    masks = np.array([1, 1, 0], "float32").reshape(1, 1, 3, 1)
    logits = np.array([0.5, -1.0, -1.0], "float32").reshape(1, 1, 3, 1)
    passed = lambda error: error + 1  # elu of what is not negative
    # sorted: 2 (salt), 0.5 (salt), 0 (none): losses 1/2, 1, 1, so steps 1/2, 1/2, 0
    expected = passed(2.0) / 2 + passed(0.5) / 2
    assert float(lovasz_hinge(masks, logits)[0]) == pytest.approx(expected, rel=1e-5)


def test_lovasz_of_certainty_vanishes(masks):
    np.testing.assert_allclose(lovasz_hinge(masks, SURE * (2 * masks - 1)), 0, atol=1e-5)


def test_sums_add_up_and_their_shares_may_change(masks):
    logits = np.zeros_like(masks)
    parts = [float(np.mean(of(masks, logits))) for of in (mask_dice, lovasz_hinge)]
    loss = LossSum([mask_dice, lovasz_hinge], [0.25, 2.0])
    assert float(loss(masks, logits)) == pytest.approx(0.25 * parts[0] + 2 * parts[1], rel=1e-5)
    loss.shares.assign([1.0, 0.0])
    assert float(loss(masks, logits)) == pytest.approx(parts[0], rel=1e-5)
    again = LossSum.from_config(loss.get_config())
    assert float(again(masks, logits)) == pytest.approx(parts[0], rel=1e-5)


@pytest.mark.parametrize("loss", [*LOSSES, lovasz_hinge])
def test_small_steps_lower_every_loss(loss, masks):
    inputs = keras.Input((4, 5, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs))
    model.compile(keras.optimizers.SGD(0.05), loss=loss)
    values = [model.train_on_batch(masks, masks) for _ in range(6)]
    assert values[-1] < values[0]
