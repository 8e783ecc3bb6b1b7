"""One suite that every format runs through: the same cube, as its own library writes it.

Formats with loss are compared with what their own library reads.
"""

import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import FormatError, MissingPackageError
from tfseis.geometry import Axis, Geometry
from tfseis.io import ArrayCube, convert_cube, open_cube, open_segy, write_segy

pytestmark = pytest.mark.filterwarnings("ignore")  # what the packages of formats say of others
SHAPE = 70, 67, 81  # more than one brick along each axis
KEYS = [
    np.s_[...],
    np.s_[2],
    np.s_[:, -3],
    np.s_[..., 4],
    np.s_[1:66:2, ::-1, 2:7],
    np.s_[::-3, 5:1:-2, ::-2],
    np.s_[60:70, 60:67, 60:70],
    np.s_[3, 4, 5],
    np.s_[4:2],
]


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A SEG-Y file of random amplitudes with holes and a dead trace."""
    geometry = Geometry(
        Axis("inline", 100, 2, SHAPE[0]),
        Axis("crossline", 300, 3, SHAPE[1]),
        Axis("sample", 12, 4, SHAPE[2]),
        np.array([[10.0, -7.5, 450_000.0], [7.5, 10.0, 6_780_000.0]]),
    )
    amplitude = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    amplitude[5, 6] = 0
    live = np.ones(SHAPE[:2], bool)
    live[:2, :3] = live[64, 5] = False
    path = tmp_path_factory.mktemp("survey") / "cube.sgy"
    write_segy(path, amplitude, geometry, live=live)
    return open_segy(path)


def mdio(survey, folder):
    pytest.importorskip("mdio", reason="needs multidimio: pip install 'tfseis[mdio]'")
    convert_cube(survey, folder / "cube.mdio")
    return folder / "cube.mdio", survey[...], survey.live


def zarr(survey, folder):
    pytest.importorskip("zarr", reason="needs zarr: pip install 'tfseis[zarr]'")
    convert_cube(survey, folder / "cube.zarr")
    return folder / "cube.zarr", survey[...], survey.live


def zgy(survey, folder):
    pytest.importorskip("openzgy", reason="needs pyzgy: pip install 'tfseis[zgy]'")
    convert_cube(survey, folder / "cube.zgy")
    return folder / "cube.zgy", survey[...], np.ones(SHAPE[:2], bool)


def packed_zgy(survey, folder, name="int8"):
    api = pytest.importorskip("openzgy.api", reason="needs pyzgy: pip install 'tfseis[zgy]'")
    values, geometry = survey[...], survey.geometry
    ends = [(axis.first, axis.last) for axis in geometry.axes[:2]]
    writer = api.ZgyWriter(
        str(folder / "cube.zgy"),
        size=SHAPE,
        datatype=getattr(api.SampleDataType, name),
        datarange=(float(values.min()), float(values.max())),
        zunitdim=api.UnitDimension.time,
        zunitname="s",
        zunitfactor=1.0,
        zstart=0.012,
        zinc=0.004,
        annotstart=tuple(axis.first for axis in geometry.axes[:2]),
        annotinc=tuple(axis.step for axis in geometry.axes[:2]),
        corners=[tuple(geometry.to_map(i, x)) for x in ends[1] for i in ends[0]],
    )
    writer.write((0, 0, 0), values)
    writer.close()
    reader = api.ZgyReader(str(folder / "cube.zgy"))
    own = np.zeros(SHAPE, "f4")
    reader.read((0, 0, 0), own)
    assert 0 < np.abs(own - values).max() < 0.05
    return folder / "cube.zgy", own, np.ones(SHAPE[:2], bool)


def short_zgy(survey, folder):
    return packed_zgy(survey, folder, "int16")


def turned_zgy(survey, folder):
    """Inline numbers that descend: its first line has the largest number."""
    api = pytest.importorskip("openzgy.api", reason="needs pyzgy: pip install 'tfseis[zgy]'")
    values, geometry = survey[...], survey.geometry
    inlines, crosslines, _ = geometry.axes
    ends = (inlines.last, inlines.first), (crosslines.first, crosslines.last)
    writer = api.ZgyWriter(
        str(folder / "cube.zgy"),
        size=SHAPE,
        datatype=api.SampleDataType.float,
        zstart=12,
        zinc=4,
        annotstart=(inlines.last, crosslines.first),
        annotinc=(-inlines.step, crosslines.step),
        corners=[tuple(geometry.to_map(i, x)) for x in ends[1] for i in ends[0]],
    )
    writer.write((0, 0, 0), np.ascontiguousarray(values[::-1]))
    writer.close()
    return folder / "cube.zgy", values, np.ones(SHAPE[:2], bool)


def vds(survey, folder):
    pytest.importorskip("openvds", reason="needs openvds: pip install 'tfseis[vds]'")
    tool = Path(sys.executable).with_name("SEGYImport")
    words = [tool, survey.path, "--vdsfile", folder / "cube.vds"]
    subprocess.run(words, check=True, capture_output=True)
    return folder / "cube.vds", survey[...], survey.live


def sgz(survey, folder):
    conversion = pytest.importorskip(
        "seismic_zfp.conversion", reason="needs seismic-zfp: pip install 'tfseis[sgz]'"
    )
    from seismic_zfp.read import SgzReader

    with conversion.SegyConverter(str(survey.path)) as converter:
        converter.run(str(folder / "cube.sgz"), bits_per_voxel=8)
    own = SgzReader(str(folder / "cube.sgz")).read_volume()
    assert 0 < np.abs(own - survey[...]).max() < 0.5
    return folder / "cube.sgz", np.where(survey.live[..., None], own, 0), survey.live


FORMATS = [zarr, mdio, zgy, packed_zgy, short_zgy, turned_zgy, vds, sgz]


@pytest.fixture(scope="module", params=FORMATS, ids=lambda one: one.__name__)
def stored(request, survey, tmp_path_factory):
    """Path of a cube in a format, its samples, and its live traces."""
    return request.param(survey, tmp_path_factory.mktemp("stored"))


def test_what_a_cube_says_of_itself(stored, survey):
    path, values, live = stored
    with open_cube(path) as cube:
        assert cube.shape == SHAPE
        for own, other in zip(cube.geometry.axes, survey.geometry.axes, strict=True):
            assert (own.first, own.step) == (other.first, pytest.approx(other.step))
        assert_allclose(cube.geometry.affine, survey.geometry.affine, rtol=1e-6)
        assert cube.geometry.sample_unit == "ms"
        assert_array_equal(cube.live, live)
        assert (cube.name, cube.path) == (path.name, path)
        assert_array_equal(cube[3], values[3])
    assert_array_equal(cube[3], values[3])  # closing loses nothing


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_slices_as_numpy_does(stored, key):
    path, values, _ = stored
    cube = open_cube(path)
    assert_array_equal(cube[key], values[key])
    found, real = cube.read(key)
    assert_array_equal(found, values[key])
    assert found.dtype == "float32"
    assert real.shape == found.shape


def test_dead_and_missing_traces(stored):
    path, values, live = stored
    found = open_cube(path).read(np.s_[...])[1]
    alive = live & values.any(axis=2)
    assert_array_equal(found, np.broadcast_to(alive[..., None], SHAPE))


def test_threads_and_copies_read_alike(stored):
    path, values, _ = stored
    cube = open_cube(path)
    copy = pickle.loads(pickle.dumps(cube))
    assert len(pickle.dumps(cube)) < 20_000
    keys = [np.s_[i % 70, i % 67, i % 5 :] for i in range(20)]
    with ThreadPoolExecutor(4) as pool:
        for key, found in zip(keys, pool.map(copy.__getitem__, keys), strict=True):
            assert_array_equal(found, values[key])


def section(cube):
    return cube[2:60:29, 7]


@pytest.fixture(scope="module")
def process():
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_other_processes_open_the_file_again(stored, process):
    path, values, _ = stored
    cube = open_cube(path)
    assert_array_equal(section(cube), section(values))
    assert_array_equal(process.submit(section, cube).result(), section(values))


def test_they_become_segy_files(stored, tmp_path):
    path, values, live = stored
    convert_cube(path, tmp_path / "out.sgy")
    found = open_segy(tmp_path / "out.sgy")
    assert_array_equal(found[...], values)
    assert_array_equal(found.live, live)


@pytest.mark.parametrize("content", [b"", b"no such file", bytes(5000), b"VCS\x00" * 2000])
def test_other_files_are_refused(stored, tmp_path, content):
    path = tmp_path / stored[0].name
    path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"{path.name}: expected a") as found:
        open_cube(path)
    assert "\n" not in str(found.value)
    path.unlink()
    with pytest.raises(FormatError, match=rf"{path.name}: expected"):
        open_cube(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_truncated_files_are_refused_when_they_are_read(stored, tmp_path, share):
    path = stored[0]
    if path.is_dir():
        pytest.skip("a folder of files; test_zarr damages them")
    whole = path.read_bytes()
    (tmp_path / path.name).write_bytes(whole[: int(len(whole) * share)])
    try:  # what is lost may be an overview of lower resolution
        assert_array_equal(open_cube(tmp_path / path.name)[...], stored[1])
    except FormatError as error:
        assert f"{path.name}: expected a complete" in str(error)  # noqa: PT017 - or nothing is lost
    else:
        assert share > 0.5


PACKAGES = {
    "a.zarr": ("zarr", "zarr"),
    "a.zgy": ("openzgy", "zgy"),
    "a.vds": ("openvds", "vds"),
    "a.sgz": ("seismic_zfp", "sgz"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_missing_package_is_named(tmp_path, monkeypatch, name):
    package, extra = PACKAGES[name]
    for module in [one for one in sys.modules if one.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).touch()
    with pytest.raises(MissingPackageError, match=rf"{name}: .*pip install 'tfseis\[{extra}\]'"):
        open_cube(tmp_path / name)


@pytest.mark.skipif(find_spec("openzgy") is None, reason="needs pyzgy: pip install 'tfseis[zgy]'")
@pytest.mark.parametrize("unit", ["ms", "m", "ft"])
@pytest.mark.parametrize("affine", [None, np.array([[25.0, 0, 1e5], [0, 12.5, 2e5]])])
def test_zgy_keeps_units_and_places(tmp_path, unit, affine):
    axes = Axis("inline", 5, 3, 9), Axis("crossline", 7, 1, 10), Axis("sample", 100.5, 0.5, 11)
    geometry = Geometry(*axes, affine, unit)
    values = np.random.default_rng(0).normal(size=geometry.shape).astype("f4")
    convert_cube(ArrayCube(values, geometry), tmp_path / "a.zgy")
    found = open_cube(tmp_path / "a.zgy")
    assert found.geometry.signature() == geometry.signature()
    assert found.geometry.sample_unit == unit
    assert (found.geometry.affine is None) == (affine is None)
    if affine is not None:
        assert_allclose(found.geometry.affine, affine)
    assert_array_equal(found[...], values)
