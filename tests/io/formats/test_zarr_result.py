"""Results written as Zarr groups: block by block, resumed, damaged, replaced."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import GeometryError, OutputError
from tfseis.io import ArrayCube, create_result, create_results, open_cube, open_segy
from tfseis.io.formats.zarr_result import SIDE
from tfseis.io.unfinished import unfinished_file

zarr = pytest.importorskip("zarr")


@pytest.fixture
def cube(amplitude, geometry, ragged):
    return ArrayCube(amplitude, geometry, ragged)


@pytest.mark.parametrize(("kind", "dtype"), [("classes", "int16"), ("probability", "float32")])
def test_a_result_reads_back(tmp_path, make, ragged, kind, dtype):
    template = open_segy(make(live=ragged))
    values = (np.arange(7 * 8 * 9).reshape(7, 8, 9) + 1).astype(dtype)
    out = tmp_path / "a.zarr"
    with create_result(out, template, kind=kind, provenance=["made", "1 is b"]) as writer:
        for inline in (3, 0, 6):  # in any order
            block = values[inline : inline + 3]
            writer.write(block, inline=inline, crossline=0)
        assert not out.exists()
    for found in (writer.cube(), open_cube(out)):
        assert found.geometry.signature() == template.geometry.signature()
        assert_allclose(found.geometry.affine, template.geometry.affine)
        assert_array_equal(found.live, ragged)
        assert found.stored_dtype == dtype
        assert_array_equal(found[...], np.where(ragged[..., None], values, 0))
    stored = zarr.open_group(out, mode="r")
    about = dict(stored.attrs)["tfseis"]
    assert (about["kind"], about["provenance"]) == (kind, ["made", "1 is b"])
    assert_array_equal(stored["amplitude"][:][~ragged], 0)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".sgy"] == ["a.zarr"]


def test_a_part_of_the_axes(tmp_path, cube, geometry):
    part = geometry.sliced((slice(1, 6, 2), slice(2, 8), slice(0, 9, 4)))
    with create_result(tmp_path / "a.zarr", cube, kind="classes", geometry=part) as writer:
        writer.write(np.ones(part.shape, "int16"), inline=0, crossline=0)
    found = open_cube(tmp_path / "a.zarr")
    assert found.geometry.signature() == part.signature()
    assert_array_equal(found.live, cube.live[1:6:2, 2:8])
    assert_array_equal(found[..., 1], found.live)


def test_xarray_reads_a_result(tmp_path, cube):
    xarray = pytest.importorskip("xarray")
    with create_result(tmp_path / "a.zarr", cube, kind="probability") as writer:
        writer.write(np.full(cube.shape, 0.25), inline=0, crossline=0)
    with xarray.open_zarr(tmp_path / "a.zarr") as found:
        assert found.amplitude.dims == ("inline", "crossline", "time")
        assert_array_equal(found.inline, cube.geometry.inlines.numbers)
        assert float(found.amplitude.sel(inline=112, crossline=300, time=12)) == 0.25


@pytest.mark.parametrize("kind", ["classes", "probability"])
def test_what_it_cannot_hold_is_refused(tmp_path, cube, kind):
    bad = np.full(cube.shape, 1e6 if kind == "classes" else np.nan)
    with (
        pytest.raises(OutputError, match=r"a\.zarr: expected (integer classes|finite values)"),
        create_result(tmp_path / "a.zarr", cube, kind=kind) as writer,
    ):
        writer.write(bad, inline=0, crossline=0)
    with (
        pytest.raises(GeometryError, match="a block inside the result"),
        create_result(tmp_path / "a.zarr", cube, kind=kind) as writer,
    ):
        writer.write(np.zeros(cube.shape, "int16"), inline=1, crossline=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".mdio", ".zgy", ".vds", ".sgz", ".npy", ".NPZ", ".dat"])
def test_other_formats_are_refused(tmp_path, cube, ending):
    with pytest.raises(OutputError, match=r"ends in \.sgy or \.zarr; .* run tfseis convert"):
        create_result(tmp_path / f"a{ending}", cube, kind="classes")


def test_only_folders_of_results_are_replaced(tmp_path, cube):
    out = tmp_path / "a.zarr"
    with create_result(out, cube, kind="classes"):
        pass
    with pytest.raises(OutputError, match="expected no folder there; one exists"):
        create_result(out, cube, kind="classes")
    with create_result(out, cube, kind="probability", overwrite=True):
        pass
    assert open_cube(out).stored_dtype == "float32"
    with pytest.raises(OutputError, match=r"folder of its own .*amplitude is read"):
        create_result(out, open_cube(out / "amplitude"), kind="classes", overwrite=True)
    (out / "thesis.doc").touch()
    with pytest.raises(OutputError, match=r"also holds thesis\.doc"):
        create_result(out, cube, kind="classes", overwrite=True)
    with pytest.raises(OutputError, match=r"expected the folder .* does not exist"):
        create_result(tmp_path / "nowhere" / "a.zarr", cube, kind="classes")


@pytest.fixture
def large():
    """Two chunks along inlines, traces everywhere."""
    return ArrayCube(np.ones((SIDE + 6, 3, 4), "float32"))


def left(path, cube, blocks):
    """What a killed run leaves of a result with some blocks of inlines; its checksums of them."""
    writer = create_result(path, cube, kind="probability", unfinished=True)
    for block in blocks:
        count = block.stop - block.start
        writer.write(np.full((count, *cube.shape[1:]), 0.5), inline=block.start, crossline=0)
    writer.flush()
    return [writer.checksum(), *(writer.checksum((block, slice(0, 3))) for block in blocks)]


def test_an_interrupted_result_is_gone_on_with(tmp_path, large):
    out, blocks = tmp_path / "a.zarr", [slice(0, 10), slice(60, 70)]
    sums = left(out, large, blocks)
    (unfinished_file(out) / "amplitude" / "c" / "0" / "0" / "0.f00.partial").touch()
    assert [path.name for path in tmp_path.iterdir()] == [".a.zarr.unfinished"]
    with create_result(out, large, kind="probability", unfinished=True) as writer:
        assert writer.keep
        assert sums == [writer.checksum(b and (b, slice(0, 3))) for b in (None, *blocks)]
        writer.write(np.full((50, 3, 4), 0.25), inline=10, crossline=0)
    wanted = np.full(large.shape, 0.5)
    wanted[10:60] = 0.25
    assert_array_equal(open_cube(out)[...], wanted)
    assert not list(out.rglob("*.partial"))


@pytest.mark.parametrize("how", ["flipped", "torn", "missing"])
def test_damaged_chunks_are_seen_and_mended(tmp_path, large, how):
    out, blocks = tmp_path / "a.zarr", [slice(0, 10), slice(10, 64), slice(64, 70)]
    sums = left(out, large, blocks)[1:]
    chunk = unfinished_file(out) / "amplitude" / "c" / "0" / "0" / "0"
    data = bytearray(chunk.read_bytes())
    data[-3] ^= 1
    chunk.write_bytes(data if how == "flipped" else data[:20])
    if how == "missing":
        chunk.unlink()
    with create_result(out, large, kind="probability", unfinished=True) as writer:
        places = [(block, slice(0, 3)) for block in blocks]
        same = [writer.checksum(place) == one for place, one in zip(places, sums, strict=True)]
        assert same[2]
        assert not all(same)
        for place, good in zip(places, same, strict=True):
            if not good:
                count = place[0].stop - place[0].start
                writer.write(np.full((count, 3, 4), 0.5), inline=place[0].start, crossline=0)
        assert [writer.checksum(place) for place in places] == sums
    assert_array_equal(open_cube(out)[...], 0.5)


@pytest.mark.parametrize("name", ["zarr.json", "trace_mask/c/0/0"])
def test_damage_before_the_samples_is_seen(tmp_path, cube, name):
    out = tmp_path / "a.zarr"
    before = left(out, cube, [])[0]
    place = unfinished_file(out) / name
    place.write_bytes(place.read_bytes() + b" ")
    writer = create_result(out, cube, kind="probability", unfinished=True)
    assert writer.checksum() != before


def test_files_and_groups_appear_together(tmp_path, cube):
    wanted = [
        (tmp_path / "a.zarr", "classes", ["a"]),
        (None, "classes", []),
        (tmp_path / "b.sgy", "probability", ["b"]),
    ]
    with create_results(wanted, cube, geometry=cube.geometry, overwrite=False) as writers:
        assert writers[1] is None
        assert not (tmp_path / "b.sgy").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zarr", "b.sgy"]
