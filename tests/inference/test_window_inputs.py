"""Windows as a network sees them, spread over a cube."""

import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.inference.cube_windows import Windows
from tfseis.inference.window_inputs import WindowInputs
from tfseis.io import ArrayCube

SCALING = Scaling(0.0, 1.0)


def inputs(amplitude, live=None, size=8, overlap=0, parts=None):
    """Windows over an array of amplitudes between -10 and 10, which scaling does not change."""
    cube = ArrayCube(amplitude.astype("float32"), live=live)
    windows = Windows.over(cube.shape, size, overlap)
    parts = parts or tuple(slice(0, length) for length in cube.shape)
    return WindowInputs(cube, windows, parts, SCALING)


def numbered(shape):
    """Amplitudes that tell the place of a window of 8 samples: its number, from 1 on, over 1000."""
    row, column, level = (index // 8 for index in np.indices(shape))
    columns, levels = shape[1] // 8, shape[2] // 8
    return (1 + (row * columns + column) * levels + level) / 1000


def places(found):
    """Numbers of the windows."""
    return [round(float(block[0, 0, 0]) * 1000) - 1 for block, _ in found]


def test_they_are_spread_over_every_axis_and_come_again():
    made = inputs(numbered((64, 64, 64)))
    assert made.count() == 512
    found = places(made.spread(8))
    assert found == places(made.spread(8))
    assert len(set(found)) == 8
    assert places(made.spread(4)) == found[:4]
    for some in (found, found[:4]):
        where = np.unravel_index(some, (8, 8, 8))
        assert where[0].min() <= 2
        assert where[0].max() >= 5
        assert len({*where[1].tolist()}) >= 3
        assert len({*where[2].tolist()}) >= 3


def test_windows_without_a_live_sample_are_passed_over():
    """Live traces in one corner, and among them a dead half: zeros from top to base."""
    amplitude = numbered((64, 64, 16))
    amplitude[:8] = 0
    live = np.zeros((64, 64), bool)
    live[:16, :24] = True
    made = inputs(amplitude, live)
    assert made.count() == 2 * 3 * 2
    found = list(made.spread(8))
    assert sorted(places(found)) == [16, 17, 18, 19, 20, 21]
    assert all(mask.all() for _, mask in found)


def test_a_cube_without_live_samples_has_none():
    assert list(inputs(np.zeros((9, 9, 9))).spread(4)) == []
    nothing = inputs(np.ones((9, 9, 9)), np.zeros((9, 9), bool))
    assert (nothing.count(), list(nothing.spread(4))) == (0, [])


@pytest.mark.parametrize("shape", [(5, 7, 6), (1, 40, 9), (17, 3, 30)])
def test_a_small_cube_gives_each_of_its_windows_once(shape):
    amplitude = np.random.default_rng(0).normal(size=shape)
    made = inputs(amplitude)
    found = list(made.spread(8))
    assert len(found) == min(8, made.count())
    assert len({block.tobytes() for block, _ in found}) == len(found)
    assert {block.shape for block, _ in found} == {made.windows.sizes}


def test_they_lie_in_the_part_that_is_wanted():
    parts = slice(16, 30, 2), slice(8, 9), slice(40, 64)
    found = places(inputs(numbered((64, 64, 64)), parts=parts).spread(8))
    row, column, level = np.unravel_index(found, (8, 8, 8))
    assert {*row.tolist()} <= {2, 3}
    assert {*column.tolist()} == {1}
    assert {*level.tolist()} <= {5, 6, 7}


def test_behind_the_end_of_a_cube_amplitudes_are_mirrored_and_nothing_is_live():
    amplitude = np.arange(1, 6).reshape(5, 1, 1) / 10
    cube = ArrayCube(amplitude.astype("float32"))
    windows = Windows.over(cube.shape, 8, 0, multiple=8)
    made = WindowInputs(cube, windows, (slice(0, 5), slice(0, 1), slice(0, 1)), SCALING)
    ((block, live),) = made.spread(4)
    np.testing.assert_allclose(block[:, 0, 0] * 10, [1, 2, 3, 4, 5, 5, 4, 3], rtol=1e-6)
    assert live[:, 0, 0].tolist() == [True] * 5 + [False] * 3
    assert not live[:, 1:].any()
