"""Cubes in another format: SEG-Y files come back byte for byte, or a line says why not."""

import filecmp
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.cli.command import main
from tfseis.errors import FormatError, OutputError
from tfseis.geometry import Axis, Geometry
from tfseis.io import ArrayCube, convert_cube, open_cube, open_segy, write_segy

pytest.importorskip("zarr", reason="needs zarr: pip install 'tfseis[zarr]'")

STORES = [
    ".zarr",
    pytest.param(
        ".mdio",
        marks=[
            pytest.mark.skipif(
                find_spec("mdio") is None, reason="needs multidimio: pip install 'tfseis[mdio]'"
            ),
            pytest.mark.filterwarnings("ignore"),  # what multidimio's packages say of each other
        ],
    ),
]
every_store = pytest.mark.parametrize("ending", STORES)


@pytest.fixture
def wild(amplitude):
    """Amplitudes of many sizes, zeros, and of both signs."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=amplitude.shape) * 10.0 ** rng.integers(-9, 9, amplitude.shape)
    values[2, 3] = values[4, 4, 2:5] = 0
    return values.astype("float32")


def there_and_back(path, ending):
    """Bytes of a SEG-Y file after it was a store, and all notes."""
    stored, back = path.with_suffix(ending), path.with_name("back.sgy")
    notes = convert_cube(path, stored).notes + convert_cube(stored, back).notes
    return back.read_bytes(), notes


@every_store
@pytest.mark.parametrize(
    "sorting, endian, code",
    [
        ("inline", "big", 5),
        ("crossline", "little", 5),
        ("crossline", "big", 1),
        ("inline", "little", 3),
        ("inline", "big", 8),
    ],
)
def test_segy_files_come_back_byte_for_byte(make, wild, ending, sorting, endian, code):  # noqa: PLR0917
    values = np.clip(np.rint(wild), -100, 100) if code in (3, 8) else wild
    live = np.ones((7, 8), bool)
    live[:2, :3] = live[4, 5] = False
    path = make(values, sorting=sorting, endian=endian, format=code, live=live, text=["kept"])
    found, notes = there_and_back(path, ending)
    assert notes == ()
    assert found == path.read_bytes()


@pytest.fixture
def make(tmp_path, geometry):
    def made(values, name="cube.sgy", **options):
        write_segy(tmp_path / name, values, geometry, **options)
        return tmp_path / name

    return made


@every_store
def test_any_header_bytes_and_any_order_of_traces_come_back(make, amplitude, geometry, ending):
    """Extended textual headers, unassigned bytes, shuffled traces, and a trailer."""
    path = make(amplitude)
    raw, size = path.read_bytes(), 240 + 9 * 4
    traces = np.frombuffer(raw[3600:], "u1").reshape(-1, size).copy()
    rng = np.random.default_rng(1)
    traces = traces[rng.permutation(len(traces))]
    traces[:, 200:240] = rng.integers(0, 256, (len(traces), 40))  # no field that is read
    traces[:, 214:216] = 0  # the scalar of times
    start = bytearray(raw[:3600])
    start[:40] = bytes(rng.integers(0, 256, 40).tolist())
    start[3500:3506] = b"\x01\x00\x00\x01\x00\x01"
    path.write_bytes(bytes(start) + b"\x40" * 3200 + traces.tobytes())
    found, notes = there_and_back(path, ending)
    assert notes == ()
    assert found == path.read_bytes()
    stored = open_cube(path.with_suffix(ending))
    assert_array_equal(stored[...], amplitude)
    assert stored.geometry.signature() == geometry.signature()


@pytest.mark.filterwarnings("ignore:cube.sgy")  # which says what it took for no value
def test_special_values_come_back_and_read_alike(make, amplitude):
    amplitude[0, 0, 0:4] = np.nan, np.inf, -np.inf, -0.0
    amplitude[1:3, 1:3] = -999.25
    amplitude[3, 3] = 1e30
    amplitude[6] = -0.0
    path = make(amplitude)
    found, notes = there_and_back(path, ".zarr")
    assert notes == ()
    assert found == path.read_bytes()
    first, second = open_segy(path), open_cube(path.with_suffix(".zarr"))
    for one, other in zip(first.read(...), second.read(...), strict=True):
        assert_array_equal(one, other)
    assert first.nonfinite == second.nonfinite > 0
    convert_cube(path, path.with_suffix(".npy"))
    assert_array_equal(open_cube(path.with_suffix(".npy"))[...], first[...])


def test_ibm_floats_that_are_not_normalised_are_told(make, amplitude):
    path = make(amplitude + 1, format=1)
    raw = bytearray(path.read_bytes())
    raw[3600 + 240 : 3600 + 244] = bytes.fromhex("42010000")  # 1.0, usually 41100000
    path.write_bytes(raw)
    found, notes = there_and_back(path, ".zarr")
    assert len(notes) == 2
    assert all(
        "not the first one byte for byte: samples of 1 traces (format 1)" in n for n in notes
    )
    assert found != bytes(raw)
    assert_array_equal(open_segy(path.with_name("back.sgy"))[...], amplitude + 1)


@pytest.mark.filterwarnings("ignore:(cube|back).sgy")  # which says what it took for no value
def test_ibm_floats_beyond_float32_are_told_and_stay_without_a_value(make, amplitude):
    path = make(amplitude + 1, format=1)
    raw = bytearray(path.read_bytes())
    raw[3840:3848] = bytes.fromhex("7fffffffffffffff")  # 7.2e75 and -7.2e75
    path.write_bytes(raw)
    found, notes = there_and_back(path, ".zarr")
    assert all("samples of 1 traces (format 1) have no exact float32" in note for note in notes)
    assert found[:3840] + found[3848:] == bytes(raw[:3840] + raw[3848:])
    first, back = open_segy(path), open_segy(path.with_name("back.sgy"))
    for one, other in zip(first.read(...), back.read(...), strict=True):
        assert_array_equal(one, other)
    assert first.nonfinite == back.nonfinite == 2


def test_traces_that_are_left_out_are_told(make, amplitude):
    path = make(amplitude)
    raw = path.read_bytes()
    path.write_bytes(raw + raw[-276:])
    cube = open_segy(path, duplicates="first")
    notes = convert_cube(cube, path.with_suffix(".zarr")).notes
    assert notes == (
        "a SEG-Y file made of it is not the first one byte for byte: 1 trace beside the cube "
        "left out",
    )
    convert_cube(path.with_suffix(".zarr"), path.with_name("back.sgy"))
    assert path.with_name("back.sgy").read_bytes() == raw


@pytest.mark.skipif(find_spec("mdio") is None, reason="needs multidimio: 'tfseis[mdio]'")
@pytest.mark.filterwarnings("ignore")
def test_integers_beyond_float32_are_told(make, amplitude):
    path = make(amplitude.astype("int64") * 2**20 + 1, format=2)
    assert convert_cube(path, path.with_suffix(".zarr")).notes == ()
    (note,) = convert_cube(path, path.with_suffix(".mdio")).notes
    assert "have no exact float32" in note


@pytest.mark.parametrize("ending", [".sgy", ".segy", ".zarr", ".npy", ".npz"])
@pytest.mark.parametrize("dtype", ["float32", "int16", ">f4", "uint8", "bool"])
def test_samples_and_lines_stay_in_every_format(tmp_path, wild, geometry, ending, dtype):
    values = (np.abs(wild) % 100).astype(dtype)
    cube = ArrayCube(values, geometry)
    convert_cube(cube, tmp_path / f"a{ending}")
    found = open_cube(tmp_path / f"a{ending}")
    assert_array_equal(found[...], cube[...])
    if ending != ".npy":
        assert found.geometry.signature() == geometry.signature()
    if ending in (".zarr", ".npy", ".npz"):
        assert found.stored_dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize(
    "axes",
    [
        (Axis("inline", 1, 1, 1), Axis("crossline", -3, 5, 4), Axis("sample", 0, 0.5, 3)),
        (Axis("inline", 7, 10, 3), Axis("crossline", 2, 1, 1), Axis("sample", -8, 2, 1)),
        (Axis("inline", 7, 3, 130), Axis("crossline", 2, 1, 67), Axis("sample", 1000.1, 0.1, 70)),
    ],
)
@pytest.mark.parametrize("unit", ["ms", "m", "ft"])
def test_axes_of_odd_sizes_and_units_stay(tmp_path, axes, unit):
    geometry = Geometry(*axes, None, unit)
    values = np.random.default_rng(2).normal(size=geometry.shape).astype("f4")
    cube = ArrayCube(values, geometry)
    convert_cube(cube, tmp_path / "a.zarr")
    found = open_cube(tmp_path / "a.zarr")
    assert found.geometry == geometry
    assert_array_equal(found[::-1, :, -1], cube[::-1, :, -1])


def test_large_cubes_share_files_and_read_alike(tmp_path, monkeypatch):
    monkeypatch.setattr("tfseis.io.formats.zarr_writer.SHARDED", 1)
    values = np.random.default_rng(2).normal(size=(130, 70, 66)).astype("f4")
    convert_cube(values, tmp_path / "a.zarr")
    files = [one for one in (tmp_path / "a.zarr" / "amplitude" / "c").rglob("*") if one.is_file()]
    assert len(files) == 6
    assert_array_equal(open_cube(tmp_path / "a.zarr")[3:128:5, ::-1], values[3:128:5, ::-1])


def test_a_template_lends_its_headers(make, amplitude, geometry, tmp_path):
    template = make(
        amplitude, name="template.sgy", text=["the headers of this"], sorting="crossline"
    )
    cube = ArrayCube(amplitude * 2, geometry)
    convert_cube(cube, tmp_path / "out.sgy", template=template)
    raw, given = (tmp_path / "out.sgy").read_bytes(), template.read_bytes()
    assert raw[:3600] == given[:3600]
    assert_array_equal(open_segy(tmp_path / "out.sgy")[...], amplitude * 2)
    other = ArrayCube(amplitude[:3])
    with pytest.raises(FormatError, match="expected a template on the lines and samples of array"):
        convert_cube(other, tmp_path / "two.sgy", template=template)
    with pytest.raises(FormatError, match=r"SEG-Y output \(.sgy\) for the headers of a template"):
        convert_cube(cube, tmp_path / "two.zarr", template=template)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.sgy", "template.sgy"]


def test_an_edited_store_goes_under_the_headers_that_it_keeps(make, amplitude, ragged):
    import zarr

    path = make(amplitude, live=ragged, text=["kept"])
    convert_cube(path, path.with_suffix(".zarr"))
    group = zarr.open_group(path.with_suffix(".zarr"), mode="r+")
    group["amplitude"][:] = group["amplitude"][:] * 2
    convert_cube(path.with_suffix(".zarr"), path.with_name("back.sgy"))
    assert path.with_name("back.sgy").read_bytes()[:3840] == path.read_bytes()[:3840]
    assert_array_equal(open_segy(path.with_name("back.sgy"))[...], open_segy(path)[...] * 2)


@pytest.mark.parametrize("change", ["position", "segy", "size", "none"])
def test_damaged_headers_of_a_store_are_not_used(make, amplitude, change):
    import zarr

    path = make(amplitude)
    convert_cube(path, path.with_suffix(".zarr"))
    group = zarr.open_group(path.with_suffix(".zarr"), mode="r+")
    said = dict(group.attrs["tfseis"])
    if change == "position":
        group["trace_position"][0, 0] = 5
    elif change == "segy":
        said["segy"] = {**said["segy"], "format": 99}
    elif change == "size":
        said["segy"] = {**said["segy"], "samples": 12}
    else:
        said["segy"] = {"start": "!"}
    group.attrs["tfseis"] = said
    notes = convert_cube(path.with_suffix(".zarr"), path.with_name("back.sgy")).notes
    assert notes == (
        "its headers are new: the input keeps none of a SEG-Y file that fit its samples",
    )
    assert_array_equal(open_segy(path.with_name("back.sgy"))[...], amplitude)


@pytest.mark.parametrize("ending", [".zarr", ".sgy", ".npy", ".npz"])
def test_nothing_is_replaced_unasked(make, amplitude, tmp_path, ending):
    path, out = make(amplitude, name="in.sgy"), tmp_path / f"out{ending}"
    convert_cube(path, out)
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    with pytest.raises(OutputError, match=r"expected no f.*--overwrite"):
        convert_cube(amplitude + 1, out)
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before
    convert_cube(amplitude + 1, out, overwrite=True)
    assert_array_equal(open_cube(out)[...], amplitude + 1)


def test_a_folder_of_somebody_else_stays(tmp_path, amplitude):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "thesis.txt").touch()
    with pytest.raises(OutputError, match=r"results to replace; it also holds thesis\.txt"):
        convert_cube(amplitude, tmp_path / "a.zarr", overwrite=True)
    with pytest.raises(FormatError, match=r"a\.xyz: expected a name that ends in \.sgy, .*'\.xyz'"):
        convert_cube(amplitude, tmp_path / "a.xyz")


@pytest.mark.parametrize("ending", [".zarr", ".sgy"])
def test_the_input_is_never_the_output(make, amplitude, ending):
    path = make(amplitude)
    convert_cube(path, path.with_suffix(".zarr"))
    place = path.with_suffix(ending)
    with pytest.raises(OutputError):
        convert_cube(place, place, overwrite=True)
    assert_array_equal(open_cube(place)[...], amplitude)


@pytest.mark.parametrize("ending", [".zarr", ".sgy", ".npy", ".npz"])
def test_what_fails_halfway_leaves_nothing(tmp_path, amplitude, geometry, ending, monkeypatch):
    class Failing:
        shape, dtype = amplitude.shape, amplitude.dtype

        def __getitem__(self, key):
            raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        convert_cube(ArrayCube(Failing(), geometry), tmp_path / f"a{ending}")
    assert list(tmp_path.iterdir()) == []


def test_the_command(make, amplitude, tmp_path, capsys):
    path = make(amplitude)
    out = tmp_path / "a.zarr"
    assert main(["convert", str(path), str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert main(["convert", f"{out}/amplitude", str(tmp_path / "b.sgy")]) == 0
    assert (tmp_path / "b.sgy").read_bytes() == path.read_bytes()
    assert main(["convert", str(path), str(out)]) == 1
    assert "expected no folder there" in capsys.readouterr().err
    assert main(["convert", str(out), str(tmp_path / "c.npy")]) == 0
    assert "c.npy: it holds no line numbers" in capsys.readouterr().out
    arguments = ["convert", str(tmp_path / "c.npy"), str(tmp_path / "d.sgy")]
    assert main(arguments) == 0
    assert "d.sgy: its headers are new" in capsys.readouterr().out
    assert main([*arguments, "--template", str(path), "--overwrite"]) == 1
    assert "expected a template on the lines" in capsys.readouterr().err


@pytest.mark.slow
def test_memory_does_not_grow_with_the_cube(tmp_path):
    """A file of 257 MiB is converted there and back by a process that takes 220 MiB more."""
    script = """
import resource, sys
import numpy as np
from tfseis.io import convert_cube
import zarr, tfseis.io.formats.zarr_writer
first, store, last = sys.argv[1:]
if store == "none":
    array = np.zeros((256, 256, 1024), "float32")
    array[...] = np.random.default_rng(0).normal(size=1024)
    convert_cube(array, first)
else:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    convert_cube(first, store)
    convert_cube(store, last)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""

    def run(store):
        words = [sys.executable, "-c", script, tmp_path / "a.sgy", store, tmp_path / "b.sgy"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    run("none")
    assert float(run(tmp_path / "a.zarr")) < 220
    assert filecmp.cmp(tmp_path / "a.sgy", tmp_path / "b.sgy", shallow=False)
