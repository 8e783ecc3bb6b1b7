from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.errors import ModelError
from tfseis.jobs.salt.preparation import check_preparation, frame, prepare, restore, salt_mask


def recipe(**changes):
    usual = {
        "preparation": "pad",
        "size": 32,
        "image_size": 21,
        "channels": ("image",),
        "threshold": 0.5,
        "smallest": 0,
    }
    return SimpleNamespace(**usual | changes)


PAD, RESIZE = recipe(), recipe(preparation="resize", size=42)


def noise(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


@pytest.mark.parametrize("rows, columns, framed", [(21, 20, (32, 32)), (3, 33, (32, 64))])
def test_padding_is_that_of_numpy(rows, columns, framed):
    image = noise(2, rows, columns, 1)
    found = np.asarray(prepare(image, PAD))
    assert found.shape == (2, *framed, 1)
    margins = [
        (0, 0),
        *(((f - n) // 2, f - n - (f - n) // 2) for n, f in zip((rows, columns), framed)),  # noqa: B905
        (0, 0),
    ]
    np.testing.assert_array_equal(found, np.pad(image, margins, mode="symmetric"))


@pytest.mark.parametrize("rows, columns", [(21, 20), (1, 33), (45, 70)])
def test_restored_is_what_was_prepared(rows, columns):
    image = noise(2, rows, columns, 3)
    np.testing.assert_array_equal(restore(frame(image, PAD), PAD, rows, columns), image)


def test_resizing_keeps_the_scale_of_training_whatever_the_image():
    assert frame(noise(1, 21, 21, 1), RESIZE).shape == (1, 42, 42, 1)
    assert frame(noise(1, 9, 30, 1), RESIZE).shape == (1, 42, 64, 1)  # 18 and 60, padded
    ramp = np.broadcast_to(np.arange(30, dtype="float32")[:, None, None], (1, 30, 7, 1))
    back = np.asarray(restore(frame(ramp, RESIZE), RESIZE, 30, 7))
    assert back.shape == ramp.shape
    np.testing.assert_allclose(back[:, 1:-1], ramp[:, 1:-1], atol=1e-5)  # linear stays linear


def test_resizing_is_that_of_tensorflow():
    image = noise(2, 21, 21, 2)
    np.testing.assert_allclose(frame(image, RESIZE), tf.image.resize(image, (42, 42)), atol=1e-6)
    odd = recipe(preparation="resize", size=50)
    for method in ("bilinear", "nearest"):
        expected = tf.image.resize(image, (50, 50), method=method)
        np.testing.assert_allclose(frame(image, odd, interpolation=method), expected, atol=1e-6)


def test_masks_stay_masks_when_resized():
    mask = (noise(2, 21, 21, 1) > 0.5).astype("float32")
    framed = np.asarray(frame(mask, RESIZE, interpolation="nearest"))
    np.testing.assert_array_equal(framed, mask.repeat(2, 1).repeat(2, 2))


def test_bytes_fractions_and_colours_are_one_image():
    grey = np.random.default_rng(0).integers(0, 256, (2, 21, 20, 1)).astype("uint8")
    as_bytes = np.asarray(prepare(grey, PAD))
    assert as_bytes.dtype == "float32"
    np.testing.assert_allclose(as_bytes, prepare(grey / np.float32(255), PAD), atol=1e-6)
    np.testing.assert_allclose(as_bytes, prepare(grey.repeat(3, -1), PAD), atol=1e-6)
    assert as_bytes[0, 5, 6, 0] == pytest.approx(grey[0, 0, 0, 0] / 255)


def test_channels_by_hand():
    wanted = recipe(channels=("coordinate", "depth", "image"), size=4, image_size=3)
    image = np.full((2, 3, 2, 1), 0.25, "float32")
    found = np.asarray(prepare(image, wanted, np.array([250.0, np.nan], "float32")))
    assert found[0, :, 0, 0].tolist() == [0, 0.5, 1, 1]
    assert np.unique(found[0, ..., 1]).tolist() == [0.25]
    assert np.unique(found[1, ..., 1]).tolist() == [0.5]
    assert np.unique(found[..., 2]).tolist() == [0.25]
    without = np.asarray(prepare(image, wanted))
    assert np.unique(without[..., 1]).tolist() == [0.5]
    assert np.isfinite(prepare(image[:, :1], wanted)).all()  # one row has no span


@pytest.mark.parametrize("wanted", [PAD, RESIZE], ids=["pad", "resize"])
@pytest.mark.parametrize("rows, columns", [(21, 20), (1, 33), (45, 70)])
def test_a_graph_that_knows_no_size_does_the_same(wanted, rows, columns):
    wanted = recipe(**vars(wanted) | {"channels": ("image", "coordinate")})

    @tf.function(input_signature=[tf.TensorSpec([None] * 4, tf.float32)])
    def both(images):
        inputs = prepare(images, wanted)
        size = keras.ops.shape(images)
        return inputs, restore(inputs, wanted, size[1], size[2])

    image = noise(2, rows, columns, 1)
    inputs, back = both(image)
    np.testing.assert_allclose(inputs, prepare(image, wanted), atol=1e-6)
    np.testing.assert_allclose(back, restore(inputs, wanted, rows, columns), atol=1e-6)


def test_a_pipeline_knows_the_size_of_its_batches():
    pipeline = tf.data.Dataset.from_tensors(noise(2, 21, 21, 1)).map(lambda x: prepare(x, PAD))
    assert pipeline.element_spec.shape == (2, 32, 32, 1)


def test_masks_by_hand():
    probability = np.array([[0.5, 0.6, 0.7], [0.1, 0.9, 0.2]], "float32").reshape(2, 1, 3, 1)
    mask = np.asarray(salt_mask(probability, PAD))
    assert mask.dtype == "uint8"
    assert mask.reshape(2, 3).tolist() == [[0, 1, 1], [0, 1, 0]]
    two = np.asarray(salt_mask(probability, recipe(smallest=2)))
    assert two.reshape(2, 3).tolist() == [[0, 1, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"preparation": "stretch"}, r"pad or resize; got 'stretch'"),
        ({"channels": ("image", "offset")}, r"image, depth, coordinate; got offset\. For"),
        ({"channels": ()}, r"got none"),
        ({"size": 16}, r"at most 16 samples.* got 21"),
    ],
)
def test_recipes_that_cannot_be_followed(changes, message):
    check_preparation(PAD)
    check_preparation(RESIZE)
    with pytest.raises(ModelError, match=message):
        check_preparation(recipe(**changes))
