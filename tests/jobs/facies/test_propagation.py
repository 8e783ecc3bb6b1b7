"""Labels spread over a section, and how sure that is."""

import numpy as np
import pytest

from tfseis.jobs.facies.propagation import (
    BETWEEN,
    Propagation,
    measured_propagation,
    relative_time,
    spacing,
    spread_labels,
)

TRACES, SAMPLES, DIP = 60, 120, 0.5


def dipping():
    """A section whose reflections lie deeper by DIP from trace to trace; and their layers."""
    log = np.convolve(np.random.default_rng(0).normal(size=400), np.hanning(9), mode="same")
    time = 100 + np.arange(SAMPLES) - DIP * np.arange(TRACES)[:, np.newaxis]
    layers = np.digitize(time, [125, 150, 170])
    return np.interp(time, np.arange(400), log).astype("float32"), layers


def some(mask, layers):
    positions = np.argwhere(mask)
    return positions, layers[tuple(positions.T)]


def test_relative_time_is_flat_where_reflections_dip():
    section, _ = dipping()
    time = relative_time(section)
    middle = TRACES // 2
    expected = np.arange(SAMPLES) - DIP * (np.arange(TRACES)[:, np.newaxis] - middle)
    inside = slice(25, 95)  # of all traces the same reflections
    assert np.abs(time - expected)[:, inside].max() < 1.5
    np.testing.assert_array_equal(time[middle], np.arange(SAMPLES))


def test_one_trace_is_its_own_time():
    assert relative_time(np.ones((1, 5), "float32")).tolist() == [[0, 1, 2, 3, 4]]


def test_labels_on_a_few_traces_are_spread_along_the_reflections():
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[[5, 30], ::2] = True
    spread = spread_labels(section, *some(mask, layers))
    inside = slice(20, 100)
    along = (spread.nearest == layers)[:, inside].mean()
    flat = np.abs(np.arange(TRACES)[:, np.newaxis] - [5, 30]).argmin(axis=1)
    copied = layers[[5, 30]][flat]
    assert along > 0.95 > (copied == layers)[:, inside].mean()
    assert spread.labels == mask.sum()


def test_labels_stay_what_they_are_and_doubt_grows_with_distance():
    section, layers = dipping()
    mask = np.random.default_rng(1).random(section.shape) < 0.02
    mask[45:] = False
    positions, classes = some(mask, layers)
    spread = spread_labels(section, positions, classes)
    np.testing.assert_array_equal(spread.nearest[mask], classes)
    assert (spread.right[mask] == 1).all()
    assert (spread.right[~mask] < 1).all()
    assert spread.right[55:].mean() < spread.right[:45].mean()
    likely = np.exp(spread.log_probability(4))
    np.testing.assert_allclose(likely.sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(likely.argmax(axis=-1), spread.nearest)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_how_sure_it_is_is_how_often_it_is_right(share):
    section, layers = dipping()
    mask = np.random.default_rng(2).random(section.shape) < share
    spread = spread_labels(section, *some(mask, layers))
    right = (spread.nearest == layers)[~mask].mean()
    assert spread.right[~mask].mean() == pytest.approx(right, abs=0.06)


def test_the_number_of_labels_of_a_class_does_not_move_its_boundary():
    """A hundred times as many labels in one layer as in the next."""
    section, layers = dipping()
    rng = np.random.default_rng(3)
    mask = rng.random(section.shape) < np.where(layers == 1, 0.5, 0.02)
    spread = spread_labels(section, *some(mask, layers))
    found, true = (np.bincount(x.ravel(), minlength=4) for x in (spread.nearest, layers))
    assert np.abs(found / true - 1).max() < 0.15
    assert spread.scattered
    painted = spread.painted()
    assert (painted == layers)[painted >= 0].mean() > 0.97
    assert (painted >= 0).mean() > 0.5


def test_painted_areas_are_not_painted_further():
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[10:30, 20:40] = mask[35:50, 60:80] = True
    spread = spread_labels(section, *some(mask, layers))
    assert not spread.scattered
    np.testing.assert_array_equal(spread.painted() >= 0, mask)


def test_between_two_labels_of_a_class_on_a_trace_the_class_is_hardly_in_doubt():
    section, layers = dipping()
    edge = np.zeros(section.shape, bool)
    edge[:, 1:] = layers[:, 1:] != layers[:, :-1]
    mask = edge | np.roll(edge, -1, axis=1)  # the last of a layer and the first of the next
    spread = spread_labels(section, *some(mask, layers))
    inside = (layers == 1) | (layers == 2)  # thinner than a fifth of the section
    assert (spread.nearest == layers)[inside].all()
    assert spread.right[inside & ~mask].min() >= np.float32(BETWEEN)


def test_what_cannot_be_measured_has_the_default():
    section, layers = dipping()
    time = relative_time(section)
    everything = np.ones(section.shape, bool)
    few = np.zeros(section.shape, bool)
    few[3, [5, 50, 90]] = True
    for mask in (everything, few):
        assert measured_propagation(time, *some(mask, layers)) == Propagation()


def test_the_same_seed_measures_the_same():
    section, layers = dipping()
    labels = some(np.random.default_rng(4).random(section.shape) < 0.02, layers)
    one, same = (measured_propagation(relative_time(section), *labels, seed=3) for _ in range(2))
    assert one == same
    assert one.right(np.array([0.0])) >= one.right(np.array([30.0]))


def test_spacing_is_the_distance_of_the_next_label():
    assert spacing(np.array([[0, 0], [0, 3], [4, 3]])) == 3
    assert spacing(np.array([[2, 2]])) == 1


@pytest.mark.parametrize("dip", [-1.5, 0.5, 1.5])
def test_reflections_that_leave_the_middle_trace_keep_their_distances(dip):
    log = np.convolve(np.random.default_rng(0).normal(size=600), np.hanning(9), mode="same")
    time = 200 + np.arange(SAMPLES) - dip * np.arange(TRACES)[:, np.newaxis]
    section = np.interp(time, np.arange(600), log).astype("float32")
    layers = np.digitize(time, np.arange(100, 400, 20))
    flat = relative_time(section)
    assert (np.diff(flat, axis=1) > 0).mean() > 0.98  # nowhere do many samples share one time
    mask = np.random.default_rng(5).random(section.shape) < 0.02
    spread = spread_labels(section, *some(mask, layers))
    assert (spread.nearest == layers).mean() > 0.93


def test_a_section_with_labels_of_one_class_says_nothing_of_the_rest():
    section, layers = dipping()
    mask = (np.random.default_rng(6).random(section.shape) < 0.05) & (layers == 2)
    spread = spread_labels(section, *some(mask, layers))
    assert spread.propagation == Propagation()
    assert spread.right.min() < 0.5
    np.testing.assert_array_equal(spread.painted() >= 0, mask)


@pytest.mark.parametrize("shape", [(1, 9), (1, 1), (5, 1), (2, 2)])
def test_sections_of_one_trace_or_one_sample_are_spread_too(shape):
    spread = spread_labels(np.ones(shape, "float32"), np.array([[0, 0]]), np.array([1]))
    assert (spread.nearest == 1).all()
