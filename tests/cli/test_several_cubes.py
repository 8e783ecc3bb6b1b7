"""Arguments belong to a file: `tfseis view` and `tfseis score` open each as it needs it."""

from contextlib import ExitStack

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.cli import main
from tfseis.cli.command import parse
from tfseis.io import Legend, create_result, open_segy, write_legend, write_segy
from tfseis.jobs.several_cubes import open_cubes

TRACE = 240 + 9 * 4  # of the position-telling survey; classes have two bytes a sample
CODES = np.random.default_rng(0).choice([0, 3], (7, 8, 9))


def move(path, pairs, trace_bytes=TRACE, leave=0):
    """Move four-byte header fields to other bytes, and leave a number behind."""
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, trace_bytes)
    for old, new in pairs:
        traces[:, new - 1 : new + 3] = traces[:, old - 1 : old + 3]
        traces[:, old - 1 : old + 3] = leave
    return path


@pytest.fixture
def classes(tmp_path, geometry):
    """Writes class cubes of other names, with a legend."""

    def made(name):
        path = tmp_path / name
        write_segy(path, CODES, geometry, format=3)
        write_legend(path.with_suffix(".classes.csv"), Legend.of(["chalk", "salt"], [0, 3]))
        return path

    return made


def cubes_of(*words):
    """The cubes that `tfseis view` opens."""
    options = parse(["view", *[str(word) for word in words]])
    with ExitStack() as stack:
        return open_cubes([options.cube, *options.overlays], options, stack)


def refused(capsys, *words):
    assert main([str(word) for word in words]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_labels_of_the_standard_beside_a_cube_at_other_bytes(survey, classes, tmp_path):
    move(survey, [(189, 9), (193, 21)])
    labels, png = classes("labels.sgy"), tmp_path / "a.png"
    words = [survey, labels, "--inline-byte", "9", "--crossline-byte", "21", "--inline", "104"]
    assert main(["view", *map(str, words), "--png", str(png)]) == 0
    cube, overlay = cubes_of(*words)
    assert cube.geometry.axes == overlay.geometry.axes
    assert_array_equal(overlay[...], CODES)


def test_labels_at_other_bytes_beside_a_cube_of_the_standard(survey, classes):
    labels = move(classes("labels.sgy"), [(189, 9), (193, 21)], 240 + 18)
    assert_array_equal(cubes_of(survey, labels)[1][...], CODES)
    words = [survey, labels, "--inline-byte", "labels.sgy=9", "--crossline-byte", f"{labels}=21"]
    assert_array_equal(cubes_of(*words)[1][...], CODES)


def test_files_of_one_kind_share_the_arguments_as_before(survey, classes, amplitude):
    """Both hold counters at 189 and 193, so that each opens as it is, elsewhere."""
    labels = classes("labels.sgy")
    for path, size in ((survey, TRACE), (labels, 240 + 18)):
        traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, size)
        traces[:, 8:12], traces[:, 20:24] = traces[:, 188:192], traces[:, 192:196]
        for byte, values in ((189, np.arange(56) // 8 + 1), (193, np.arange(56) % 8 + 1)):
            traces[:, byte - 1 : byte + 3] = values.astype(">i4").view("u1").reshape(-1, 4)
    cube, overlay = cubes_of(survey, labels, "--inline-byte", "9", "--crossline-byte", "21")
    assert overlay.geometry.inlines == cube.geometry.inlines
    assert cube.geometry.inlines.first == 100
    plain = cubes_of(survey, labels)
    assert [found.geometry.inlines.first for found in plain] == [1, 1]


@pytest.mark.parametrize("kind", ["classes", "probability"])
def test_a_cube_that_needs_its_format_is_viewed_with_its_result(survey, tmp_path, kind):
    data = bytearray(survey.read_bytes())
    data[3224:3226] = b"\0\x09"
    survey.write_bytes(data)
    result = tmp_path / "result.sgy"
    with (
        open_segy(survey, sample_format=5, endian="big") as cube,
        create_result(result, cube, kind=kind) as out,
    ):
        out.write(CODES, inline=0, crossline=0)
    words = [survey, result, "--sample-format", "5", "--endian", "big", "--png", tmp_path / "a.png"]
    assert main(["view", *map(str, words)]) == 0
    assert_array_equal(cubes_of(*words)[1][...], CODES)


def test_skipped_traces_are_those_of_the_cube(survey, tmp_path, classes):
    result = tmp_path / "result.sgy"
    with (
        open_segy(survey, skip_traces=[14]) as cube,
        create_result(result, cube, kind="classes") as out,
    ):
        out.write(CODES, inline=0, crossline=0)
    cube, overlay = cubes_of(survey, result, "--skip-traces", "14")
    assert np.count_nonzero(cube.live) == np.count_nonzero(overlay.live) == 55
    assert_array_equal(cube.live, overlay.live)
    words = [survey, classes("b.sgy"), "--skip-traces", "14", "--skip-traces", "b.sgy=1-2"]
    assert [np.count_nonzero(found.live) for found in cubes_of(*words)] == [55, 54]


def test_a_damaged_overlay_is_opened_as_the_doctor_finds(survey, classes):
    labels = classes("labels.sgy")
    traces = np.memmap(labels, "u1", "r+", offset=3600).reshape(-1, 240 + 18)
    traces[20, 192:196] = [0, 0, 3, 231]
    traces.flush()
    assert np.count_nonzero(cubes_of(survey, labels)[1].live) == 55


@pytest.mark.parametrize("swapped", [False, True])
def test_score_opens_each_file_as_it_needs(classes, capsys, swapped):
    truth, other = classes("labels.sgy"), classes("labels_9_21.sgy")
    move(other, [(189, 9), (193, 21)], 240 + 18)
    pair = [other, truth] if swapped else [truth, other]
    for words in ([], ["--inline-byte", "labels_9_21.sgy=9", "--crossline-byte", f"{other}=21"]):
        assert main(["score", *map(str, pair), *words]) == 0
        printed = capsys.readouterr().out
        assert "mean IoU" in printed
        told = "labels_9_21.sgy: opened with --inline-byte 9 --crossline-byte 21 (see tfseis"
        assert (told in printed) == (not words)


def test_score_takes_arrays_beside_files_with_arguments(classes, tmp_path, capsys):
    other = move(classes("labels_9_21.sgy"), [(189, 9), (193, 21)], 240 + 18)
    np.save(tmp_path / "truth.npy", CODES)
    words = ["score", tmp_path / "truth.npy", other, "--inline-byte", "9", "--crossline-byte", "21"]
    assert main([str(word) for word in words]) == 0
    assert "mean IoU" in capsys.readouterr().out


def test_a_reader_belongs_to_the_cube(survey, tmp_path, geometry, monkeypatch):
    (tmp_path / "own_format.py").write_text(
        "import numpy as np\nfrom tfseis.io import ArrayCube, open_segy\n"
        "def opened(path):\n    return ArrayCube(np.ones((7, 8, 9), 'float32'),"
        " open_segy(str(path).replace('.own', '.sgy')).geometry)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("cube.own", "second.own"):
        (tmp_path / name).touch()
    (tmp_path / "second.sgy").write_bytes(survey.read_bytes())
    words = [
        tmp_path / "cube.own",
        survey,
        tmp_path / "second.own",
        "--reader",
        "own_format:opened",
    ]
    cubes = cubes_of(*words)
    assert [float(cube[0, 0, 1]) for cube in cubes] == [1, 1, 1]
    assert cubes[1][1, 0, 0] == 100


def test_refusals_name_the_file_and_are_one_line(survey, classes, tmp_path, capsys):
    labels, png = classes("labels.sgy"), ["--png", tmp_path / "a.png"]
    told = refused(capsys, "view", survey, labels, *png, "--inline-byte", "other.sgy=9")
    assert "--inline-byte for a file that is given; got 'other.sgy'. Name one of cube.sgy" in told
    told = refused(capsys, "view", survey, labels, *png, "--inline-byte", "labels.sgy=33")
    assert told.startswith("tfseis: labels.sgy: expected")
    told = refused(capsys, "view", survey, tmp_path / "none.sgy", *png)
    assert "none.sgy" in told
    for words, message in (
        (["--inline-byte", "x"], "expected a number, or FILE=NUMBER; got 'x'"),
        (["--grid", "labels.sgy=map"], "with one of numbers, coordinates; got 'labels.sgy=map'"),
        (["--skip-traces", "labels.sgy=a"], "such as 6,9-11; got 'a'"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["view", str(survey), *words])
        assert ended.value.code == 2
        assert message in capsys.readouterr().err


def test_help_says_to_which_file_arguments_belong(capsys):
    for words, first in ((["view"], "CUBE"), (["score"], "the first SEG-Y file")):
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        told = " ".join(capsys.readouterr().out.split())
        assert f"These belong to {first}, or to the file that is named" in told
        assert "--inline-byte [FILE=]N" in told


def test_a_reader_beside_header_bytes_is_refused(survey, classes, capsys):
    words = ["view", survey, classes("labels.sgy"), "--reader", "labels.sgy=a:b"]
    told = refused(capsys, *words, "--inline-byte", "labels.sgy=9")
    assert "labels.sgy: expected --reader or options of SEG-Y headers; got a:b and --inline" in told
