"""Files of every kind of trouble: the right verdict, and arguments that open them."""

import json
import struct
import time
from dataclasses import replace
from itertools import product

import numpy as np
import psutil
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.io.doctor.trace_headers import field, put
from tfseis.errors import FormatError, GeometryError, TfseisError
from tfseis.geometry import Axis, Geometry
from tfseis.io.doctor import fields
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.encoding import ibm_float, ibm_values
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.options import OPTIONS, command_line, trace_numbers

TRACE = 240 + 9 * 4  # of the position-telling survey


def headers_of(path, trace_bytes=TRACE):
    """The traces of a file, to be changed in place; uint8 (traces, bytes)."""
    return np.memmap(path, "u1", "r+", offset=3600).reshape(-1, trace_bytes)


def move(path, pairs):
    """Move header fields to other bytes, and leave zeros behind."""
    traces = headers_of(path)
    values = {new: field(traces, old) for old, new in pairs}
    for old, _ in pairs:
        put(traces, old, 0)
    for new, value in values.items():
        put(traces, new, value)
    return path


def opened(path, verdict="opens with arguments"):
    """The diagnosis and the cube that its arguments open."""
    diagnosis = diagnose(path)
    assert diagnosis.verdict == verdict, diagnosis
    assert diagnose(path, **diagnosis.arguments).verdict == "opens"
    return diagnosis, open_segy(path, **diagnosis.arguments)


def refused(path):
    diagnosis = diagnose(path)
    assert (diagnosis.verdict, diagnosis.exit_code) == ("cannot", 4), diagnosis
    with pytest.raises(TfseisError):
        open_segy(path)
    assert diagnosis.reason in describe(diagnosis)
    return diagnosis


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_regular_files_open_as_they_are(make, amplitude, sorting, endian):
    diagnosis, cube = opened(make(sorting=sorting, endian=endian), "opens")
    assert (diagnosis.exit_code, diagnosis.arguments, diagnosis.reason) == (0, {}, "")
    facts = diagnosis.facts
    assert (facts["sorting"], facts["endian"], facts["format"]) == (sorting, endian, 5)
    assert facts["inlines"] == [100, 112, 2]
    assert facts["coordinate_scalars"] == [-100]
    assert facts["coordinates"]
    assert "7 inlines x 8 crosslines x 9 samples" in describe(diagnosis)
    assert_array_equal(cube[...], amplitude)


def test_missing_corner_and_holes_are_counted(make, amplitude, ragged):
    diagnosis, cube = opened(make(live=ragged), "opens")
    assert diagnosis.facts["missing"] == np.count_nonzero(~ragged)
    assert "Missing traces: 8" in describe(diagnosis)
    assert_array_equal(cube[...], np.where(ragged[..., None], amplitude, 0))


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("step", [1, 5])
def test_reversed_and_negative_lines(make, amplitude, sign, step):
    path = make()
    traces = headers_of(path)
    put(traces, 189, sign * (field(traces, 189) - 106) * step)
    put(traces, 193, sign * (field(traces, 193) - 900) * step)
    diagnosis, cube = opened(path, "opens")
    assert diagnosis.facts["inlines"] == [-6 * step, 6 * step, 2 * step]
    assert_array_equal(cube[...], amplitude[::sign, ::sign])


def test_dead_and_nonfinite_samples_are_told(tmp_path, amplitude, geometry):
    amplitude[2, 3] = 0
    amplitude[4, 4, 4:6] = np.nan
    path = tmp_path / "dead.sgy"
    write_segy(path, amplitude, geometry)
    put(headers_of(path), 29, np.where(np.arange(56) == 19, 2, 1), ">i2")
    diagnosis, _ = opened(path, "opens")
    amplitudes = diagnosis.facts["amplitudes"]
    assert (amplitudes["dead"], amplitudes["nonfinite"], amplitudes["traces"]) == (1, 2, 56)
    assert diagnosis.facts["flagged_dead"] == 1
    assert "1 are dead, 2 samples NaN" in describe(diagnosis)


@pytest.mark.parametrize(
    "places", [(9, 21), (17, 21), (5, 9), (181, 185), (221, 225), (190, 194), (2, 62), (233, 237)]
)
def test_line_numbers_elsewhere_are_found(make, amplitude, places):
    path = make()
    traces = headers_of(path)
    for byte in (1, 5, 21, 73, 77, 181, 185):
        put(traces, byte, 0)
    move(path, [(189, places[0]), (193, places[1])])
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"inline_byte": places[0], "crossline_byte": places[1]}
    assert diagnosis.exit_code == 3
    assert f"--inline-byte {places[0]} --crossline-byte {places[1]}" in describe(diagnosis)
    assert_array_equal(cube[...], amplitude)


def test_counters_and_coordinates_do_not_mislead_the_search(make, amplitude, geometry):
    path = move(make(), [(189, 9), (193, 21)])
    traces = headers_of(path)
    put(traces, 1, np.arange(56) + 1)
    put(traces, 5, np.arange(56) % 8 + 1)
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"inline_byte": 9, "crossline_byte": 21}
    assert_array_equal(cube[...], amplitude)
    assert_allclose(cube.geometry.affine, geometry.affine, atol=1e-2)


@pytest.mark.parametrize("angle", [0, 17, 45, 90, 200])
@pytest.mark.parametrize("sorting", ["inline", "crossline"])
def test_rotated_grids_open_from_coordinates(
    *, tmp_path, amplitude, geometry, ragged, angle, sorting
):
    turn = np.deg2rad(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = rotation @ np.diag([12.5 / 2, 25])
    affine = np.column_stack([linear, [450_000, 6_780_000]])
    path = tmp_path / "rotated.sgy"
    write_segy(path, amplitude, replace(geometry, affine=affine), live=ragged, sorting=sorting)
    traces = headers_of(path)
    for byte in (21, 189, 193):
        put(traces, byte, 0)
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"grid": "coordinates"}
    full = np.where(ragged[..., None], amplitude, 0)
    if sorting == "crossline":
        full, numbers = full.swapaxes(0, 1), (300, 100)
    else:
        numbers = (100, 300)
    assert_array_equal(cube[...], full)
    place = cube.geometry.to_map(1, 1)
    first = numbers if sorting == "inline" else numbers[::-1]
    assert_allclose(place, replace(geometry, affine=affine).to_map(*first), atol=0.1)
    assert "--grid coordinates" in describe(diagnosis)


def test_scattered_coordinates_form_no_grid(make):
    path = make()
    traces = headers_of(path)
    for byte in (1, 5, 21, 73, 77, 189, 193):
        put(traces, byte, 0)
    rng = np.random.default_rng(0)
    for byte in (181, 185):
        put(traces, byte, rng.integers(0, 10**8, 56))
    assert refused(path).kind == "unstructured"
    with pytest.raises(
        GeometryError, match=r"coordinates that form a grid; those of its 56 traces"
    ):
        open_segy(path, grid="coordinates")


def test_fields_that_form_a_grid_by_chance_are_not_taken(make):
    path = make()
    traces = headers_of(path)
    for byte in (1, 5, 21, 73, 77, 181, 185, 189, 193):
        put(traces, byte, 0)
    places = np.random.default_rng(0).choice(900, 56, replace=False)
    put(traces, 41, places // 30)
    put(traces, 61, places % 30)
    assert refused(path).kind == "unstructured"


def test_duplicates_are_kept_once(make, amplitude):
    path = make()
    data = path.read_bytes()
    copy = data[3600 + 10 * TRACE : 3600 + 11 * TRACE]
    path.write_bytes(data[: 3600 + 11 * TRACE] + copy + data[3600 + 11 * TRACE :])
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"duplicates": "first"}
    assert diagnosis.facts["duplicates"] == 1
    assert "traces 11 and 12 both lie" in diagnosis.reason
    assert_array_equal(cube[...], amplitude)
    traces = headers_of(path)
    traces[11, 240:] = 0
    del traces
    assert_array_equal(open_segy(path, duplicates="first")[...], amplitude)
    assert not open_segy(path, duplicates="last")[1, 2].any()


def test_duplicates_first_does_not_hide_a_prestack_file(zoo):
    with pytest.raises(GeometryError, match=r"pre-stack file: offsets 1 and 2\). Stack it"):
        open_segy(zoo / "small-ps.sgy", duplicates="first")


@pytest.mark.parametrize("trace", [0, 3, 7, 8, 20, 31, 55])
@pytest.mark.parametrize("byte, kind", [(189, "inline"), (193, "crossline")])
@pytest.mark.parametrize("number", [0, -7, 104, 303, 2_000_000_000])
def test_one_bad_trace_header_is_left_out(*, make, amplitude, trace, byte, kind, number):
    path = make()
    traces = headers_of(path)
    value = field(traces, byte)
    if value[trace] == number:
        return
    value[trace] = number
    put(traces, byte, value)
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"skip_traces": (trace + 1,)}
    assert f"trace {trace + 1} (of 1 to 56)" in diagnosis.reason
    assert f"--skip-traces {trace + 1}" in describe(diagnosis)
    amplitude[divmod(trace, 8)] = 0
    assert_array_equal(cube[...], amplitude)


def test_a_neighbouring_place_is_noticed_by_its_coordinates(make):
    path = make()
    traces = headers_of(path)
    value = field(traces, 193)
    value[55] = 308  # one beyond the last crossline: a place like any other
    put(traces, 193, value)
    with pytest.raises(GeometryError, match=r"trace 56 .* which its map coordinates contradict"):
        open_segy(path)
    assert open_segy(path, skip_traces=()).shape == (7, 9, 9)


def test_a_stray_trace_is_told_from_the_one_it_covers(make, amplitude):
    path = make()
    traces = headers_of(path)
    for byte in (21, 73, 77, 181, 185):  # no coordinates to ask
        put(traces, byte, 0)
    value = field(traces, 193)
    value[0] = 303
    put(traces, 193, value)
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"skip_traces": (1,)}
    amplitude[0, 0] = 0
    assert_array_equal(cube[...], amplitude)
    assert "in a row with its neighbours" in diagnosis.reason


@pytest.mark.parametrize("order", ["sorted", "serpentine", "shuffled", "backwards"])
def test_good_files_with_many_holes_are_not_refused(tmp_path, amplitude, geometry, order):
    rng = np.random.default_rng(0)
    for trial in range(15):
        live = rng.random((7, 8)) < 0.75
        path = tmp_path / f"{trial}.sgy"
        write_segy(path, amplitude, geometry, live=live)
        traces = headers_of(path)
        inline, crossline = field(traces, 189), field(traces, 193)
        turn = np.where((inline - 100) // 2 % 2, -crossline, crossline)
        places = {
            "sorted": np.arange(len(traces)),
            "serpentine": np.lexsort((turn, inline)),
            "shuffled": rng.permutation(len(traces)),
            "backwards": np.arange(len(traces))[::-1],
        }[order]
        traces[:] = traces[places]
        traces.flush()
        cube = open_segy(path)
        full = np.where(live[..., None], amplitude, 0)
        first = (
            int(cube.geometry.inlines.first - 100) // 2,
            int(cube.geometry.crosslines.first) - 300,
        )
        shape = cube.shape[:2]
        part = tuple(slice(a, a + n) for a, n in zip(first, shape, strict=True))
        assert_array_equal(cube[...], full[part])


def test_one_bad_coordinate_is_forgiven(make, amplitude, geometry):
    path = make()
    traces = headers_of(path)
    value = field(traces, 181)
    value[17] = -2_000_000_000
    put(traces, 181, value)
    _, cube = opened(path, "opens")
    assert_allclose(cube.geometry.affine, geometry.affine, atol=1e-3)
    assert_array_equal(cube[...], amplitude)


@pytest.mark.parametrize("endian, other", [("big", "little"), ("little", "big")])
def test_wrong_byte_order_is_corrected(make, amplitude, endian, other):
    path = make(endian=endian)
    with pytest.raises(FormatError, match=f"Open it with endian='{endian}'"):
        open_segy(path, endian=other)
    diagnosis = diagnose(path, endian=other)
    assert diagnosis.exit_code == 3
    assert diagnosis.arguments.get("endian") in (None, endian)
    assert_array_equal(open_segy(path, **diagnosis.arguments)[...], amplitude)


@pytest.mark.parametrize("wrong", [0, 77, -1])
@pytest.mark.parametrize(
    "code, endian", [*product((1, 2, 3, 5), ["big"]), (5, "little"), (1, "little"), (3, "little")]
)
def test_unknown_format_code(tmp_path, geometry, wrong, code, endian):
    geometry = replace(geometry, samples=Axis("sample", 0, 4, 50))
    amplitude = 300 * np.random.default_rng(0).normal(size=geometry.shape)
    amplitude = np.rint(amplitude) if code in (2, 3) else amplitude.astype("float32")
    path = tmp_path / "code.sgy"
    write_segy(path, amplitude, geometry, format=code, endian=endian)
    with path.open("r+b") as file:
        file.seek(3224)
        file.write(struct.pack(">h" if endian == "big" else "<h", wrong))
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"sample_format": code, "endian": endian}
    assert f"at byte 3225; got {wrong}" in diagnosis.reason or endian == "little"
    assert_allclose(cube[...], amplitude, rtol=1e-6)


@pytest.mark.parametrize("said, real", [(1, 5), (5, 1), (2, 5), (2, 1), (1, 2), (5, 2)])
def test_samples_of_another_format_than_the_header_says(tmp_path, geometry, said, real):
    geometry = replace(geometry, samples=Axis("sample", 0, 4, 200))
    amplitude = 3000 * np.random.default_rng(0).normal(size=geometry.shape)
    if real == 2:
        amplitude = np.rint(amplitude)
    path = tmp_path / "garbage.sgy"
    write_segy(path, amplitude, geometry, format=real)
    with path.open("r+b") as file:
        file.seek(3224)
        file.write(struct.pack(">h", said))
    with pytest.raises(FormatError, match=rf"format {said} .* Open it with sample_format={real}"):
        open_segy(path)
    diagnosis, cube = opened(path)
    assert diagnosis.arguments == {"sample_format": real}
    assert_allclose(cube[...], amplitude, rtol=1e-6)


@pytest.mark.parametrize(
    "amplitude",
    [
        lambda rng, n: np.rint(rng.normal(0, 40, n)),  # 8-bit amplitudes
        lambda rng, n: 2500 + 1400 * rng.random(n),  # velocities within an octave
        lambda rng, n: rng.random(n),
        lambda rng, n: rng.normal(size=n) * 10.0 ** rng.integers(-12, 12, n),
        lambda rng, n: rng.integers(0, 5, n),
        lambda rng, n: np.where(rng.random(n) < 0.5, 0, rng.normal(size=n)),
        lambda rng, n: np.exp(rng.normal(0, 8, n)),
    ],
)
@pytest.mark.parametrize("code", [1, 5])
def test_unusual_amplitudes_are_not_taken_for_another_format(tmp_path, geometry, amplitude, code):
    geometry = replace(geometry, samples=Axis("sample", 0, 4, 500))
    values = amplitude(np.random.default_rng(0), np.prod(geometry.shape)).reshape(geometry.shape)
    path = tmp_path / "cube.sgy"
    write_segy(path, values.astype("float32"), geometry, format=code)
    assert diagnose(path).verdict == "opens"


@pytest.mark.parametrize("code", [1, 5])
def test_noise_in_place_of_amplitudes(tmp_path, geometry, code):
    geometry = replace(geometry, samples=Axis("sample", 0, 4, 200))
    path = tmp_path / "noise.sgy"
    write_segy(path, np.zeros(geometry.shape), geometry, format=code)
    traces = headers_of(path, 240 + 800)
    traces[:, 240:] = np.random.default_rng(0).integers(0, 256, (56, 800))
    traces.flush()
    assert refused(path).kind == "broken"
    with pytest.raises(FormatError, match=r"numbers of all sizes, like noise .* Export"):
        open_segy(path)
    assert open_segy(path, sample_format=code).shape == (7, 8, 200)


def test_broken_files(tmp_path, make):
    path = make()
    whole = path.read_bytes()
    put(headers_of(path), 115, 0, ">i2")  # so that nothing but byte 3221 states a count
    uncounted = path.read_bytes()
    broken = {
        "cut": (whole[: 3600 + 5 * TRACE + 100], "the file is cut"),
        "cut-header": (whole[: 3600 + 5 * TRACE - 100], "the file is cut"),
        "empty": (b"", "got 0 bytes"),
        "headers": (whole[:3600], "headers only"),
        "no-samples": (uncounted[:3220] + b"\0\0" + uncounted[3222:], "byte 3221; got 0"),
        "many-samples": (uncounted[:3220] + b"\xff\xff" + uncounted[3222:], "0 whole traces"),
        "text": (b"inline crossline sample\n" * 900, "format code"),
        "random": (np.random.default_rng(0).bytes(40_000), "format code"),
    }
    for name, (data, message) in broken.items():
        file = tmp_path / f"{name}.sgy"
        file.write_bytes(data)
        diagnosis = refused(file)
        assert diagnosis.kind == "broken"
        assert message in diagnosis.reason
    for place in (tmp_path, tmp_path / "none.sgy"):
        assert refused(place).kind == "broken"


def test_absurd_extended_sample_count_takes_no_memory(make):
    path = make()
    data = bytearray(path.read_bytes())
    data[3500] = 2
    data[3268:3272] = struct.pack(">i", 2**31 - 1)
    path.write_bytes(data)
    before = psutil.Process().memory_info().rss
    assert diagnose(path).facts["samples"] == 9  # as the trace headers say
    assert psutil.Process().memory_info().rss - before < 2**27


@pytest.mark.parametrize("numbers", ["zero", "diagonal"])
def test_a_2d_line_is_one(make, numbers):
    path = make()
    traces = headers_of(path)
    count = np.arange(56) + 1
    for byte in (1, 5, 17, 21):
        put(traces, byte, count)
    for byte in (189, 193):
        put(traces, byte, 0 if numbers == "zero" else 3 * count)
    for byte, step in ((73, 1200), (77, 800), (181, 1200), (185, 800)):
        put(traces, byte, 10**7 + step * count)
    assert refused(path).kind == "2D line"


def test_prestack_is_told_by_offset_or_channel(make):
    path = make()
    traces = headers_of(path)
    for byte in (73, 77, 181, 185, 189, 193):
        put(traces, byte, 0)
    put(traces, 9, np.arange(56) // 8)
    put(traces, 13, np.arange(56) % 8)
    put(traces, 21, np.arange(56) // 8 + np.arange(56) % 8)
    assert refused(path).kind == "pre-stack"
    put(traces, 13, 0)
    put(traces, 37, np.arange(56) % 8 * 50)
    assert refused(path).kind == "pre-stack"
    put(traces, 37, 0)
    put(traces, 73, np.arange(56) // 8 * 25)
    put(traces, 81, np.arange(56) // 8 * 25 + np.arange(56) % 8 * 50)
    assert refused(path).kind == "pre-stack"


def test_traces_that_start_at_different_times(make):
    path = make()
    traces = headers_of(path)
    put(traces, 109, np.arange(56) % 3 * 100, ">i2")
    with pytest.raises(GeometryError, match=r"start at one time; they start at 0 to 200 ms .* one"):
        open_segy(path)
    assert refused(path).kind == "unstructured"
    delays = np.full(56, 12)
    delays[0] = 500
    put(traces, 109, delays, ">i2")
    with pytest.warns(UserWarning, match=r"1 of 56 traces start at another time than 12 ms"):
        assert open_segy(path).geometry.samples.first == 12
    assert "1 of 56 traces start at another time" in describe(diagnose(path))


def test_arguments_are_checked_at_the_door(survey):
    with pytest.raises(GeometryError, match=r"grid among .* got 'map' and 'refuse'. Choose"):
        open_segy(survey, grid="map")
    with pytest.raises(GeometryError, match=r"got 'numbers' and 'all'"):
        diagnose(survey, duplicates="all")
    with pytest.raises(FormatError, match=r"sample format among .* got 4. Leave it out"):
        open_segy(survey, sample_format=4)
    with pytest.raises(FormatError, match=r"text_headers of 0 or more; got -1"):
        open_segy(survey, text_headers=-1)
    with pytest.raises(GeometryError, match=r"leave out among 1 to 56, .* got 57. Correct"):
        open_segy(survey, skip_traces=[57])
    with pytest.raises(GeometryError, match=r"such as 6,9-11; got 'six'"):
        trace_numbers("six")


def test_options_spell_all_arguments():
    assert {option.name for option in OPTIONS} == set(vars(Opening()))
    line = command_line({"grid": "coordinates", "skip_traces": (1, 2, 3, 9), "x_byte": 73})
    assert line == "--x-byte 73 --grid coordinates --skip-traces 1-3,9"


def test_diagnosis_is_json(zoo):
    for name in ("small.sgy", "mapping-shifted.sgy", "small-ps.sgy", "text.sgy"):
        told = json.loads(json.dumps(diagnose(zoo / name).as_dict()))
        assert told["exit_code"] in (0, 3, 4)
    assert told["kind"] == "broken"


def test_long_files_are_searched_in_flat_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(fields, "BLOCK_TRACES", 64)
    shape = (150, 200, 10)
    axes = Axis("inline", 1, 1, 150), Axis("crossline", 1, 1, 200), Axis("sample", 0, 4, 10)
    path = tmp_path / "long.sgy"
    write_segy(path, np.ones(shape, "float32"), Geometry(*axes))
    traces = headers_of(path, 280)
    numbers = field(traces, 189), field(traces, 193)
    put(traces, 189, 0)
    put(traces, 193, 0)
    put(traces, 41, numbers[0])
    put(traces, 61, numbers[1])
    start = time.perf_counter()
    diagnosis, _ = opened(path)
    assert diagnosis.arguments == {"inline_byte": 41, "crossline_byte": 61}
    assert time.perf_counter() - start < 10


def test_ibm_values_are_those_of_the_writer():
    values = np.random.default_rng(0).normal(size=1000)
    assert_allclose(ibm_values(ibm_float(values)), values, rtol=2.0**-20)
