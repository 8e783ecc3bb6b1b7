import numpy as np
import pytest

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.io import ArrayCube, open_segy

PLAIN = Scaling(0.0, 100.0)  # no amplitude of the cube is clipped
PARTS = [
    (slice(None), slice(None), slice(None)),
    (slice(2, 3), slice(None), slice(None)),
    (slice(0, 2), slice(5, 8), slice(3, 4)),
]
REACHES = [(0, 0), (2, 1), (0, 5), (20, 11)]


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("before, after", REACHES)
def test_borders_are_those_of_the_whole_cube_reflected(survey, amplitude, parts, before, after):
    """Oracle: pad the whole cube far enough, then cut."""
    halo = (Halo(before, after), Halo(), Halo(after, before))
    values, live = read_region(open_segy(survey), parts, halo, PLAIN)
    padded = np.pad(amplitude / 100, [(r.before, r.after) for r in halo], mode="symmetric")
    spans = [part.indices(n) for part, n in zip(parts, amplitude.shape, strict=True)]
    key = tuple(
        slice(start, stop + r.before + r.after)
        for (start, stop, _), r in zip(spans, halo, strict=True)
    )
    np.testing.assert_allclose(values, padded[key], rtol=1e-6)
    assert live.shape == amplitude[parts].shape
    assert live.all()
    assert values.dtype == np.float32


@pytest.mark.parametrize("seed", range(40))
def test_any_halo_around_any_part_is_that_of_the_padded_cube(seed):
    """Halos larger than the part, the cube, or the halo on the other side."""
    rng = np.random.default_rng(seed)
    amplitude = rng.normal(size=rng.integers(1, 9, 3)).astype("float32")
    ends = [np.sort(rng.choice(n + 1, 2, replace=False)).tolist() for n in amplitude.shape]
    halo = [Halo(*rng.integers(0, 30, 2).tolist()) for _ in ends]
    parts = tuple(slice(*pair) for pair in ends)
    values, live = read_region(ArrayCube(amplitude), parts, tuple(halo), PLAIN)
    padded = np.pad(amplitude / 100, 30, mode="symmetric")
    key = tuple(
        slice(30 + start - r.before, 30 + stop + r.after)
        for (start, stop), r in zip(ends, halo, strict=True)
    )
    np.testing.assert_allclose(values, padded[key], rtol=1e-6)
    assert live.shape == amplitude[parts].shape
    assert live.all()


def test_an_axis_without_reach_may_be_thinned(survey, amplitude):
    parts = (slice(1, 6, 2), slice(2, 5), slice(8, None))
    values, live = read_region(open_segy(survey), parts, (Halo(), Halo(3, 3), Halo()), PLAIN)
    padded = np.pad(amplitude, [(0, 0), (3, 3), (0, 0)], mode="symmetric")
    np.testing.assert_allclose(values, padded[1:6:2, 2:11, 8:] / 100, rtol=1e-6)
    assert live.shape == (3, 3, 1)


def test_an_axis_with_reach_may_not_be_thinned(survey):
    parts = (slice(0, 6, 2), slice(None), slice(None))
    with pytest.raises(ValueError, match="step 1 along an axis with a halo; got 2"):
        read_region(open_segy(survey), parts, (Halo(1, 0), Halo(), Halo()), PLAIN)


def test_missing_traces_and_broken_samples_are_zero_and_not_live(make, amplitude, ragged):
    amplitude += 1
    amplitude[3, 3, 4] = np.nan
    cube = open_segy(make(live=ragged))
    whole = (slice(None),) * 3
    values, live = read_region(cube, whole, (Halo(1, 1), Halo(2, 2), Halo()), Scaling(5, 100))
    alive = np.broadcast_to(ragged[..., np.newaxis], amplitude.shape) & np.isfinite(amplitude)
    np.testing.assert_array_equal(live, alive)
    expected = np.where(alive, (np.nan_to_num(amplitude) - 5) / 100, 0)
    padded = np.pad(expected, [(1, 1), (2, 2), (0, 0)], mode="symmetric")
    np.testing.assert_allclose(values, padded, atol=1e-6)


def test_a_dead_trace_is_not_live_however_little_of_it_is_read(make, amplitude):
    amplitude += 1
    amplitude[2, 3] = amplitude[2, 6] = amplitude[5, 0] = 0
    amplitude[1, 1, 4:7] = amplitude[2, 4, 5] = 0  # zeros in live traces
    cube = open_segy(make())
    dead = ~amplitude.any(axis=2)
    for samples in (slice(5, 6), slice(4, 7), slice(0, 9, 2)):
        for lines in (slice(None), slice(0, 7, 2)):
            _, live = read_region(cube, (lines, slice(None), samples), (Halo(),) * 3, PLAIN)
            assert (live == ~dead[lines, :, np.newaxis]).all()
            _, live = read_region(cube, (lines, slice(0, 7, 3), samples), (Halo(),) * 3, PLAIN)
            assert (live == ~dead[lines, :7:3, np.newaxis]).all()
