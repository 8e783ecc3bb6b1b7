"""Which found faults count as right, by hand; and that linking finds more than cutting does."""

import numpy as np
import pytest

from benchmarks import fault_objects
from benchmarks.fault_objects import TrueFault, right_pairs
from tfseis.jobs.faults.surfaces import FaultSurfaces

PLANE = np.argwhere(np.ones((20, 1, 20), bool))


def found(*parts):
    numbers = np.repeat(np.arange(1, len(parts) + 1), [len(part) for part in parts])
    positions = np.concatenate(parts)
    return FaultSurfaces((40, 40, 40), positions, np.ones(len(positions)), numbers)


def true(positions):
    return TrueFault(positions, np.array([0, 1.0, 0]), 5.0)


def test_a_found_fault_is_right_if_half_of_each_lies_near_the_other():
    truth = [true(PLANE)]
    assert right_pairs(found(PLANE + [0, 2, 0]), truth) == {0: 0}
    assert right_pairs(found(PLANE + [0, 3, 0]), truth) == {}
    assert right_pairs(found(PLANE[PLANE[:, 0] < 5]), truth) == {}  # covers a third
    beyond = np.concatenate([PLANE, PLANE + [20, 10, 0], PLANE + [20, 20, 0]])
    assert right_pairs(found(beyond), truth) == {}  # most of it is elsewhere
    assert right_pairs(found(PLANE, PLANE + [0, 9, 0]), [*truth, true(PLANE + [0, 9, 0])]) == {
        0: 0,
        1: 1,
    }


@pytest.mark.slow
def test_linked_faults_are_right_more_often_than_cut_ones():
    table = fault_objects.run(1).set_index("generator").loc["all"]
    assert table["F1"] > table["F1 of cut faults"]
    assert table["dip, degrees"] < 3
