"""What line numbers alone tell about single traces of small files."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfseis.io.segy.file_order import detours


@st.composite
def short_lines(draw):
    """Lines of one to three traces, sorted by inline; most have a trace on the first crossline."""
    lengths = draw(st.lists(st.integers(1, 3), min_size=3, max_size=12))
    step, across = draw(st.sampled_from([1, 3, -2])), draw(st.sampled_from([1, 3, -2]))
    inline = np.repeat(np.arange(len(lengths)) * step + 100, lengths)
    gaps = np.concatenate([np.arange(length) for length in lengths])
    return inline, 300 + across * gaps


@settings(deadline=None, max_examples=300)
@given(short_lines(), st.booleans())
def test_short_lines_beside_a_column_of_traces_are_in_order(lines, turned):
    numbers = lines[::-1] if turned else lines
    assert not detours(*numbers).any()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("wrong", [95, 97, 120, 3000])
def test_a_wrong_number_on_a_single_line_is_found(turned, wrong):
    inline, crossline = np.full(12, 100), np.arange(300, 312)
    inline[5] = wrong
    numbers = (crossline, inline) if turned else (inline, crossline)
    assert np.flatnonzero(detours(*numbers)).tolist() == [5]


@pytest.mark.parametrize("wrong", [290, 302, 304, 330])
def test_a_wrong_number_along_a_single_line_is_found(wrong):
    inline, crossline = np.full(12, 100), np.arange(300, 312)
    crossline[5] = wrong
    assert detours(inline, crossline)[5]
