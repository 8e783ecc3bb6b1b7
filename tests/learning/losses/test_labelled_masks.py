import keras
import numpy as np
import pytest
from keras import ops

from tfseis.learning import BOREHOLE_LOSSES
from tfseis.learning.losses.labelled_masks import (
    labelled_bce,
    labelled_dice,
    labelled_mask_accuracy,
)

RNG = np.random.default_rng(0)
MASKS = RNG.integers(-1, 2, (2, 5, 7, 1)).astype("float32")
LOGITS = RNG.normal(size=(2, 5, 7, 1)).astype("float32")


@pytest.mark.parametrize("name", BOREHOLE_LOSSES)
def test_what_is_not_labelled_does_not_matter(name):
    loss = BOREHOLE_LOSSES[name]
    changed = np.where(MASKS < 0, LOGITS + 9, LOGITS)
    assert float(loss(MASKS, changed)) == pytest.approx(float(loss(MASKS, LOGITS)), rel=1e-6)
    assert float(loss(np.full_like(MASKS, -1), LOGITS)) == pytest.approx(0, abs=1e-6)
    better = np.where(MASKS == 1, 20, -20).astype("float32")
    assert float(loss(MASKS, better)) < 1e-3 < float(loss(MASKS, LOGITS))


def test_crossentropy_and_accuracy_agree_with_keras():
    known = MASKS >= 0
    wanted = keras.losses.BinaryCrossentropy(from_logits=True)(MASKS[known], LOGITS[known])
    assert float(labelled_bce(MASKS, LOGITS)) == pytest.approx(float(wanted), rel=1e-5)
    right = ((LOGITS > 0) == (MASKS == 1))[known].mean()
    assert float(labelled_mask_accuracy(MASKS, LOGITS)) == pytest.approx(right)


def test_dice_of_nothing_found_by_hand():
    masks = np.ones((1, 2, 2, 1), "float32")
    assert float(labelled_dice(masks, ops.full((1, 2, 2, 1), -50.0))) == pytest.approx(1 - 1 / 5)
