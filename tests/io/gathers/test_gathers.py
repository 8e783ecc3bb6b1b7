"""Gathers: grouping by headers, order of axes, masks, and what is written back."""

import shutil

import numpy as np
import pytest
import segyio

from tfseis.errors import FormatError, GeometryError, OutputError
from tfseis.io import copied_gathers, gather_of, open_gathers, write_gathers
from tfseis.io.segy.reading import read_layout

SAMPLES = 11


@pytest.fixture
def prestack(tmp_path):
    """CMPs of unequal fold: 3, 2 and 4 traces; amplitude = 100 inline + 10 crossline + offset."""
    places = [(5, 1, o) for o in (30, 10, 20)] + [(5, 2, o) for o in (10, 20)]
    places += [(7, 1, o) for o in (40, 10, 30, 20)]

    def made(order=None, *, name="pre.sgy", format=5, records=None):
        some = [places[i] for i in (range(len(places)) if order is None else order)]
        spec = segyio.spec()
        spec.format, spec.samples, spec.tracecount = format, 4.0 * np.arange(SAMPLES), len(some)
        path = tmp_path / name
        with segyio.create(path, spec) as file:
            file.text[0] = segyio.tools.create_text_header({1: "gathers"})
            file.bin.update({3217: 4000})
            for i, (inline, crossline, offset) in enumerate(some):
                file.header[i] = {189: inline, 193: crossline, 37: offset, 29: 1, 231: 77 + i}
                if records:
                    file.header[i].update({189: 0, 193: 0, 9: records[i]})
                value = 100 * inline + 10 * crossline + offset
                samples = value + np.arange(SAMPLES) / (16 if format != 3 else 1)
                file.trace[i] = samples.astype("int16" if format == 3 else "float32")
        return path

    return made


def test_any_order_of_traces_gives_the_same_gathers(prestack):
    straight = open_gathers(prestack())
    shuffled = open_gathers(prestack([8, 3, 0, 6, 4, 7, 1, 5, 2], name="other.sgy"))
    assert straight.shapes.tolist() == shuffled.shapes.tolist() == [[3, 11], [2, 11], [4, 11]]
    assert straight.lines.tolist() == [5, 5, 7]
    assert straight.name(1) == "cmp 5 2"
    for number in range(3):
        one, other = straight.read(number), shuffled.read(number)
        assert (np.diff(one.offset) > 0).all()
        np.testing.assert_array_equal(one.amplitude, other.amplitude)
        np.testing.assert_array_equal(one.offset, other.offset)
    assert straight.read(2).amplitude[:, 0].tolist() == [720, 730, 740, 750]
    assert straight.read(2, 1, 2).amplitude[:, 0].tolist() == [730, 740]


def test_shots_without_line_numbers_and_keys_by_argument(prestack):
    path = prestack(records=[1] * 4 + [2] * 5)
    assert open_gathers(path).shapes[:, 0].tolist() == [4, 5]
    assert open_gathers(path).name(0) == "shot 1"
    by_offset = open_gathers(path, by="offset")
    assert by_offset.shapes[:, 0].tolist() == [3, 3, 2, 1]
    assert open_gathers(path, gather_byte=37).shapes[:, 0].tolist() == [3, 3, 2, 1]
    with pytest.raises(FormatError, match=r"gathers by cmp, .*; got 'line'.*--gather-byte"):
        open_gathers(path, by="line")


def test_a_stacked_cube_is_refused(survey):
    with pytest.raises(GeometryError, match=r"expected pre-stack traces.*--by"):
        open_gathers(survey)


def test_nan_dead_traces_and_mute_are_masks():
    values = np.ones((3, 9))
    values[0], values[1, :4], values[2, 5] = 0, 0, np.inf
    gather = gather_of(values)
    assert gather.live.sum(1).tolist() == [0, 5, 8]
    assert np.isfinite(gather.amplitude).all()


@pytest.mark.parametrize("turned", [False, True])
def test_arrays_in_either_order_of_axes(tmp_path, turned):
    values = np.arange(7 * 40, dtype="float32").reshape(7, 40) + 1
    np.save(tmp_path / "shot.npy", values.T if turned else values)
    gathers = open_gathers(tmp_path / "shot.npy", interval=2.0)
    assert gathers.sample_interval == 2
    np.testing.assert_array_equal(gathers.read(0).amplitude, values)
    axes = "traces,samples" if turned else "samples,traces"  # what it is not
    np.testing.assert_array_equal(
        open_gathers(tmp_path / "shot.npy", axes=axes).read(0).amplitude, values.T
    )


def test_folders_join_files(tmp_path, prestack):
    (tmp_path / "many").mkdir()
    np.save(tmp_path / "many" / "a.npy", np.ones((2, 5, 40)))
    np.save(tmp_path / "many" / "b.npy", np.ones((3, 50)))
    shutil.copy(prestack(), tmp_path / "many" / "c.sgy")
    gathers = open_gathers(tmp_path / "many")
    assert gathers.shapes.tolist() == [[3, 11], [2, 11], [4, 11], [5, 40], [5, 40], [3, 50]]
    assert [gathers.name(n) for n in (2, 4, 5)] == ["cmp 7 1", "a 1", "b"]
    assert gathers.read(4, 3).shape == (2, 40)
    with pytest.raises(FormatError, match=r"one sample interval; got 2, 4 ms"):
        open_gathers(tmp_path / "many", interval=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [(np.ones(5), "two axes"), (np.array([["a"]]), "of numbers"), (b"no", "that NumPy saved")],
)
def test_arrays_that_are_no_gathers_are_refused(tmp_path, content, message):
    path = tmp_path / "a.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(FormatError, match=message):
        open_gathers(path)
    with pytest.raises(FormatError, match="no such file"):
        open_gathers(tmp_path / "b.npy")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="found none"):
        open_gathers(tmp_path / "empty")


@pytest.mark.parametrize("format", [1, 3, 5])
def test_a_copy_changes_live_samples_alone(prestack, tmp_path, format):
    path = prestack([8, 3, 0, 6, 4, 7, 1, 5, 2], format=format)
    gathers = open_gathers(path)
    gather = gathers.read(2)
    live = gather.live.copy()
    live[1, 3:] = False
    with copied_gathers(tmp_path / "out.sgy", gathers) as writer:
        writer.write(2, gather.amplitude + 8, live)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.sgy", "pre.sgy"]
    old, new = (np.frombuffer(p.read_bytes(), "u1") for p in (path, tmp_path / "out.sgy"))
    layout = read_layout(path)
    traces = [a[3600:].reshape(9, layout.trace_bytes) for a in (old, new)]
    assert (old[:3600] == new[:3600]).all()
    assert (traces[0][:, :240] == traces[1][:, :240]).all()
    again = open_gathers(tmp_path / "out.sgy").read(2).amplitude
    np.testing.assert_array_equal(again, gather.amplitude + 8 * live)
    untouched = [i for i in range(9) if i not in gathers.positions(2)]
    assert (traces[0][untouched] == traces[1][untouched]).all()


def test_a_copy_is_whole_or_absent(prestack, tmp_path):
    path = prestack()
    gathers = open_gathers(path)
    with pytest.raises(OutputError, match="it is the same"), copied_gathers(path, gathers):
        pass
    with pytest.raises(RuntimeError), copied_gathers(tmp_path / "out.sgy", gathers):
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["pre.sgy"]


def test_extracted_gathers_open_again_with_their_offsets(prestack, tmp_path):
    gathers = open_gathers(prestack())
    some = (gathers.read(n) for n in range(3))
    assert write_gathers(tmp_path / "out", some, {"from": "pre.sgy"}) == 3
    again = open_gathers(tmp_path / "out", axes="traces,samples")
    assert again.name(2) == "000003_cmp_7_1"
    for number in range(3):
        one, other = gathers.read(number), again.read(number)
        np.testing.assert_array_equal(one.amplitude, other.amplitude)
        np.testing.assert_array_equal(one.offset, other.offset)
    with pytest.raises(OutputError, match="one exists"):
        write_gathers(tmp_path / "out", [], {})
    with pytest.raises(OutputError, match="got none"):
        write_gathers(tmp_path / "none", [], {})


def test_real_files(data):
    viking = open_gathers(data / "gathers" / "viking_small.segy")
    assert (viking.by, viking.shapes.tolist()) == ("shot", [[120, 600]] * 4)
    assert viking.read(0).offset[[0, -1]].tolist() == [-3237, -262]
    with_nan = open_gathers(data / "gathers" / "f11_02673_45Hz.segy").read(0)
    assert not with_nan.live[:, :51].any()
    assert np.isfinite(with_nan.amplitude).all()
    assert open_gathers(data / "gathers" / "cub4_sample.npy").shapes.tolist() == [[80, 1001]]
    zoo = sorted((data / "segy_zoo").glob("small-ps*.sgy"))
    assert len(zoo) == 8
    for path in zoo:  # headers and traces as segyio has them
        gathers = open_gathers(path)
        assert (gathers.by, len(gathers)) == ("cmp", 12)
        with segyio.open(path, ignore_geometry=True) as file:
            for number in range(12):
                positions = gathers.positions(number)
                headers = [[file.header[i][byte] for byte in (189, 193, 37)] for i in positions]
                assert [h[:2] for h in headers] == [gathers.numbers[number].tolist()] * 2
                assert [h[2] for h in headers] == [1, 2]
                expected = np.stack([file.trace[i] for i in positions])
                np.testing.assert_array_equal(gathers.read(number).amplitude, expected)


def test_the_interval_of_a_file_whose_headers_differ_is_asked_for_and_said(tmp_path, survey):
    data = bytearray(survey.read_bytes())
    for start in range(3600, len(data), 240 + 4 * 9):
        data[start + 116 : start + 118] = (2000).to_bytes(2, "big")
    survey.write_bytes(data)
    with pytest.raises(FormatError, match=r"sample_interval=4 or sample_interval=2\."):
        open_gathers(survey, by="cmp")
    assert open_gathers(survey, by="cmp", interval=2).sample_interval == 2
    with pytest.raises(FormatError, match=r"above 0 ms; got -2\. Leave it out"):
        open_gathers(survey, by="cmp", interval=-2)
