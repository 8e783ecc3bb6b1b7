"""Sizes of the source, and what changes an output when a sample of the input changes."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import layers

from tfseis.errors import ModelError
from tfseis.inference import effective_field
from tfseis.models import (
    CIRCULAR_NETWORKS,
    DenseMaxPooling,
    backbone_unet,
    multiply_adds,
    patch_classifier,
    receptive_field,
    unet,
)
from tfseis.models.azimuth.layers import ZERO
from tfseis.models.azimuth.networks import circular_unet, flexible, stacked, vanilla


def mixed(kernel):
    """Every kind of layer with a rule, in one dimension."""
    inputs = x = keras.Input((None, 1))
    x = layers.ZeroPadding1D(2)(x)
    x = layers.Conv1D(1, kernel, dilation_rate=2, padding="same")(x)
    x = layers.AveragePooling1D(2)(x)
    x = layers.SeparableConv1D(1, 3, padding="same")(x)
    x = layers.Conv1DTranspose(1, kernel, strides=2, padding="same")(x)
    x = layers.UpSampling1D(3)(x)
    x = layers.Conv1D(1, kernel, strides=3, padding="same")(x)
    return keras.Model(inputs, layers.Cropping1D(2)(x))


def seen(model, size, axes):
    """Samples that change each output, with equal weights: the truth, by finite differences."""
    weights = model.get_weights()
    model.set_weights([np.ones(w.shape) / max(1, np.prod(w.shape[:-1])) for w in weights])
    base = np.ones((1, *(size,) * axes, 1), "float32")
    changed = np.repeat(base, size, axis=0)
    middle = size // 2
    for place in range(size):
        changed[(place, place, *(middle,) * (axes - 1))] += 100
    moved = np.abs(np.asarray(model(changed)) - np.asarray(model(base))) > 1e-6
    return moved.reshape(size, moved.shape[1], -1).any(-1)  # input, output


@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_every_rule_against_finite_differences(kernel):
    model, size = mixed(kernel), 96
    field = receptive_field(model)
    table = seen(model, size, axes=1)
    outputs = range(36, 60)
    counts = [np.ptp(np.flatnonzero(table[:, o])) + 1 for o in outputs]
    assert (min(counts), max(counts)) == (field.smallest[0], field.largest[0])
    before = max(o - np.flatnonzero(table[:, o])[0] for o in outputs)
    after = max(np.flatnonzero(table[:, o])[-1] - o for o in outputs)
    assert (before, after) == (field.before[0], field.after[0])
    assert field.stride[0] % 2 == 0


@pytest.mark.parametrize(
    "build",
    [
        partial(circular_unet, filters=(1, 1, 1)),
        partial(flexible, width=1, encoder=(1, 2), decoder=(1,)),
    ],
)
def test_circular_networks_against_finite_differences(build):
    size = 64
    model = build((size, size, 1), activation="linear", padding=ZERO)
    field, table = receptive_field(model), seen(model, size, axes=2)
    counts = [np.ptp(np.flatnonzero(table[:, o])) + 1 for o in range(28, 36)]
    assert (min(counts), max(counts)) == (field.smallest[0], field.largest[0])


@pytest.mark.parametrize(
    "build, high, wide", [(vanilla, 11, 11), (stacked, 21, 11), (circular_unet, 27, 27)]
)
def test_sizes_of_the_source(build, high, wide):
    assert receptive_field(build()).largest == (high, wide)


def test_wu_by_phase_in_two_and_three_dimensions():
    """Double convolutions under three poolings see 92 to 100 samples, as the source's U-Net."""
    assert receptive_field(unet((None, None, 1), classes=2)).smallest == (92, 92)
    inputs = x = keras.Input((None, None, None, 1))
    skips = []
    for _ in range(3):
        x = layers.Conv3D(1, 3, padding="same")(layers.Conv3D(1, 3, padding="same")(x))
        skips.append(x)
        x = layers.MaxPooling3D(2)(x)
    x = layers.Conv3D(1, 3, padding="same")(layers.Conv3D(1, 3, padding="same")(x))
    for skip in reversed(skips):
        x = layers.Concatenate()([layers.UpSampling3D(2)(x), skip])
        x = layers.Conv3D(1, 3, padding="same")(layers.Conv3D(1, 3, padding="same")(x))
    field = receptive_field(keras.Model(inputs, x))
    assert (field.smallest, field.largest, field.stride) == ((92,) * 3, (100,) * 3, (8,) * 3)


def test_a_patch_classifier_sees_its_crop():
    model = patch_classifier((24, 24, 1), classes=3)
    assert receptive_field(model).largest == (24, 24)
    dense = keras.Input((None, None, 1))
    field = receptive_field(keras.Model(dense, DenseMaxPooling(2, dilation=3)(dense)))
    assert (field.largest, field.before, field.after) == ((4, 4), (0, 0), (3, 3))


def test_statistics_of_the_whole_image_are_said():
    inputs = keras.Input((None, None, 4))
    x = layers.GroupNormalization(-1)(layers.Conv2D(4, 3)(inputs))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    for outputs in (x, layers.Multiply()([layers.Conv2D(4, 3)(inputs), gate])):
        field = receptive_field(keras.Model(inputs, outputs))
        assert (field.largest, field.unbounded) == ((3, 3), True)


def test_a_model_inside_a_model_and_a_shared_layer():
    inner = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(1, 3, padding="same")])
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, inner(inner(inputs)))
    assert receptive_field(model).largest == (5, 5)
    assert multiply_adds(model, (10, 10, 1)) == 2 * 900


def test_an_encoder_with_several_outputs_inside_a_model():
    """Features at 1 and 1/2 joined again: 3 samples, then 3 more at twice the distance."""
    inputs = keras.Input((None, None, 1))
    fine = layers.Conv2D(1, 3, padding="same")(inputs)
    coarse = layers.Conv2D(1, 3, padding="same")(layers.MaxPooling2D(2)(fine))
    encoder = keras.Model(inputs, [fine, coarse])
    outer = keras.Input((None, None, 1))
    fine, coarse = encoder(outer)
    model = keras.Model(outer, layers.Add()([fine, layers.UpSampling2D(2)(coarse)]))
    field = receptive_field(model)
    assert (field.largest, field.stride) == ((3 + 1 + 2 * 2,) * 2, (2, 2))


@pytest.mark.parametrize("backbone, stride", [("resnet18", 32), ("seresnet18", 32)])
def test_networks_on_encoders(backbone, stride):
    model = backbone_unet((None, None, 1), backbone=backbone, classes=1, weights=None)
    field = receptive_field(model)
    assert field.stride == (stride, stride)
    assert 400 < field.largest[0] < 700
    assert field.unbounded is (backbone == "seresnet18")


def test_an_unknown_layer_is_refused():
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, inputs[:, ::2])
    with pytest.raises(ModelError, match=r"reach is known; got GetItem .* needs\(axis, first"):
        receptive_field(model)


def test_multiply_adds_by_hand():
    inputs = x = keras.Input((8, 8, 2))
    x = layers.Conv2D(3, 3, strides=2, padding="same")(x)  # 16 places, 9 * 2 * 3
    x = layers.Conv2DTranspose(2, 2, strides=2)(x)  # 16 places, 4 * 3 * 2
    x = layers.DepthwiseConv2D(3, padding="same")(x)  # 64 places, 9 * 2
    x = layers.SeparableConv2D(5, 3, padding="same")(x)  # 64 places, 9 * 2 + 2 * 5
    x = layers.Dense(7)(layers.Flatten()(x))  # 64 * 5 * 7
    count = 16 * 54 + 16 * 24 + 64 * 18 + 64 * 28 + 64 * 5 * 7
    assert multiply_adds(keras.Model(inputs, x), (8, 8, 2)) == count


@pytest.mark.parametrize("name", CIRCULAR_NETWORKS)
def test_the_effective_field_is_smaller(name):
    keras.utils.set_random_seed(1)
    small = {"width": 4} if name in {"flexible", "micro"} else {"filters": (4, 4, 4)}
    model = CIRCULAR_NETWORKS[name]((None, None, 1), **small)
    field = receptive_field(model)
    sizes = effective_field(model, (128, 128, 1))
    assert all(1 < ours < most for ours, most in zip(sizes, field.largest, strict=True))


def test_the_effective_field_of_equal_weights_by_hand():
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, layers.Conv2D(1, (10, 4), kernel_initializer="ones")(inputs))
    assert effective_field(model, (30, 30, 1), part=0.5) == (5, 2)
    assert effective_field(model, (30, 30, 1), part=1.0) == (10, 4)
