import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.models import receptive_field, unet


def test_weights_by_hand():
    """Two levels, 2 and 3 wide, 1 channel, 4 classes; a norm has 4 numbers a channel."""
    down = 9 * (1 * 2 + 2 * 2) + 2 * 4 * 2
    bottom = 9 * (2 * 3 + 3 * 3) + 2 * 4 * 3
    up = 9 * ((2 + 3) * 2 + 2 * 2) + 2 * 4 * 2
    model = unet((8, 6, 1), classes=4, filters=(2, 3))
    assert model.count_params() == down + bottom + up + (2 * 4 + 4)


def test_weights_by_hand_in_3d():
    down = 27 * (1 * 2 + 2 * 2) + 2 * 4 * 2
    bottom = 27 * (2 * 3 + 3 * 3) + 2 * 4 * 3
    up = 27 * ((2 + 3) * 2 + 2 * 2) + 2 * 4 * 2
    model = unet((8, 6, 4, 1), classes=4, filters=(2, 3))
    assert model.count_params() == down + bottom + up + (2 * 4 + 4)
    assert model(keras.ops.zeros((2, 8, 6, 4, 1))).shape == (2, 8, 6, 4, 4)


@pytest.mark.parametrize("levels", [2, 3])
def test_nothing_beyond_its_reach_changes_what_it_says(levels):
    """Along one axis, at every place where the poolings may fall."""
    keras.utils.set_random_seed(0)
    model = unet((None, None, 1), classes=2, filters=(3, 4, 5)[:levels])
    x = np.random.default_rng(0).normal(size=(1, 64, 4, 1)).astype("float32")
    before, reach = np.asarray(model(x)), max(receptive_field(model).halo)
    furthest = 0
    for place in range(30, 34):
        changed = x.copy()
        changed[:, place] += 5
        moved = np.abs(np.asarray(model(changed)) - before).max(axis=(0, 2, 3)) > 0
        furthest = max(furthest, *np.abs(np.flatnonzero(moved) - place))
    assert reach - 2 ** (levels - 1) <= furthest <= reach


def test_output_has_the_size_of_the_input():
    model = unet((None, None, 1), classes=3, filters=(2, 3, 4))
    assert model(keras.ops.zeros((2, 8, 12, 1))).shape == (2, 8, 12, 3)


def test_refusals_say_what_to_do():
    with pytest.raises(ModelError, match=r"multiples of 4; got 10\. Pad to 12"):
        unet((10, 8, 1), classes=2, filters=(2, 3, 4))
    with pytest.raises(ModelError, match=r"two or more positive widths.* got \(8,\)"):
        unet((8, 8, 1), classes=2, filters=(8,))
    with pytest.raises(ModelError, match=r"2 or 3 axes.* got the input shape \(8, 1\)"):
        unet((8, 1), classes=2)
