"""Files of other formats that are given as SEG-Y: the message names them, and what opens them."""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy

TRACE = 240 + 4 * 9


def packed(kind, data):
    """A compressed file or an archive with the data in it."""
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("cube.sgy", data)
    elif kind == "tar":
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            about = tarfile.TarInfo("cube.sgy")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    else:
        module = {"gzip": gzip, "bzip2": bz2, "xz": lzma}[kind]
        buffer.write(module.compress(data))
    return buffer.getvalue()


def refused(path, message):
    """Refused in one line of three beats, and by the doctor in the same words."""
    with pytest.raises(FormatError, match=message) as error:
        open_segy(path)
    words = str(error.value)
    assert re.fullmatch(r"[^\n]*: expected a SEG-Y file, got [^\n]*\. [A-Z][^\n]*\.", words)
    found = diagnose(path)
    assert (found.exit_code, found.kind, found.reason) == (4, "broken", words)


@pytest.mark.parametrize(
    "kind, message",
    [
        ("gzip", r"compressed with gzip\. Unpack it first \(gunzip\)"),
        ("bzip2", "compressed with bzip2.*bunzip2"),
        ("xz", "compressed with xz.*unxz"),
        ("zip", "a zip archive.*unzip"),
        ("tar", "a tar archive.*tar xf"),
    ],
)
@pytest.mark.parametrize("size", [100, 40_000])
def test_compressed_files(tmp_path, survey, kind, message, size):
    data = np.random.default_rng(0).bytes(size) if size < 3600 else survey.read_bytes()
    (tmp_path / "packed.sgy").write_bytes(packed(kind, data))
    refused(tmp_path / "packed.sgy", message)


@pytest.mark.parametrize(
    "start, message",
    [
        (b"VBS\0", r"a ZGY file\. .*tfseis convert; .* end in \.zgy"),
        (b"HueDataStore", r"a VDS file.*open_cube.* end in \.vds"),
        (b"dGB\1", "a CBVS file of OpendTect.*OpendTect as SEG-Y"),
        (b"\x89HDF\r\n\x1a\n", r"an HDF5 file \(or NetCDF 4\).*h5py.*ArrayCube"),
        (b"CDF\1", "a NetCDF file.*xarray"),
        (b"\x93NUMPY", r"a NumPy array.*ending \.npy"),
        (b"\x55\x3a\1\0", "a SEG-2 file.*ObsPy"),
        (b"\x3a\x55\0\1", "a SEG-2 file.*ObsPy"),
        (b"\x12\x34\x80\x58\0\0", "a SEG-D file"),
        (b"MATLAB 5.0", "a MATLAB file"),
    ],
)
@pytest.mark.parametrize("size", [500, 30_000])
def test_other_formats_by_how_they_begin(tmp_path, start, message, size):
    path = tmp_path / "cube.sgy"
    path.write_bytes(start + np.random.default_rng(0).bytes(size))
    refused(path, message)


@pytest.mark.parametrize(
    "name, message",
    [
        ("a.zgy", "ZGY"),
        ("a.VDS", "VDS"),
        ("a.cbvs", "CBVS"),
        ("a.hdf5", "HDF5"),
        ("a.segd", "SEG-D"),
    ],
)
def test_other_formats_by_how_their_names_end(tmp_path, survey, name, message):
    path = tmp_path / name
    path.write_bytes(bytes(5000))
    refused(path, f"got an? {message}")
    path.unlink()
    survey.rename(path)
    assert open_segy(path).shape == (7, 8, 9)


def test_seg_d_behind_its_label(tmp_path):
    label = b"   1SD2.1RECORD".ljust(128)
    path = tmp_path / "records.segd"
    path.write_bytes(label + b"\0\1\x80\x58" + np.random.default_rng(0).bytes(9000))
    refused(path, "a SEG-D file of field records")


@pytest.mark.parametrize(
    "name, message",
    [
        (".zgroup", r"the folder of a Zarr or MDIO store.*\.zarr or \.mdio"),
        (".zmetadata", "Zarr or MDIO"),
        ("zarr.json", "Zarr or MDIO"),
        ("TraceFile", "JavaSeis"),
    ],
)
def test_folders(tmp_path, name, message):
    (tmp_path / name).write_text("{}")
    refused(tmp_path, message)


@pytest.mark.parametrize("endian", ["big", "little"])
def test_seismic_unix(make, tmp_path, endian):
    path = tmp_path / "cube.su"
    path.write_bytes(make(endian=endian).read_bytes()[3600:])
    refused(path, r"a Seismic Unix file \(56 traces of 9 samples, no file header\).*segywrite")


@pytest.mark.parametrize("label", [b"   1SY1.0RECORD", b" A TAPE"])
def test_a_tape_label_is_named_and_cut_off(survey, tmp_path, amplitude, label):
    path = tmp_path / "labelled.sgy"
    path.write_bytes(label.ljust(128) + survey.read_bytes())
    refused(path, r"behind a tape label of 128 bytes\. Cut it off \(tail -c \+129 labelled.sgy")
    path.write_bytes(path.read_bytes()[128:])  # what the command does
    assert_array_equal(open_segy(path)[...], amplitude)


@pytest.mark.parametrize("start", [b"U:", b"BZh", b"PK\3\4", b"dGB", b"CDF\1", b"\x1f\x8b"])
def test_a_textual_header_may_begin_with_anything(survey, amplitude, start):
    data = bytearray(survey.read_bytes())
    data[: len(start)] = start
    survey.write_bytes(data)
    assert_array_equal(open_segy(survey)[...], amplitude)


@pytest.mark.parametrize("fill", [b"\0", b" ", b"\x40"])
def test_an_empty_textual_header_is_no_other_format(survey, amplitude, fill):
    survey.write_bytes(fill * 3200 + survey.read_bytes()[3200:])
    assert_array_equal(open_segy(survey)[...], amplitude)


@pytest.mark.parametrize("code", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("seed", range(3))
def test_no_seg_y_file_is_taken_for_another_one(tmp_path, geometry, code, seed):
    values = np.random.default_rng(seed).integers(-90, 90, geometry.shape)
    write_segy(tmp_path / "cube.sgy", values, geometry, format=code)
    assert_array_equal(open_segy(tmp_path / "cube.sgy")[...], values)
