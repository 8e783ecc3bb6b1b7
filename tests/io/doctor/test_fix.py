"""Copies with headers where the standard has them: they open by themselves, samples untouched."""

import json
import struct

import numpy as np
import psutil
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.io.doctor.trace_headers import field, put
from tfseis.cli import main
from tfseis.errors import GeometryError, OutputError, TfseisError
from tfseis.geometry import Axis, Geometry
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.doctor.fix import fix_segy
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

TRACE = 240 + 9 * 4  # of the position-telling survey
CHANGED = np.zeros(TRACE, bool)  # bytes that the copy may change
for first, size in ((71, 2), (115, 4), (181, 16), (109, 2), (215, 2)):
    CHANGED[first - 1 : first - 1 + size] = True


def headers_of(path):
    return np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)


def binary(path, byte, kind, value):
    data = bytearray(path.read_bytes())
    struct.pack_into(kind, data, byte - 1, value)
    path.write_bytes(data)


def moved_lines(path):
    traces = headers_of(path)
    for old, new in ((189, 17), (193, 13)):
        put(traces, new, field(traces, old))
        put(traces, old, 7)


def moved_coordinates(path):
    moved_lines(path)
    traces = headers_of(path)
    for old, new in ((181, 81), (185, 85)):
        put(traces, new, field(traces, old))
        put(traces, old, 0)
        put(traces, new - 8, 0)


def float_numbers(path):
    traces = headers_of(path)
    for byte in (189, 193):
        put(traces, byte, field(traces, byte), ">f4")
    for byte in (181, 185):
        put(traces, byte, field(traces, byte) / 100, ">f4")
        put(traces, byte - 108, 0)


def no_lines(path):
    traces = headers_of(path)
    for byte in (5, 21, 189, 193):
        put(traces, byte, 0)


def wrong_trace(path):
    traces = headers_of(path)
    crossline = field(traces, 193)
    crossline[20] = 77
    put(traces, 193, crossline)


def padded(path):
    data = path.read_bytes()
    path.write_bytes(data + bytes(3 * TRACE))


def duplicated(path):
    data = path.read_bytes()
    path.write_bytes(data + data[3600 : 3600 + TRACE])


def no_interval(path):
    binary(path, 3217, ">h", 0)
    binary(path, 3221, ">h", 0)


def no_format(path):
    binary(path, 3225, ">h", 0)


def as_it_is(path):
    path.stat()


TROUBLES = [
    *(moved_lines, moved_coordinates, float_numbers, no_lines, wrong_trace, padded, duplicated),
    *(no_interval, no_format, as_it_is),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
def test_a_copy_opens_by_itself_with_the_same_samples(survey, tmp_path, trouble):
    trouble(survey)
    found = diagnose(survey)
    out = tmp_path / "out.sgy"
    if trouble is no_format:  # nine samples are too few to tell formats apart
        told = fix_segy(survey, out, sample_format=5)
        found = diagnose(survey, sample_format=5)
    else:
        told = fix_segy(survey, out)
    assert (told.verdict, told.arguments, told.path) == ("opens", {}, str(out))
    assert diagnose(out).exit_code == 0
    before = open_segy(survey, **found.arguments, **found.facts["map_arguments"])
    after = open_segy(out)
    assert after.geometry.axes == before.geometry.axes
    assert_allclose(after.geometry.affine, before.geometry.affine, rtol=1e-5, atol=0.02)
    assert_array_equal(after[...], before[...])
    old = np.array(headers_of(survey))[np.sort(before.trace_index[before.live])]
    new = np.array(headers_of(out))
    assert_array_equal(old[:, ~CHANGED], new[:, ~CHANGED])
    same = [n for n in range(3600) if n + 1 not in (3217, 3218, 3221, 3222, 3225, 3226)]
    start = [np.frombuffer(path.read_bytes()[:3600], "u1")[same] for path in (survey, out)]
    assert_array_equal(*start)


def test_a_good_file_is_copied_byte_for_byte(survey, tmp_path):
    fix_segy(survey, tmp_path / "out.sgy")
    assert (tmp_path / "out.sgy").read_bytes() == survey.read_bytes()


def test_nothing_is_replaced_unasked_and_nothing_stays_after_a_refusal(survey, tmp_path, zoo):
    out = tmp_path / "out.sgy"
    with pytest.raises(OutputError, match="expected a file of its own"):
        fix_segy(survey, survey, overwrite=True)
    with pytest.raises(GeometryError, match=r"pre-stack file: .* Nothing was written"):
        fix_segy(zoo / "small-ps.sgy", out)
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(OutputError, match="one exists"):
        fix_segy(survey, out)
    assert out.read_text() == "mine"
    fix_segy(survey, out, overwrite=True)
    assert out.read_bytes() == survey.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cube.sgy", "out.sgy"]


def test_an_interrupted_copy_leaves_nothing(survey, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("tfseis.io.doctor.fix._check", full)
    with pytest.raises(OSError, match="No space"):
        fix_segy(survey, tmp_path / "out.sgy")
    assert [path.name for path in tmp_path.iterdir()] == ["cube.sgy"]


def test_memory_does_not_grow_with_the_file(tmp_path):
    axes = Axis("inline", 1, 1, 100), Axis("crossline", 1, 1, 100), Axis("sample", 0, 4, 2000)
    path = tmp_path / "long.sgy"
    write_segy(path, np.ones((100, 100, 2000), "float32"), Geometry(*axes))
    before = psutil.Process().memory_info().rss
    fix_segy(path, tmp_path / "out.sgy")
    assert psutil.Process().memory_info().rss - before < path.stat().st_size


def test_the_command_copies_and_says_that_the_copy_opens(survey, tmp_path, capsys):
    moved_coordinates(survey)
    out = tmp_path / "out.sgy"
    assert main(["doctor", str(survey), "--fix", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "--inline-byte 17 --crossline-byte 13 --x-byte 81 --y-byte 85" in printed
    assert f"Copy of 56 of 56 traces: {out}\nout.sgy opens as a cube as it is." in printed
    assert main(["doctor", str(survey), "--fix", str(out)]) == 1
    assert "one exists" in capsys.readouterr().err
    assert main(["doctor", str(survey), "--fix", str(out), "--overwrite", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["fixed"]["verdict"]) == ("opens with arguments", "opens")


def test_the_command_copies_no_file_that_forms_no_cube(zoo, tmp_path, capsys):
    out = tmp_path / "out.sgy"
    assert main(["doctor", str(zoo / "small-ps.sgy"), "--fix", str(out)]) == 4
    assert "cannot be opened" in capsys.readouterr().out
    assert not out.exists()
    with pytest.raises(TfseisError):
        open_segy(zoo / "small-ps.sgy")
