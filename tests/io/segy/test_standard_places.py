"""Results of cubes that were opened by other header fields have theirs where the standard says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.io import create_result
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.encoding import ibm_float

TRACE = 240 + 4 * 9


def moved(path, pairs, convert=None):
    """Move four-byte fields of all traces to other bytes, and put noise where they were."""
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, TRACE)
    old = traces.copy()
    noise = np.random.default_rng(0).integers(0, 256, (len(traces), 4))
    for source, _ in pairs:
        traces[:, source - 1 : source + 3] = noise
    for source, byte in pairs:
        field = np.ascontiguousarray(old[:, source - 1 : source + 3])
        if convert:
            field = convert(field.view(">i4")[:, 0])
        traces[:, byte - 1 : byte + 3] = field
    traces.flush()
    return path


def ieee(numbers):
    return numbers.astype(">f4").view("u1").reshape(-1, 4)


def ibm(numbers):
    return ibm_float(numbers.astype("float64")).astype(">u4").view("u1").reshape(-1, 4)


LINES = {"inline_byte": 9, "crossline_byte": 21}
TO_LINES = [(189, 9), (193, 21)]


@pytest.mark.parametrize("part", [np.s_[:, :, :], np.s_[1:, ::2, ::2]], ids=["whole", "part"])
@pytest.mark.parametrize("sorting", ["inline", "crossline"])
@pytest.mark.parametrize(
    "pairs, arguments",
    [
        (TO_LINES, LINES),
        ([(181, 73), (185, 77)], {"x_byte": 73, "y_byte": 77}),
        (
            [(181, 189), (185, 193), (189, 181), (193, 185)],
            {
                "inline_byte": 181,
                "crossline_byte": 185,
                "x_byte": 189,
                "y_byte": 193,
            },
        ),
        ([*TO_LINES, (181, 81), (185, 85)], {**LINES, "x_byte": 81, "y_byte": 85}),
    ],
)
def test_a_result_opens_without_arguments(
    *, make, tmp_path, amplitude, ragged, part, sorting, pairs, arguments
):
    path = moved(make(sorting=sorting, live=ragged), pairs)
    cube = open_segy(path, **arguments)
    geometry = cube.geometry.sliced(part)
    values = (amplitude[part] % 7).astype("int16")
    with create_result(tmp_path / "out.sgy", cube, kind="classes", geometry=geometry) as writer:
        writer.write(values, inline=0, crossline=0)
    result = open_segy(tmp_path / "out.sgy")
    assert result.geometry.signature() == geometry.signature()
    assert_allclose(result.geometry.affine, cube.geometry.affine, rtol=1e-6)
    assert_array_equal(result[...], np.where(ragged[part[:2]][..., None], values, 0))
    assert diagnose(tmp_path / "out.sgy").exit_code == 0


@pytest.mark.parametrize("convert", [ieee, ibm])
def test_floats_become_whole_numbers(survey, tmp_path, amplitude, geometry, convert):
    moved(survey, [(189, 189), (193, 193)], convert)
    traces = np.memmap(survey, "u1", "r+", offset=3600).reshape(-1, TRACE)
    places = geometry.to_map(
        *(
            a.ravel()
            for a in np.meshgrid(
                geometry.inlines.numbers, geometry.crosslines.numbers, indexing="ij"
            )
        )
    )
    for byte, column in ((181, places[:, 0]), (185, places[:, 1])):
        traces[:, byte - 1 : byte + 3] = convert(column)
    traces.flush()
    name = convert.__name__
    cube = open_segy(survey, line_format=name, coordinate_format=name)
    with create_result(tmp_path / "out.sgy", cube, kind="probability") as writer:
        writer.write(amplitude, inline=0, crossline=0)
    result = open_segy(tmp_path / "out.sgy")
    assert result.geometry.signature() == geometry.signature()
    corners = np.array([100, 112]), np.array([300, 307])
    assert_allclose(result.geometry.to_map(*corners), cube.geometry.to_map(*corners), atol=0.02)
    assert_array_equal(result[...], amplitude)


def test_a_grid_of_coordinates_becomes_line_numbers(survey, tmp_path, amplitude):
    cube = open_segy(survey, grid="coordinates")
    with create_result(tmp_path / "out.sgy", cube, kind="probability") as writer:
        writer.write(cube[...], inline=0, crossline=0)
    result = open_segy(tmp_path / "out.sgy")
    assert result.geometry.signature() == cube.geometry.signature()
    assert_array_equal(result[...], cube[...])


def test_bytes_of_the_standard_are_copied(survey, tmp_path):
    cube = open_segy(survey)
    with create_result(tmp_path / "out.sgy", cube, kind="probability"):
        pass
    new = (tmp_path / "out.sgy").read_bytes()
    for start in range(3600, len(new), TRACE):
        assert new[start : start + 240] == survey.read_bytes()[start : start + 240]
