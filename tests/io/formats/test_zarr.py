"""Zarr stores as programs write them; that cubes slice as NumPy does is tested in test_cube."""

import base64
import multiprocessing
import pickle
import struct
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import FormatError, GeometryError, MissingPackageError
from tfseis.io import ArrayCube, convert_cube, open_cube, open_segy

zarr = pytest.importorskip("zarr", reason="needs zarr: pip install 'tfseis[zarr]'")


def store(path, arrays, zarr_format=3, **attributes):
    """A group of arrays, each given with the names of its axes, and attributes."""
    group = zarr.create_group(path, zarr_format=zarr_format, attributes=attributes)
    for name, (values, dimensions, *own) in arrays.items():
        named = {"dimension_names": dimensions} if zarr_format == 3 else {}
        array = group.create_array(name, data=np.asarray(values), **named)
        array.attrs.update(own[0] if own else {})
        if zarr_format == 2 and dimensions:
            array.attrs["_ARRAY_DIMENSIONS"] = list(dimensions)
    return path


LINES = ("inline", "crossline")


@pytest.fixture
def cube(amplitude, geometry, ragged):
    return ArrayCube(amplitude, geometry, ragged)


@pytest.fixture
def written(tmp_path, cube):
    convert_cube(cube, tmp_path / "cube.zarr")
    return tmp_path / "cube.zarr"


def arrays(amplitude, **more):
    """Arrays of a plain store of `amplitude`."""
    return {
        "seismic": (amplitude, (*LINES, "time")),
        "inline": (np.arange(7) * 2 + 100, ("inline",)),
        "crossline": (np.arange(8) + 300, ("crossline",)),
        "time": (np.arange(9) * 4 + 12, ("time",)),
    } | more


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_store_of_another_program(tmp_path, amplitude, geometry, zarr_format):
    opened = open_cube(store(tmp_path / "a.zarr", arrays(amplitude), zarr_format))
    assert opened.geometry.signature() == geometry.signature()
    assert opened.geometry.affine is None
    assert_array_equal(opened[...], amplitude)
    assert opened.live.all()


def test_an_array_of_a_store_can_be_named(tmp_path, amplitude, geometry):
    path = store(tmp_path / "a.zarr", arrays(amplitude, other=(amplitude + 1, (*LINES, "time"))))
    with pytest.raises(FormatError, match=r"one array of three axes; got other, seismic. Name one"):
        open_cube(path)
    for name, more in (("seismic", 0), ("other", 1)):
        opened = open_cube(path / name)
        assert opened.geometry.signature() == geometry.signature()
        assert_array_equal(opened[2:4], amplitude[2:4] + more)
    path = store(
        tmp_path / "b.zarr",
        arrays(amplitude, other=(amplitude + 1, (*LINES, "time"))),
        attributes={"defaultVariableName": "other"},
    )
    assert_array_equal(open_cube(path)[3], amplitude[3] + 1)


def test_arrays_without_names_count_their_lines(tmp_path, amplitude):
    zarr.create_array(tmp_path / "bare.zarr", data=amplitude)
    opened = open_cube(tmp_path / "bare.zarr")
    assert_array_equal(opened[::-2, 1], amplitude[::-2, 1])
    firsts = [(axis.first, axis.step) for axis in opened.geometry.axes]
    assert firsts == [(1, 1), (1, 1), (0, 1)]


@pytest.mark.parametrize(
    "name, units, unit, factor",
    [
        ("time", None, "ms", 1),
        ("twt", "s", "ms", 1000),
        ("time", "milliseconds", "ms", 1),
        ("depth", None, "m", 1),
        ("depth", "km", "m", 1000),
        ("z", "ft", "ft", 1),
    ],
)
def test_units_of_samples(tmp_path, name, units, unit, factor):
    amplitude = np.ones((7, 8, 9), "f4")
    numbers = (np.arange(9) * 4 + 12) / factor
    own = {"units": units} if units else {}
    path = store(
        tmp_path / "a.zarr",
        arrays(amplitude, seismic=(amplitude, (*LINES, name))) | {name: (numbers, (name,), own)},
    )
    geometry = open_cube(path).geometry
    assert geometry.sample_unit == unit
    assert (geometry.samples.first, geometry.samples.step) == (12, 4)


def test_lines_that_are_missing_or_out_of_order(tmp_path, amplitude):
    """Inlines 112, 100, 104, 106 of 100 to 112: their rows lie where their numbers say."""
    numbers = np.array([112, 100, 104, 106])
    path = store(
        tmp_path / "a.zarr",
        arrays(amplitude, seismic=(amplitude[:4], (*LINES, "time")), inline=(numbers, ("inline",))),
    )
    opened = open_cube(path)
    expected = np.zeros_like(amplitude)
    expected[[6, 0, 2, 3]] = amplitude[:4]
    assert opened.geometry.inlines.numbers.tolist() == list(range(100, 113, 2))
    assert_array_equal(opened[...], expected)
    assert_array_equal(opened[::-2, 3:, ::2], expected[::-2, 3:, ::2])
    assert_array_equal(opened[1], expected[1])
    assert_array_equal(opened.live.all(axis=1), [True, False, True, True, False, False, True])


def test_values_that_stand_for_none(tmp_path, amplitude):
    coded = base64.b64encode(struct.pack("<d", 77.0)).decode()
    for own, null in (
        ({"_FillValue": coded}, 77),
        ({"missing_value": 78.0}, 78),
        ({"no_value": {"values": [79.0], "limit": 600.0}}, 79),
    ):
        path = store(tmp_path / f"{null}.zarr", {"seismic": (amplitude, (*LINES, "time"), own)})
        opened = open_cube(path)
        values, live = opened.read(np.s_[...])
        known = amplitude != null
        if null == 79:
            known &= amplitude < 600
        assert_array_equal(values, np.where(known, amplitude, 0))
        assert opened.nonfinite == np.count_nonzero(~known)
        assert not live[~known].any()


def test_packed_integers_are_scaled(tmp_path, amplitude):
    own = {"scale_factor": 0.5, "add_offset": 3, "_FillValue": -1}
    packed = amplitude.astype("int16")
    packed[2, 3, 4] = -1
    path = store(tmp_path / "a.zarr", {"seismic": (packed, (*LINES, "time"), own)})
    opened = open_cube(path)
    expected = packed / 2 + 3
    expected[2, 3, 4] = 0
    assert_array_equal(opened[...], expected)
    convert_cube(opened, tmp_path / "b.zarr")
    assert_array_equal(open_cube(tmp_path / "b.zarr")[...], expected)


def test_only_the_chunks_that_are_asked_for_are_read(tmp_path, amplitude):
    group = zarr.create_group(tmp_path / "a.zarr")
    group.create_array("seismic", data=amplitude, chunks=(3, 4, 9))
    damaged = tmp_path / "a.zarr" / "seismic" / "c" / "1" / "1" / "0"
    damaged.write_bytes(damaged.read_bytes()[:20])
    opened = open_cube(tmp_path / "a.zarr")
    assert_array_equal(opened[:3], amplitude[:3])
    assert_array_equal(opened[:, 2], amplitude[:, 2])
    with pytest.raises(FormatError, match=r"a.zarr: expected readable chunks of seismic; .* again"):
        opened[4]


def middle(cube):
    return cube[3, :, 2:5]


def test_other_processes_open_the_store_again(written, cube):
    opened = open_cube(written)
    assert len(pickle.dumps(opened)) < 10_000
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert_array_equal(pool.submit(middle, opened).result(), cube[3, :, 2:5])


def test_addresses_of_other_file_systems(written, cube):
    pytest.importorskip("fsspec", reason="needs fsspec: pip install 'tfseis[cloud]'")
    for address in (f"file://{written}", f"file://{written}/amplitude", f"file://{written}/"):
        opened = open_cube(address)
        assert opened.name == address.rstrip("/").rpartition("/")[2]
        assert_array_equal(opened[...], cube[...])
        assert_array_equal(pickle.loads(pickle.dumps(opened))[2], cube[2])
    with pytest.raises(FormatError, match=r"file:///none\.zarr: expected a Zarr group or array"):
        open_cube("file:///none.zarr")


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="s3fs is installed")
def test_the_package_of_a_cloud_is_named():
    pytest.importorskip("fsspec", reason="needs fsspec: pip install 'tfseis[cloud]'")
    with pytest.raises(MissingPackageError, match=r"s3://bucket/a\.zarr: .*'tfseis\[cloud\]'"):
        open_cube("s3://bucket/a.zarr")


def test_a_store_is_read_from_a_web_server(written, cube):
    pytest.importorskip("aiohttp", reason="needs aiohttp: pip install 'tfseis[cloud]'")
    handler = partial(QuietHandler, directory=written.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = open_cube(f"http://127.0.0.1:{server.server_port}/cube.zarr")
        assert_array_equal(opened[::-2, 3], cube[::-2, 3])
        assert opened.geometry.signature() == cube.geometry.signature()
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.filterwarnings("ignore:Consolidated")  # that xarray writes
def test_xarray_shows_named_axes(written, cube):
    xarray = pytest.importorskip("xarray", reason="needs xarray: pip install 'tfseis[mdio]'")
    found = xarray.open_zarr(written, chunks=None)
    assert found.amplitude.dims == ("inline", "crossline", "time")
    assert {"inline", "crossline", "time", "cdp_x", "cdp_y", "trace_mask"} <= set(found.coords)
    assert found.time.attrs["units"] == "ms"
    one = found.amplitude.sel(inline=106, crossline=303)
    assert_array_equal(one, cube[3, 3])
    assert_allclose([one.cdp_x, one.cdp_y], cube.geometry.to_map(106, 303))
    found.isel(inline=slice(2, 6), time=slice(1, 8)).to_zarr(written.with_name("part.zarr"))
    part = open_cube(written.with_name("part.zarr"))
    assert part.geometry.inlines.numbers.tolist() == [104, 106, 108, 110]
    assert_array_equal(part[...], cube[2:6, :, 1:8])
    assert_allclose(part.geometry.affine, cube.geometry.affine)


def refused(amplitude):
    numbers = arrays(amplitude)
    solid = (*LINES, "time")
    return {
        "flat": ({"a": (amplitude[0], ("inline", "time"))}, "axes inline, crossline and time"),
        "empty": ({}, "got no arrays. Choose another group"),
        "text": ({"a": (np.full((2, 2, 2), "x"), None)}, "expected an array of numbers with"),
        "names": ({"a": (amplitude, ("x", "y", "z"))}, "got x, y, z. Rename the dimensions"),
        "offsets": ({"a": (amplitude, ("inline", "offset", "time"))}, "inline, offset, time"),
        "twice": (numbers | {"inline": ([1, 2, 3, 3, 4, 5, 6], ("inline",))}, "that differ and"),
        "apart": (numbers | {"inline": ([1, 2, 3, 4, 5, 6, 10**9], ("inline",))}, "lie close"),
        "nan": (numbers | {"inline": ([1, 2, np.nan, 4, 5, 6, 7], ("inline",))}, "finite inline"),
        "steps": (numbers | {"time": ([1, 2, 3, 4, 6, 7, 8, 9, 10], ("time",))}, "equal steps"),
        "still": (numbers | {"time": (np.ones(9), ("time",))}, "equal steps"),
        "unit": (numbers | {"time": (np.arange(9), ("time",), {"units": "furlong"})}, "furlong"),
        "solid": ({"a": (amplitude, solid), "b": (amplitude, solid)}, "got a, b. Name one: .*/a"),
    }


@pytest.mark.parametrize("case", refused(np.ones((7, 8, 9), "f4")))
@pytest.mark.filterwarnings("ignore")  # Zarr 3 has no settled type for text
def test_what_is_no_cube_is_refused(tmp_path, amplitude, case):
    content, message = refused(amplitude)[case]
    store(tmp_path / "a.zarr", content)
    with pytest.raises((FormatError, GeometryError), match=rf"a\.zarr.*{message}") as found:
        open_cube(tmp_path / "a.zarr")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("content", [b"", b"{", b'{"zarr_format": 9}'])
def test_damaged_metadata_is_refused(written, content):
    (written / "zarr.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"cube\.zarr: expected a Zarr group or array"):
        open_cube(written)
    with pytest.raises(FormatError, match=r"none\.zarr: expected a Zarr group; there is none"):
        open_cube(written.with_name("none.zarr"))


def test_a_folder_and_a_file_that_are_no_stores(tmp_path):
    (tmp_path / "folder.zarr").mkdir()
    (tmp_path / "file.mdio").write_bytes(b"something else")
    for name in ("folder.zarr", "file.mdio"):
        with pytest.raises(FormatError, match=f"{name}: expected a Zarr group"):
            open_cube(tmp_path / name)


def test_an_absurd_grid_is_refused_before_anything_is_allocated(tmp_path):
    group = zarr.create_group(tmp_path / "a.zarr")
    group.create_array("a", shape=(10**6, 10**6, 10), dtype="f4", chunks=(64, 64, 10))
    with pytest.raises(GeometryError, match=r"at most 268,435,456 traces; got 1,000,000"):
        open_cube(tmp_path / "a.zarr")


def test_old_and_broken_packages_are_named(written, monkeypatch):
    monkeypatch.setattr(zarr, "__version__", "2.18.3")
    with pytest.raises(MissingPackageError, match=r"zarr 3 or later; 2\.18\.3 .* 'tfseis\[zarr\]'"):
        open_cube(written)
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    with pytest.raises(MissingPackageError, match=r"'zarr' to be installed; .*'tfseis\[zarr\]'"):
        open_cube(written)


def test_results_of_a_store_are_segy_files_with_its_lines(tmp_path, written, cube):
    from tfseis.io.results import create_result

    with create_result(tmp_path / "classes.sgy", open_cube(written), kind="classes") as writer:
        writer.write(np.ones(cube.shape, "int16"), inline=0, crossline=0)
    result = open_segy(tmp_path / "classes.sgy")
    assert result.geometry.signature() == cube.geometry.signature()
    assert_allclose(result.geometry.affine, cube.geometry.affine)
    assert_array_equal(result.live, cube.live)
