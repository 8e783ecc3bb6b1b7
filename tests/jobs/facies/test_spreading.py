"""Labels spread over a section, and how sure that is."""

import numpy as np
import pytest

from tests.jobs.facies.dipping_section import SAMPLES, TRACES, dipping, some
from tfseis.jobs.facies.propagation import Propagation
from tfseis.jobs.facies.reflections import relative_time
from tfseis.jobs.facies.spreading import BETWEEN, LEAST_DOUBT, PAINTED, spread_labels


def test_labels_on_a_few_traces_are_spread_along_the_reflections():
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[[5, 30], ::2] = True
    spread = spread_labels(section, *some(mask, layers), 4)
    inside = slice(20, 100)
    along = (spread.classes == layers)[:, inside].mean()
    flat = np.abs(np.arange(TRACES)[:, np.newaxis] - [5, 30]).argmin(axis=1)
    copied = layers[[5, 30]][flat]
    assert along > 0.95 > (copied == layers)[:, inside].mean()
    assert spread.labels == mask.sum()


def test_labels_stay_what_they_are_and_doubt_grows_with_distance():
    section, layers = dipping()
    mask = np.random.default_rng(1).random(section.shape) < 0.02
    mask[45:] = False
    positions, classes = some(mask, layers)
    spread = spread_labels(section, positions, classes, 4)
    np.testing.assert_array_equal(spread.classes[mask], classes)
    np.testing.assert_allclose(spread.right[mask], 1 - LEAST_DOUBT)
    assert (spread.right[~mask] < 1).all()
    assert spread.right[55:].mean() < spread.right[:45].mean()
    likely = np.exp(spread.log_probability)
    np.testing.assert_allclose(likely.sum(axis=-1), 1, atol=2e-3)
    np.testing.assert_array_equal(likely.argmax(axis=-1), spread.classes)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_how_sure_it_is_is_how_often_it_is_right(share):
    section, layers = dipping()
    mask = np.random.default_rng(2).random(section.shape) < share
    spread = spread_labels(section, *some(mask, layers), 4)
    right = (spread.classes == layers)[~mask].mean()
    assert spread.right[~mask].mean() == pytest.approx(right, abs=0.06)


def test_the_number_of_labels_of_a_class_does_not_move_its_boundary():
    """A hundred times as many labels in one layer as in the next."""
    section, layers = dipping()
    rng = np.random.default_rng(3)
    mask = rng.random(section.shape) < np.where(layers == 1, 0.5, 0.02)
    spread = spread_labels(section, *some(mask, layers), 4)
    found, true = (np.bincount(x.ravel(), minlength=4) for x in (spread.classes, layers))
    assert np.abs(found / true - 1).max() < 0.15
    painted = spread.painted()
    assert (painted == layers)[painted >= 0].mean() > 0.97
    assert (painted >= 0).mean() > 0.5


def test_around_painted_areas_what_is_hardly_in_doubt_on_average_is_painted():
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[10:30, 5:15] = mask[35:50, 5:10] = mask[10:20, 50:54] = mask[40:50, 35:40] = True
    spread = spread_labels(section, *some(mask, layers), 4)
    painted = spread.painted() >= 0
    assert painted[mask].all()
    assert spread.right[painted].mean() >= PAINTED
    assert mask.mean() < painted.mean() < 0.5


def test_samples_beside_boundaries_are_painted_too():
    """Near labels all is painted, also where two classes are as near."""
    section, layers = dipping()
    mask = np.random.default_rng(7).random(section.shape) < 0.02
    spread = spread_labels(section, *some(mask, layers), 4)
    painted = spread.painted() >= 0
    assert spread.right[painted].mean() >= PAINTED
    assert spread.right[painted].min() < 0.7


def test_a_section_with_labels_of_one_class_says_nothing_of_the_rest():
    section, layers = dipping()
    mask = (np.random.default_rng(6).random(section.shape) < 0.05) & (layers == 2)
    spread = spread_labels(section, *some(mask, layers), 4)
    assert spread.propagation == Propagation()
    assert spread.right.min() < 0.5


@pytest.mark.parametrize("shape", [(1, 9), (1, 1), (5, 1), (2, 2)])
def test_sections_of_one_trace_or_one_sample_are_spread_too(shape):
    spread = spread_labels(np.ones(shape, "float32"), np.array([[0, 0]]), np.array([1]), 2)
    assert (spread.classes == 1).all()


@pytest.mark.parametrize("dip", [-1.5, 0.5, 1.5])
def test_reflections_that_leave_the_middle_trace_keep_their_distances(dip):
    log = np.convolve(np.random.default_rng(0).normal(size=600), np.hanning(9), mode="same")
    time = 200 + np.arange(SAMPLES) - dip * np.arange(TRACES)[:, np.newaxis]
    section = np.interp(time, np.arange(600), log).astype("float32")
    layers = np.digitize(time, np.arange(100, 400, 20))
    flat = relative_time(section)
    assert (np.diff(flat, axis=1) > 0).mean() > 0.98  # nowhere do many samples share one time
    mask = np.random.default_rng(5).random(section.shape) < 0.02
    spread = spread_labels(section, *some(mask, layers), layers.max() + 1)
    assert (spread.classes == layers).mean() > 0.93


def boundaries(layers, thick=1):
    """Labels along each boundary, as picked horizons give them."""
    mask = np.zeros(layers.shape, bool)
    change = layers[:, 1:] != layers[:, :-1]
    for step in range(thick):
        mask[:, 1 + step :] |= change[:, : change.shape[1] - step]
        mask[:, : change.shape[1] - step] |= change[:, step:]
    return mask


@pytest.mark.parametrize("thick", [1, 2])
def test_labels_along_every_boundary_tell_the_whole_section(thick):
    section, layers = dipping()
    mask = boundaries(layers, thick)
    spread = spread_labels(section, *some(mask, layers), 4)
    np.testing.assert_array_equal(spread.classes, layers)
    assert spread.right[~mask].min() >= np.float32(BETWEEN)
    np.testing.assert_array_equal(spread.painted(), layers)


def test_traces_without_picks_are_not_sure():
    section, layers = dipping()
    mask = boundaries(layers)
    mask[20:40] = False
    spread = spread_labels(section, *some(mask, layers), 4)
    assert (spread.classes == layers).mean() > 0.97
    assert spread.right[30].mean() < 0.9


def test_an_area_across_one_boundary_says_nothing_of_what_lies_above_it():
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[20:40, 30:60] = True
    spread = spread_labels(section, *some(mask, layers), 4)
    assert spread.right[30, :10].max() < BETWEEN


def test_between_areas_that_do_not_touch_nothing_is_certain():
    """Two areas of one class above each other, with another class between them unlabelled."""
    layers = np.tile(np.digitize(np.arange(SAMPLES), [40, 60]) % 2, (TRACES, 1))
    mask = np.zeros(layers.shape, bool)
    mask[10:30, 10:30] = mask[10:30, 70:90] = mask[40:50, 45:55] = True
    spread = spread_labels(np.zeros(layers.shape), *some(mask, layers), 2)
    assert spread.right[10:30, 45:55].max() < BETWEEN
