"""Reflections followed from line to line: shifts of a known size, and labels that go with them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.line_work import LineWork, line_tasks
from tfseis.jobs.facies.log_probabilities import SURE
from tfseis.jobs.facies.propagation import Propagation
from tfseis.jobs.facies.reflections import carry, reflection_shift
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.spreading import Spread, spread_labels

LINES, TRACES, SAMPLES = 9, 24, 80
DIP = 0.7  # samples a line
BOUNDARY = 40  # of two classes on line 4


def dipping(lines=LINES, axis=0):
    """Reflections that lie deeper by DIP on each line, and what is dead nowhere."""
    rng = np.random.default_rng(0)
    log = np.convolve(rng.normal(size=400), np.hanning(9), mode="same")
    time = 100 + np.arange(SAMPLES) - DIP * np.arange(lines)[:, np.newaxis, np.newaxis]
    values = np.interp(np.broadcast_to(time, (lines, TRACES, SAMPLES)), np.arange(400), log)
    return np.moveaxis(values.astype("float32"), 0, axis)


class ArrayCube:
    nonfinite = 0

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def read(self, parts):
        return self.values[parts], np.ones(self.values[parts].shape, bool)


class UndecidedNetwork:
    """Says that both classes are as likely, wherever it looks; or always the second."""

    halo = (Halo(), Halo(), Halo())

    def __init__(self, axis=0, second=0.5):
        self.recipe, self.second = SimpleNamespace(axis=axis), second

    def logits(self, stack, origin, last):
        row = tf.math.log([1 - self.second, self.second])
        return tf.broadcast_to(row, (*stack.shape, 2))


def known(line=4):
    """Class 1 from the boundary down, on one line."""
    places = np.argwhere(np.ones((TRACES, SAMPLES), bool))
    classes = (places[:, 1] >= BOUNDARY).astype("int64")
    return {line: spread_labels(np.zeros((TRACES, SAMPLES), "float32"), places, classes, 2)}


def follows(network, labelled, *, axis=0, **options):
    section = SectionNetwork(network, ArrayCube(dipping(axis=axis)), Scaling(0.0, 1.0))
    return Follower(section, labelled, 2, **options)


def follower(axis=0, second=0.5, keep=1.0, **options):
    return follows(UndecidedNetwork(axis, second), known(), axis=axis, keep=keep, **options)


@pytest.mark.parametrize("dip", [-2.5, -0.4, 0.0, 0.6, 1.7])
def test_a_dip_is_found(dip):
    rng = np.random.default_rng(1)
    log = np.convolve(rng.normal(size=300), np.hanning(11), mode="same")
    time = 50 + np.arange(120.0)
    section = np.tile(np.interp(time, np.arange(300), log), (15, 1))
    neighbour = np.tile(np.interp(time + dip, np.arange(300), log), (15, 1))
    found = reflection_shift(section.astype("float32"), neighbour.astype("float32"))
    assert np.abs(found[:, 20:-20] - dip).mean() < 0.2 + 0.15 * abs(dip)


def test_nothing_moves_where_nothing_reflects():
    assert not reflection_shift(np.zeros((5, 9), "float32"), np.zeros((5, 9), "float32")).any()


def test_carrying_nothing_changes_nothing():
    values = np.random.default_rng(0).normal(size=(2, 3, 7)).astype("float32")
    np.testing.assert_allclose(carry(values, np.zeros((3, 7))), values, atol=1e-6)
    np.testing.assert_allclose(
        carry(values, np.full((3, 7), 2.0))[..., :5], values[..., 2:], atol=1e-6
    )


@pytest.mark.parametrize("axis", [0, 1])
def test_labels_go_with_the_reflections(axis):
    for index, found in follower(axis).predict_lines(range(LINES)):
        section = np.moveaxis(found.classes, axis, 0)[0]
        assert section.shape == (TRACES, SAMPLES)
        boundary = section.argmax(axis=1)
        assert np.abs(boundary - (BOUNDARY + DIP * (index - 4))).max() <= 1


def test_a_label_stays_what_it_is_and_the_network_takes_over_what_is_not_kept():
    forgetful = follower(second=0.9, keep=0.0)
    lines = {index: evidence for index, evidence, _ in forgetful.walk([4, 5])}
    assert (lines[4].argmax(axis=0)[:, :BOUNDARY] == 0).all()
    assert (lines[5].argmax(axis=0) == 1).all()
    assert lines[4].min() == SURE


def test_each_wanted_line_comes_once_from_the_nearest_labelled_one():
    two = {**known(1), **known(6)}
    walk = follows(UndecidedNetwork(), two, keep=1.0)
    order = [index for index, *_ in walk.walk([0, 2, 3, 5, 8])]
    assert order == [2, 3, 0, 8, 5]


def test_what_is_kept_is_measured():
    """The network contradicts the labels more with every line, or never does."""
    cube = ArrayCube(dipping())
    kept = []
    for change in (0, 6):

        class Drifting(UndecidedNetwork):
            def logits(self, stack, origin, last, change=change):
                line = np.abs(np.asarray(cube.values)[:, 0, 0] - stack[0, 0, 0]).argmin()
                boundary = BOUNDARY + DIP * (line - 4) + change * abs(line - 4)
                second = np.arange(SAMPLES) >= boundary
                likely = np.where(second[:, None], [0.01, 0.99], [0.99, 0.01])
                shape = (1, TRACES, SAMPLES, 2)
                return tf.constant(np.broadcast_to(np.log(likely), shape), tf.float32)

        kept.append(follows(Drifting(), known()).keep)
    assert kept[0] > 0.95
    assert kept[1] < 0.5


def test_no_line_is_evaluated_twice_nor_one_that_no_wanted_line_needs():
    """Counted by hand: lines from a labelled one to the farthest wanted one on either side."""
    read = []

    class Watched(SectionNetwork):
        def read(self, index):
            read.append(index)
            return super().read(index)

    section = Watched(UndecidedNetwork(), ArrayCube(dipping()), Scaling(0.0, 1.0))
    guide = Follower(section, known(2) | known(6), 2)
    assert sorted(read) == list(range(LINES))  # to measure what is kept
    for wanted, needed in (
        (range(LINES), range(LINES)),
        ([4], [2, 3, 4]),
        ([1, 8], [1, 2, 6, 7, 8]),
        ([6], [6]),
    ):
        read.clear()
        assert sorted(index for index, _, _ in guide.walk(list(wanted))) == list(wanted)
        assert sorted(read) == list(needed)


@pytest.mark.parametrize("axis", [0, 1])
def test_part_of_a_cube_is_written_where_it_belongs(axis):
    parts = [slice(0, TRACES, 5), slice(0, TRACES, 5), slice(10, 70, 3)]
    parts[axis] = slice(1, LINES, 2)
    whole = np.empty((LINES, TRACES, SAMPLES), "int16")
    whole = np.moveaxis(whole, 0, axis).copy()
    follow = follower(axis)
    for index, found in follow.predict_lines(range(LINES)):
        np.moveaxis(whole, axis, 0)[index] = np.moveaxis(found.classes, axis, 0)[0]
    expected = whole[tuple(parts)]
    got = np.full(expected.shape, -1)

    work, states = LineWork(follow, tuple(parts)), {}
    for task in line_tasks(follow, tuple(parts)):
        found = work.run(task, states.pop(task.after, None), lambda _: None)
        states[task.number] = found.state
        if task.what.wanted:
            got[task.box] = found.values[0]
    np.testing.assert_array_equal(got, expected)


def test_without_a_network_labels_go_with_the_reflections_and_nothing_is_evaluated():
    class Silent(UndecidedNetwork):
        logits = None  # cannot be called

    alone = follower(second=0.99).without_network()
    assert (alone.weight, alone.keep) == (0, 1)
    silent = follows(Silent(), known(), weight=0.0)
    for one, other in zip(
        alone.predict_lines(range(LINES)), silent.predict_lines(range(LINES)), strict=True
    ):
        boundary = one[1].classes[0].argmax(axis=1)
        assert np.abs(boundary - (BOUNDARY + DIP * (one[0] - 4))).max() <= 1
        np.testing.assert_array_equal(one[1].classes, other[1].classes)


def test_further_labels_count_where_they_are_surer_than_what_is_carried():
    trace = np.column_stack([np.full(SAMPLES, 12), np.arange(SAMPLES)])
    further = {7: (trace, np.zeros(SAMPLES, "int64"))}  # they contradict what is carried
    short = {4: replace(known()[4], propagation=Propagation(along=1.0))}
    walk = follows(UndecidedNetwork(), short, further=further, keep=1.0)
    found = dict(walk.predict_lines(range(LINES)))
    without = dict(follower().predict_lines(range(LINES)))
    np.testing.assert_array_equal(found[6].classes, without[6].classes)
    assert (without[7].classes[0, 12] == 1).any()
    assert not found[7].classes[0, 12].any()
    assert (found[7].classes[0, 0] == without[7].classes[0, 0]).mean() > 0.9  # far away


def test_a_few_labels_of_one_class_change_little_beyond_them():
    places = np.argwhere(np.ones((TRACES, SAMPLES), bool))[::97]
    right = (places[:, 1] >= BOUNDARY + DIP * 3).astype("int64")
    some = right == 1
    sure = {4: replace(known()[4], propagation=Propagation(along=0.02, power=0.5, background=0.0))}
    further = {7: (places[some], right[some])}
    found = dict(follows(UndecidedNetwork(), sure, further=further, keep=1.0).predict_lines([7, 8]))
    without = dict(follows(UndecidedNetwork(), sure, keep=1.0).predict_lines([7, 8]))
    for line in (7, 8):
        assert (found[line].classes == without[line].classes).mean() > 0.97


def test_a_dead_line_and_dead_traces_are_passed_over():
    values = dipping()
    values[6] = 0
    values[7, 5] = 0

    class Cube(ArrayCube):
        def read(self, parts):
            live = np.broadcast_to(self.values.any(axis=2, keepdims=True), self.values.shape)
            return self.values[parts], live[parts]

    whole = dict(follower().predict_lines(range(LINES)))
    network = SectionNetwork(UndecidedNetwork(), Cube(values), Scaling(0.0, 1.0))
    found = dict(Follower(network, known(), 2, keep=1.0).predict_lines(range(LINES)))
    assert not found[6].live.any()
    assert (found[8].classes == whole[8].classes).mean() > 0.97
    assert (found[7].classes == whole[7].classes)[found[7].live].mean() > 0.97


def test_a_temperature_changes_the_confidence_alone():
    cold, warm = (
        dict(follower(second=0.6, keep=0.5, temperature=t).predict_lines([5])) for t in (1.0, 3.0)
    )
    np.testing.assert_array_equal(cold[5].classes, warm[5].classes)
    assert (warm[5].confidence <= cold[5].confidence).all()
    assert warm[5].confidence.mean() < cold[5].confidence.mean() - 0.05


def test_spread_is_what_lines_begin_with():
    first = np.where(np.arange(SAMPLES) < 20, 0.9, 0.1) * np.ones((TRACES, 1))
    likely = np.stack([first, 1 - first], axis=-1).astype("float32")
    spread = Spread(likely, 5, known()[4].propagation, first > 0.8)
    [(_, evidence, _)] = follows(UndecidedNetwork(), {4: spread}, keep=1.0).walk([4])
    np.testing.assert_allclose(np.exp(evidence[0, :, :20]), 0.9, rtol=1e-4)
    np.testing.assert_array_equal(evidence.argmax(axis=0), likely.argmax(axis=-1))
