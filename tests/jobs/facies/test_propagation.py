"""How far labels reach: measured on hidden ones."""

import numpy as np

from tests.jobs.facies.dipping_section import DIP, SAMPLES, TRACES, dipping, some
from tfseis.jobs.facies.propagation import (
    Propagation,
    class_distances,
    measured_propagation,
    spacing,
)
from tfseis.jobs.facies.reflections import relative_time


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
    near, far = one.probability(np.array([[0.0, 30.0], [25.0, 30.0]]))
    assert near[0] > far[0] > 0.5


def test_spacing_is_the_distance_of_the_next_label():
    assert spacing(np.array([[0, 0], [0, 3], [4, 3]])) == 3
    assert spacing(np.array([[2, 2]])) == 1


def test_probabilities_are_inverse_distances():
    """Worked out by hand: (1 + 0)^-2 = 1 and (1 + 3)^-2 = 1/16, beside a background of 1/16."""
    one = Propagation(power=2.0, offset=1.0, background=1 / 16)
    likely = one.probability(np.array([0.0, 3.0, np.inf]))
    np.testing.assert_allclose(likely, np.array([17, 2, 1]) / 20)


def test_distances_are_those_of_the_nearest_label_of_each_class():
    labels = np.array([[0.0, 10.0], [0.0, 40.0], [8.0, 13.0]])
    found = class_distances(labels, np.array([0, 0, 2]), np.array([[0.0, 13.0]]), 3, 0.5)
    np.testing.assert_allclose(found, [[3, np.inf, 4]])


def test_areas_are_hidden_as_a_whole():
    """Next to each area lies one of the other class: a part of one is found easily from the rest,
    a whole one never."""
    section = np.zeros((TRACES, SAMPLES))
    layers = np.tile(np.arange(SAMPLES) // 20 % 2, (TRACES, 1))
    mask = np.zeros(section.shape, bool)
    mask[10:14, [*range(5, 15), *range(25, 35), *range(45, 55), *range(65, 75)]] = True
    one = measured_propagation(relative_time(section), *some(mask, layers))
    assert one.probability(np.array([5.0, 15.0]))[0] < 0.7


def test_classes_without_labels_on_the_section_do_not_matter():
    section, layers = dipping()
    mask = np.random.default_rng(4).random(section.shape) < 0.02
    positions, classes = some(mask, layers)
    time = relative_time(section)
    assert measured_propagation(time, positions, classes) == measured_propagation(
        time, positions, 3 * classes + 1
    )
