import keras
import pytest

from tfseis.errors import ModelError
from tfseis.models import unet


def test_weights_by_hand():
    """Two levels, 2 and 3 wide, 1 channel, 4 classes; a norm has 4 numbers a channel."""
    down = 9 * (1 * 2 + 2 * 2) + 2 * 4 * 2
    bottom = 9 * (2 * 3 + 3 * 3) + 2 * 4 * 3
    up = 9 * ((2 + 3) * 2 + 2 * 2) + 2 * 4 * 2
    model = unet((8, 6, 1), classes=4, filters=(2, 3))
    assert model.count_params() == down + bottom + up + (2 * 4 + 4)


def test_output_has_the_size_of_the_input():
    model = unet((None, None, 1), classes=3, filters=(2, 3, 4))
    assert model(keras.ops.zeros((2, 8, 12, 1))).shape == (2, 8, 12, 3)


def test_refusals_say_what_to_do():
    with pytest.raises(ModelError, match=r"multiples of 4; got 10\. Pad to 12"):
        unet((10, 8, 1), classes=2, filters=(2, 3, 4))
    with pytest.raises(ModelError, match=r"two or more positive widths.* got \(8,\)"):
        unet((8, 8, 1), classes=2, filters=(8,))
