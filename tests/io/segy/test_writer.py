import os
import struct
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import segyio
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, GeometryError, OutputError
from tfseis.geometry import Axis, Geometry
from tfseis.io import ArrayCube, open_cube
from tfseis.io.output import check_output
from tfseis.io.partial import partial_path
from tfseis.io.results import create_result, create_results
from tfseis.io.segy import copy as segy_copy
from tfseis.io.segy import writer as segy_writer
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.encoding import ibm_float
from tfseis.io.segy.text import text_encoding, with_provenance

ALL = np.s_[:], np.s_[:], np.s_[:]


def headers(path, cube):
    """Trace headers of a file, uint8 (traces, bytes)."""
    raw = np.frombuffer(path.read_bytes()[cube.layout.first_trace :], "u1")
    return raw.reshape(-1, cube.layout.trace_bytes)[:, : cube.layout.header_bytes]


@pytest.mark.parametrize("code", [1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 16])
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_what_is_written_is_read_by_us_and_by_segyio(tmp_path, geometry, sorting, endian, code):
    amplitude = np.arange(np.prod(geometry.shape)).reshape(geometry.shape)
    amplitude = amplitude // 4 if code in (8, 16) else amplitude
    path = tmp_path / "cube.sgy"
    write_segy(path, amplitude, geometry, sorting=sorting, endian=endian, format=code)
    cube = open_segy(path)
    assert cube.layout.endian == endian
    assert cube.geometry.signature() == geometry.signature()
    assert_array_equal(cube[...], amplitude)
    with segyio.open(path, endian=endian) as f:
        whole = segyio.tools.cube(f)
        assert_array_equal(whole if sorting == "inline" else whole.swapaxes(0, 1), amplitude)
        assert_array_equal(f.samples, geometry.samples.numbers)
        assert f.ilines.tolist() == geometry.inlines.numbers.tolist()


def test_ibm_floats_decode_to_themselves(tmp_path, geometry):
    values = np.random.default_rng(0).normal(size=geometry.shape).astype("float32")
    values *= 10.0 ** np.random.default_rng(1).integers(-30, 30, geometry.shape)
    path = tmp_path / "cube.sgy"
    write_segy(path, values, geometry, format=1)
    np.testing.assert_allclose(open_segy(path)[...], values, rtol=2.0**-20)
    assert ibm_float(np.array([1 - 2.0**-30]))[0] == 0x41100000  # rounds up to the next power


def test_text_of_a_new_file(survey, tmp_path, amplitude, geometry):
    path = tmp_path / "text.sgy"
    write_segy(path, amplitude, geometry, text=["made for a test", "second"])
    with segyio.open(path) as f:
        text = f.text[0].decode()
    assert text[:80].rstrip() == "C 1 made for a test"
    assert text[-80:].rstrip() == "C40 END TEXTUAL HEADER"
    with pytest.raises(FormatError, match=r"at most 38 lines of 76 .* got 39, the longest with 2"):
        write_segy(path, amplitude, geometry, text=["ab"] * 39, overwrite=True)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"format": 7}, FormatError, "got 7, 'big', 'inline'"),
        ({"endian": "odd"}, FormatError, "got 5, 'odd'"),
        ({"sorting": "none"}, FormatError, "'none'"),
        ({"format": 8}, FormatError, "between -128 and 127 for int8 samples; got"),
        ({"live": np.zeros((7, 8))}, GeometryError, "at least one live trace"),
        ({"live": np.ones((8, 7))}, GeometryError, r"live traces \(8, 7\)"),
    ],
)
def test_what_cannot_be_written_is_refused(make, tmp_path, change, error, message):
    with pytest.raises(error, match=message):
        make(**change)
    assert not list(tmp_path.iterdir())


def test_geometry_that_headers_cannot_hold_is_refused(tmp_path, amplitude, geometry):
    for axes, message in (
        ({"inlines": Axis("inline", 0.5, 1, 7)}, "whole inline numbers; got 0.5"),
        ({"samples": Axis("sample", 0, 70, 9)}, "1 to 65535 microseconds; got 70000"),
        ({"samples": Axis("sample", 0, 0.0005, 9)}, "microseconds; got 0.5"),
        ({"samples": Axis("sample", 0.12345, 4, 9)}, "first sample time .* got 0.12345"),
        ({"samples": Axis("sample", 0, 4, 10)}, r"shape \(7, 8, 10\)"),
    ):
        with pytest.raises(GeometryError, match=message):
            write_segy(tmp_path / "cube.sgy", amplitude, replace(geometry, **axes))


@pytest.mark.parametrize("kind, code", [("classes", 3), ("probability", 5)])
@pytest.mark.parametrize(
    "name",
    [
        "f3.sgy",
        "f3-lsb.sgy",
        "trace-header-extension1.sgy",
        "stanzas-unknown-count.sgy",
        "small.sgy",
    ],
)
def test_headers_are_the_templates_byte_for_byte(zoo, tmp_path, name, kind, code):
    template = open_segy(zoo / name)
    path = tmp_path / "result.sgy"
    values = np.arange(np.prod(template.shape)).reshape(template.shape) % 9
    with create_result(path, template, kind=kind) as writer:
        assert not path.exists()
        writer.write(values, inline=0, crossline=0)
    result = open_segy(path)
    assert_array_equal(result[...], values)
    assert result.layout.format == code
    old, new = template.path.read_bytes(), path.read_bytes()
    first = template.layout.first_trace
    assert new[:3224] + new[3226:first] == old[:3224] + old[3226:first]
    assert_array_equal(headers(path, result), headers(template.path, template))
    assert_array_equal(result.trace_index, template.trace_index)


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_blocks_in_any_order_and_missing_traces(make, tmp_path, amplitude, ragged, sorting):
    template = open_segy(make(live=ragged, sorting=sorting, endian="little"))
    path = tmp_path / "result.sgy"
    values = (amplitude % 7).astype("uint8")
    with create_result(path, template, kind="classes") as writer:
        for inline in (4, 0, 2):
            for crossline in (5, 0, 3):
                block = values[inline : inline + 3, crossline : crossline + 3]
                writer.write(block, inline=inline, crossline=crossline)
    result = open_segy(path)
    assert_array_equal(result.live, ragged)
    assert_array_equal(result.trace_index, template.trace_index)
    assert_array_equal(result[...], np.where(ragged[..., None], values, 0))
    assert_array_equal(headers(path, result), headers(template.path, template))


def test_several_results_appear_together_or_not_at_all(make, tmp_path, amplitude):
    template = open_segy(make())
    paths = tmp_path / "classes.sgy", tmp_path / "sure.sgy"
    wanted = [(paths[0], "classes", ["a"]), (None, "classes", []), (paths[1], "probability", [])]
    ones = np.ones(amplitude.shape, "uint8")

    def write(values):
        geometry = template.geometry
        with create_results(wanted, template, geometry=geometry, overwrite=False) as writers:
            assert writers.pop(1) is None
            for writer in writers:
                writer.write(values, inline=0, crossline=0)

    with pytest.raises(OutputError, match="integer classes"):
        write(0.5 * ones)
    assert {path.name for path in tmp_path.iterdir()} == {template.path.name}
    write(ones)
    assert [open_segy(path).layout.format for path in paths] == [3, 5]
    paths[0].unlink()
    with pytest.raises(OutputError, match=r"sure\.sgy: expected no file there"):
        write(ones)
    assert not paths[0].exists()


@pytest.mark.parametrize("chunk", [1, 1000])
def test_long_runs_are_cut(survey, tmp_path, amplitude, monkeypatch, chunk):
    monkeypatch.setattr(segy_writer, "CHUNK_BYTES", chunk)
    monkeypatch.setattr(segy_copy, "CHUNK_BYTES", chunk)
    template, path = open_segy(survey), tmp_path / "result.sgy"
    with create_result(path, template, kind="probability") as writer:
        writer.write(amplitude, inline=0, crossline=0)
    assert_array_equal(open_segy(path)[...], amplitude)
    assert_array_equal(headers(path, open_segy(path)), headers(survey, template))


def test_unwritten_traces_hold_zero(survey, tmp_path, amplitude):
    path = tmp_path / "result.sgy"
    with create_result(path, open_segy(survey), kind="probability") as writer:
        writer.write(amplitude[1:3, 1:], inline=1, crossline=1)
    expected = np.zeros((7, 8, 9))
    expected[1:3, 1:] = amplitude[1:3, 1:]
    assert_array_equal(open_segy(path)[...], expected)


def test_stride_and_range_rewrite_the_sample_axis(survey, tmp_path, amplitude):
    template = open_segy(survey)
    part = np.s_[1::2], np.s_[2:8:3], np.s_[2::3]
    path = tmp_path / "result.sgy"
    geometry = template.geometry.sliced(part)
    with create_result(path, template, kind="probability", geometry=geometry) as writer:
        assert writer.geometry.shape == (3, 2, 3)
        writer.write(amplitude[part], inline=0, crossline=0)
    result = open_segy(path)
    assert result.geometry.signature() == geometry.signature()
    assert_array_equal(result[...], amplitude[part])
    with segyio.open(path) as f:
        assert_array_equal(f.samples, [20, 32, 44])
        assert (f.bin[3217], f.bin[3221]) == (12_000, 3)
        assert {(h[109], h[115], h[117]) for h in f.header} == {(20, 3, 12_000)}
    kept = template.trace_index[part[:2]].ravel()
    old, new = headers(survey, template)[kept].copy(), headers(path, result).copy()
    for changed in (old, new):
        changed[:, 108:110] = changed[:, 114:118] = 0
    assert_array_equal(new, old)


def test_a_stride_along_one_sample_changes_no_header(tmp_path):
    """A horizon map is a cube of one sample."""
    path, out = tmp_path / "map.sgy", tmp_path / "out.sgy"
    one = Geometry(Axis("inline", 1, 1, 2), Axis("crossline", 5, 1, 3), Axis("sample", 8, 4, 1))
    amplitude = np.arange(6, dtype="float32").reshape(2, 3, 1)
    write_segy(path, amplitude, one)
    cube = open_segy(path)
    part = cube.geometry.sliced((slice(None), slice(None), slice(0, 1, 3)))
    with create_result(out, cube, kind="probability", geometry=part) as result:
        result.write(amplitude, inline=0, crossline=0)
    assert out.read_bytes()[3200:] == path.read_bytes()[3200:]


def test_stride_of_ten_keeps_an_interval_above_32767_microseconds(tmp_path, geometry):
    longer = replace(geometry, samples=Axis("sample", 0, 4, 41))
    source, path = tmp_path / "cube.sgy", tmp_path / "result.sgy"
    write_segy(source, np.ones(longer.shape), longer)
    template = open_segy(source)
    part = template.geometry.sliced((*ALL[:2], np.s_[::10]))
    with create_result(path, template, kind="classes", geometry=part):
        pass
    assert open_segy(path).geometry.samples == Axis("sample", 0, 40, 5)


def test_first_time_between_milliseconds(tmp_path, amplitude, geometry):
    source, path = tmp_path / "cube.sgy", tmp_path / "result.sgy"
    write_segy(source, amplitude, replace(geometry, samples=Axis("sample", 0, 0.5, 9)))
    template = open_segy(source)
    part = template.geometry.sliced((*ALL[:2], np.s_[3:]))
    with create_result(path, template, kind="classes", geometry=part):
        pass
    assert open_segy(path).geometry.samples.first == 1.5
    path.unlink()
    data = bytearray(source.read_bytes())
    struct.pack_into(">h", data, 3600 + 94, 30)  # an uphole time, in the same unit
    source.write_bytes(data)
    with pytest.raises(GeometryError, match=r"got 1.5\. Start the range at a whole number of ms"):
        create_result(path, open_segy(source), kind="classes", geometry=part)


@pytest.mark.parametrize(
    "axis, message",
    [
        (Axis("inline", 101, 2, 3), "Expected inline 100"),
        (Axis("inline", 100, 3, 3), "Expected inlines among 100, 102 .. 112; got 3 from 100"),
        (Axis("inline", 110, 2, 3), "Expected inlines among"),
        (Axis("inline", 90, 2, 3), "Expected inline between 100 and 112; got 90"),
    ],
)
def test_geometry_off_the_template_is_refused(survey, tmp_path, axis, message):
    template = open_segy(survey)
    part = replace(template.geometry, inlines=axis)
    with pytest.raises(GeometryError, match=message):
        create_result(tmp_path / "r.sgy", template, kind="classes", geometry=part)


def test_range_without_traces_is_refused(tmp_path, amplitude, geometry, ragged):
    source = tmp_path / "cube.sgy"
    write_segy(source, amplitude, geometry, live=ragged)
    template = open_segy(source)
    part = template.geometry.sliced((np.s_[:2], np.s_[:3], np.s_[:]))
    with pytest.raises(GeometryError, match=r"r.sgy: expected a range that holds traces"):
        create_result(tmp_path / "r.sgy", template, kind="classes", geometry=part)


def test_failure_leaves_nothing(survey, tmp_path):
    template, folder = open_segy(survey), tmp_path / "out"
    folder.mkdir()

    def fail():
        with create_result(folder / "r.sgy", template, kind="classes") as writer:
            writer.write(np.ones((7, 8, 9), int), inline=0, crossline=0)
            [partial] = folder.iterdir()
            assert partial.name.startswith(".r.sgy.partial-")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not list(folder.iterdir())


def test_failure_while_headers_are_copied_leaves_nothing(survey, tmp_path, monkeypatch):
    def full(*arguments):
        arguments[1].write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(segy_copy.CopiedHeaders, "write", full)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(OSError, match="No space"):
        create_result(folder / "r.sgy", open_segy(survey), kind="classes")
    assert not list(folder.iterdir())


def test_no_file_is_replaced_unasked(survey, tmp_path):
    template, path = open_segy(survey), tmp_path / "r.sgy"
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"r.sgy: expected no file there.*--overwrite"):
        create_result(path, template, kind="classes")
    assert path.read_text() == "precious"
    with create_result(path, template, kind="classes", overwrite=True):
        assert path.read_text() == "precious"
    assert open_segy(path).shape == template.shape


def test_file_that_appears_meanwhile_is_kept(survey, tmp_path):
    path = tmp_path / "r.sgy"
    writer = create_result(path, open_segy(survey), kind="classes")
    path.write_text("precious")
    with pytest.raises(OutputError, match="--overwrite"):
        writer.close()
    assert path.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2


def test_template_is_never_replaced(survey):
    before = survey.read_bytes()
    with pytest.raises(OutputError, match="another file than the cube that is read"):
        create_result(survey, open_segy(survey), kind="classes", overwrite=True)
    assert survey.read_bytes() == before


def test_output_is_checked_before_work_starts(tmp_path):
    check_output(tmp_path / "new.sgy", False)
    with pytest.raises(OutputError, match=r"folder .*nowhere; it does not exist\. Create it"):
        check_output(tmp_path / "nowhere" / "new.sgy", True)
    with pytest.raises(OutputError, match=r"it is a folder\. Add a file name"):
        check_output(tmp_path, True)


def test_read_only_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tfseis.io.output.os.access", lambda *a: False)
    with pytest.raises(OutputError, match="read-only"):
        check_output(tmp_path / "new.sgy", False)


@pytest.mark.parametrize(
    "values, inline, message",
    [
        (np.ones((2, 2, 8), int), 0, r"block inside the result \(7, 8, 9\)"),
        (np.ones((2, 2, 9), int), 6, "inline 6, crossline 0"),
        (np.ones((2, 2, 9), int), -1, "inline -1"),
        (np.ones(9, int), 0, r"got \(9,\)"),
        (np.ones((1, 1, 9)), 0, "integer classes .* got float64"),
        (np.full((1, 1, 9), 40_000), 0, "between -32768 and 32767; got int64, 40000"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(survey, tmp_path, values, inline, message):
    writer = create_result(tmp_path / "r.sgy", open_segy(survey), kind="classes")
    with writer, pytest.raises((GeometryError, OutputError), match=message):
        writer.write(values, inline=inline, crossline=0)


def test_nonfinite_probabilities_are_refused(survey, tmp_path):
    writer = create_result(tmp_path / "r.sgy", open_segy(survey), kind="probability")
    with writer, pytest.raises(OutputError, match="finite values; got float64, nan"):
        writer.write(np.full((1, 1, 9), np.nan), inline=0, crossline=0)


def test_unknown_kind_is_refused(survey, tmp_path):
    with pytest.raises(FormatError, match="'classes' or 'probability'; got 'logits'"):
        create_result(tmp_path / "r.sgy", open_segy(survey), kind="logits")


@pytest.mark.parametrize("encoding", ["cp037", "ascii"])
def test_provenance_goes_into_blank_lines(encoding):
    lines = [f"C{i:2d} " for i in range(1, 41)]
    lines[0] += "CLIENT"
    lines[4] += "AREA"
    lines[38] += "SEG Y REV1"
    lines[39] += "END TEXTUAL HEADER"
    text = "".join(line.ljust(80) for line in lines).encode(encoding)
    assert text_encoding(text) == ("latin-1" if encoding == "ascii" else "cp037")
    new = with_provenance(text, ["tfseis 0.1.0", "word " * 20]).decode(encoding)
    rows = [new[i : i + 80].rstrip() for i in range(0, 3200, 80)]
    assert rows[5] == "C 6 tfseis 0.1.0"
    assert rows[6] == "C 7 " + " ".join(["word"] * 15)
    assert rows[7] == "C 8 " + " ".join(["word"] * 5)
    assert [row for i, row in enumerate(rows) if i not in (5, 6, 7)] == [
        line.rstrip() for i, line in enumerate(lines) if i not in (5, 6, 7)
    ]


def test_full_text_is_left_alone():
    text = ("X" * 80 * 40).encode("cp037")
    assert with_provenance(text, ["anything"]) == text
    gap = text[:800] + "C11".ljust(80).encode("cp037") + text[880:]
    new = with_provenance(gap, ["first", "second"])
    assert new[800:880].decode("cp037").rstrip() == "C11 first"
    assert new[:800] + new[880:] == gap[:800] + gap[880:]


def test_provenance_in_a_real_header(zoo, tmp_path):
    path = tmp_path / "r.sgy"
    template = open_segy(zoo / "f3.sgy")
    with create_result(path, template, kind="classes", provenance=["network unet, 4 classes"]):
        pass
    with segyio.open(path) as new, segyio.open(template.path) as old:
        before, after = (f.text[0].decode() for f in (old, new))
    changed = [i for i in range(40) if before[80 * i : 80 * i + 80] != after[80 * i : 80 * i + 80]]
    assert len(changed) == 1
    assert "network unet, 4 classes" in after


def test_what_a_killed_process_left_is_removed(survey, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = partial_path(folder / "r.sgy")
    names = {
        "dead": mine.with_name(mine.name.replace(f"-{os.getpid()}", f"-{ended.pid}")),
        "other": folder / f".s.sgy.partial-{ended.pid}",
    }
    for path in names.values():
        path.write_bytes(b"half")
    with create_result(folder / "r.sgy", open_segy(survey), kind="classes"):
        pass
    left = {name for name, path in names.items() if path.exists()}
    assert left == {"other"}
    assert (folder / "r.sgy").exists()


def test_a_finished_result_reads_as_a_cube_without_its_headers(survey, tmp_path, amplitude):
    template = open_segy(survey)
    part = template.geometry.sliced((np.s_[1:6:2], np.s_[2:], np.s_[1::3]))
    values = amplitude[1:6:2, 2:, 1::3].astype(int)
    with create_result(tmp_path / "r.sgy", template, kind="classes", geometry=part) as writer:
        writer.write(values, inline=0, crossline=0)
    told, read = writer.cube(), open_segy(tmp_path / "r.sgy")
    np.testing.assert_array_equal(told[:], values)
    assert told.layout == read.layout
    np.testing.assert_array_equal(told.trace_index, read.trace_index)


@pytest.fixture
def twin(tmp_path, amplitude, geometry, ragged):
    """The same data as a SEG-Y file and as an array."""
    write_segy(tmp_path / "cube.sgy", amplitude, geometry, live=ragged)
    return open_segy(tmp_path / "cube.sgy"), ArrayCube(amplitude, geometry, ragged)


@pytest.mark.parametrize("part", [ALL, np.s_[1::2, 2:8:3, 2::3], np.s_[3:4, 4:, :2]], ids=str)
@pytest.mark.parametrize("kind", ["classes", "probability"])
def test_an_array_gives_the_result_that_its_segy_file_gives(tmp_path, twin, ragged, part, kind):
    cubes, amplitude = twin, twin[1].amplitude
    values, results = (amplitude % 7).astype("uint8")[part], []
    for index, cube in enumerate(cubes):
        path, wanted = tmp_path / f"r{index}.sgy", cube.geometry.sliced(part)
        with create_result(path, cube, kind=kind, geometry=wanted, provenance=["made"]) as writer:
            for inline in range(len(values) - 1, -1, -1):
                writer.write(values[inline : inline + 1], inline=inline, crossline=0)
        told, read = writer.cube(), open_segy(path)
        assert told.layout == read.layout
        assert_array_equal(told[...], read[...])
        results.append(read)
    one, other = results
    assert_array_equal(other[...], np.where(ragged[part[:2]][..., np.newaxis], values, 0))
    assert_array_equal(other[...], one[...])
    assert_array_equal(other.live, one.live)
    assert_array_equal(other.trace_index, one.trace_index)
    assert other.geometry.signature() == one.geometry.signature()
    assert other.layout.format == one.layout.format
    if one.geometry.affine is not None:
        np.testing.assert_allclose(other.geometry.affine, one.geometry.affine, atol=1e-6)
    places = [headers(cube.path, cube)[:, 180:188].tobytes() for cube in results]
    assert places[0] == places[1]
    with segyio.open(other.path, ignore_geometry=True) as f:
        assert f.text[0].decode()[:80].rstrip() == "C 1 made"
        assert f.text[0].decode()[-80:].rstrip() == "C40 END TEXTUAL HEADER"


def test_results_of_an_array_appear_together_or_not_at_all(tmp_path, amplitude):
    cube = ArrayCube(amplitude)
    wanted = [(tmp_path / "a.sgy", "classes", []), (tmp_path / "b.sgy", "probability", [])]

    def write(values):
        with create_results(wanted, cube, geometry=cube.geometry, overwrite=False) as writers:
            for writer in reversed(writers):
                writer.write(values, inline=0, crossline=0)

    with pytest.raises(OutputError, match="integer classes"):
        write(amplitude / 7)
    assert not list(tmp_path.iterdir())
    write(amplitude.astype(int))
    for path, _, _ in wanted:
        assert open_segy(path).geometry.signature() == cube.geometry.signature()
        assert_array_equal(open_segy(path)[...], amplitude)


def test_an_array_file_is_never_replaced(tmp_path, amplitude):
    np.save(tmp_path / "cube.npy", amplitude)
    cube = open_cube(tmp_path / "cube.npy")
    with pytest.raises(OutputError, match="another file than the cube that is read"):
        create_result(cube.path, cube, kind="classes", overwrite=True)
    assert_array_equal(np.load(tmp_path / "cube.npy"), amplitude)


@pytest.mark.parametrize(
    "axes, message",
    [
        ({"inlines": Axis("inline", 0.5, 1, 7)}, r"whole inline numbers; got 0\.5"),
        ({"samples": Axis("sample", 0, 70, 9)}, "1 to 65535 microseconds; got 70000"),
    ],
)
def test_an_array_whose_numbers_no_header_holds_is_refused(
    tmp_path, amplitude, geometry, axes, message
):
    cube = ArrayCube(amplitude, replace(geometry, **axes))
    with pytest.raises(GeometryError, match=message):
        create_result(tmp_path / "r.sgy", cube, kind="classes")
    with pytest.raises(GeometryError, match="a range that holds traces"):
        create_result(
            tmp_path / "r.sgy", ArrayCube(amplitude, live=np.zeros((7, 8))), kind="classes"
        )
    assert not list(tmp_path.iterdir())


def test_a_new_result_of_a_large_array_takes_little_memory(tmp_path):
    """The headers and samples of this one are 40 MB; a line of them is 0.1 MB."""
    cube = ArrayCube(np.broadcast_to(np.float32(1), (400, 100, 190)))
    tracemalloc.start()
    try:
        with create_result(tmp_path / "r.sgy", cube, kind="probability"):
            most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "r.sgy").stat().st_size > 40_000_000
    assert most < 4_000_000
