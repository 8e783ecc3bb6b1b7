"""Own networks, losses, variations, label kinds, labels and cubes in the facies job."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError, ModelError
from tfseis.io import ArrayCube, Labels, Legend, open_segy
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.networks import network_facts
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.train import train_facies
from tfseis.jobs.facies.training import batches
from tfseis.learning import load_model
from tfseis.models import recipe_of

SMALL = {"crop_size": 8, "epochs": 2, "crops_per_epoch": 16, "batch_size": 8, "folds": 0}
SCALING = Scaling(300.0, 200.0)
WHOLE = (slice(None),) * 3
CONVOLUTIONS = {2: layers.Conv2D, 3: layers.Conv3D}
POOLINGS = {2: layers.AveragePooling2D, 3: layers.AveragePooling3D}
UPSAMPLINGS = {2: layers.UpSampling2D, 3: layers.UpSampling3D}


def without_pooling(input_shape, classes):
    """Sees 3 samples on either side."""
    inputs = keras.Input(input_shape)
    convolution = CONVOLUTIONS[len(input_shape) - 1]
    x = convolution(3, 3, padding="same", activation="relu")(inputs)
    return keras.Model(inputs, convolution(classes, 5, padding="same")(x))


def pooled_by_three(input_shape, classes):
    """Steps of 3 samples, by layers that no U-Net of this package has."""
    axes = len(input_shape) - 1
    inputs = keras.Input(input_shape)
    x = POOLINGS[axes](3)(inputs)
    x = UPSAMPLINGS[axes](3)(CONVOLUTIONS[axes](3, 3, padding="same", activation="relu")(x))
    return keras.Model(inputs, CONVOLUTIONS[axes](classes, 1)(x))


def chain(input_shape, classes):
    return keras.Sequential(
        [keras.Input(input_shape), layers.Conv2D(classes, 3, padding="same", name="logits")]
    )


def crop_classifier(input_shape, classes):
    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(2)(layers.Conv2D(3, 3, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(classes)(layers.Flatten()(x)))


def squared(labels, logits):
    """Brier score of the labelled samples."""
    known = keras.ops.cast(labels >= 0, "float32")
    truth = keras.ops.one_hot(keras.ops.maximum(labels, 0), logits.shape[-1])
    wrong = keras.ops.sum((keras.ops.softmax(logits) - truth) ** 2, axis=-1)
    return keras.ops.sum(wrong * known) / keras.ops.maximum(keras.ops.sum(known), 1)


def noisy(crops, labels, seed):
    return crops + tf.random.stateless_normal(tf.shape(crops), seed), labels


@pytest.fixture
def labels(amplitude):
    """Every other sample of one inline, two classes."""
    positions = np.argwhere(np.ones(amplitude.shape, bool))
    positions = positions[(positions[:, 0] == 3) & (positions.sum(axis=1) % 2 > 0)]
    return Labels(positions, (positions[:, 2] > 4).astype(int), Legend.of(["shallow", "deep"]))


@pytest.fixture
def surveyed(survey, labels):
    """A survey of 7 x 8 x 9 samples with the settings that are given."""

    def made(**settings):
        cube = open_segy(survey)
        return Survey.of(cube, labels, SCALING, FaciesSettings(**{**SMALL, **settings}))

    return made


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize(
    "network, crop_size, multiple, halo",
    [(without_pooling, 8, 1, 3), (pooled_by_three, 9, 3, 6)],
    ids=["without pooling", "pooled by three"],
)
@pytest.mark.parametrize(
    "parts",
    [(slice(1, 7), slice(2, 8), slice(4, 9)), (slice(2, 6, 2), slice(1, 8, 3), slice(5, 6))],
)
def test_parts_of_a_prediction_equal_the_whole(  # noqa: PLR0917
    surveyed, axes, network, crop_size, multiple, halo, parts
):
    survey = surveyed(network=network, axes=axes, crop_size=crop_size)
    assert (survey.facts.multiple, survey.facts.halo) == (multiple, halo)
    recipe = survey.recipe
    assert (recipe.axes, recipe.answers, recipe.sections) == (axes, "every sample", 1)
    assert recipe.network.endswith(f":{network.__name__}")
    classifier = DenseClassifier(survey.build())
    whole = classifier.predict(survey.cube, WHOLE, SCALING)
    part = classifier.predict(survey.cube, parts, SCALING)
    np.testing.assert_array_equal(part.classes, whole.classes[parts])
    np.testing.assert_allclose(part.confidence, whole.confidence[parts], atol=1e-6)
    assert np.ptp(whole.confidence) > 0


def test_neighbouring_sections_are_channels_of_an_own_network(surveyed):
    survey = surveyed(network=without_pooling, sections=5)
    assert survey.build().input_shape == (None, None, None, 5)
    crops, classes = next(iter(batches(survey, survey.volumes)))
    assert crops.shape == (8, 8, 8, 5)
    assert classes.shape == (8, 8, 8)
    assert DenseClassifier(survey.build()).halo[0].before == 2


def test_an_own_network_of_crops_is_applied_densely(surveyed):
    survey = surveyed(network=crop_classifier, channels="neighbours")
    assert survey.recipe.answers == "middle of a crop"
    assert survey.recipe.halo is None
    found = DenseClassifier(survey.build()).predict(survey.cube, WHOLE, SCALING)
    assert found.classes.shape == survey.cube.shape


def test_an_own_variation_depends_on_seed_and_number_of_the_batch(surveyed):
    plain, varied = (surveyed(network=without_pooling, variation=v) for v in ("none", noisy))
    before = [c.numpy() for c, _ in batches(plain, plain.volumes).take(3)]
    after = [c.numpy() for c, _ in batches(varied, varied.volumes).take(3)]
    later = next(iter(batches(varied, varied.volumes, 2)))[0].numpy()
    np.testing.assert_array_equal(after[2], later)
    noise = [a - b for a, b in zip(after, before, strict=True)]
    assert np.abs(noise[0] - noise[1]).max() > 0.1
    assert 0.8 < np.std(noise) < 1.2


def wrong_rank(input_shape, classes):
    return without_pooling((None, None, None, 1), classes)


def too_few(input_shape, classes):
    return without_pooling(input_shape, classes + 1)


def cropping(input_shape, classes):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, layers.Conv2D(classes, 3)(inputs))


def fixed(input_shape, classes):
    return without_pooling((8, 8, 1), classes)


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"network": wrong_rank}, r"network from \(8, 8, 1\) to 2 logits.* set axes"),
        ({"network": too_few}, r"to 2 logits.*to \(8, 8, 3\)"),
        ({"network": fixed}, r"inputs of any size; got one of \(8, 8, 1\)"),
        ({"network": cropping}, r"each sample, \(8, 8\); got \(6, 6\).*padding 'same'"),
        ({"network": pooled_by_three}, r"multiple of 3 for this network; got 8\. Use 9"),
        ({"network": lambda shape, classes: "no model"}, r"return a Keras model; got str"),
        ({"network": without_pooling, "channels": "seed"}, r"classifies every sample; got 'seed'"),
        ({"network": crop_classifier, "sections": 3}, r"Expected 1 section .* middle"),
        ({"network": [3]}, r"a function \(input_shape, classes=\) that builds one; got \[3\]"),
    ],
    ids=[
        "rank",
        "classes",
        "size",
        "valid",
        "stride",
        "no model",
        "channels",
        "sections",
        "no function",
    ],
)
def test_networks_that_do_not_fit_are_refused(changes, reason):
    with pytest.raises(ModelError, match=reason):
        network_facts(FaciesSettings(**{**SMALL, **changes}), 2)


def test_arrays_labels_in_memory_and_own_parts_go_through_the_job(job, tmp_path):
    """A sequential network, an own loss and an own variation, on arrays."""
    cube = ArrayCube(job.amplitude, job.geometry, job.live)
    known = Labels(np.argwhere(job.facies[6:7] >= 0) + [6, 0, 0], job.facies[6].ravel(), None)
    known = replace(known, legend=Legend.of(job.names))
    settings = FaciesSettings(**SMALL, network=chain, loss=squared, variation=noisy, follow=False)
    truth = {"truth": job.facies, "truth_inlines": (101, 102)}
    done = train_facies(
        cube, known, out=tmp_path / "out", settings=settings, progress=False, **truth
    )
    assert done.metrics["settings"]["network"].endswith(":chain")
    assert done.metrics["settings"]["loss"].endswith(":squared")
    assert [score["split"] for score in done.metrics["scores"]] == ["other lines"]
    model = load_model(done.folder / "model.keras")
    assert [layer.name for layer in model.layers][-2:] == ["logits", "recipe"]
    apply_facies(model, cube, tmp_path / "again.sgy", progress=False)
    with (
        open_segy(done.folder / "facies.sgy") as one,
        open_segy(tmp_path / "again.sgy") as other,
    ):
        np.testing.assert_array_equal(one[:], other[:])
        np.testing.assert_array_equal(one.live, job.live)
        assert one.geometry.signature() == job.geometry.signature()


def picks(files):
    """Rows of inline, crossline, time and class code."""
    rows = np.concatenate([np.loadtxt(path) for path in files.paths])
    return Labels.at_numbers(rows[:, :3], rows[:, 3].astype(int), files.geometry)


def test_an_own_kind_of_label_files_trains_an_own_network_of_crops(job, tmp_path):
    positions = np.argwhere(job.facies[6:7] >= 0)[::5] + [6, 0, 0]
    numbers = [axis.numbers[i] for axis, i in zip(job.geometry.axes, positions.T, strict=True)]
    classes = job.facies[tuple(positions.T)]
    np.savetxt(tmp_path / "mine.picks", np.stack([*numbers, classes], 1))
    settings = FaciesSettings(**SMALL, network=crop_classifier, label_kind=picks)
    done = train_facies(
        job.folder / "cube.sgy",
        [tmp_path / "mine.picks"],
        out=tmp_path / "out",
        settings=settings,
        stride=4,
        accept="network",
        progress=False,
    )
    assert sum(done.metrics["data"]["labels"]) == len(positions)
    assert recipe_of(load_model(done.folder / "model.keras")).answers == "middle of a crop"


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"positions": np.array([[0.5, 1, 1]])}, r"integer positions \(labels, 3\)"),
        ({"positions": np.array([[7, 1, 1]])}, r"got 1 outside and 0 of other classes"),
        ({"classes": np.array([2])}, r"got 0 outside and 1 of other classes"),
    ],
)
def test_labels_in_memory_are_checked(survey, tmp_path, change, reason):
    known = Labels(np.array([[1, 1, 1]]), np.array([1]), Legend.of(["a", "b"]))
    with pytest.raises(LabelError, match=reason):
        train_facies(survey, replace(known, **change), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
