import pytest

from tfseis.errors import ModelError
from tfseis.models.sections.patch_classifier import layout_sizes, patch_classifier, smallest_crop

LAYOUTS = ["cna cnapd cnapd cnapd", "c", "p", "cp cap", "cnacna cnacnapd", "a"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_smallest_crop_leaves_one_sample_and_a_smaller_one_is_refused(layout):
    size, filters = smallest_crop(layout), [2] * len(layout.split())
    assert layout_sizes(layout, size)[-1] == 1
    patch_classifier((size, size, 1), classes=2, layout=layout, filters=filters)
    if size > 1:
        with pytest.raises(ModelError, match=f"at least {size} samples; got {size - 1}"):
            patch_classifier((size, size - 1, 1), classes=2, layout=layout, filters=filters)


@pytest.mark.parametrize("layout", ["cnx", "", "  ", "C n"])
def test_unknown_letters_are_refused(layout):
    with pytest.raises(ModelError, match="letters c, n, a, p, d in blocks; got"):
        patch_classifier((24, 24, 1), classes=2, layout=layout, filters=(2,))


@pytest.mark.parametrize("filters", [(2,), (2, 2, 2)])
def test_one_width_a_block(filters):
    with pytest.raises(ModelError, match=f"one number of filters a block, 2; got {len(filters)}"):
        patch_classifier((24, 24, 1), classes=2, layout="c cp", filters=filters)


def test_layers_follow_the_layout():
    model = patch_classifier((9, 9, 2), classes=3, layout="cna capd", filters=(4, 5), dropout=0.3)
    kinds = [type(layer).__name__ for layer in model.layers[1:]]
    assert kinds == [
        "Conv2D",
        "BatchNormalization",
        "Activation",
        "Conv2D",
        "Activation",
        "MaxPooling2D",
        "Dropout",
        "Flatten",
        "Dense",
    ]
    assert [model.layers[i].filters for i in (1, 4)] == [4, 5]
    assert model.layers[7].rate == 0.3
