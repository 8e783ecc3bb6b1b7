"""Random bytes of valid files: the right cube, or a refusal that says why."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tfseis.errors import TfseisError
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

TRACE = 240 + 9 * 4
# Bytes that a cube relies on: byte order, format, samples, interval, extended headers; in traces
# the line numbers. A first sample time, an interval or a coordinate may only change in agreement.
BINARY = [
    *range(3217, 3219),
    *range(3221, 3223),
    *range(3225, 3227),
    3501,
    3502,
    *range(3505, 3509),
    *range(3269, 3273),
    *range(3521, 3529),
]
IN_TRACE = [*range(71, 73), *range(109, 111), *range(115, 119), *range(181, 197), *range(215, 217)]
FUZZ = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
relied_on = st.sampled_from(BINARY) | st.tuples(st.integers(0, 55), st.sampled_from(IN_TRACE)).map(
    lambda place: 3601 + place[0] * TRACE + place[1] - 1
)


def changed(path, data, flips):
    """A copy of a file (or of its bytes) with some of them changed (byte from 1, what to XOR)."""
    data = bytearray(data if isinstance(data, bytes) else data.read_bytes())
    for byte, mask in flips:
        data[(byte - 1) % len(data)] ^= mask
    path.write_bytes(data)
    return path


def result(path):
    """The cube and what was said, or None where it was refused."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            cube = open_segy(path)
        except TfseisError:
            return None
        return cube, cube[...], [str(w.message) for w in said]


@pytest.fixture(params=["inline", "crossline"])
def whole(request, tmp_path, amplitude, geometry):
    path = tmp_path / "whole.sgy"
    endian = "big" if request.param == "inline" else "little"
    write_segy(path, amplitude + 1, geometry, sorting=request.param, endian=endian)
    return path


@FUZZ
@given(byte=relied_on, mask=st.integers(1, 255))
def test_a_byte_we_rely_on(*, tmp_path, whole, amplitude, geometry, byte, mask):
    path = changed(tmp_path / "flipped.sgy", whole, [(byte, mask)])
    found = result(path)
    if found is None:
        return
    cube, values, said = found
    assert_array_equal(values, amplitude + 1)
    assert cube.geometry.inlines == geometry.inlines
    assert cube.geometry.crosslines == geometry.crosslines
    assert cube.geometry.samples == geometry.samples or said
    assert_allclose(cube.geometry.affine, geometry.affine, rtol=1e-3, atol=0.02)


@FUZZ
@given(
    flips=st.lists(st.tuples(st.integers(1, 3600 + 56 * TRACE), st.integers(1, 255)), max_size=8)
)
def test_any_bytes(tmp_path, whole, flips):
    path = changed(tmp_path / "flipped.sgy", whole, flips)
    found = result(path)
    diagnosis = diagnose(path)
    assert (diagnosis.exit_code == 0) == (found is not None)
    assert describe(diagnosis)
    if diagnosis.exit_code == 3:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert open_segy(path, **diagnosis.arguments)[...].size


@FUZZ
@given(byte=relied_on, mask=st.integers(1, 255))
def test_what_the_doctor_prints_gives_the_right_cube(tmp_path, whole, amplitude, byte, mask):
    path = changed(tmp_path / "flipped.sgy", whole, [(byte, mask)])
    diagnosis = diagnose(path)
    if diagnosis.exit_code != 3:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cube = open_segy(path, **diagnosis.arguments)
    if cube.shape == amplitude.shape:
        expected = np.where(cube.live[..., None], amplitude + 1, 0)
        assert_array_equal(cube[...], expected)
    assert np.isin(cube[...], [0, *(amplitude + 1).ravel()]).all()


@settings(FUZZ, max_examples=100)
@given(
    name=st.sampled_from(
        [
            "small.sgy",
            "f3.sgy",
            "small-ps.sgy",
            "shot-gather.sgy",
            "mapping-minimal.sgy",
            "trace-header-extensions.sgy",
            "stanzas-unknown-count.sgy",
            "multiformats/Format6lsb.sgy",
        ]
    ),
    size=st.floats(0, 1),
    seed=st.integers(0, 2**32),
    flips=st.integers(0, 40),
)
def test_cut_and_shaken_real_files(*, tmp_path, zoo, name, size, seed, flips):
    data = (zoo / name).read_bytes()
    rng = np.random.default_rng(seed)
    places = rng.integers(3200, min(len(data), 5000), flips) + 1
    masks = rng.integers(1, 256, flips)
    data = data[: int(size * len(data)) + 1] if size < 0.5 else data
    path = changed(tmp_path / "shaken.sgy", data, zip(places.tolist(), masks.tolist(), strict=True))
    found = result(path)
    assert (diagnose(path).exit_code == 0) == (found is not None)
