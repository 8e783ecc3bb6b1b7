import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfseis.errors import GeometryError, TfseisError
from tfseis.geometry import Axis, Geometry

AXES = st.builds(
    Axis,
    st.just("inline"),
    first=st.integers(-5000, 5000),
    step=st.sampled_from([0.5, 1, 2, 4, 12.5]),
    count=st.integers(1, 50),
)


@given(AXES)
def test_numbers_and_indices_are_inverse(axis):
    assert axis.indices(axis.numbers).tolist() == list(range(axis.count))
    assert axis.numbers[-1] == axis.last
    assert [axis.index(number) for number in axis.numbers.tolist()] == list(range(axis.count))


@given(AXES, st.data())
def test_a_sliced_axis_numbers_what_the_slice_keeps(axis, data):
    start = data.draw(st.integers(0, axis.count - 1))
    stop = data.draw(st.integers(start + 1, axis.count))
    part = slice(start, stop, data.draw(st.integers(1, 7)))
    np.testing.assert_allclose(axis.sliced(part).numbers, axis.numbers[part])


@given(AXES, st.data())
def test_between_keeps_exactly_the_numbers_in_the_range(axis, data):
    low = data.draw(st.integers(0, axis.count - 1))
    high = data.draw(st.integers(low, axis.count - 1))
    numbers = axis.numbers
    kept = numbers[axis.between(numbers[low], numbers[high])]
    assert kept.tolist() == numbers[low : high + 1].tolist()


def test_between_by_hand():
    axis = Axis("inline", 100, 2, 7)  # 100 .. 112
    assert axis.between(None, None) == slice(0, 7)
    assert axis.between(101, 105) == slice(1, 3)
    assert axis.between(-50, 102) == slice(0, 2)
    assert axis.between(110, 9999) == slice(5, 7)


@pytest.mark.parametrize("wanted", [(113, 120), (0, 99), (103, 103), (106, 104)])
def test_a_range_without_lines_is_refused(wanted):
    with pytest.raises(GeometryError, match=r"meets 100 to 112; got .* inside the survey"):
        Axis("inline", 100, 2, 7).between(*wanted)


def test_numbers_are_rounded_to_the_nearest_line_but_index_wants_a_line():
    axis = Axis("sample", 12, 4, 9)
    assert axis.indices([13, 15, 44]).tolist() == [0, 1, 8]
    assert axis.index(16.001) == 1
    with pytest.raises(GeometryError, match=r"12, 16 .. 44; got 17. The nearest is 16"):
        axis.index(17)


@pytest.mark.parametrize("number", [9.9, 46.1, np.nan])
def test_a_number_outside_is_refused(number):
    axis = Axis("sample", 12, 4, 9)
    assert not axis.inside(number)
    with pytest.raises(GeometryError, match=r"sample between 12 and 44; got"):
        axis.indices([20, number])


def test_geometry_by_hand(geometry):
    assert geometry.shape == (7, 8, 9)
    assert geometry.sample_interval == 4
    assert geometry.to_map(100, 300).tolist() == [10 * 100 - 7.5 * 300 + 450_000, 6_783_750.0]


def test_map_and_line_numbers_are_inverse(geometry):
    inlines, crosslines = np.meshgrid(geometry.inlines.numbers, geometry.crosslines.numbers)
    places = geometry.to_map(inlines, crosslines)
    assert places.shape == (8, 7, 2)
    back = geometry.from_map(places[..., 0], places[..., 1])
    np.testing.assert_allclose(back, np.stack([inlines, crosslines], -1), atol=1e-6)


def test_a_sliced_geometry_keeps_its_place_on_the_map(geometry):
    part = geometry.sliced((slice(2, 6, 3), slice(1, None), slice(0, 9, 2)))
    assert part.shape == (2, 7, 5)
    assert part.signature() == {
        "inline": [104, 6, 2],
        "crossline": [301, 1, 7],
        "sample": [12, 8, 5],
    }
    assert part.to_map(110, 305).tolist() == geometry.to_map(110, 305).tolist()


def test_without_coordinates_the_map_is_refused(geometry):
    plain = Geometry(*geometry.axes)
    with pytest.raises(TfseisError, match=r"map coordinates .* has none"):
        plain.to_map(100, 300)
    with pytest.raises(TfseisError, match=r"map coordinates .* has none"):
        plain.from_map(0, 0)


def test_signatures_tell_grids_apart(geometry):
    other = geometry.sliced((slice(1, None), slice(None), slice(None)))
    assert geometry.signature() == geometry.sliced((slice(None),) * 3).signature()
    assert geometry.signature() != other.signature()
