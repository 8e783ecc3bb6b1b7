"""Sticks of faults on single lines: a 2D line, or one inline of a survey."""

import numpy as np
import pytest

from tfseis.geometry import Axis, Geometry
from tfseis.jobs.faults.sticks import fault_sticks

GRID = Geometry(Axis("inline", 1, 1, 40), Axis("crossline", 1, 1, 40), Axis("sample", 0, 4, 60))


class Plane:
    """Thin faults as `FaultSurfaces` gives them."""

    def __init__(self, positions):
        self.positions = positions

    def faults(self):
        yield self.positions, np.full(len(self.positions), 0.9)


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize("slope", [-0.8, -0.2, 0.0, 0.5, 1.0])
def test_a_fault_on_a_single_line_gets_a_stick(line, slope):
    samples = np.arange(5, 50)
    across = (20 + slope * (samples - 27)).round().astype(int)
    positions = np.insert(np.c_[across, samples], line, 13, axis=1)
    (found,) = fault_sticks(Plane(positions), GRID)
    assert len(found.nodes) == 1
    assert (found.nodes[0][:, line] == 14).all()
    assert np.ptp(found.nodes[0][:, 2]) == 4 * 44
