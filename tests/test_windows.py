import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfseis.windows import (
    blending,
    blocks,
    borders,
    clip_window,
    cosine_taper,
    mirrored_indices,
    window_starts,
)


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
def test_a_clipped_window_and_mirrored_indices_equal_symmetric_padding(length, start, data):
    stop = data.draw(st.integers(max(start, 0) + 1, 70))
    start = min(start, length - 1)
    inside, missing = clip_window(start, stop, length)
    whole = np.pad(np.arange(length), (max(-start, 0), max(stop - length, 0)), mode="symmetric")
    expected = whole[start + max(-start, 0) : stop + max(-start, 0)]
    np.testing.assert_array_equal(mirrored_indices(start, stop, length), expected)
    assert inside.start >= 0
    assert inside.stop <= length
    assert sum(missing) + inside.stop - inside.start == stop - start


@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 8), st.data())
def test_windows_cover_an_axis_at_multiples_and_share_what_they_should(
    length, many, multiple, data
):
    size = many * multiple
    overlap = data.draw(st.integers(0, size - 1))
    starts = window_starts(length, size, overlap, multiple)
    assert starts[0] <= 0
    assert starts[-1] + size >= length
    assert (np.diff(starts) > 0).all()
    assert (starts % multiple == 0).all()
    if overlap <= size - multiple:
        assert (np.diff(starts) <= size - overlap).all()
    if length >= size:
        assert starts[0] == 0
        assert starts[-1] + size - length < multiple
    else:
        assert len(starts) == 1
        assert abs(-starts[0] - (starts[0] + size - length)) <= 2 * multiple


@given(st.integers(1, 100), st.integers(2, 30), st.data())
def test_shares_sum_to_1_everywhere(length, size, data):
    overlap = data.draw(st.integers(0, size - 1))
    rim = data.draw(st.integers(0, overlap // 2))
    starts = window_starts(length, size, overlap)
    shares = blending(starts, size, cosine_taper(overlap, rim))
    total = np.zeros(starts[-1] - starts[0] + size)
    for start, share in zip(starts - starts[0], shares, strict=True):
        total[start : start + size] += share
    assert (shares > 0).all()
    np.testing.assert_allclose(total, 1)


def test_a_rim_has_no_share_where_another_window_lies():
    starts = np.array([0, 6])
    first, second = blending(starts, 10, cosine_taper(4, rim=2))
    np.testing.assert_allclose(first, [1] * 8 + [0, 0], atol=1e-5)
    np.testing.assert_allclose(second, [0, 0] + [1] * 8, atol=1e-5)
    assert borders(starts, np.array([first, second])).tolist() == [8]


def test_one_window_has_no_border():
    starts = window_starts(5, 8, 2)
    assert borders(starts, blending(starts, 8, cosine_taper(2))).size == 0
