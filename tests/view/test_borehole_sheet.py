import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.view import patch_sheet_figure


def test_colours_tell_found_missed_and_false():
    image = np.zeros((1, 2, 3))
    mask = np.array([[[1, 1, 0], [0, -1, 0]]])
    found = np.array([[[1, 0, 1], [0, 1, 0]]])
    figure = patch_sheet_figure(image, found, mask, ["well 1"])
    plain, coloured = (axes.images[0].get_array() for axes in figure.axes)
    assert np.ptp(plain) == 0
    assert coloured[0].argmax(axis=-1).tolist() == [1, 0, 2]  # green, red, blue
    assert np.ptp(coloured[1], axis=-1).tolist() == [0, 0, 0]


def test_many_patches_fill_rows_and_none_is_refused():
    patches = np.zeros((10, 4, 5))
    figure = patch_sheet_figure(patches, patches, None, [str(n) for n in range(10)])
    assert len(figure.axes) == 20
    with pytest.raises(LabelError, match="got 0 patches and 0 titles"):
        patch_sheet_figure(patches[:0], patches[:0], None, [])
