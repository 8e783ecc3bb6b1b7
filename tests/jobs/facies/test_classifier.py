"""The whole path: a cube predicted at once = a crop cut around every voxel, classified alone."""

from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.errors import ModelError
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy, write_segy
from tfseis.jobs.facies import classifier as facies
from tfseis.jobs.facies.channels import CHANNELS, margins
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.patches import all_patches
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.jobs.facies.sections import Section, section_volume
from tfseis.models import patch_classifier, with_recipe

SHAPE = (7, 8, 9)
SCALING = Scaling(0.7, 1.9)
WHOLE = (slice(None),) * 3
PART = (slice(1, 7, 2), slice(2, 7, 3), slice(4, 9, 2))
TIE = 1e-4  # nearer than that, rounding may choose either class


@dataclass
class Case:
    network: str
    axis: int
    channels: str
    layout: str
    crop_size: int

    def model(self, grid):
        keras.utils.set_random_seed(self.crop_size)
        axes = 2 if self.network == "patch" else 3
        blocks = len(self.layout.split())
        model = patch_classifier(
            (*[self.crop_size] * axes, len(CHANNELS[self.channels])),
            classes=3,
            layout=self.layout,
            filters=(3, 4, 3, 4)[:blocks],
        )
        rng = np.random.default_rng(0)
        for norm in (n for n in model.layers if isinstance(n, layers.BatchNormalization)):
            norm.set_weights([rng.uniform(0.5, 2, w.shape) for w in norm.get_weights()])
        recipe = FaciesRecipe(
            network=self.network,
            axes=axes,
            answers="middle of a crop",
            crop_size=self.crop_size,
            channels=self.channels,
            axis=self.axis,
            codes=(0, 1, 2),
            names=("a", "b", "c"),
            colours=("#000000",) * 3,
            scaling=SCALING.as_dict(),
            grid=grid,
            seed=0,
            version="0",
        )
        return with_recipe(model, recipe)

    def crop_by_crop(self, model, cube, places):
        """Probabilities (voxels, classes), each from a crop of its own."""
        halo = Halo(*margins(self.crop_size, CHANNELS[self.channels]))
        axis = self.axis if self.network == "patch" else 0
        order, volumes = [], []
        for index in np.unique(places[:, axis]).tolist():
            on = np.flatnonzero(places[:, axis] == index)
            order.append(on)
            volumes.append(
                section_volume(
                    cube,
                    Section(axis, index, on),
                    (places, np.zeros(len(places), int)),
                    halo,
                    SCALING,
                    flat=self.network == "patch",
                )
            )
        crops = all_patches(
            volumes, crop_size=self.crop_size, channels=CHANNELS[self.channels], batch_size=64
        )
        logits = np.concatenate([model.predict_on_batch(batch) for batch, _ in crops])
        probability = np.empty_like(logits)
        probability[np.concatenate(order)] = softmax(logits, -1)
        return probability


CASES = {
    "inlines, odd crop": Case("patch", 0, "amplitude", "cna cnap", 9),
    "inlines, default layout, crop beyond the cube": Case(
        "patch", 0, "amplitude", "cna cnapd cnapd cnapd", 25
    ),
    "inlines, all channels": Case("patch", 0, "seed", "cna cp", 7),
    "crosslines, all channels": Case("patch", 1, "seed", "cna cnapd", 8),
    "crosslines, neighbours": Case("patch", 1, "neighbours", "cna", 4),
    "time slices, neighbours": Case("patch", 2, "neighbours", "cp cap", 11),
    "time slices, all channels": Case("patch", 2, "seed", "pca", 6),
    "blocks": Case("patch3d", 0, "amplitude", "cna cnap", 7),
    "blocks, even crop": Case("patch3d", 1, "amplitude", "ca p", 4),
}


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    """Noise with missing traces, a dead one, and samples that are not finite."""
    folder = tmp_path_factory.mktemp("cube")
    amplitude = np.random.default_rng(0).normal(1, 2, SHAPE).astype("float32")
    live = np.ones(SHAPE[:2], bool)
    live[:2, :3] = live[4, 5] = False
    amplitude[3, 6] = 0
    amplitude[5, 2, 3], amplitude[2, 4, 0], amplitude[6, 7, 8] = np.nan, np.inf, -np.inf
    geometry = Geometry(
        Axis("inline", 100, 2, 7), Axis("crossline", 300, 1, 8), Axis("sample", 12, 4, 9)
    )
    write_segy(folder / "cube.sgy", amplitude, geometry, live=live)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFSEIS_CACHE", str(folder))
        yield open_segy(folder / "cube.sgy")


@pytest.fixture(scope="module")
def alive(cube):
    expected = np.broadcast_to(cube.live[..., np.newaxis], SHAPE).copy()
    expected[3, 6] = False
    expected[5, 2, 3] = expected[2, 4, 0] = expected[6, 7, 8] = False
    return expected


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def trained(request, cube):
    """The case, its classifier, and what it says of every voxel when asked crop by crop."""
    case = request.param
    model = case.model(cube.geometry.signature())
    places = np.argwhere(np.ones(SHAPE, bool))
    probability = case.crop_by_crop(model, cube, places).reshape(*SHAPE, 3)
    assert (probability.std(axis=(0, 1, 2)) > 1e-3).all()
    return case, DenseClassifier(model), probability


def assert_equal(result, probability, live):
    best = np.sort(probability, axis=-1)
    sure = best[..., -1] - best[..., -2] > TIE
    np.testing.assert_array_equal(result.live, live)
    np.testing.assert_allclose(
        result.confidence, np.where(live, best[..., -1], 0), rtol=0, atol=1e-5
    )
    expected = np.where(live, probability.argmax(-1), 0)
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(result.classes[sure], expected[sure])
    assert result.classes.dtype == np.int16
    assert result.confidence.dtype == np.float32


def test_every_voxel_equals_its_crop(trained, cube, alive):
    _, classifier, probability = trained
    assert_equal(classifier.predict(cube, WHOLE, SCALING), probability, alive)


@pytest.mark.parametrize(
    "part", [PART, (slice(6, 7), slice(0, 1), slice(None)), (slice(2, 5), slice(4, 8), slice(3, 4))]
)
def test_ranges_and_strides_change_nothing(trained, cube, alive, part):
    _, classifier, probability = trained
    assert_equal(classifier.predict(cube, part, SCALING), probability[part], alive[part])


def test_calls_of_bounded_size_change_nothing(trained, cube, monkeypatch):
    _, classifier, _ = trained
    whole = classifier.predict(cube, WHOLE, SCALING)
    monkeypatch.setattr(facies, "MOST_SAMPLES", 1)
    small = classifier.predict(cube, WHOLE, SCALING)
    np.testing.assert_array_equal(small.classes, whole.classes)
    np.testing.assert_allclose(small.confidence, whole.confidence, atol=1e-6)


@pytest.fixture(scope="module")
def plain(cube):
    case = CASES["inlines, odd crop"]
    return case, case.model(cube.geometry.signature())


def test_the_axis_of_the_sections_may_be_another(plain, cube, alive):
    case, model = plain
    classifier = DenseClassifier(model, axis=1)
    places = np.argwhere(np.ones(SHAPE, bool))
    other = replace(case, axis=1).crop_by_crop(model, cube, places).reshape(*SHAPE, 3)
    assert_equal(classifier.predict(cube, WHOLE, SCALING), other, alive)


def test_the_statistics_of_the_call_are_used(plain, cube):
    classifier = DenseClassifier(plain[1])
    ours, other = (classifier.predict(cube, WHOLE, s) for s in (SCALING, Scaling(-3.0, 0.5)))
    assert np.abs(ours.confidence - other.confidence).max() > 0.01


def test_positions_bind_a_model_to_its_survey(cube, plain):
    case = CASES["inlines, all channels"]
    grid = cube.geometry.signature()
    DenseClassifier(case.model(grid)).check_grid(cube)
    other = {**grid, "inline": [101, 2, 7]}
    with pytest.raises(ModelError, match=r"survey on which .* trained.*--channels amplitude"):
        DenseClassifier(case.model(other)).check_grid(cube)
    elsewhere = plain[0].model(other)
    DenseClassifier(elsewhere).check_grid(cube)  # no positions among its inputs


def test_a_model_without_a_recipe_is_refused():
    bare = patch_classifier((3, 3, 1), classes=2, layout="c", filters=(2,))
    with pytest.raises(ModelError, match="tfseis JOB train"):
        DenseClassifier(bare)
