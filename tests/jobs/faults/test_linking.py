"""Which samples of thin faults are one fault: planes whose places are known."""

import numpy as np
import pytest

from tfseis.jobs.faults.linking import linked_faults
from tfseis.jobs.faults.orientation import orientation
from tfseis.jobs.faults.thinning import thin_samples

SHAPE = (41, 50, 60)
INLINE, CROSSLINE, SAMPLE = np.indices(SHAPE)


def linked(mask, smallest=100):
    return linked_faults(thin_samples(np.asarray(mask, "float32")), smallest=smallest)


def along(crossline, slope, half=1.0):
    """A fault that strikes along inlines; slope in crosslines a sample."""
    return np.abs(CROSSLINE - crossline - slope * (SAMPLE - 30)) <= half


def across(inline, slope, half=1.0):
    return np.abs(INLINE - inline - slope * (SAMPLE - 30)) <= half


@pytest.mark.parametrize(
    "one, other",
    [
        (along(25, 0.05), across(20, -0.07)),  # crossing at right angles
        (along(25, 0.5), along(25, -0.5)),  # an X on sections
        (along(22, 0.45) & (SAMPLE < 50), along(25, -0.4)),
    ],
)
def test_crossing_faults_are_two(one, other):
    found = linked(one | other)
    assert len(found) == 2
    for mask in (one, other):
        shares = [mask[tuple(positions.T)].mean() for positions, _ in found.faults()]
        assert max(shares) > 0.95
    assert len(found.positions) > 0.95 * len(thin_samples((one | other).astype("f4")).positions)


def test_a_fault_that_abuts_another_is_its_own():
    short = across(20, 0.1) & (CROSSLINE > 25)
    found = linked(along(25, 0.1) | short)
    assert len(found) == 2


def test_pieces_of_one_fault_are_linked_over_a_gap():
    fault = along(25, 0.3)
    fault[16:26] = False
    assert len(linked(fault)) == 1
    fault[10:34] = False  # too far
    assert len(linked(fault)) == 2


@pytest.mark.parametrize("beside", [5, 6, 8, 10])
def test_faults_side_by_side_are_two(beside):
    found = linked(along(20, 0.3) | along(20 + beside, 0.3))
    assert len(found) == 2


def test_two_faults_in_line_with_an_offset_are_two():
    mask = (along(20, 0.2) & (INLINE < 20)) | (along(27, 0.2) & (INLINE >= 20))
    assert len(linked(mask)) == 2


def test_a_bent_fault_is_one():
    bent = np.abs(CROSSLINE - 25 - 5 * np.sin(INLINE / 12) - 0.004 * (SAMPLE - 10) ** 2) <= 1
    assert len(linked(bent)) == 1


def test_small_faults_are_left_out_and_nothing_is_no_fault():
    speck = np.zeros(SHAPE, bool)
    speck[20, 20, 10:16] = True
    assert len(linked(speck)) == 0
    assert len(linked(np.zeros(SHAPE))) == 0
    assert len(linked(along(25, 0.3), smallest=10**6)) == 0


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_normals_are_those_of_the_plane(slope):
    thin = thin_samples(along(25, slope).astype("float32"))
    expected = np.array([0, 1, -slope]) / np.hypot(1, slope)
    cosine = np.abs(orientation(thin.positions).normal @ expected).clip(0, 1)
    assert np.rad2deg(np.arccos(np.median(cosine))) < 2.5
