"""Horizons are ordered where two of them have traces in common, not by their mean times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io.labels.between_horizons import intervals, read_horizons
from tfseis.io.labels.horizons import Horizon

GRID = Geometry(Axis("inline", 1, 1, 30), Axis("crossline", 1, 1, 40), Axis("sample", 0, 4, 500))


def written(folder, name, times, keep):
    inline, crossline = (index[keep] for index in np.indices(times.shape))
    np.savetxt(folder / f"{name}.hor", np.c_[inline + 1, crossline + 1, times[keep]])
    return folder / f"{name}.hor"


def test_a_partial_horizon_of_the_deep_half_lies_where_it_is(tmp_path):
    inline, crossline = np.indices((30, 40))
    base = 400.0 + 30 * crossline
    deep = crossline >= 20
    everywhere = np.ones_like(deep)
    files = [
        written(tmp_path, "base", base, everywhere),
        written(tmp_path, "a_middle", base - 100, deep),
        written(tmp_path, "top", base - 300, everywhere),
    ]
    assert (base - 100)[deep].mean() > base.mean()
    labels = read_horizons(files, GRID)
    assert labels.legend.names == ("top to a_middle", "a_middle to base")
    assert len(inline) == 30


@pytest.mark.parametrize("others", [[], ["top", "base"]])
def test_an_order_follows_from_others_where_two_have_no_common_trace(tmp_path, others):
    """The upper one lies in the deep half, so that means would put it below the lower one."""
    _, crossline = np.indices((30, 40))
    middle = 400.0 + 30 * crossline
    deep = crossline >= 20
    times = {
        "middle": (middle, deep | True),
        "upper": (middle - 100, deep),
        "lower": (middle + 100, ~deep),
        "top": (middle - 200, deep | True),
        "base": (middle + 200, deep | True),
    }
    assert times["upper"][0][deep].mean() > times["lower"][0][~deep].mean()
    names = ["lower", "upper", "middle", *others]
    files = [written(tmp_path, name, *times[name]) for name in names]
    found = read_horizons(files, GRID).legend.names
    assert found[-3 if others else -2 :][:2] == ("upper to middle", "middle to lower")
    assert len(found) == len(names) - 1


def test_the_order_of_many_partial_horizons_follows_step_by_step(tmp_path):
    """Each has traces in common with the next one alone, and means fall from the top down."""
    _, crossline = np.indices((30, 40))
    files = [
        written(
            tmp_path,
            f"{7 - n}",
            1500.0 - 40 * crossline + 60 * n,
            (crossline >= 5 * n) & (crossline < 5 * n + 9),
        )
        for n in range(6)
    ]
    names = read_horizons(files, GRID).legend.names
    assert names == ("7 to 6", "6 to 5", "5 to 4", "4 to 3", "3 to 2")


@pytest.mark.parametrize("others", [[], ["top", "base"]])
def test_which_of_two_lies_above_must_follow_from_something(tmp_path, others):
    """The deep one may be the lower one, or the same one beyond a fault."""
    _, crossline = np.indices((30, 40))
    flat, left = np.full((30, 40), 1000.0), crossline < 20
    times = {
        "a": (flat, left),
        "b": (flat + 200, ~left),
        "top": (flat - 300, left | True),
        "base": (flat + 300, left | True),
    }
    files = [written(tmp_path, name, *times[name]) for name in ("b", "a", *others)]
    with pytest.raises(
        LabelError,
        match=r"^a to b: expected traces with both horizons, to know which is above; got none\. "
        r"Pick one of them .*, join their files .*, or leave one out\.$",
    ):
        read_horizons(files, GRID)


def test_horizons_that_lie_above_each_other_in_a_ring_are_refused(tmp_path):
    """a above b, b above c, c above a, each pair on other traces."""
    _, crossline = np.indices((30, 40))
    third = crossline // 14
    flat = np.full((30, 40), 1000.0)
    files = [
        written(tmp_path, "a", flat + 100 * (third == 2), third != 1),
        written(tmp_path, "b", flat + 100 * (third == 0), third != 2),
        written(tmp_path, "c", flat + 100 * (third == 1), third != 0),
    ]
    with pytest.raises(
        LabelError, match=r"a to c: expected a above c, .*got c above a on most traces"
    ):
        read_horizons(files, GRID)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_horizons_of_any_coverage_are_ordered_rightly_or_not_at_all(seed):
    """Dipping ones, each picked on some crosslines in a row, in any order of the files."""
    rng = np.random.default_rng(seed)
    dip, step = rng.uniform(-25, 25), rng.uniform(8, 60)
    crossline = np.arange(40.0)
    horizons = []
    for number in range(int(rng.integers(2, 7))):
        start, stop = np.sort(rng.choice(41, 2, replace=False))
        times = 1000 + dip * (crossline - 20) + step * number
        known = (crossline >= start) & (crossline < stop)
        horizons.append(Horizon(str(number), np.tile(np.where(known, times, np.nan), (30, 1))))
    shuffled = [horizons[n] for n in rng.permutation(len(horizons))]
    try:
        parts = intervals(shuffled, GRID)
    except LabelError as error:
        assert "expected traces with both horizons" in str(error)  # noqa: PT017  either is right
        return
    assert [part.name for part in parts] == [f"{n} to {n + 1}" for n in range(len(horizons) - 1)]
