"""Faults as objects: strike, dip, extent, area and throw of planes, and the files of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from tfseis.data.synthetic.faulting import Fault as Slip
from tfseis.data.synthetic.faulting import even_profile, undo_faults
from tfseis.errors import GeometryError, OutputError
from tfseis.geometry import Axis, Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults.cube_part import CubePart
from tfseis.jobs.faults.fault_map import write_map
from tfseis.jobs.faults.linking import linked_faults
from tfseis.jobs.faults.object_files import object_table, write_object_table, write_tsurf
from tfseis.jobs.faults.objects import fault_objects
from tfseis.jobs.faults.thinning import thin_samples

SHAPE = (40, 56, 80)
NORTH_UP = np.array([[0.0, 25.0, 500_000.0], [25.0, 0.0, 6_000_000.0]])  # crosslines to the east
AXES = Axis("inline", 100, 1, 40), Axis("crossline", 300, 1, 56), Axis("sample", 400, 4, 80)
MAPPED, PLAIN = Geometry(*AXES, NORTH_UP), Geometry(*AXES)
DEPTH = replace(MAPPED, samples=Axis("sample", 400, 5, 80), sample_unit="m")


def plane(dip_to=1, slope=0.5, **changes):
    """A fault that strikes along inlines (north) and dips towards larger crosslines, or smaller."""
    values = {
        "centre": (20.0, 28.0, 40.0),
        "strike": np.pi / 2 * dip_to,
        "slope": slope,
        "flattening": 0.0,
        "bend": (0.0, 1.0, 0.0),
        "throw": 6.0,
        "lateral": 0.0,
        "profile": even_profile(),
        "reach": 1e6,
    }
    return Slip(**values | changes)


def survey(*slips):
    places, numbers, _ = undo_faults(SHAPE, slips)
    beds = ndimage.gaussian_filter1d(np.random.default_rng(0).normal(size=300), 1.5)
    amplitude = np.interp(places[2] + 100, np.arange(300), beds)
    return np.broadcast_to(amplitude, SHAPE), (numbers > 0).astype("float32")


def objects(geometry, *slips, **options):
    amplitude, mask = survey(*slips)
    surfaces = linked_faults(thin_samples(mask), smallest=200)
    return fault_objects(surfaces, geometry, amplitude, **options)


@pytest.mark.parametrize("dip_to, strike", [(1, 0), (-1, 180)])
def test_strike_dip_and_throw_of_a_plane_in_samples(dip_to, strike):
    (fault,) = objects(MAPPED, plane(dip_to)).faults
    assert abs((fault.strike - strike + 180) % 360 - 180) < 1.5
    assert fault.dip == pytest.approx(np.rad2deg(np.arctan(2)), abs=1)  # 2 samples a bin
    assert fault.largest_throw == pytest.approx(6, abs=0.7)
    assert fault.mean_throw == pytest.approx(6, abs=0.7)
    assert fault.length == pytest.approx(39, abs=1)  # bins
    assert fault.height == 79
    assert fault.area == pytest.approx(40 * 80 * np.hypot(1, 0.5), rel=0.08)
    assert (fault.number, fault.meets, fault.probability) == (1, (), 1)


def test_strikes_follow_the_map_whatever_way_the_lines_run():
    west = np.array([[0.0, -25.0, 500_000.0], [25.0, 0.0, 6_000_000.0]])
    turned = np.array([[-25.0, 0.0, 500_000.0], [0.0, 25.0, 6_000_000.0]])
    for affine, strike in ((west, 180), (turned, 270)):  # dips to the west, to the north
        (fault,) = objects(replace(MAPPED, affine=affine), plane()).faults
        assert fault.strike == pytest.approx(strike, abs=1.5)


def test_feet_are_a_third_of_a_metre():
    feet = replace(DEPTH, samples=Axis("sample", 0, 5 / 0.3048, 80), sample_unit="ft")
    (fault,), (metres,) = objects(feet, plane()).faults, objects(DEPTH, plane()).faults
    assert fault.dip == pytest.approx(metres.dip)
    assert fault.area == pytest.approx(metres.area)


def test_real_dips_lengths_and_areas_with_a_depth_or_a_velocity():
    slope = 0.5 * 25 / 5  # m to the side for each m down
    for geometry, velocity in ((DEPTH, None), (MAPPED, 2500)):
        found = objects(geometry, plane(), velocity=velocity)
        (fault,) = found.faults
        assert fault.dip == pytest.approx(np.rad2deg(np.arctan(1 / slope)), abs=1)
        assert fault.length == pytest.approx(39 * 25, rel=0.03)
        assert fault.area == pytest.approx(40 * 25 * 80 * 5 * np.hypot(1, slope), rel=0.08)
        assert {"dip_deg", "length_m", "area_m2"} <= set(object_table(found).columns)


def test_a_reverse_fault_has_a_throw_below_0():
    (fault,) = objects(MAPPED, plane(throw=-6.0)).faults
    assert fault.largest_throw == pytest.approx(-6, abs=0.7)


def test_without_reflections_throws_are_unknown():
    _, mask = survey(plane())
    (fault,) = fault_objects(linked_faults(thin_samples(mask)), MAPPED).faults
    assert np.isnan([fault.largest_throw, fault.mean_throw]).all()
    assert np.isnan(fault.throw).all()


def test_vertices_lie_on_the_plane_and_triangles_use_them():
    (fault,) = objects(MAPPED, plane()).faults
    away = fault.vertices[:, 1] - 28 - 0.5 * (fault.vertices[:, 2] - 40)
    assert np.abs(away).max() < 0.8
    assert fault.triangles.max() < len(fault.vertices)
    assert fault.throw.shape == (len(fault.vertices),)


def test_faults_that_cross_meet():
    found = objects(MAPPED, plane(), plane(strike=0.0, slope=0.1))
    assert [fault.meets for fault in found.faults] == [(2,), (1,)]
    apart = objects(MAPPED, plane(slope=0.1), plane(slope=0.1, centre=(20.0, 10.0, 40.0)))
    assert [fault.meets for fault in apart.faults] == [(), ()]


@pytest.mark.parametrize("geometry", [MAPPED, PLAIN, DEPTH])
def test_the_table_says_its_units(geometry, tmp_path):
    found = objects(geometry, plane())
    write_object_table(tmp_path / "faults.csv", found)
    table = pd.read_csv(tmp_path / "faults.csv", keep_default_na=False)
    unit = geometry.sample_unit
    step = geometry.sample_interval
    assert len(table) == 1
    assert table[f"largest_throw_{unit}"][0] == pytest.approx(6 * step, abs=0.7 * step)
    assert table[f"height_{unit}"][0] == 79 * step
    assert table["meets"][0] == ""
    mapped = geometry.affine is not None
    assert ("centre_x_m" in table) == mapped
    assert ("strike_deg_from_north" in table) == mapped
    assert ("dip_deg" in table) == (unit == "m")
    assert ("dip_deg_sample_as_long_as_bin" in table) == (unit == "ms")
    with pytest.raises(OutputError, match="one exists"):
        write_object_table(tmp_path / "faults.csv", found)


def read_tsurf(path):
    """Vertices and triangles of each object, read as GOCAD does."""
    surfaces, name = {}, ""
    for line in path.read_text().splitlines():
        words = line.split()
        if line.startswith("name:"):
            name = line.removeprefix("name:")
            surfaces[name] = [], []
        elif words[0] == "VRTX":
            assert int(words[1]) == len(surfaces[name][0]) + 1
            surfaces[name][0].append([float(word) for word in words[2:]])
        elif words[0] == "TRGL":
            surfaces[name][1].append([int(word) - 1 for word in words[1:]])
    return {name: (np.array(points), np.array(three)) for name, (points, three) in surfaces.items()}


@pytest.mark.parametrize("geometry", [MAPPED, PLAIN])
def test_surfaces_come_back_from_gocad_files(geometry, tmp_path):
    found = objects(geometry, plane(), plane(strike=0.0, slope=0.1))
    write_tsurf(tmp_path / "faults.ts", found)
    text = (tmp_path / "faults.ts").read_text()
    assert text.startswith("GOCAD TSurf 1\nHEADER {\nname:fault_1\n}\n")
    assert text.count("\nEND\n") == 2
    assert '"ms"\nZPOSITIVE Depth' in text
    again = read_tsurf(tmp_path / "faults.ts")
    assert list(again) == ["fault_1", "fault_2"]
    for fault, (points, three) in zip(found.faults, again.values(), strict=True):
        np.testing.assert_array_equal(three, fault.triangles)
        vertices = fault.vertices.astype("float64")
        inline, crossline = vertices[:, 0] + 100, vertices[:, 1] + 300
        level = [inline, crossline]
        if geometry.affine is not None:
            level = [500_000 + 25 * crossline, 6_000_000 + 25 * inline]
        np.testing.assert_allclose(points[:, :2].T, level, rtol=0, atol=0.002)
        np.testing.assert_allclose(points[:, 2], 400 + 4 * vertices[:, 2], atol=0.01)


def test_no_fault_is_an_empty_table_file_and_map(tmp_path):
    nothing = fault_objects(linked_faults(thin_samples(np.zeros(SHAPE))), MAPPED, np.zeros(SHAPE))
    assert nothing.faults == ()
    write_object_table(tmp_path / "a.csv", nothing)
    assert (tmp_path / "a.csv").read_text().startswith("fault,samples,")
    write_tsurf(tmp_path / "a.ts", nothing)
    write_map(tmp_path / "a.png", nothing)
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "geometry, velocity, message",
    [
        (MAPPED, 2.5, r"between 300 and 10000 m/s; got 2\.5 \(--velocity\)"),
        (MAPPED, np.nan, "got nan"),
        (DEPTH, 2500.0, "no velocity for a cube in depth, whose samples are in m; got 2500"),
    ],
)
def test_velocities_that_are_none_are_refused(geometry, velocity, message):
    with pytest.raises(GeometryError, match=message):
        objects(geometry, plane(), velocity=velocity)


def test_a_part_of_a_cube_reads_as_slicing_does():
    values = np.random.default_rng(0).normal(size=(9, 8, 7)).astype("float32")
    parts = slice(1, 9, 2), slice(2, 8, 3), slice(None, None, 2)
    part = CubePart(ArrayCube(values), parts)
    expected = values[parts]
    assert part.shape == expected.shape
    np.testing.assert_array_equal(part[1:3], expected[1:3])
    np.testing.assert_array_equal(part[0:99], expected)
