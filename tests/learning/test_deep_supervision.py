"""Labels of the coarser levels of a network lie where its halvings put them."""

import numpy as np
import pytest

from tfseis.learning import level_labels


@pytest.mark.parametrize("size", [*range(1, 20), 50, 66])
def test_a_sample_lies_in_its_block_for_any_size(size):
    labels = np.zeros((size, size, 3, 2, 1), "float32")
    number = np.arange(size)
    labels[number, number] = 1  # in volume k the sample k alone
    for name, factor in {"logits": 1, "logits_half": 2, "logits_quarter": 4}.items():
        found = np.asarray(level_labels(labels)[name])
        assert found.shape == (size, -(-size // factor), -(-3 // factor), -(-2 // factor), 1)
        expected = number[:, None] // factor == np.arange(found.shape[1])
        np.testing.assert_array_equal(found[..., 0, 0, 0], expected)


def test_unlabelled_blocks_stay_unlabelled():
    labels = np.full((1, 5, 5, 5, 1), -1, "int8")
    labels[0, 0, 0, 0] = 0
    quarter = np.asarray(level_labels(labels)["logits_quarter"])[0, ..., 0]
    assert quarter[0, 0, 0] == 0
    assert (quarter.ravel()[1:] == -1).all()
