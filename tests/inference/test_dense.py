import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

from tfseis.errors import ModelError
from tfseis.inference.dense import dense_model
from tfseis.models import patch_classifier

# Crops and layouts in which poolings drop samples at several levels, at one or none.
CASES = [
    ("cna cnapd cnapd cnapd", 24),
    ("cna cnapd cnapd cnapd", 31),
    ("cna cnap", 9),
    ("cna cnap", 10),
    ("p p p", 11),
    ("pc cp ca", 21),
    ("cnacna cnap", 13),
    ("nca acn pnd", 8),
    ("a", 3),
    ("c c", 5),
    ("pcpcp", 22),
]


def randomised(model, seed=0):
    """Weights and batch-norm statistics that are far from where a training begins."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            width = layer.moving_mean.shape
            layer.set_weights(
                [
                    rng.normal(size=width),  # gamma, of either sign
                    rng.normal(size=width),
                    rng.normal(size=width),
                    rng.uniform(0.3, 3, width),
                ]
            )
        elif layer.get_weights() and hasattr(layer, "kernel"):
            kernel, *bias = layer.get_weights()
            fan = np.prod(kernel.shape[:-1])
            kernel = rng.normal(size=kernel.shape) * (2 / fan) ** 0.5
            layer.set_weights([kernel, *(rng.normal(size=b.shape) for b in bias)])
    return model


def crops_of(section, size):
    """Every crop that lies in a section (rows, .., channels), in raster order."""
    axes = tuple(range(section.ndim - 1))
    windows = np.lib.stride_tricks.sliding_window_view(section, (size,) * len(axes), axes)
    return np.moveaxis(windows, len(axes), -1).reshape(-1, *(size,) * len(axes), section.shape[-1])


def assert_dense_is_crop_by_crop(model, section):
    size = model.input_shape[1]
    whole = np.asarray(dense_model(model)(section[np.newaxis], training=False))[0]
    assert whole.shape[:-1] == tuple(n - size + 1 for n in section.shape[:-1])
    each = model.predict_on_batch(crops_of(section, size)).reshape(whole.shape)
    assert softmax(each, -1).std(axis=tuple(range(each.ndim - 1))).max() > 1e-3  # it varies
    np.testing.assert_allclose(softmax(whole, -1), softmax(each, -1), atol=1e-5)


@pytest.mark.parametrize("layout, size", CASES)
def test_dense_equals_crop_by_crop_on_sections(layout, size):
    keras.utils.set_random_seed(0)
    model = patch_classifier(
        (size, size, 2), classes=3, layout=layout, filters=range(2, 2 + len(layout.split()))
    )
    section = np.random.default_rng(1).normal(size=(size + 6, size + 9, 2)).astype("float32")
    assert_dense_is_crop_by_crop(randomised(model), section)


@pytest.mark.parametrize("layout, size", [("cna cnapd", 7), ("cna cnap", 6), ("p cp", 9)])
def test_dense_equals_crop_by_crop_in_cubes(layout, size):
    keras.utils.set_random_seed(0)
    model = patch_classifier((size, size, size, 1), classes=4, layout=layout, filters=(2, 3))
    cube = np.random.default_rng(1).normal(size=(size + 2, size + 3, size + 4, 1))
    assert_dense_is_crop_by_crop(randomised(model), cube.astype("float32"))


def test_several_dense_layers_other_poolings_and_activations():
    inputs = x = keras.Input((14, 14, 1))
    for layer in (
        layers.Conv2D(3, 3, activation="tanh"),
        layers.BatchNormalization(),  # behind an activation: not to be folded
        layers.MaxPooling2D(3),
        layers.Conv2D(4, 2, use_bias=False),
        layers.BatchNormalization(scale=False, center=False),
        layers.LeakyReLU(),
        layers.Flatten(),
        layers.Dense(6, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(3),
    ):
        x = layer(x)
    model = keras.Model(inputs, x)
    rng = np.random.default_rng(2)
    for norm in (model.layers[2], model.layers[5]):
        norm.set_weights([rng.uniform(0.5, 2, w.shape) for w in norm.get_weights()])
    section = rng.normal(size=(20, 22, 1)).astype("float32")
    assert_dense_is_crop_by_crop(model, section)


def test_a_trained_norm_is_read_when_the_dense_model_is_built():
    model = randomised(patch_classifier((5, 5, 1), classes=2, layout="cn", filters=(2,)))
    section = np.random.default_rng(3).normal(size=(1, 9, 9, 1)).astype("float32")
    before = np.asarray(dense_model(model)(section))
    weights = model.get_weights()
    dense_model(model)
    for mine, kept in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(mine, kept)  # the classifier itself is left alone
    model.layers[2].moving_mean.assign([5.0, 5.0])
    assert np.abs(np.asarray(dense_model(model)(section)) - before).max() > 0.1


def chain(*steps, shape=(12, 12, 1)):
    inputs = x = keras.Input(shape)
    for layer in steps:
        x = layer(x)
    return keras.Model(inputs, x)


def head():
    return layers.Flatten(), layers.Dense(2)


@pytest.mark.parametrize(
    "model, reason",
    [
        (
            lambda: chain(layers.Conv2D(2, 3, padding="same", name="wide"), *head()),
            r"padding 'valid'; 'wide' has 'same', .*depends on where the crop ends",
        ),
        (lambda: chain(layers.MaxPooling2D(2, padding="same"), *head()), "pooling with padding"),
        (lambda: chain(layers.MaxPooling2D(3, strides=2), *head()), "strides of its own size"),
        (lambda: chain(layers.MaxPooling2D((2, 3)), *head()), "strides of its own size"),
        (lambda: chain(layers.Conv2D(2, 3, strides=2), *head()), "stride 1 and no dilation"),
        (lambda: chain(layers.Conv2D(2, 3, dilation_rate=2), *head()), "stride 1 and no dilation"),
        (lambda: chain(layers.Conv2D(2, (3, 5)), *head()), "equal kernel sizes"),
        (lambda: chain(layers.GlobalAveragePooling2D(), layers.Dense(2)), "GlobalAveragePooling2D"),
        (lambda: chain(layers.AveragePooling2D(2), *head()), "AveragePooling2D"),
        (lambda: chain(*head(), shape=(12, 10, 1)), r"one size .*got \(12, 10\)"),
        (lambda: chain(layers.GlobalMaxPooling2D(), shape=(None, None, 1)), "got .None, None"),
    ],
)
def test_what_cannot_be_evaluated_densely_is_refused_with_the_reason(model, reason):
    with pytest.raises(ModelError, match=f"Dense evaluation expected .*{reason}"):
        dense_model(model())


def test_branches_are_refused():
    inputs = keras.Input((8, 8, 1))
    left = layers.Conv2D(2, 3)(inputs)
    right = layers.Conv2D(2, 3)(inputs)
    both = layers.Flatten()(layers.Add(name="meet")([left, right]))
    with pytest.raises(ModelError, match="one chain of layers; 'meet' has several inputs"):
        dense_model(keras.Model(inputs, layers.Dense(2)(both)))
