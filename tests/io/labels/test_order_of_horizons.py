"""Horizons are ordered where two of them have traces in common, not by their mean times."""

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io.labels.between_horizons import read_horizons

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


def test_horizons_without_a_common_trace_are_ordered_by_their_means(tmp_path):
    """Between a and b there is no sample, so this is said; their order is what the means say."""
    _, crossline = np.indices((30, 40))
    flat = np.full((30, 40), 1000.0)
    files = [
        written(tmp_path, "b", flat + 200, crossline >= 20),
        written(tmp_path, "a", flat, crossline < 20),
    ]
    with pytest.raises(LabelError, match="a to b: expected samples between the horizons"):
        read_horizons(files, GRID)
