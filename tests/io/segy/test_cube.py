import os
import pickle
import platform
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import psutil
import pytest
import segyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Axis
from tfseis.io.segy import cube as segy
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

CUBES = [
    "small.sgy",
    "small-lsb.sgy",
    "f3.sgy",
    "f3-lsb.sgy",
    "f3-ebcidctest.sgy",
    "acute-small.sgy",
    "inv-acute-small.sgy",
    "left-small.sgy",
    "normal-small.sgy",
    "obtuse-small.sgy",
    "reflex-small.sgy",
    "right-small.sgy",
    "straight-small.sgy",
    "text-embed-null.sgy",
    "小文件.sgy",
    "tiny.sgy",
    "mapping-default.sgy",
    "mapping-multiple-stanzas.sgy",
    "stanzas-known-count.sgy",
]
FORMATS = (1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 16)
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
    np.s_[np.int64(2), ...],
]


def through_segyio(path, endian="big"):
    with segyio.open(path, endian=endian) as f:
        cube = segyio.tools.cube(f)
        return cube if f.sorting == 2 else cube.swapaxes(0, 1)


@pytest.mark.parametrize("name", CUBES)
def test_reads_what_segyio_reads(zoo, name):
    endian = "little" if "lsb" in name else "big"
    with open_segy(zoo / name) as cube, segyio.open(zoo / name, endian=endian) as peer:
        assert_array_equal(cube[...], through_segyio(zoo / name, endian))
        assert cube.geometry.inlines.numbers.tolist() == peer.ilines.tolist()
        assert cube.geometry.crosslines.numbers.tolist() == peer.xlines.tolist()
        assert_array_equal(cube.geometry.samples.numbers, peer.samples)
        assert cube.live.all()


@pytest.mark.parametrize("endian", ["lsb", "msb"])
@pytest.mark.parametrize("code", FORMATS)
def test_reads_every_format(zoo, code, endian):
    path = zoo / "multiformats" / f"Format{code}{endian}.sgy"
    cube = open_segy(path)
    expected = through_segyio(path, endian)
    assert cube.layout.format == code
    assert_array_equal(cube[...], expected.astype("float32"))
    assert np.ptp(cube[...]) > 0


@pytest.mark.parametrize("code", [4, 7, 15])
def test_formats_that_segyio_misreads_are_refused(zoo, code):
    with pytest.raises(FormatError, match=rf"byte 3225; got {code} \(.*IEEE float \(5\)"):
        open_segy(zoo / "multiformats" / f"Format{code}msb.sgy")


def test_headers_with_extensions_are_read(zoo):
    expected = open_segy(zoo / "tiny.sgy")[...]
    assert_array_equal(open_segy(zoo / "trace-header-extension1.sgy")[...], expected)
    assert_array_equal(open_segy(zoo / "stanzas-unknown-count.sgy")[...], expected)
    rotated = open_segy(zoo / "rotated-small-rev2.sgy")
    assert rotated.layout.header_bytes == 480
    assert_array_equal(rotated[...], open_segy(zoo / "small.sgy")[...])


def test_real_survey_opens(data):
    cube = open_segy(data / "penobscot" / "penobscot_il1075-1110.sgy")
    assert cube.shape == (36, 512, 1536)
    with segyio.open(cube.path) as f:
        assert_array_equal(cube[3], f.iline[1078])
        assert_array_equal(cube[:, 7], f.xline[1007])
        assert_array_equal(cube[..., 700], f.depth_slice[700])
    line = open_segy(data / "penobscot" / "penobscot_xl1155.sgy")
    assert line.shape == (601, 1, 1501)
    assert line.geometry.affine is None


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_slices_as_numpy_does(make, amplitude, sorting, endian, key):
    cube = open_segy(make(sorting=sorting, endian=endian))
    assert cube.sorting == sorting
    result = cube[key]
    assert result.dtype == "float32"
    assert_array_equal(result, amplitude[key])


def index(size):
    return st.integers(-size, size - 1) | st.slices(size)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.tuples(index(7), index(8), index(9)))
def test_any_key_equals_the_slice_of_the_whole(tmp_path_factory, amplitude, geometry, ragged, key):
    path = tmp_path_factory.mktemp("any") / "cube.sgy"
    write_segy(path, amplitude, geometry, live=ragged, sorting="crossline")
    cube = open_segy(path)
    full = np.where(ragged[..., None], amplitude, 0)
    assert_array_equal(cube[key], full[key])
    values, live = cube.read(key)
    assert_array_equal(values, full[key])
    assert live.shape == values.shape


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
def test_odd_keys_are_refused(survey, key, message):
    with pytest.raises(IndexError, match=message):
        open_segy(survey)[key]


def test_reads_only_what_is_asked_for(survey, amplitude, monkeypatch):
    cube = open_segy(survey)
    asked = []
    read = cube._traces
    monkeypatch.setattr(cube, "_traces", lambda p, s: asked.append((len(p), len(s))) or read(p, s))
    for key in np.s_[3, 4, 5], np.s_[..., 2], np.s_[1, 2:5, 3:9:3]:
        assert_array_equal(cube[key], amplitude[key])
    assert asked == [(1, 1), (56, 1), (3, 2)]


@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_missing_traces_are_not_live_and_hold_zero(tmp_path, amplitude, geometry, ragged, sorting):
    path = tmp_path / "ragged.sgy"
    write_segy(path, amplitude + 1, geometry, live=ragged, sorting=sorting)
    cube = open_segy(path)
    assert_array_equal(cube.live, ragged)
    assert (cube.trace_index >= 0).sum() == ragged.sum() == cube.layout.traces
    assert sorted(cube.trace_index[ragged].tolist()) == list(range(ragged.sum()))
    values, live = cube.read(np.s_[1:, 2:, 3:5])
    assert_array_equal(live, np.broadcast_to(ragged[1:, 2:, None], live.shape))
    assert_array_equal(values, (amplitude + 1)[1:, 2:, 3:5] * live)


@pytest.mark.parametrize("code", [5, 6])
def test_nonfinite_samples_are_dead_and_counted(tmp_path, amplitude, geometry, code):
    amplitude[1, 2, 3], amplitude[1, 2, 5], amplitude[4, 4, 4] = np.nan, np.inf, -np.inf
    path = tmp_path / "cube.sgy"
    write_segy(path, amplitude, geometry, format=code, endian="little")
    cube = open_segy(path)
    values, live = cube.read(np.s_[:, ::-1, ::-1])
    assert cube.nonfinite == 3
    expected = np.isfinite(amplitude)
    expected[0, 0] = True  # amplitude 0 at its first sample only
    assert_array_equal(live, expected[:, ::-1, ::-1])
    assert_array_equal(values, np.nan_to_num(amplitude, posinf=0, neginf=0)[:, ::-1, ::-1])


def test_traces_of_zeros_are_dead_where_whole_traces_are_read(tmp_path, amplitude, geometry):
    amplitude[2, 3] = 0
    path = tmp_path / "cube.sgy"
    write_segy(path, amplitude, geometry)
    cube = open_segy(path)
    live = cube.read(np.s_[2])[1]
    assert_array_equal(live.all(axis=-1), np.arange(8) != 3)
    assert cube.read(np.s_[2, :, :4])[1].all()
    assert cube.live.all()


def test_reversed_lines_are_put_in_ascending_order(tmp_path, amplitude, geometry):
    path = tmp_path / "cube.sgy"
    write_segy(path, amplitude, geometry)
    headers = np.memmap(path, "u1", "r+", offset=3600).reshape(56, -1)
    for byte, total in ((189, 212), (193, 607)):  # first + last line number
        field = headers[:, byte - 1 : byte + 3]
        field[:] = (total - field.copy().view(">i4")).astype(">i4").view("u1")
    headers.flush()
    cube = open_segy(path)
    assert cube.geometry.signature() == geometry.signature()
    for key in KEYS:
        assert_array_equal(cube[key], amplitude[::-1, ::-1][key])


def test_shuffled_traces_are_found(tmp_path, amplitude, geometry):
    path = tmp_path / "cube.sgy"
    write_segy(path, amplitude, geometry)
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(56, -1)
    traces[:] = np.random.default_rng(0).permutation(traces)
    traces.flush()
    cube = open_segy(path)
    for key in KEYS:
        assert_array_equal(cube[key], amplitude[key])


def test_workers_get_handles_of_their_own(survey, amplitude):
    cube = open_segy(survey)
    assert_array_equal(cube[2], amplitude[2])
    copy = pickle.loads(pickle.dumps(cube))
    assert_array_equal(copy[3], amplitude[3])
    keys = [np.s_[i % 7, i % 8, i % 5 :] for i in range(400)]
    with ThreadPoolExecutor(4) as pool:
        for key, result in zip(keys, pool.map(cube.__getitem__, keys), strict=True):
            assert_array_equal(result, amplitude[key])
    cube.close()
    assert_array_equal(cube[2], amplitude[2])


def test_second_opening_does_not_scan_again(survey, cache, monkeypatch):
    first = open_segy(survey)
    monkeypatch.setattr(segy, "grid_of", lambda *a, **k: pytest.fail("scanned again"))
    second = open_segy(survey)
    assert second.layout == first.layout
    assert second.geometry.signature() == first.geometry.signature()
    assert_array_equal(second.geometry.affine, first.geometry.affine)
    assert_array_equal(second[...], first[...])
    with pytest.raises(BaseException, match="scanned again"):
        open_segy(survey, inline_byte=193, crossline_byte=189)
    assert len(list(cache.iterdir())) == 1


def test_changed_file_is_scanned_again(survey, amplitude, geometry):
    assert open_segy(survey).shape == (7, 8, 9)
    part = np.s_[:5], np.s_[:], np.s_[:]
    write_segy(survey, amplitude[part], geometry.sliced(part), overwrite=True)
    assert open_segy(survey).shape == (5, 8, 9)


def test_file_written_again_with_the_same_size_is_scanned_again(survey, amplitude, geometry):
    open_segy(survey)
    written = survey.stat().st_mtime_ns
    shifted = replace(geometry, inlines=Axis("inline", 500, 2, 7))
    write_segy(survey, amplitude, shifted, overwrite=True)
    os.utime(survey, ns=(written + 1000, written + 1000))
    assert open_segy(survey).geometry.inlines.first == 500


def test_memory_stays_flat(data):
    cube = open_segy(data / "penobscot" / "penobscot_il1075-1110.sgy")
    process = psutil.Process()
    cube[0]
    before = process.memory_info().rss
    for inline in range(cube.shape[0]):
        cube[inline]
    for sample in range(0, cube.shape[2], 100):
        cube[..., sample]
    grown = process.memory_info().rss - before
    assert grown < cube.path.stat().st_size / 4


def test_damaged_or_unwritable_cache_is_ignored(survey, cache, monkeypatch, tmp_path):
    open_segy(survey)
    entry = next(cache.iterdir())
    entry.write_bytes(entry.read_bytes()[:100])
    assert open_segy(survey).shape == (7, 8, 9)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TFSEIS_CACHE", str(tmp_path / "file"))
    assert open_segy(survey).shape == (7, 8, 9)


def test_an_account_without_a_home_has_no_cache(survey, monkeypatch):
    def unknown(*_):
        raise KeyError("uid not found")

    for name in ("TFSEIS_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert open_segy(survey).shape == (7, 8, 9)


def test_what_a_killed_process_left_in_the_cache_is_removed(survey, cache):
    open_segy(survey)
    (entry,) = cache.iterdir()
    left = f".{entry.name}.partial-{platform.node()}-999999999-1"
    (cache / left).write_text("half")
    entry.unlink()
    open_segy(survey)
    assert [path.name for path in cache.iterdir()] == [entry.name]


def test_swapped_bytes_give_a_swapped_cube(survey, amplitude):
    cube = open_segy(survey, inline_byte=193, crossline_byte=189)
    assert_array_equal(cube[...], amplitude.swapaxes(0, 1))


def test_one_line_opens_as_a_cube_of_one_inline(tmp_path, amplitude, geometry):
    part = np.s_[3:4], np.s_[:], np.s_[:]
    path = tmp_path / "line.sgy"
    write_segy(path, amplitude[part], geometry.sliced(part))
    cube = open_segy(path)
    assert cube.shape == (1, 8, 9)
    assert cube.geometry.inlines.first == 106
    assert cube.geometry.affine is None
    assert_array_equal(cube[...], amplitude[part])


def test_forced_byte_order(zoo):
    assert open_segy(zoo / "small-lsb.sgy", endian="little").shape == (5, 5, 50)
    with pytest.raises(FormatError, match=r"got 256.* Open it with endian='little'"):
        open_segy(zoo / "small-lsb.sgy", endian="big")
    with pytest.raises(FormatError, match=r"endian='big', 'little' or None; got 'middle'"):
        open_segy(zoo / "small.sgy", endian="middle")


def test_every_file_of_the_zoo_opens_or_is_refused_in_one_line(zoo):
    refused = 0
    for path in sorted(zoo.glob("*.sgy")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some lack a sample interval
            message = refusal(path)
        refused += message is not None
        assert message is None or (path.name in message and "\n" not in message)
        assert message is None or path.name not in CUBES
    assert refused > 10


def refusal(path):
    try:
        open_segy(path)[...]
    except (FormatError, GeometryError) as error:
        return str(error)
    return None
