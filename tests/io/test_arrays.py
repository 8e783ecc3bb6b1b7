import numpy as np
import pytest

from tfseis.io import read_cube, write_cube


@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("given", [True, False])
def test_dat_comes_back_in_either_byte_order(tmp_path, amplitude, endian, given):
    write_cube(tmp_path / "7.dat", amplitude, endian=endian)
    assert (tmp_path / "7.dat").stat().st_size == 7 * 8 * 9 * 4
    cube = read_cube(tmp_path / "7.dat", (7, 8, 9), endian=endian if given else None)
    np.testing.assert_array_equal(cube, amplitude)
    assert cube.dtype == "float32"
    assert cube.dtype.isnative


@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_byte_order_is_found_whatever_the_amplitudes(tmp_path, endian, scale):
    values = scale * np.random.default_rng(0).normal(size=(5, 5, 5))
    write_cube(tmp_path / "0.dat", values, endian=endian)
    np.testing.assert_allclose(read_cube(tmp_path / "0.dat"), values, rtol=1e-6)


@pytest.mark.parametrize("endian", ["little", "big"])
def test_the_byte_order_of_labels_is_found(tmp_path, endian):
    labels = np.zeros((4, 4, 4))
    labels[2] = 1
    write_cube(tmp_path / "0.dat", labels, endian=endian)
    np.testing.assert_array_equal(read_cube(tmp_path / "0.dat"), labels)


def test_the_vertical_axis_is_the_fastest(tmp_path):
    np.arange(27, dtype="<f4").tofile(tmp_path / "0.dat")
    assert read_cube(tmp_path / "0.dat")[0, 0].tolist() == [0, 1, 2]
    cube = read_cube(tmp_path / "0.dat", axes=("sample", "crossline", "inline"))
    assert cube[0, 0].tolist() == [0, 9, 18]
    assert cube[0, :, 0].tolist() == [0, 3, 6]


def test_npy_keeps_values_and_names_its_axes(tmp_path, amplitude):
    np.save(tmp_path / "a.npy", amplitude.transpose(2, 0, 1))
    cube = read_cube(tmp_path / "a.npy", axes=("sample", "inline", "crossline"))
    np.testing.assert_array_equal(cube, amplitude)
    write_cube(tmp_path / "b.npy", (amplitude > 100).astype("uint8"))
    assert np.load(tmp_path / "b.npy").dtype == "uint8"


def test_refusals(tmp_path, amplitude):
    path = tmp_path / "a.dat"
    write_cube(path, amplitude)
    with pytest.raises(ValueError, match=r"expected 2048 bytes, .*\(8, 8, 8\); got 2016\. Give"):
        read_cube(path)
    with pytest.raises(ValueError, match=r"expected 2880 bytes"):
        read_cube(path, (8, 9, 10))
    with pytest.raises(ValueError, match=r"no such file. Check the name"):
        read_cube(tmp_path / "b.dat")
    with pytest.raises(ValueError, match=r"Expected the axes inline, crossline, sample.*time"):
        read_cube(path, (7, 8, 9), axes=("inline", "crossline", "time"))
    with pytest.raises(ValueError, match="'little' or 'big'; got 'middle'"):
        read_cube(path, (7, 8, 9), endian="middle")
    with pytest.raises(ValueError, match=r"one exists. Choose another name"):
        write_cube(path, amplitude)
    with pytest.raises(ValueError, match=r"ends in .dat or .npy.*got .*'a.txt'"):
        write_cube(tmp_path / "a.txt", amplitude)
    np.full(8, np.nan, "f4").tofile(tmp_path / "nan.dat")
    with pytest.raises(ValueError, match="in both byte orders some are not finite"):
        read_cube(tmp_path / "nan.dat")
    (tmp_path / "bad.npy").write_bytes(b"not an array")
    with pytest.raises(ValueError, match="expected an array that NumPy saved"):
        read_cube(tmp_path / "bad.npy")
    np.save(tmp_path / "flat.npy", amplitude[0])
    with pytest.raises(ValueError, match=r"expected three axes of numbers; got \(8, 9\)"):
        read_cube(tmp_path / "flat.npy")
