import os
import struct
from dataclasses import replace

import numpy as np
import pytest
import segyio
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy import headers as segy_headers
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.headers import read_headers, scan_headers
from tfseis.io.segy.reading import read_layout

HEADER = 240
TRACE = HEADER + 9 * 4  # of the position-telling survey


def patch(path, byte, kind, value, trace=None):
    """Overwrite a field of the binary header, or of a trace header (from 0)."""
    data = bytearray(path.read_bytes())
    start = byte - 1 if trace is None else 3600 + trace * TRACE + byte - 1
    struct.pack_into(kind, data, start, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("long_trace", [0, 2**20], ids=["header by header", "in blocks"])
@pytest.mark.parametrize("chunk", [1, 1000, 2**20])
def test_scan_equals_segyio(zoo, monkeypatch, chunk, long_trace):
    monkeypatch.setattr(segy_headers, "CHUNK_BYTES", chunk)
    monkeypatch.setattr(segy_headers, "LONG_TRACE", long_trace)
    path = zoo / "f3.sgy"
    fields = {"inline": 189, "crossline": 193, "x": 181, "scalar": 71, "count": 115}
    columns = scan_headers(path, read_layout(path), fields)
    with segyio.open(path) as f:
        for name, byte in fields.items():
            assert_array_equal(columns[name], f.attributes(byte)[:])


def test_headers_of_chosen_traces_come_byte_for_byte(survey):
    raw = survey.read_bytes()[3600:]
    for traces in ([0, 1, 2], [3, 9, 55], [7]):
        with survey.open("rb") as file:
            headers = read_headers(file, read_layout(survey), np.array(traces))
        for header, trace in zip(headers, traces, strict=True):
            assert header.tobytes() == raw[trace * TRACE : trace * TRACE + HEADER]


@pytest.mark.parametrize("byte", [0, 238, -5])
def test_field_outside_the_header_is_refused(survey, byte):
    with pytest.raises(FormatError, match=f"inline at byte 1 to 237 .* got {byte}"):
        open_segy(survey, inline_byte=byte)


@pytest.mark.parametrize(
    "name",
    [
        "interval-neg-bin-neg-trace",
        "interval-neg-bin-pos-trace",
        "interval-pos-bin-neg-trace",
        "delay-scalar",
        "f3",
    ],
)
def test_sample_times_equal_segyio(zoo, name):
    path = zoo / f"{name}.sgy"
    layout = read_layout(path)
    with segyio.open(path, ignore_geometry=True) as f:
        assert layout.first_sample == f.samples[0]
        assert layout.sample_interval == segyio.tools.dt(f) / 1000


@pytest.mark.parametrize("scalar", [0, 1, 10, -10, -1000])
def test_delay_is_scaled_as_in_segyio(survey, scalar):
    for trace in range(56):
        patch(survey, 109, ">h", 250, trace=trace)
        patch(survey, 215, ">h", scalar, trace=trace)
    with segyio.open(survey, ignore_geometry=True) as f:
        assert_allclose(open_segy(survey).geometry.samples.numbers, f.samples)


def test_unknown_interval_is_said(survey):
    patch(survey, 3217, ">h", 0)
    for trace in range(56):
        patch(survey, 117, ">h", 0, trace=trace)
    with pytest.warns(UserWarning, match=r"no sample interval at byte 3217 or 117; 4 ms assumed"):
        assert open_segy(survey).geometry.sample_interval == 4


def test_missing_file_folder_and_text_are_refused(tmp_path):
    with pytest.raises(FormatError, match=r"none.sgy: .* got No such file.* Check the path"):
        open_segy(tmp_path / "none.sgy")
    with pytest.raises(FormatError, match=r"got a folder\. Name one file in it"):
        open_segy(tmp_path)
    empty = tmp_path / "empty.sgy"
    empty.write_bytes(b"")
    with pytest.raises(FormatError, match=r"empty.sgy: .* 3600 bytes of headers; got 0 bytes"):
        open_segy(empty)
    text = tmp_path / "text.sgy"
    text.write_text("inline crossline sample\n" * 300)
    with pytest.raises(FormatError, match=r"format code among 1, 2, .* at byte 3225; got \d+"):
        open_segy(text)


def test_cut_and_empty_files_are_refused(survey, zoo):
    with pytest.raises(FormatError, match=r"text.sgy: .* got headers only \(3600 bytes\)"):
        open_segy(zoo / "text.sgy")
    with pytest.raises(FormatError, match=r"broken.sgy: .* 3 whole traces and 68 bytes more"):
        open_segy(zoo / "broken.sgy")
    survey.write_bytes(survey.read_bytes()[:-50])
    with pytest.raises(FormatError, match=rf"traces of {TRACE} bytes .* 55 whole .* is cut"):
        open_segy(survey)


@pytest.mark.parametrize(
    "byte, kind, value, message",
    [
        (3225, ">h", 0, "at byte 3225; got 0"),
        (3225, ">h", 99, "at byte 3225; got 99"),
        (3221, ">H", 0, "samples in a trace at byte 3221; got 0"),
        (3221, ">H", 65535, "got 0 whole traces"),
        (3221, ">H", 10, r"\(10 samples, byte 3221\)"),
        (3505, ">h", -7, "whole extended textual headers .* got -7 at byte 3505"),
        (3505, ">h", -1, "to end with .*SEG:ENDTEXT.* got none"),
        (3505, ">h", 30000, "expected traces after byte .* headers only"),
    ],
)
def test_impossible_binary_headers_are_refused(survey, byte, kind, value, message):
    for trace in range(56):
        patch(survey, 115, ">h", 0, trace=trace)  # so that nothing else states a number of samples
    with pytest.raises(FormatError, match=message):
        open_segy(patch(survey, byte, kind, value))


def test_extended_sample_count(tmp_path, geometry):
    longer = replace(
        geometry, inlines=Axis("inline", 1, 1, 2), crosslines=Axis("crossline", 1, 1, 2)
    )
    longer = replace(longer, samples=Axis("sample", 0, 1, 70_000))
    path = tmp_path / "long.sgy"
    amplitude = np.arange(np.prod(longer.shape), dtype="float32").reshape(longer.shape)
    write_segy(path, amplitude, longer)
    cube = open_segy(path)
    assert cube.shape == (2, 2, 70_000)
    assert_array_equal(cube[..., -3:], amplitude[..., -3:])
    with segyio.open(path) as f:
        assert_array_equal(f.iline[2], amplitude[1])


def test_prestack_and_duplicates_are_told_apart(zoo, survey):
    with pytest.raises(
        GeometryError, match=r"traces 1 and 2 both lie at inline 1, crossline 1 \(a pre-stack file"
    ):
        open_segy(zoo / "small-ps.sgy")
    data = survey.read_bytes()
    seventh = slice(3600 + 6 * TRACE, 3600 + 7 * TRACE)
    survey.write_bytes(data[: seventh.stop] + data[seventh] + data[seventh.stop :])
    with pytest.raises(GeometryError, match=r"traces 7 and 8 both .*306 \(duplicate traces"):
        open_segy(survey)


@pytest.mark.parametrize("name", ["shot-gather.sgy", "1x1.sgy", "multi-text.sgy"])
def test_files_without_line_numbers_are_refused(zoo, name):
    with pytest.raises(GeometryError, match=r"line numbers at bytes 189 and 193.*inline 0"):
        open_segy(zoo / name)


@pytest.mark.parametrize("byte, axis", [(189, "inline"), (193, "crossline")])
@pytest.mark.parametrize("odd", [2_000_000_001, -2_000_000_001])
def test_odd_line_number_is_named_before_memory_is_spent(survey, byte, axis, odd):
    patch(survey, byte, ">i", odd, trace=20)
    with pytest.raises(GeometryError, match=rf"trace 21 \(of 1 to 56\) has .*{axis} {odd}"):
        open_segy(survey)


def test_affine_is_that_of_the_survey(survey, geometry):
    cube = open_segy(survey)
    corners = np.array([100, 100, 112, 112]), np.array([300, 307, 300, 307])
    assert_allclose(cube.geometry.to_map(*corners), geometry.to_map(*corners), atol=0.01)
    assert_allclose(cube.geometry.from_map(*cube.geometry.to_map(104, 303)), [104, 303])


def test_affine_of_rotated_files(zoo):
    corners = {
        "acute": (0.8, 10.0),
        "left": (0, 2100),
        "normal": (40, 40),
        "straight": (96 / 7,) * 2,
    }
    for name, corner in corners.items():  # of inline 5, crossline 24
        cube = open_segy(zoo / f"{name}-small.sgy")
        assert_allclose(cube.geometry.to_map(5, 24), _last_coordinates(cube), atol=1e-6)
        if name in ("normal", "straight"):
            assert_allclose(cube.geometry.to_map(5, 24), corner)


def _last_coordinates(cube):
    with segyio.open(cube.path) as f:
        header = f.header[f.tracecount - 1]
        scalar = header[71]
        factor = 1 / -scalar if scalar < 0 else scalar or 1
        return [header[181] * factor, header[185] * factor]


@pytest.mark.parametrize("affine", [None, [[1, 1, 0.0], [2, 2, 0.0]], [[0, 0, 9.0], [0, 0, 9]]])
def test_useless_coordinates_give_no_affine(tmp_path, amplitude, geometry, affine):
    path = tmp_path / "cube.sgy"
    affine = None if affine is None else np.array(affine, float)
    write_segy(path, amplitude, replace(geometry, affine=affine))
    assert open_segy(path).geometry.affine is None


def test_coordinates_off_the_plane_give_no_affine(survey):
    for trace in range(0, 56, 3):
        patch(survey, 181, ">i", 45_000_000 + 100_000 * trace**2, trace=trace)
    assert open_segy(survey).geometry.affine is None


def test_coordinates_that_some_traces_lack_are_ignored(survey, geometry):
    for trace in (0, 17):
        patch(survey, 181, ">i", 0, trace=trace)
        patch(survey, 185, ">i", 0, trace=trace)
    affine = open_segy(survey).geometry.affine
    assert_allclose(affine, geometry.affine, rtol=1e-4, atol=1e-3)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.sgy")
    with pytest.raises(FormatError, match=r"expected a SEG-Y file, got a pipe or a device\. Write"):
        open_segy(tmp_path / "pipe.sgy")
