from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.io import open_segy
from tfseis.jobs.facies import classifier as facies
from tfseis.jobs.facies import cube as cube_module
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.cube import BlockWork, block_tasks
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.models import patch_classifier, with_recipe

SCALING = Scaling(300.0, 200.0)
WHOLE = (slice(None),) * 3
PARTS = [
    WHOLE,
    (slice(1, 7, 2), slice(2, 8, 3), slice(0, 9, 2)),
    (slice(3, 4), slice(None), slice(5, 9)),
    (slice(0, 7, 5), slice(7, 8), slice(4, 5)),
]

RECIPE = FaciesRecipe(
    network="patch",
    axes=2,
    answers="middle of a crop",
    crop_size=4,
    channels="amplitude",
    axis=0,
    codes=(0, 1, 2),
    names=("a", "b", "c"),
    colours=("#000000",) * 3,
    scaling=SCALING.as_dict(),
    grid={},
    seed=0,
    version="0",
)


@pytest.fixture(
    scope="module", params=[("patch", 0), ("patch", 1), ("patch", 2), ("patch3d", 0)], ids=str
)
def classifier(request):
    network, axis = request.param
    shape = (4,) * (2 if network == "patch" else 3)
    model = patch_classifier((*shape, 1), classes=3, layout="cn", filters=(4,))
    recipe = replace(RECIPE, network=network, axes=len(shape), axis=axis)
    return DenseClassifier(with_recipe(model, recipe))


def collected(classifier, cube, parts):
    """Classes, confidence and mask put together, and how often each trace was written."""
    shape = tuple(len(range(*part.indices(n))) for part, n in zip(parts, cube.shape, strict=True))
    classes, confidence = np.full(shape, -9), np.full(shape, np.nan)
    times = np.zeros(shape[:2], int)

    work = BlockWork(classifier, cube, parts, SCALING)
    for task in block_tasks(classifier, cube, parts):
        classes[task.box], confidence[task.box], _ = work.run(task, None, lambda _: None).values
        times[task.box] += 1
    return classes, confidence, times


@pytest.mark.parametrize("parts", PARTS, ids=str)
@pytest.mark.parametrize("held, side", [(3_000_000, 32), (100, 2), (1, 1), (30, 3)])
def test_blocks_cover_all_and_their_size_changes_nothing(  # noqa: PLR0917  fixtures
    classifier, make, ragged, monkeypatch, parts, held, side
):
    monkeypatch.setattr(cube_module, "BLOCK_SAMPLES", held)
    monkeypatch.setattr(cube_module, "HELD_SAMPLES", held)
    monkeypatch.setattr(cube_module, "SMALLEST_SIDE", side)
    monkeypatch.setattr(facies, "MOST_SAMPLES", max(50, held // 10))
    cube = open_segy(make(live=ragged))
    classes, confidence, times = collected(classifier, cube, parts)
    assert (times == 1).all()
    at_once = classifier.predict(cube, parts, SCALING)
    np.testing.assert_array_equal(classes, at_once.classes)
    np.testing.assert_allclose(confidence, at_once.confidence, atol=1e-6)
    missing = ~ragged[parts[:2]]
    assert (classes[missing] == 0).all()
    assert (confidence[missing] == 0).all()
    assert (confidence[~missing] > 1 / 3).all()


def test_small_blocks_are_really_small(classifier, survey, monkeypatch):
    monkeypatch.setattr(cube_module, "BLOCK_SAMPLES", 18)  # two traces
    monkeypatch.setattr(cube_module, "HELD_SAMPLES", 18)
    monkeypatch.setattr(cube_module, "SMALLEST_SIDE", 2)
    tasks = block_tasks(classifier, open_segy(survey), WHOLE)
    sizes = [tuple(part.stop - part.start for part in task.box) for task in tasks]
    assert sum(a * b for a, b in sizes) == 56
    assert max(a * b for a, b in sizes) <= 4


@pytest.mark.parametrize(
    "shape, step, most",
    [
        ((300, 300, 500), 1, 1.75),
        ((651, 951, 462), 1, 1.8),
        ((400, 500, 1500), 1, 2.4),
        ((651, 951, 462), 4, 1.5),
        ((3000, 9, 2000), 1, 9.0),  # of 9 crosslines the network sees 73
        ((5000, 5000, 3), 1, 1.25),
    ],
)
def test_time_slices_are_evaluated_in_large_parts_of_bounded_size(shape, step, most):
    """By a network that needs 32 traces around; counted by a loop over the tiles."""

    class Classifier:
        flat, halo = True, (Halo(32, 32), Halo(32, 32), Halo())
        recipe = SimpleNamespace(axis=2)

    numbers = tuple(range(0, size, step) for size in shape)
    geometry = SimpleNamespace(shape=shape)
    evaluated = held = 0
    covered = np.zeros([len(axis) for axis in numbers[:2]], int)
    for here, there in cube_module._blocks(Classifier(), geometry, numbers):
        covered[here, there] += 1
        rows, columns = (step * (part.stop - part.start) for part in (here, there))
        assert (rows + 64) * (columns + 64) <= 1.1 * facies.MOST_SAMPLES
        held = max(held, covered[here, there].size * len(numbers[2]))
        evaluated += (rows + 64) * (columns + 64) * len(numbers[2])
    assert (covered == 1).all()
    assert held <= 1.1 * cube_module.HELD_SAMPLES
    assert evaluated / (shape[0] * shape[1] * len(numbers[2])) < most


def test_slices_come_some_after_others(survey, monkeypatch):
    """Few are read at a time, and the result is that of all at once."""
    model = patch_classifier((4, 4, 1), classes=3, layout="cn", filters=(4,))
    classifier = DenseClassifier(with_recipe(model, replace(RECIPE, axis=2)))
    cube, read = open_segy(survey), []
    whole = collected(classifier, cube, WHOLE)
    monkeypatch.setattr(cube_module, "BLOCK_SAMPLES", 2 * 10 * 11)
    predict = classifier.predict

    def watched(cube, parts, scaling):
        read.append(len(range(*parts[2].indices(cube.shape[2]))))
        return predict(cube, parts, scaling)

    monkeypatch.setattr(classifier, "predict", watched)
    some = collected(classifier, cube, WHOLE)
    assert sum(read) == 9
    assert max(read) == 2
    for one, other in zip(whole, some, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
