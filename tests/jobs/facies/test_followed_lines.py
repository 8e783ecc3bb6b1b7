"""Lines as they are followed in planes of classes, beside the plain formulas, sample by sample."""

import threading
import time
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage
from scipy.spatial import KDTree

from tests.jobs.facies.dipping_section import dipping, some
from tests.jobs.facies.test_following import ArrayCube
from tfseis.data.regions import Halo
from tfseis.data.scaling import Scaling
from tfseis.jobs.facies.following import AHEAD, LEG, Follower
from tfseis.jobs.facies.log_probabilities import SURE, most_likely, planes
from tfseis.jobs.facies.propagation import FEW_TRACES, class_distances
from tfseis.jobs.facies.reflections import REFINEMENTS, WINDOW, carry
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.smoothing import smoothed
from tfseis.jobs.facies.spreading import spread_labels
from tfseis.tasks import threads

LINES, TRACES, SAMPLES, CLASSES = 10, 31, 70, 9


class Survey(ArrayCube):
    """Traces that are zero are dead; who reads is remembered."""

    def __init__(self, values):
        super().__init__(values)
        self.by = set()

    def read(self, parts):
        self.by.add(threading.current_thread())
        live = np.broadcast_to(self.values.any(axis=2, keepdims=True), self.values.shape)
        return self.values[parts], live[parts]


class RandomNetwork:
    """Logits that depend on the section alone."""

    halo = (Halo(), Halo(), Halo())
    recipe = SimpleNamespace(axis=0)

    def logits(self, stack, origin, last):
        seed = zlib.crc32(np.ascontiguousarray(stack).tobytes())
        values = np.random.default_rng(seed).normal(size=(*stack.shape, CLASSES), scale=2)
        return tf.constant(values, tf.float32)


def survey():
    rng = np.random.default_rng(0)
    values = ndimage.gaussian_filter(rng.normal(size=(LINES, TRACES, SAMPLES)), (1, 4, 2))
    values[5, 3] = 0
    return Survey((values / values.std()).astype("float32"))


def follower(cube, network=None, **options):
    places = np.argwhere(np.ones((TRACES, SAMPLES), bool))[::7]
    classes = places[:, 1] * CLASSES // SAMPLES
    spread = spread_labels(cube.values[4], places, classes, CLASSES)
    section = SectionNetwork(network or RandomNetwork(), cube, Scaling(0.0, 1.0))
    return Follower(section, {4: spread}, CLASSES, weight=0.5, temperature=0.8, **options)


def plain_carry(values, shift):
    """Values (traces, samples, classes) from fractional samples below."""
    last = values.shape[1] - 1
    place = np.clip(np.arange(last + 1) + shift, 0, last)
    above = np.minimum(place.astype("int64"), last - 1)
    part = (place - above).astype("float32")[..., np.newaxis]
    upper, lower = (
        np.take_along_axis(values, (above + step)[..., np.newaxis], axis=1) for step in (0, 1)
    )
    return upper + part * (lower - upper)


def plain_shift(section, neighbour):
    shift = np.zeros(section.shape, "float32")
    for _ in range(REFINEMENTS):
        moved = plain_carry(section[..., np.newaxis], shift)[..., 0]
        slope = np.gradient((moved + neighbour) / 2, axis=1)
        both = ndimage.gaussian_filter((neighbour - moved) * slope, WINDOW)
        energy = ndimage.gaussian_filter(slope * slope, WINDOW)
        shift += np.clip(both / (energy + 0.05 * energy.mean() + 1e-12), -1, 1)
    return shift


def plain_bounded(evidence):
    log = tf.nn.log_softmax(tf.constant(evidence)).numpy()
    return np.maximum(log, SURE)


def plain_line(guide, index, before):
    """Amplitudes and evidence (traces, samples, classes) of a line."""
    line = guide.network.read(index)
    amplitude = line.amplitude
    logits = guide.network.classifier.logits(amplitude[np.newaxis], [], [])[0].numpy()
    predicted = plain_bounded(guide.weight * plain_bounded(logits))
    if before is None:
        return amplitude, plain_bounded(predicted + guide.labelled[index].log_probability)
    previous, carried = before
    amplitude = np.where(line.live.any(axis=1, keepdims=True), amplitude, previous)
    shift = plain_shift(previous, amplitude)
    moved = plain_carry(previous[..., np.newaxis], shift)[..., 0]
    ours, theirs, both = (
        ndimage.gaussian_filter(a * b, WINDOW)
        for a, b in ((moved, moved), (amplitude, amplitude), (moved, amplitude))
    )
    correlation = np.clip(both / np.sqrt(ours * theirs + 1e-12), 0, 1)
    alike = np.minimum(correlation / np.median(correlation), 1)
    kept = (guide.keep * alike ** min(1.0, guide.halvings / 0.1))[..., np.newaxis]
    return amplitude, kept * plain_carry(carried, shift) + (1 - kept) * predicted


def test_lines_equal_the_plain_formulas():
    guide = follower(survey(), keep=0.93)
    found = {index: evidence for index, evidence, _ in guide.walk(range(LINES))}
    for way in (range(4, LINES), range(4, -1, -1)):
        state = None
        for index in way:
            state = plain_line(guide, index, state)
            np.testing.assert_allclose(np.moveaxis(found[index], 0, -1), state[1], atol=3e-6)
            np.testing.assert_array_equal(found[index].argmax(axis=0), state[1].argmax(axis=-1))


def test_the_most_likely_class_equals_argmax_and_softmax():
    evidence = np.random.default_rng(2).normal(size=(CLASSES, 7, 8)).astype("float32")
    evidence[:, 0] = 0  # all as likely: the first
    classes, confidence = most_likely(evidence, 0.7)
    np.testing.assert_array_equal(classes, evidence.argmax(axis=0))
    softmax = tf.nn.softmax(evidence / 0.7, axis=0).numpy().max(axis=0)
    np.testing.assert_allclose(confidence, softmax, rtol=1e-6)
    assert (classes.dtype, confidence.dtype) == ("int16", "float32")


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (16, 64), (17, 65), (50, 131)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_smoothing_equals_that_of_scipy(shape, dtype):
    values = np.random.default_rng(3).normal(size=shape).astype(dtype)
    found = smoothed(values, (3.0, 6.0))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, ndimage.gaussian_filter(values, (3.0, 6.0)), atol=3e-7)


def test_smoothing_is_the_same_to_the_last_bit_with_any_number_of_threads():
    threadpool = pytest.importorskip("threadpoolctl")
    values = np.random.default_rng(4).normal(size=(200, 300)).astype("float32")
    with threadpool.threadpool_limits(1):
        alone = smoothed(values, (3.0, 6.0))
    np.testing.assert_array_equal(smoothed(values, (3.0, 6.0)), alone)


def test_a_section_is_carried_as_each_of_its_planes():
    rng = np.random.default_rng(5)
    values, shift = rng.normal(size=(3, 6, 11)).astype("float32"), rng.normal(size=(6, 11))
    carried = carry(values, shift.astype("float32"))
    np.testing.assert_array_equal(carried[1], carry(values[1], shift.astype("float32")))
    assert carry(np.array([[7.0]]), np.array([[0.4]])).tolist() == [[7.0]]


@pytest.mark.parametrize("traces", [1, FEW_TRACES, FEW_TRACES + 1])
def test_distances_are_the_same_on_few_traces_as_on_many(traces):
    section, layers = dipping()
    mask = np.zeros(section.shape, bool)
    mask[np.linspace(5, 50, traces).astype(int), ::3] = True
    positions, classes = some(mask, layers)
    labels = positions + np.array([0, 0.25])
    wanted = np.argwhere(np.ones(section.shape, bool))[::5] + np.array([0, 0.1])
    found = class_distances(labels, classes, wanted, 5, 0.3)
    assert np.isinf(found[:, 4]).all()  # a class without a label
    for number in np.unique(classes):
        tree = KDTree(labels[classes == number] * [0.3, 1])
        np.testing.assert_allclose(found[:, number], tree.query(wanted * [0.3, 1])[0], rtol=1e-6)


def test_legs_give_the_same_to_the_last_bit_as_the_whole_walk():
    cube = survey()
    guide = follower(cube, keep=0.93)
    whole = dict(guide.predict_lines(range(LINES)))
    state = None
    for leg in guide.legs(range(LINES)):
        kept = None if not leg.continues else tuple(one.copy() for one in state)
        found, state = guide.classify(leg, kept)
        assert len(leg.lines) <= LEG
        for index, one in zip(leg.wanted, found, strict=True):
            np.testing.assert_array_equal(one.classes, whole[index].classes)
            np.testing.assert_array_equal(one.confidence, whole[index].confidence)


class Slow(RandomNetwork):
    """Remembers the thread that evaluates it, and takes a while."""

    def __init__(self):
        self.by = set()

    def logits(self, stack, origin, last):
        self.by.add(threading.current_thread())
        time.sleep(0.01)
        return super().logits(stack, origin, last)


@pytest.mark.parametrize("count", [None, 1])
def test_the_cube_is_read_by_the_thread_that_asks(count, monkeypatch):
    monkeypatch.setattr(threads, "_asked", [] if count is None else [count])
    cube, network = survey(), Slow()
    guide = follower(cube, network, keep=0.9)
    order = [index for index, *_ in guide.walk(range(LINES))]
    assert sorted(order) == list(range(LINES))
    assert cube.by == {threading.current_thread()}
    assert threading.current_thread() not in network.by
    assert not any(thread.is_alive() for thread in network.by)


def test_a_walk_that_is_left_ends_its_thread_and_an_error_comes_through():
    cube, network = survey(), Slow()
    guide = follower(cube, network, keep=0.9)
    for _ in guide.walk(range(LINES)):
        break
    assert AHEAD + 1 < LINES
    assert not any(thread.is_alive() for thread in network.by)

    class Failing(RandomNetwork):
        def logits(self, stack, origin, last):
            raise ValueError("no such network")

    with pytest.raises(ValueError, match="no such network"):
        list(follower(cube, Failing(), keep=0.9).walk(range(LINES)))


def test_planes_lie_one_after_another_in_memory():
    values = np.arange(24.0).reshape(2, 3, 4)
    found = planes(values)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found[3], values[..., 3])
