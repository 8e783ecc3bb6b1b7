"""Cubes that fit into memory are read once, the others each time."""

import numpy as np

from tfseis.jobs.faults.held_cubes import HeldCubes


def test_as_many_cubes_stay_as_fit():
    read = []

    def arrays(size):
        read.append(size)
        return np.zeros(size, "int8"), np.ones(size, "int8")

    cubes = HeldCubes([10, 40, 20], arrays, most=70)
    for number in (0, 1, 2, 0, 1, 2):
        assert [part.nbytes for part in cubes[number]] == [[10, 40, 20][number]] * 2
    assert read == [10, 40, 20, 40]  # 20 + 40 bytes stay
