"""One suite that every `Cube` runs through; a new kind of cube is one more entry in MAKERS.

Every maker turns `amplitude` (7 x 8 x 9), its geometry and its live traces into a cube.
"""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, GeometryError, ModelError
from tfseis.geometry import Axis
from tfseis.io import ArrayCube, convert_cube, open_cube, open_segy, write_cube, write_segy
from tfseis.io.cube import CUBE_READERS
from tfseis.io.output import check_outputs
from tfseis.io.results import create_result


def from_segy(folder, amplitude, geometry, live):
    write_segy(folder / "cube.sgy", amplitude, geometry, live=live)
    return open_segy(folder / "cube.sgy")


def from_segy_by_crosslines(folder, amplitude, geometry, live):
    write_segy(folder / "cube.sgy", amplitude, geometry, live=live, sorting="crossline")
    return open_segy(folder / "cube.sgy")


def from_array(folder, amplitude, geometry, live):
    return ArrayCube(amplitude, geometry, live)


def from_memory_map(folder, amplitude, geometry, live):
    np.save(folder / "cube.npy", amplitude)
    return ArrayCube(np.load(folder / "cube.npy", mmap_mode="r"), geometry, live)


def from_sliced_memory_map(folder, amplitude, geometry, live):
    np.save(folder / "cube.npy", np.pad(amplitude, 1))
    whole = np.load(folder / "cube.npy", mmap_mode="r")
    return ArrayCube(whole[1:-1, 1:-1, 1:-1], geometry, live)


def from_fortran_memory_map(folder, amplitude, geometry, live):
    np.save(folder / "cube.npy", np.asfortranarray(amplitude.astype(">f8")))
    return ArrayCube(np.load(folder / "cube.npy", mmap_mode="r"), geometry, live)


class OnlyForward:
    """An array as HDF5 has them: three slices with positive steps, and no more."""

    def __init__(self, values):
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def __getitem__(self, key):
        assert len(key) == 3
        assert all(part.step is None or part.step > 0 for part in key)
        return self.values[key]


def from_other_array(folder, amplitude, geometry, live):
    return ArrayCube(OnlyForward(amplitude), geometry, live)


def from_zarr(folder, amplitude, geometry, live):
    pytest.importorskip("zarr", reason="needs zarr: pip install 'tfseis[zarr]'")
    convert_cube(ArrayCube(amplitude, geometry, live), folder / "cube.zarr")
    return open_cube(folder / "cube.zarr")


def from_turned_zarr(folder, amplitude, geometry, live):
    """Zarr 2 as other programs write it: samples first, inlines descending, no attributes."""
    zarr = pytest.importorskip("zarr", reason="needs zarr: pip install 'tfseis[zarr]'")
    group = zarr.create_group(folder / "cube.zarr", zarr_format=2)
    x, y = np.moveaxis(
        geometry.to_map(*np.meshgrid(*(a.numbers for a in geometry.axes[:2]), indexing="ij")), 2, 0
    )
    arrays = {
        "data": (amplitude.transpose(2, 1, 0)[..., ::-1], ["twt", "xline", "iline"]),
        "iline": (geometry.inlines.numbers[::-1].astype("int32"), ["iline"]),
        "xline": (geometry.crosslines.numbers, ["xline"]),
        "twt": (geometry.samples.numbers, ["twt"]),
        "trace_mask": (live[::-1], ["iline", "xline"]),
        "cdp_x": (x[::-1].T, ["xline", "iline"]),
        "cdp_y": (y[::-1].T, ["xline", "iline"]),
    }
    for name, (values, dimensions) in arrays.items():
        chunks = tuple(min(n, 5) for n in values.shape)
        array = group.create_array(name, data=np.ascontiguousarray(values), chunks=chunks)
        array.attrs["_ARRAY_DIMENSIONS"] = dimensions
    return open_cube(folder / "cube.zarr")


MAKERS = [
    from_segy,
    from_segy_by_crosslines,
    from_array,
    from_memory_map,
    from_sliced_memory_map,
    from_fortran_memory_map,
    from_other_array,
    from_zarr,
    from_turned_zarr,
]
KEYS = [
    np.s_[...],
    np.s_[2],
    np.s_[:, -3],
    np.s_[..., 4],
    np.s_[1:6:2, ::-1, 2:7],
    np.s_[::-3, 5:1:-2, ::-2],
    np.s_[3, 4, 5],
    np.s_[-1, :, -1],
    np.s_[4:2],
    np.s_[:, 6:6:-1],
    np.s_[np.int64(2), ...],
]
every_cube = pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
QUICK = [maker for maker in MAKERS if maker not in (from_zarr, from_turned_zarr)]  # to make
quick_cubes = pytest.mark.parametrize("maker", QUICK, ids=lambda maker: maker.__name__)


@pytest.fixture
def made(tmp_path_factory, amplitude, geometry, ragged):
    """Makes a cube of amplitudes, none of them 0, with missing traces."""

    def make(maker, values=None, live=ragged):
        folder = tmp_path_factory.mktemp("made")
        return maker(folder, amplitude + 1 if values is None else values, geometry, live)

    return make


def index(size):
    return st.integers(-size, size - 1) | st.slices(size)


@every_cube
def test_what_a_cube_says_of_itself(made, maker, geometry, ragged):
    with made(maker) as cube:
        assert cube.shape == (7, 8, 9)
        assert len(cube) == 7
        assert cube.geometry.signature() == geometry.signature()
        np.testing.assert_allclose(cube.geometry.affine, geometry.affine)
        assert cube.live.dtype == bool
        assert_array_equal(cube.live, ragged)
        assert cube.nonfinite == 0
        assert cube.name == cube.path.name
        assert cube.stored_dtype.kind == "f"
        assert cube.name in repr(cube)
    assert cube[3, 3, 3] == 334  # closing loses nothing


@every_cube
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_slices_as_numpy_does(made, maker, amplitude, ragged, key):
    cube = made(maker)
    expected = np.where(ragged[..., np.newaxis], amplitude + 1, 0)
    found = cube[key]
    assert found.dtype == "float32"
    assert_array_equal(found, expected[key])
    values, live = cube.read(key)
    assert_array_equal(values, expected[key])
    assert_array_equal(live, np.broadcast_to(ragged[..., np.newaxis], cube.shape)[key])
    assert live.dtype == bool


@quick_cubes
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.tuples(index(7), index(8), index(9)))
def test_any_key_equals_the_slice_of_the_whole(made, maker, amplitude, ragged, key):
    cube = made(maker)
    assert_array_equal(cube[key], np.where(ragged[..., np.newaxis], amplitude + 1, 0)[key])


@every_cube
@pytest.mark.parametrize(
    "key, message",
    [
        (np.s_[0, 0, 0, 0], "at most 3 indices"),
        (np.s_[..., 0, ...], "one ellipsis"),
        (np.s_[7], "inline index below 7; got 7"),
        (np.s_[:, :, -10], "sample index below 9; got -10"),
        (np.s_[:, [1, 2]], "integer or a slice for the crossline axis"),
        (np.s_[None], "integer or a slice"),
        (np.s_[True], "integer or a slice"),
        (np.s_[0.5], "integer or a slice"),
    ],
)
def test_odd_keys_are_refused(made, maker, key, message):
    cube = made(maker)
    for read in (cube.__getitem__, cube.read):
        with pytest.raises(IndexError, match=message):
            read(key)


@every_cube
def test_nonfinite_samples_are_dead_and_counted(made, maker, amplitude):
    amplitude[1, 2, 3], amplitude[1, 2, 5], amplitude[4, 4, 4] = np.nan, np.inf, -np.inf
    cube = made(maker, amplitude, np.ones((7, 8), bool))
    values, live = cube.read(np.s_[:, ::-1, ::-1])
    assert cube.nonfinite == 3
    assert_array_equal(live, np.isfinite(amplitude)[:, ::-1, ::-1])
    assert_array_equal(values, np.nan_to_num(amplitude, posinf=0, neginf=0)[:, ::-1, ::-1])
    assert np.isfinite(cube[...]).all()


@every_cube
def test_traces_of_zeros_are_dead_where_whole_traces_are_read(made, maker, amplitude):
    amplitude[2, 3] = 0
    cube = made(maker, amplitude, np.ones((7, 8), bool))
    assert_array_equal(cube.read(2)[1].all(axis=-1), np.arange(8) != 3)
    assert cube.read(np.s_[2, :, :4])[1].all()
    assert cube.live.all()


@every_cube
def test_what_is_read_belongs_to_the_reader(made, maker, amplitude):
    cube = made(maker)
    for read in (cube.__getitem__, lambda key: cube.read(key)[0]):
        block = read(np.s_[2:4])
        block[...] = -1
        assert_array_equal(cube[3], amplitude[3] + 1)
    cube.read(np.s_[2:4])[1][...] = False
    assert cube.live[2:4].all()


@every_cube
def test_workers_get_copies_that_read_alike(made, maker, amplitude, geometry):
    cube = made(maker)
    copy = pickle.loads(pickle.dumps(cube))
    assert_array_equal(copy[...], cube[...])
    assert copy.geometry.signature() == geometry.signature()
    assert copy.name == cube.name
    keys = [np.s_[i % 7, i % 8, i % 5 :] for i in range(100)]
    with ThreadPoolExecutor(4) as pool:
        for key, found in zip(keys, pool.map(cube.__getitem__, keys), strict=True):
            assert_array_equal(found, cube[key])


@pytest.mark.parametrize("dtype", ["int8", "uint16", ">i4", "bool", "float16", ">f8"])
def test_arrays_of_any_numbers_read_as_float32(amplitude, dtype):
    values = (amplitude % 100).astype(dtype)
    cube = ArrayCube(values)
    assert cube.stored_dtype == dtype
    assert cube[...].dtype == "float32"
    assert_array_equal(cube[::-2, 1], values[::-2, 1].astype("float32"))


def test_amplitudes_beyond_float32_are_dead(amplitude):
    values = amplitude.astype("float64") + 1
    values[3, 3, 3] = 1e300
    cube = ArrayCube(values)
    assert not cube.read(np.s_[3, 3, 3])[1]
    assert cube.nonfinite == 1


def test_lines_of_an_array_count_from_one_and_samples_from_zero(amplitude):
    cube = ArrayCube(amplitude, name="model A")
    assert cube.geometry.axes == (
        Axis("inline", 1, 1, 7),
        Axis("crossline", 1, 1, 8),
        Axis("sample", 0, 1, 9),
    )
    assert cube.geometry.affine is None
    assert cube.geometry.sample_unit == "ms"
    assert cube.live.all()
    assert repr(cube) == "ArrayCube(name='model A', shape=(7, 8, 9))"


def test_memory_maps_travel_without_their_samples(tmp_path, amplitude):
    np.save(tmp_path / "cube.npy", np.zeros((50, 60, 70), "float32"))
    assert len(pickle.dumps(open_cube(tmp_path / "cube.npy"))) < 10_000


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"amplitude": np.ones((8, 9))}, FormatError, r"A: expected an .* shape \(8, 9\)"),
        ({"amplitude": np.ones((7, 0, 9))}, FormatError, r"got shape \(7, 0, 9\), float64"),
        ({"amplitude": np.ones((7, 8, 9), complex)}, FormatError, "complex128. Give the whole"),
        ({"amplitude": [[["a"]]]}, FormatError, "expected an array of numbers"),
        ({"amplitude": np.ones((9, 8, 7))}, GeometryError, r"\(7, 8, 9\) of its .* \(9, 8, 7\)"),
        ({"live": np.ones((8, 7))}, GeometryError, r"live traces of the shape \(7, 8\); got \(8"),
    ],
)
def test_arrays_that_are_no_cube_are_refused(amplitude, geometry, change, error, message):
    with pytest.raises(error, match=message):
        ArrayCube(**({"amplitude": amplitude, "geometry": geometry, "name": "A"} | change))


def test_files_open_by_their_ending(tmp_path, amplitude, geometry):
    write_segy(tmp_path / "a.sgy", amplitude, geometry)
    write_segy(tmp_path / "a.seismic-2019", amplitude, geometry)
    np.save(tmp_path / "a.npy", amplitude)
    write_cube(tmp_path / "a.dat", amplitude[:7, :7, :7])
    numbers = dict(
        zip(
            ("inline_numbers", "crossline_numbers", "sample_times_ms"),
            (axis.numbers for axis in geometry.axes),
            strict=True,
        )
    )
    np.savez(tmp_path / "a.npz", amplitude=amplitude, **numbers)
    np.savez(tmp_path / "classes.npz", labels=amplitude.astype("int16"), **numbers)
    for name in ("a.sgy", "a.seismic-2019", "a.npy", "a.npz", "classes.npz"):
        cube = open_cube(tmp_path / name)
        assert_array_equal(cube[...], amplitude)
        assert cube.name == name
        assert cube.path == tmp_path / name
        if not name.endswith(".npy"):
            assert cube.geometry.signature() == geometry.signature()
    assert_array_equal(open_cube(str(tmp_path / "a.dat"))[...], amplitude[:7, :7, :7])
    assert isinstance(open_cube(tmp_path / "a.npy").amplitude, np.memmap)


def test_what_is_open_stays_as_it_is(survey, amplitude):
    cube = open_segy(survey)
    assert open_cube(cube) is cube
    assert_array_equal(open_cube(amplitude)[...], amplitude)


def open_text(path):
    return ArrayCube(np.loadtxt(path).reshape(2, 3, 2), name=path.name, path=path)


@pytest.mark.parametrize("source", [3, None, [1.0], object()])
def test_what_is_no_cube_is_refused(source):
    with pytest.raises(FormatError, match=r"Expected a cube: a path.*; got \w+\. Give one of"):
        open_cube(source)


@pytest.mark.parametrize("name", ["cube.sgy", "{}/cube.sgy", "../cube.sgy"])
def test_an_array_named_like_a_file_is_not_that_file(tmp_path, monkeypatch, amplitude, name):
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    for folder in (place, tmp_path):
        (folder / "cube.sgy").write_text("somebody's")
    cube = ArrayCube(amplitude, name=name.format(place))
    assert cube.path.name == "cube.sgy"
    assert not cube.path.exists()
    check_outputs([place / "cube.sgy", tmp_path / "cube.sgy"], [cube.path], overwrite=True)
    with create_result("cube.sgy", cube, kind="classes", overwrite=True) as writer:
        writer.write(np.zeros(cube.shape, "int16"), inline=0, crossline=0)
    assert (tmp_path / "cube.sgy").read_text() == "somebody's"


def test_a_reader_of_ones_own(tmp_path, survey, monkeypatch, amplitude):
    path = tmp_path / "cube.table"
    np.savetxt(path, np.arange(12).reshape(6, 2))
    for reader in (open_text, f"{__name__}:open_text"):
        assert open_cube(path, reader=reader)[1, 2, 1] == 11
    monkeypatch.setitem(CUBE_READERS, ".table", open_text)
    assert open_cube(path)[0, 1, 1] == 3
    with pytest.raises(ModelError, match=r"Expected a reader of cubes among \.sgy.*got 'zgy'"):
        open_cube(survey, reader="zgy")


@pytest.mark.parametrize(
    "name, arrays, message",
    [
        ("a.npz", {"other": 1}, "expected an .npz with amplitude or labels, inline_numbers"),
        ("a.npz", {"inline_numbers": [1, 2, 4, 5, 6, 7, 8]}, r"a.npz: .* equal steps; got 1 to 8"),
        ("a.npz", {"sample_times_ms": np.arange(9, 0, -1)}, "ascend in equal steps; got 9 to 1"),
        ("a.npz", {"crossline_numbers": [1, 2]}, r"amplitude or labels of shape \(7, 2, 9\)"),
    ],
)
def test_line_numbers_that_make_no_grid_are_refused(tmp_path, amplitude, name, arrays, message):
    whole = {
        "amplitude": amplitude,
        "inline_numbers": range(7),
        "crossline_numbers": range(8),
        "sample_times_ms": range(9),
    }
    arrays = arrays if "other" in arrays else whole | arrays
    np.savez(tmp_path / name, **arrays)
    with pytest.raises(FormatError, match=message):
        open_cube(tmp_path / name)


@pytest.mark.parametrize("name", ["none.sgy", "none.npy", "none.npz", "none.dat", "none"])
def test_a_missing_file_is_refused_by_name(tmp_path, name):
    with pytest.raises(FormatError, match=rf"{name}: expected"):
        open_cube(tmp_path / name)


def test_samples_as_1e30_have_no_value_in_an_array_either(amplitude, geometry):
    amplitude[2, 3:5], amplitude[6, 7, 8] = 1e30, -3.4e38
    cube = ArrayCube(amplitude, geometry)
    values, live = cube.read(np.s_[...])
    assert not live[2, 3:5].any()
    assert not live[6, 7, 8]
    assert values.max() < 1000
    assert cube.nonfinite == 19
    large = np.random.default_rng(0).normal(size=geometry.shape) * 1e30
    assert_array_equal(ArrayCube(large, geometry)[...], large.astype("float32"))
