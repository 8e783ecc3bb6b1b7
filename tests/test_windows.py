import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfseis.windows import blocks, clip_window, reflect, window_starts


@given(st.integers(1, 500), st.integers(1, 600))
def test_blocks_cover_every_index_once_and_are_even(length, size):
    found = list(blocks(length, size))
    covered = [i for block in found for i in range(block.start, block.stop)]
    sizes = [block.stop - block.start for block in found]
    assert covered == list(range(length))
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == -(-length // size)


def test_an_empty_axis_has_no_indices():
    assert [list(range(b.start, b.stop)) for b in blocks(0, 4)] == [[]]


@given(st.integers(1, 30), st.integers(-40, 29), st.data())
def test_a_clipped_window_and_its_reflection_equal_symmetric_padding(length, start, data):
    stop = data.draw(st.integers(max(start, 0) + 1, 70))
    start = min(start, length - 1)
    inside, missing = clip_window(start, stop, length)
    values = np.arange(length)
    whole = np.pad(values, (max(-start, 0), max(stop - length, 0)), mode="symmetric")
    offset = max(-start, 0)
    expected = whole[start + offset : stop + offset]
    if inside == slice(0, length):
        np.testing.assert_array_equal(reflect(values[inside], (missing,)), expected)
    assert inside.start >= 0
    assert inside.stop <= length
    assert sum(missing) + inside.stop - inside.start == stop - start


def test_reflection_repeats_the_edge_sample_along_every_axis():
    corner = reflect(np.array([[1, 2], [3, 4]]), ((1, 0), (0, 3)))
    assert corner.tolist() == [[1, 2, 2, 1, 1], [1, 2, 2, 1, 1], [3, 4, 4, 3, 3]]


@pytest.mark.parametrize("missing", [(0, 0), (9, 0), (0, 17)])
def test_reflection_goes_back_and_forth_as_often_as_needed(missing):
    period = [0, 1, 2, 2, 1, 0]
    expected = [period[i % 6] for i in range(-missing[0], 3 + missing[1])]
    assert reflect(np.arange(3), (missing,)).tolist() == expected


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20))
def test_window_starts_cover_the_axis_when_they_overlap(length, size, stride):
    starts = window_starts(length, size, min(stride, size))
    covered = np.zeros(max(length, size), bool)
    for start in starts:
        covered[start : start + size] = True
    assert covered.all()
    assert starts[0] == 0
    assert (np.diff(starts) > 0).all()
    assert (np.diff(starts) <= size).all()
