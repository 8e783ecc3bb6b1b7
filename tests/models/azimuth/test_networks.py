"""Counts and receptive fields of the source; rolled in is rolled out."""

from functools import partial

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.learning import load_model
from tfseis.models.azimuth import blocks
from tfseis.models.azimuth import layers as cl
from tfseis.models.azimuth.networks import (
    CIRCULAR_NETWORKS,
    circular_unet,
    flexible,
    micro,
    stacked,
    vanilla,
)

STACKS = {
    "vanilla": partial(vanilla, filters=(3, 4, 4)),
    "residual": partial(vanilla, filters=(3, 3, 4, 4), kernel=(5, 3), residual=True),
    "stacked": partial(stacked, filters=(3, 4), classes=2),
}
UNETS = {  # and the stride that rolls must be multiples of
    "unet": (partial(circular_unet, filters=(3, 4, 5)), 4),
    "unet with pooling": (partial(circular_unet, filters=(3, 4, 5), reduction=blocks.pooling), 4),
    "flexible": (partial(flexible, width=2, residual=True), 4),  # of the common part of 8 and 36
    "micro": (micro, 4),
}


def images(rows=12, columns=36, channels=1):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(2, rows, columns, channels))
    return x.astype("float32")


def roll_error(model, x, shift):
    return np.abs(np.roll(model(x), shift, axis=2) - model(np.roll(x, shift, axis=2))).max()


@pytest.mark.parametrize(
    "build, count", [(vanilla, 260_161), (stacked, 1_904_135), (circular_unet, 775_362)]
)
def test_counts_of_the_source(build, count):
    assert build().count_params() == count


def test_micro_by_hand():
    down = 9 * 4 + 4 + 9 * 4 * 8 + 8 + 9 * 8 * 16 + 16
    up = 9 * (16 + 8) * 8 + 8 + 9 * (8 + 4) * 4 + 4
    assert micro().count_params() == down + up + (4 + 1) * 4 + 4 + 4 + 1


def test_wider_channels_and_classes_by_hand():
    model = vanilla((5, 7, 2), classes=3, filters=(4,), kernel=(1, 3))
    assert model.count_params() == 3 * 2 * 4 + 4 + 3 * 4 * 3 + 3
    assert model.output_shape == (None, 5, 7, 3)


@pytest.mark.parametrize("build", STACKS.values(), ids=STACKS)
def test_stacks_follow_any_roll(build):
    x = images(rows=7, columns=11)
    model = build((7, 11, 1))
    assert max(roll_error(model, x, shift) for shift in range(1, 11)) < 1e-5
    assert roll_error(build((7, 11, 1), padding=cl.ZERO), x, 5) > 1e-3


@pytest.mark.parametrize("build, stride", UNETS.values(), ids=UNETS)
def test_unets_follow_multiples_of_their_stride(build, stride):
    x = images()
    model = build((12, 36, 1))
    assert max(roll_error(model, x, shift) for shift in range(stride, 36, stride)) < 1e-5
    assert roll_error(model, x, 1) > 1e-4
    assert roll_error(build((12, 36, 1), padding=cl.ZERO), x, 8) > 1e-4


def test_depth_does_not_wrap():
    x = images(rows=16)
    for model in (vanilla(filters=(3,)), micro()):
        changed = x.copy()
        changed[:, -1] += 1
        np.testing.assert_allclose(model(changed)[:, 0], model(x)[:, 0], atol=1e-6)


def test_an_image_without_depth_gives_the_same_at_every_row():
    """Edge replication: nothing tells the first row from the middle."""
    x = np.repeat(images(rows=1), 12, axis=1)
    for model in (vanilla(filters=(3, 4)), stacked(filters=(3, 4)), micro((12, 36, 1))):
        y = np.asarray(model(x))
        assert np.abs(y - y[:, 5:6]).max() < 1e-5


@pytest.mark.parametrize("name", CIRCULAR_NETWORKS)
def test_networks_save_and_load(name, tmp_path):
    small = {"width": 3} if name in {"flexible", "micro"} else {"filters": (3, 4)}
    model = CIRCULAR_NETWORKS[name]((12, 36, 1), **small)
    model.save(tmp_path / "model.keras")
    again, x = load_model(tmp_path / "model.keras"), images()
    np.testing.assert_array_equal(again(x), model(x))
    assert np.asarray(model(x)).dtype == "float32"


def test_layers_by_hand_and_through_their_configuration():
    x = np.array([[1, 2, 3], [4, 5, 6]], "float32").reshape(1, 2, 3, 1)
    layer = cl.Pad2D((1, 0), (1, 2), ("edge", "wrap"))
    rows = [[3, 1, 2, 3, 1, 2], [3, 1, 2, 3, 1, 2], [6, 4, 5, 6, 4, 5]]
    assert cl.Pad2D.from_config(layer.get_config())(x)[0, :, :, 0].numpy().tolist() == rows
    zero = cl.Pad2D((0, 1), (0, 0), ("zero", "zero"))(x)
    assert zero[0, :, :, 0].numpy().tolist() == [[1, 2, 3], [4, 5, 6], [0, 0, 0]]
    up = cl.BilinearUpsampling.from_config(cl.BilinearUpsampling().get_config())(x)
    assert up[0, 0, :, 0].numpy().tolist() == [1.5, 1.25, 1.75, 2.25, 2.75, 2.5]
    assert up[0, :, 2, 0].numpy().tolist() == [1.75, 2.5, 4.0, 4.75]
    assert cl.Decimation()(x)[0, :, :, 0].numpy().tolist() == [[1, 3]]
    assert cl.MeanOfTurns(2)(cl.Turns(2)(x))[0, :, :, 0].numpy().tolist() == x[0, :, :, 0].tolist()


def test_upsampling_inside_agrees_with_keras():
    x = images(rows=5, columns=6, channels=2)
    ours = cl.BilinearUpsampling(("edge", "edge"))(x)
    theirs = keras.layers.UpSampling2D(2, interpolation="bilinear")(x)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_separable_convolution_by_hand():
    """All weights 1: the sum over the window, around the hole and beyond the edge."""
    inputs = keras.Input((4, 5, 1))
    model = keras.Model(inputs, blocks.separable_convolution(inputs, 1, (3, 3)))
    model.set_weights([np.ones(w.shape) if "kernel" in w.path else w for w in model.weights])
    x = np.arange(20.0).reshape(1, 4, 5, 1).astype("float32")
    padded = np.pad(np.pad(x[0, ..., 0], ((1, 1), (0, 0)), "edge"), ((0, 0), (1, 1)), "wrap")
    sums = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).sum((2, 3))
    np.testing.assert_allclose(model(x)[0, ..., 0], sums)


def test_overlapping_pooling_by_hand():
    inputs = keras.Input((2, 4, 1))
    model = keras.Model(inputs, blocks.pooling(inputs, 4, 2))
    x = np.array([[9, 2, 3, 4], [5, 6, 7, 1]], "float32").reshape(1, 2, 4, 1)
    assert model(x)[0, :, :, 0].numpy().tolist() == [[9, 9]]


def test_refusals():
    with pytest.raises(ModelError, match=r"padding of wrap, edge, zero; got 'mirror'"):
        cl.Padding("edge", "mirror")
    with pytest.raises(ModelError, match=r"even number of widths, each two alike; got \(3, 4\)"):
        vanilla(filters=(3, 4), residual=True)
    with pytest.raises(ModelError, match=r"got 3 widths, 3 stages down and 1 up"):
        flexible(encoder=(1, 1, 1), decoder=(1,))
    with pytest.raises(ModelError, match=r"kernel of 0 x 0 and 4 filters"):
        vanilla(filters=(4,), kernel=0)
    with pytest.raises(ModelError, match=r"at least 3 columns to wrap .* got 2"):
        vanilla((5, 2, 1), filters=(4,), kernel=(1, 7))
    with pytest.raises(ModelError, match=r"at least its stride, 2; got 1"):
        blocks.pooling(keras.Input((4, 4, 1)), 1, 2)
