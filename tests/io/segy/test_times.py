"""Sample interval, first time and unit of a file, and results that say them plainly."""

import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import FormatError
from tfseis.geometry import Axis
from tfseis.io import ArrayCube, create_result
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

TRACE = 240 + 4 * 9
ORDERS = pytest.mark.parametrize("endian, order", [("big", ">"), ("little", "<")])


def put(path, *fields, order=">"):
    """Set fields (byte from 1, type, value) of the binary header, or of all traces."""
    data = bytearray(path.read_bytes())
    for byte, kind, value in fields:
        starts = [byte - 1] if byte > 3200 else range(3600 + byte - 1, len(data), TRACE)
        for start in starts:
            struct.pack_into(order + kind, data, start, value)
    path.write_bytes(data)
    return path


def samples_of(path, **arguments):
    """First sample, interval and unit, where opening must say nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        geometry = open_segy(path, **arguments).geometry
    return geometry.samples.first, geometry.samples.step, geometry.sample_unit


@ORDERS
@pytest.mark.parametrize("interval", [40_000, 33_333, 50_000, 65_000, 32_768, 100, 250, 333])
def test_intervals_are_unsigned(make, endian, order, interval):
    path = put(make(endian=endian), (3217, "H", interval), (117, "H", interval), order=order)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*microseconds .byte 3217., and a trace")
        assert open_segy(path).geometry.sample_interval == interval / 1000


@pytest.mark.parametrize("negative", [-4000, -2000, -1000, -25_000, -1, -999])
def test_negative_intervals_are_none(survey, negative):
    assert samples_of(put(survey, (3217, "h", negative)))[1] == 4
    put(survey, (117, "h", negative))
    with pytest.warns(UserWarning, match=r"no sample interval .* 4 ms assumed.*sample_interval"):
        assert open_segy(survey).geometry.sample_interval == 4
    assert samples_of(survey, sample_interval=2.5)[1] == 2.5


@ORDERS
@pytest.mark.parametrize("minor", [0, 1])
def test_the_double_of_revision_2_overrides(make, endian, order, minor):
    path = put(make(endian=endian), (3501, "B", 2), (3502, "B", minor), order=order)
    put(path, (3273, "d", 1e6 / 3000), (3217, "H", 333), (117, "H", 333), order=order)
    assert samples_of(path)[1] == pytest.approx(1 / 3)
    put(path, (3217, "H", 0), (117, "H", 0), order=order)
    assert samples_of(path)[1] == pytest.approx(1 / 3)
    put(path, (3273, "d", 500.0), (3217, "H", 4000), order=order)
    with pytest.warns(UserWarning, match="500 microseconds at byte 3273 and 4000 at byte 3217"):
        assert open_segy(path).geometry.sample_interval == 0.5


@pytest.mark.parametrize("exact", [np.nan, np.inf, -4000, 1e-300, 1e30])
def test_absurd_doubles_are_none(survey, exact):
    put(survey, (3501, "B", 2), (3502, "B", 0), (3273, "d", exact))
    assert samples_of(survey)[1] == 4


def test_before_revision_2_the_double_only_refines(survey):
    assert samples_of(put(survey, (3273, "d", 500.0)))[1] == 4
    assert samples_of(put(survey, (3273, "d", 4000.4)))[1] == 4.0004


def test_two_usual_intervals_are_asked_about(survey):
    put(survey, (117, "H", 2000))
    with pytest.raises(FormatError, match=r"4000 .* 3217 and 2000 .*sample_interval=4 or .*=2\."):
        open_segy(survey)
    assert samples_of(survey, sample_interval=2)[1] == 2
    assert diagnose(survey).exit_code == 4
    assert "sample_interval=2" in describe(diagnose(survey))
    assert diagnose(survey, sample_interval=2).arguments == {"sample_interval": 2}


@pytest.mark.parametrize(
    "stated, in_traces, expected, message",
    [
        (4000, 4, 4, "one number in two units; 4000 microseconds"),
        (4, 4000, 4, "one number in two units; 4000 microseconds"),
        (4000, 31_999, 4, "the former is used"),
        (31_999, 4000, 4, "the latter is used"),
    ],
)
def test_one_likely_interval_is_taken_and_said(survey, stated, in_traces, expected, message):
    put(survey, (3217, "H", stated), (117, "H", in_traces))
    with pytest.warns(UserWarning, match=message):
        assert open_segy(survey).geometry.sample_interval == expected


def test_single_traces_with_another_interval_do_not_matter(survey):
    data = bytearray(survey.read_bytes())
    struct.pack_into(">H", data, 3600 + 116, 2000)
    survey.write_bytes(data)
    assert samples_of(survey)[1] == 4


@pytest.mark.parametrize("scalar, lag", [(0, 250), (-10, 2500), (10, 25)])
def test_a_start_time_at_byte_105_is_told(survey, scalar, lag):
    put(survey, (109, "h", 0), (105, "h", lag), (215, "h", scalar))
    with pytest.warns(UserWarning, match=r"byte 105 says 250, .*open it with start=250"):
        assert open_segy(survey).geometry.samples.first == 0
    assert samples_of(survey, start=250)[0] == 250
    assert samples_of(put(survey, (109, "h", lag)))[0] == 250


def test_a_start_time_can_be_said_where_traces_differ(survey):
    data = bytearray(survey.read_bytes())
    for trace in range(0, 56, 2):
        struct.pack_into(">h", data, 3600 + trace * TRACE + 108, trace)
    survey.write_bytes(data)
    assert samples_of(survey, start=-12.5)[0] == -12.5


@pytest.mark.parametrize("unit", ["m", "ft"])
@pytest.mark.parametrize(
    "field, step", [(5, 5), (5000, 5), (100, 100), (250, 0.25), (12_500, 12.5)]
)
def test_depth_in_units_or_in_thousandths(survey, unit, field, step):
    put(survey, (3217, "H", field), (117, "H", field), (109, "h", 1500))
    assert samples_of(survey, sample_unit=unit) == (1500, step, unit)


def test_depth_that_could_be_both_is_asked_about(survey):
    put(survey, (3217, "H", 200), (117, "H", 200))
    with pytest.raises(FormatError, match=r"got 200 .* sample_interval=200 or sample_interval=0.2"):
        open_segy(survey, sample_unit="m")
    assert samples_of(survey, sample_unit="m", sample_interval=200) == (12, 200, "m")


@pytest.mark.parametrize("system, unit", [(1, "m"), (2, "ft"), (0, "m")])
def test_a_trace_too_short_for_seismic_is_told(survey, system, unit):
    put(survey, (3217, "H", 5), (117, "H", 5), (3255, "h", system))
    with pytest.warns(
        UserWarning, match=rf"5 microseconds .*sample_unit='{unit}'; .* sample_interval=5\."
    ):
        assert open_segy(survey).geometry.sample_interval == 0.005
    assert f"sample_unit='{unit}'" in describe(diagnose(survey))


def test_high_frequency_data_are_no_depth(tmp_path, geometry):
    longer = replace(geometry, samples=Axis("sample", 0, 0.05, 2000))  # 100 ms
    write_segy(tmp_path / "boomer.sgy", np.ones(longer.shape), longer)
    assert samples_of(tmp_path / "boomer.sgy") == (0, 0.05, "ms")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"sample_interval": "4"}, "above 0; got sample_interval=4"),
        ({"samples": 9.5}, "of 1 or more; got samples=9.5"),
        ({"sample_interval": 0}, "above 0; got sample_interval=0"),
        ({"sample_interval": -4}, "above 0; got sample_interval=-4"),
        ({"sample_interval": np.nan}, "above 0; got sample_interval=nan"),
        ({"start": np.inf}, "finite time or depth; got start=inf"),
        ({"sample_unit": "s"}, "unit among ms, m, ft; got 's'"),
        ({"coordinate_scalar": 40_000}, "from -32767 to 32767; got coordinate_scalar=40000"),
    ],
)
def test_impossible_arguments_are_refused(survey, arguments, message):
    with pytest.raises(FormatError, match=rf"^Expected [^\n]*{message}[^\n]*Leave it out[^\n]*$"):
        open_segy(survey, **arguments)


@pytest.mark.parametrize("weights", [4, -3])
def test_weighting_factors_are_said(survey, amplitude, weights):
    with pytest.warns(UserWarning, match=rf"byte 169 .* weighting factor {weights}; .*as they are"):
        cube = open_segy(put(survey, (169, "h", weights)))
    assert_array_equal(cube[...], amplitude)


def test_text_at_byte_169_is_no_weight(survey):
    assert samples_of(put(survey, (169, "2s", b"AB")))[1] == 4


def test_a_coordinate_scalar_can_be_said(survey, geometry):
    put(survey, (71, "h", 1))
    wrong = open_segy(survey).geometry.affine
    right = open_segy(survey, coordinate_scalar=-100).geometry.affine
    assert_allclose(right, geometry.affine, rtol=1e-4, atol=0.01)
    assert_allclose(wrong, 100 * right, rtol=1e-6)


RESULTS = {
    "interval": ([(117, "H", 2000)], {"sample_interval": 2}),
    "fraction": ([], {"sample_interval": 1 / 3}),
    "long interval": ([], {"sample_interval": 30}),
    "start": ([(105, "h", 250), (109, "h", 0)], {"start": 250}),
    "start of half a ms": ([], {"start": -12.5}),
    "depth": ([(3217, "H", 5), (117, "H", 5)], {"sample_unit": "m"}),
    "feet": ([(3217, "H", 10), (117, "H", 10)], {"sample_unit": "ft", "start": 300}),
    "coarse depth": ([], {"sample_unit": "m", "sample_interval": 200}),
    "number": ([(3221, "H", 0), (115, "H", 0)], {"samples": 9}),
    "text headers": ([(3505, "h", 7)], {"text_headers": 0}),
    "format": ([(3225, "h", 99)], {"sample_format": 5}),
    "scalar": ([(71, "h", 1)], {"coordinate_scalar": -100}),
    "revision 2": (
        [(3501, "B", 2), (3502, "B", 0), (3273, "d", 250.5), (3529, "i", -1)],
        {"sample_interval": 0.125},
    ),
}


@pytest.mark.parametrize("kind", ["classes", "probability"])
@pytest.mark.parametrize("part", [np.s_[:, :, :], np.s_[1:, ::2, ::2]], ids=["whole", "part"])
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_opens_without_arguments(*, survey, tmp_path, amplitude, name, part, kind):
    fields, arguments = RESULTS[name]
    cube = open_segy(put(survey, *fields), **arguments)
    geometry = cube.geometry.sliced(part)
    values = (amplitude[part] % 7).astype("int16")
    with create_result(tmp_path / "out.sgy", cube, kind=kind, geometry=geometry) as writer:
        writer.write(values, inline=0, crossline=0)
    result = open_segy(tmp_path / "out.sgy")
    assert_array_equal(result[...], values)
    assert result.geometry.sample_unit == geometry.sample_unit
    assert result.geometry.samples.step == pytest.approx(geometry.samples.step)
    assert result.geometry.samples.first == geometry.samples.first
    assert result.geometry.samples.count == geometry.samples.count
    assert_allclose(result.geometry.affine, geometry.affine, rtol=1e-6)
    assert diagnose(tmp_path / "out.sgy").exit_code == 0


@pytest.mark.parametrize("unit, step", [("m", 5), ("ft", 10), ("m", 100), ("ms", 4), ("m", 12.5)])
@pytest.mark.parametrize("endian", ["big", "little"])
def test_new_files_say_their_unit(*, tmp_path, amplitude, geometry, unit, step, endian):
    deep = replace(geometry, samples=Axis("sample", 1500, step, 9), sample_unit=unit)
    write_segy(tmp_path / "depth.sgy", amplitude, deep, endian=endian)
    assert samples_of(tmp_path / "depth.sgy") == (1500, step, unit)
    with create_result(tmp_path / "out.sgy", ArrayCube(amplitude, deep), kind="classes"):
        pass
    assert samples_of(tmp_path / "out.sgy") == (1500, step, unit)
    assert f"every {step:g} {unit}." in describe(diagnose(tmp_path / "out.sgy"))


def test_a_wrong_mark_of_the_unit_is_overruled_and_mended(tmp_path, amplitude, geometry):
    deep = replace(geometry, sample_unit="m")
    write_segy(tmp_path / "depth.sgy", amplitude, deep)
    cube = open_segy(tmp_path / "depth.sgy", sample_unit="ms")
    assert cube.geometry.sample_unit == "ms"
    with create_result(tmp_path / "out.sgy", cube, kind="classes"):
        pass
    assert samples_of(tmp_path / "out.sgy") == (12, 4, "ms")


def test_numbers_of_numpy_are_numbers(survey):
    arguments = {"samples": np.int64(9), "sample_interval": np.float32(2), "start": np.int16(8)}
    assert samples_of(survey, **arguments) == (8, 2, "ms")
    assert samples_of(survey, **arguments) == (8, 2, "ms")


@pytest.mark.parametrize("delay", [0, 12])
def test_line_numbers_over_the_time_scalar_scale_no_time(survey, delay):
    data = bytearray(survey.read_bytes())
    for start in range(3600, len(data), TRACE):
        lines = struct.unpack_from(">ii", data, start + 188)
        struct.pack_into(">hh", data, start + 214, *lines)
        struct.pack_into(">h", data, start + 108, delay)
    survey.write_bytes(data)
    assert samples_of(survey, inline_byte=215, crossline_byte=217)[0] == delay
    put(survey, (189, "q", 0))
    found = diagnose(survey, inline_byte=215, crossline_byte=217)
    assert found.exit_code == 0
    assert found.facts["warnings"] == []
