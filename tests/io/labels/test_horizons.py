from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io.labels import between_horizons
from tfseis.io.labels.between_horizons import between, intervals, read_horizons
from tfseis.io.labels.horizons import Horizon, read_horizon, write_horizon

SMALL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def dipping(geometry):
    """Times that tell their trace: 16 ms + 2 an inline + 1 a crossline, by index."""
    inline, crossline = np.indices(geometry.shape[:2])
    return 16.0 + 2 * inline + crossline


@pytest.fixture
def large():
    return Geometry(
        Axis("inline", 100, 1, 31),
        Axis("crossline", 300, 2, 41),
        Axis("sample", 0, 4, 50),
        np.array([[10.0, -7.5, 450_000.0], [7.5, 10.0, 6_780_000.0]]),
    )


@pytest.fixture
def file(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return written


def rows(geometry, times, form):
    """A horizon in one of the forms; all nodes."""
    lines = []
    for i, j in np.argwhere(np.isfinite(times)):
        il, xl = 100 + 2 * i, 300 + j
        x, y = geometry.to_map(il, xl)
        lines.append(form.format(il=il, xl=xl, x=x, y=y, z=times[i, j], s=times[i, j] / 1000))
    return "\n".join(lines)


@pytest.mark.parametrize(
    "form",
    [
        "{il} {xl} {z}",
        "{il}\t{xl}\t{z}\r",
        "{il},{xl},{z},0.5,7",
        "{x} {y} {z}",
        "{x:.2f} {y:.2f} {z:.4f} 3 4",
        "{il} {xl} {x:.2f} {y:.2f} {z}",
        "{il} {xl} {s:.4f}",
        "{il} {xl} -{z}",
        "INLINE : {il:6d} XLINE : {xl:6d} {x:16.2f} {y:16.2f} {z:12.4f}",
        "INLINE :{il} XLINE :{xl} {x} {y} {z} 8",
        '"F3 FS6" {il} {xl} {z}',
    ],
)
def test_common_forms(file, geometry, dipping, form):
    path = file("top.dat", rows(geometry, dipping, form))
    horizon = read_horizon(path, geometry)
    assert horizon.name == "top"
    assert (horizon.outside, horizon.undefined) == (0, 0)
    assert_allclose(horizon.times, dipping, atol=1e-3)


@pytest.mark.parametrize(
    "header",
    [
        "# Type: scattered data\n# Field: 1 x\n# End:\n",
        "Inline Crossline Z\n",
        '# "Inline"\t"Crossline"\t"Z"\n#\n',
        "FFASCI 0 1 COMPUTED 0 1.0E+30\nFFATTR 0 0\n->Top\n",
        "! by hand\n@ more\n\n",
    ],
)
def test_headers_are_no_nodes(file, geometry, dipping, header):
    path = file("top.dat", header + rows(geometry, dipping, "{il} {xl} {z}"))
    assert_array_equal(read_horizon(path, geometry).times, dipping)


def test_titles_say_that_the_crossline_comes_first(file, large):
    path = file(
        "a.txt", "Crossline;Inline;TWT\n" + "\n".join(f"{300 + 2 * j};110;80" for j in range(5))
    )
    times = read_horizon(path, large).times
    assert np.argwhere(np.isfinite(times)).tolist() == [[10, j] for j in range(5)]


def test_samples_are_read_when_asked_for(file, geometry):
    path = file("a.txt", "100 300 3\n")
    assert read_horizon(path, geometry, unit="sample").times[0, 0] == 24
    with pytest.raises(LabelError, match="expected nodes inside the survey"):
        read_horizon(path, geometry)


@pytest.mark.parametrize("value", ["1e30", "1.0E+30", "-999.25", "999999", "-999", "nan", "inf"])
def test_undefined_nodes_are_dropped_and_counted(file, geometry, dipping, value):
    text = rows(geometry, dipping, "{il} {xl} {z}").replace(f" {dipping[2, 3]}", f" {value}", 1)
    horizon = read_horizon(file("a.txt", text), geometry, reach=0)
    assert horizon.undefined == 1
    assert np.isnan(horizon.times).sum() == 1


def test_a_code_that_is_a_time_of_the_cube_counts(file, geometry):
    deep = replace(geometry, samples=Axis("sample", 9000, 1, 1200), sample_unit="m")
    assert read_horizon(file("a.txt", "100 300 9999"), deep).times[0, 0] == 9999


def test_nodes_outside_are_dropped_and_counted(file, geometry):
    path = file("a.txt", "98 300 20\n100 300 20\n100 308 20\n110 307 30\n")
    horizon = read_horizon(path, geometry, reach=0)
    assert horizon.outside == 2
    assert np.isfinite(horizon.times).sum() == 2


def test_holes_are_filled_within_reach_and_not_beyond(file, large):
    inline, crossline = np.indices((31, 41))
    times = 40.0 + inline + 0.5 * crossline
    kept = (inline % 10 == 0) & ~((inline == 10) & (crossline > 20))  # a hole of 19 lines at 10
    text = "\n".join(f"{100 + i} {300 + 2 * j} {times[i, j]}" for i, j in np.argwhere(kept))
    horizon = read_horizon(file("a.txt", text), large)
    known = np.isfinite(horizon.times)
    assert_allclose(horizon.times[known], times[known], atol=1e-9)  # a plane stays a plane
    assert known[:, :21].all()
    assert known[5, 30]  # five bins from inline 0
    assert not known[6, 30]
    assert not np.isfinite(read_horizon(file("a.txt", text), large, reach=4).times[5, 3])


def test_a_horizon_on_one_line_stays_on_it(file, large):
    for text, key in [
        ("\n".join(f"110 {300 + 2 * j} {80 + j}" for j in range(0, 41, 4)), (10, slice(None))),
        ("\n".join(f"{100 + i} 320 {80 + i}" for i in range(0, 31, 3)), (slice(None), 10)),
    ]:
        times = read_horizon(file("a.txt", text), large).times
        expected = np.full((31, 41), np.nan)
        expected[key] = 80 + np.arange(expected[key].size)
        assert_allclose(times, expected)


def test_nodes_of_another_grid_are_interpolated(file, large):
    """Every trace of a plane is met exactly, though no node lies on one."""
    i, j = (index.ravel() for index in np.mgrid[-0.3:31:0.7, -0.4:41:0.7])
    x, y = large.to_map(100 + i, 300 + 2 * j).T
    text = "\n".join(
        f"{a:.3f} {b:.3f} {c:.4f}" for a, b, c in zip(x, y, 40 + i + 2 * j, strict=True)
    )
    times = read_horizon(file("a.txt", text), large).times
    inline, crossline = np.indices(times.shape)
    assert np.isfinite(times).all()
    assert_allclose(times, 40.0 + inline + 2 * crossline, atol=0.01)


def test_nodes_of_one_trace_are_averaged(file, geometry):
    assert read_horizon(file("a.txt", "100 300 20\n100 300 24"), geometry).times[0, 0] == 22


@SMALL
@given(st.integers(0, 2**32 - 1), st.sampled_from(["lines", "map"]))
def test_a_horizon_comes_back_as_it_was(tmp_path, geometry, seed, coordinates):
    random = np.random.default_rng(seed)
    times = random.uniform(12, 44, geometry.shape[:2])
    times[random.random(times.shape) < 0.3] = np.nan
    path = tmp_path / "top.hor"
    horizon = Horizon("top", times)
    write_horizon(path, horizon, geometry, coordinates=coordinates, overwrite=True)
    again = read_horizon(path, geometry, reach=0)
    assert again.name == "top"
    assert_allclose(again.times, times, atol=0.01)  # half a bin is 2 ms


def test_two_horizons_bound_a_facies(file, geometry):
    top, base = np.full((7, 8), 20.0), np.full((7, 8), 29.0)
    top[2, 3], base[4, 5] = 25.0, np.nan
    paths = [
        file("base.dat", rows(geometry, base, "{il} {xl} {z}")),
        file("top.dat", rows(geometry, top, "{x} {y} {z}")),
    ]
    labels = read_horizons(paths, geometry, reach=0)
    assert labels.legend.names == ("top to base",)
    dense = np.zeros(geometry.shape, int)
    dense[tuple(labels.positions.T)] = 1
    assert dense[0, 0].tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0]  # 20, 24 and 28 of 12, 16 .. 44 ms
    assert dense[2, 3].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert not dense[4, 5].any()
    assert dense.sum() == 3 * 56 - 2 - 3


def test_three_horizons_bound_two_that_meet_and_never_overlap(geometry):
    random = np.random.default_rng(0)
    horizons = [
        Horizon(n, random.uniform(a, a + 16, (7, 8)))
        for n, a in zip("cab", (28, 10, 20), strict=True)
    ]
    parts = intervals(horizons, geometry)
    assert [part.name for part in parts] == ["a to b", "b to c"]
    both = np.concatenate([part.positions for part in parts])
    assert len(np.unique(both, axis=0)) == len(both)
    times = 12 + 4 * parts[0].positions[:, 2]
    trace = tuple(parts[0].positions[:, :2].T)
    assert (times >= horizons[1].times[trace]).all()
    assert (times < horizons[2].times[trace]).all()


def test_a_horizon_that_crosses_one_above_it_gives_way(geometry):
    times = {"a": 16.0, "b": 24.0, "c": 28.0, "d": 36.0}
    horizons = [Horizon(name, np.full((7, 8), time)) for name, time in times.items()]
    horizons[2].times[3, 4] = 16.0  # c rises to a, through b
    parts = intervals(horizons, geometry)
    samples = [part.positions[(part.positions[:, :2] == (3, 4)).all(1), 2] for part in parts]
    assert [found.tolist() for found in samples] == [[1, 2], [], [3, 4, 5]]


@pytest.mark.parametrize(
    "lines, where",
    [
        ([(0, 104)], lambda p: p[:, 0] == 2),
        ([(0, 104), (1, 300)], lambda p: (p[:, 0] == 2) | (p[:, 1] == 0)),
        ([(1, 300), (2, 24)], lambda p: (p[:, 1] == 0) | (p[:, 2] == 3)),
    ],
)
def test_lines_restrict_the_labels(file, geometry, dipping, lines, where):
    paths = [
        file("a.dat", rows(geometry, dipping, "{il} {xl} {z}")),
        file("b.dat", rows(geometry, dipping + 9, "{il} {xl} {z}")),
    ]
    whole = read_horizons(paths, geometry).positions
    assert_array_equal(read_horizons(paths, geometry, lines=lines).positions, whole[where(whole)])


@pytest.mark.parametrize(
    "text, message",
    [
        ("100 300 20\n100 x 20\n", r"a.txt, line 2: expected inline crossline time, or x y time"),
        ("# only\n", "a.txt holds no points"),
        (
            "200 300 20\n",
            "expected nodes inside the survey, inlines 100 to 112, .* '200 300 20' in",
        ),
        ("100 300 4000\n", "expected nodes inside the survey, .*and the unit of the times"),
        ("100 300 1e30\n", "expected nodes inside the survey"),
        ("A 100 300 20\nB 100 301 20", "a.txt: expected one horizon; got 2, among them A, B"),
    ],
)
def test_what_is_no_horizon_of_this_cube_is_refused(file, geometry, text, message):
    with pytest.raises(LabelError, match=message):
        read_horizon(file("a.txt", text), geometry)


def test_mixed_places_are_refused(file, geometry):
    x, y = geometry.to_map(104, 306)
    with pytest.raises(LabelError, match="line 1 holds line numbers, line 2 map coordinates"):
        read_horizon(file("a.txt", f"100 300 20\n{x} {y} 20\n"), geometry)


def test_horizons_that_bound_nothing_are_refused(geometry, dipping, monkeypatch):
    one, other = Horizon("a", dipping), Horizon("b", dipping + 0.1)
    with pytest.raises(LabelError, match=r"Expected two horizons or more, .*got 1"):
        intervals([one], geometry)
    flat = Horizon("a", np.full((7, 8), 21.0)), Horizon("b", np.full((7, 8), 22.0))
    with pytest.raises(LabelError, match="a to b: expected samples between the horizons; got none"):
        intervals(flat, geometry)
    monkeypatch.setattr(between_horizons, "MOST_LABELS", 3)
    with pytest.raises(LabelError, match=r"at most 3 labelled samples; .*--inline N"):
        between(one, replace(other, times=dipping + 9), geometry)


def test_writing_refuses_unknown_coordinates(tmp_path, geometry, dipping):
    with pytest.raises(LabelError, match="coordinates 'lines' or 'map'; got 'utm'"):
        write_horizon(tmp_path / "a.hor", Horizon("a", dipping), geometry, coordinates="utm")
