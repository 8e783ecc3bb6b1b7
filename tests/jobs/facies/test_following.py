"""Reflections followed from line to line: shifts of a known size, and labels that go with them."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.jobs.facies.following import Follower, follow_cube
from tfseis.jobs.facies.reflections import SURE, carry, labelled, reflection_shift, spacing

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
    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def read(self, parts):
        return self.values[parts], np.ones(self.values[parts].shape, bool)


class UndecidedNetwork:
    """Says that both classes are as likely, wherever it looks; or always the second."""

    halo = (Halo(), Halo(), Halo())

    def __init__(self, axis=0, second=0.5):
        self.recipe, self.second = SimpleNamespace(axis=axis), second

    def forward(self, head):
        row = tf.math.log([1 - self.second, self.second])
        return lambda stack, origin, last: tf.broadcast_to(row, (*stack.shape, 2))


def known(line=4):
    """Class 1 from the boundary down, on one line."""
    places = np.argwhere(np.ones((TRACES, SAMPLES), bool))
    return {line: (places, (places[:, 1] >= BOUNDARY).astype("int64"))}


def follower(axis=0, second=0.5, keep=1.0):
    cube = ArrayCube(dipping(axis=axis))
    return Follower(UndecidedNetwork(axis, second), cube, Scaling(0.0, 1.0), known(), keep=keep)


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
    values = np.random.default_rng(0).normal(size=(3, 7, 2)).astype("float32")
    np.testing.assert_allclose(carry(values, np.zeros((3, 7))), values, atol=1e-6)
    np.testing.assert_allclose(carry(values, np.full((3, 7), 2.0))[:, :5], values[:, 2:])


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
    assert (lines[4].argmax(axis=-1)[:, :BOUNDARY] == 0).all()
    assert (lines[5].argmax(axis=-1) == 1).all()
    assert lines[4].min() == SURE


def test_each_wanted_line_comes_once_from_the_nearest_labelled_one():
    two = {**known(1), **known(6)}
    cube = ArrayCube(dipping())
    walk = Follower(UndecidedNetwork(), cube, Scaling(0.0, 1.0), two, keep=1.0)
    order = [index for index, *_ in walk.walk([0, 2, 3, 5, 8])]
    assert order == [2, 3, 0, 8, 5]


def test_what_is_kept_is_measured():
    """The network contradicts the labels more with every line, or never does."""
    cube = ArrayCube(dipping())
    kept = []
    for change in (0, 6):

        class Drifting(UndecidedNetwork):
            def forward(self, head, change=change):
                def said(stack, origin, last):
                    line = np.abs(np.asarray(cube.values)[:, 0, 0] - stack[0, 0, 0]).argmin()
                    second = np.arange(SAMPLES) >= BOUNDARY + DIP * (line - 4) + change * abs(
                        line - 4
                    )
                    likely = np.where(second[:, None], [0.01, 0.99], [0.99, 0.01])
                    shape = (1, TRACES, SAMPLES, 2)
                    return tf.constant(np.broadcast_to(np.log(likely), shape), tf.float32)

                return said

        kept.append(Follower(Drifting(), cube, Scaling(0.0, 1.0), known()).keep)
    assert kept[0] > 0.95
    assert kept[1] < 0.5


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

    def write(block, inline, crossline):
        i, x, _ = block.classes.shape
        got[inline : inline + i, crossline : crossline + x] = block.classes

    follow_cube(follow, tuple(parts), write)
    np.testing.assert_array_equal(got, expected)


def test_scattered_labels_speak_between_them_and_painted_ones_do_not():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(SAMPLES) >= BOUNDARY, TRACES).reshape(SAMPLES, TRACES).T
    unsure = np.log(np.full((*truth.shape, 2), 0.5))
    scattered = np.argwhere(rng.random(truth.shape) < 0.05)
    assert spacing(scattered) > 1
    evidence = unsure.copy()
    labelled(evidence, scattered, truth[tuple(scattered.T)].astype(int))
    assert (evidence.argmax(axis=-1) == truth).mean() > 0.95
    sure = np.where(truth[..., np.newaxis] == [True, False], 0, SURE)  # of the other class
    labelled(sure, scattered, truth[tuple(scattered.T)].astype(int))
    assert 0.05 < (sure.argmax(axis=-1) == truth).mean() < 0.95  # near the labels alone

    painted = np.argwhere(np.ones((4, 30), bool))
    evidence = unsure.copy()
    labelled(evidence, painted, np.zeros(len(painted), int))
    assert (evidence[:4, :30] == [0, SURE]).all()
    np.testing.assert_array_equal(evidence[4:], unsure[4:])
