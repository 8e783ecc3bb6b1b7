"""Arrays, archives, pictures and tables from strangers: refused in one line, by what they say."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tfseis.errors import FormatError
from tfseis.io import open_cube, read_cube, read_images, read_mask
from tfseis.io.array_files import load_npy
from tfseis.io.cells import as_text, from_text, table_text
from tfseis.io.images.submission import write_submission
from tfseis.io.images.wells import read_patches
from tfseis.io.labels.legend import Legend, read_legend, write_legend
from tfseis.io.unpacking import open_archive, read_member

NUMBERS = {
    "inline_numbers": np.arange(3),
    "crossline_numbers": np.arange(4),
    "sample_times_ms": np.arange(5),
}
HIDDEN = {  # names of pictures that are something else, with their content
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>",
    "text": b"not a picture",
    "nothing": b"",
}


def one_line(call, *values, match, **told):
    with pytest.raises(FormatError, match=match) as found:
        call(*values, **told)
    assert len(str(found.value).splitlines()) == 1


def png(width, height):
    """A PNG whose header says any size."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def encoded(kind):
    file = io.BytesIO()
    Image.fromarray(np.zeros((6, 7), "uint8")).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("content", [*HIDDEN.values(), png(50_000, 50_000), encoded("GIF")])
def test_other_kinds_of_pictures_are_not_decoded(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    one_line(read_mask, tmp_path / "a.png", match=r"a\.png: expected an image \(PNG, JPEG")
    place = tmp_path / "wells"
    place.mkdir()
    (place / "well_1_patch_1.png").write_bytes(content)
    one_line(read_patches, place, match="patch_1.png: expected an image")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_the_kinds_that_are_meant_are_decoded_whatever_the_ending(tmp_path, kind):
    (tmp_path / "a.png").write_bytes(encoded(kind))
    assert read_mask(tmp_path / "a.png").shape == (6, 7)


def test_a_vast_picture_among_others_can_be_left_out(tmp_path):
    for part in ("images", "masks"):
        (tmp_path / "train" / part).mkdir(parents=True)
        for name in "ab":
            (tmp_path / f"train/{part}/{name}.png").write_bytes(encoded("PNG"))
    grey = np.arange(64, dtype="uint8").reshape(8, 8)
    Image.fromarray(grey).save(tmp_path / "train/images/a.png")
    Image.fromarray(255 * (grey > 30).astype("uint8")).save(tmp_path / "train/masks/a.png")
    (tmp_path / "train/images/b.png").write_bytes(png(50_000, 50_000))
    one_line(read_images, tmp_path, match="b.png: expected an image", progress=False)
    assert read_images(tmp_path, skip=True, progress=False).train == ["a"]


def saved(path, compressed=True, **arrays):
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


def test_npz_bombs_are_refused_by_what_they_declare(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in {**NUMBERS, "amplitude": np.zeros((3, 4, 5), "f4")}.items():
            file = io.BytesIO()
            np.save(file, array)
            archive.writestr(f"{name}.npy", file.getvalue())
        with archive.open("more.npy", "w", force_zip64=True) as file:
            for _ in range(1200):
                file.write(b"\0" * (1 << 20))
    assert path.stat().st_size < 2_000_000
    one_line(open_cube, path, match=r"a\.npz: expected an archive that unpacks to at most 500")


def test_npz_headers_must_say_the_size_that_is_there(tmp_path):
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**5, 5)}
    np.lib.format.write_array_header_1_0(file, header)
    saved(tmp_path / "a.npz", **NUMBERS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("amplitude.npy", file.getvalue() + b"\0" * 240)
    one_line(open_cube, tmp_path / "a.npz", match=r"complete; amplitude.npy says to hold \(1000000")


def test_pickles_are_not_loaded(tmp_path):
    objects = np.array([[[object()]]])
    np.savez(tmp_path / "a.npz", allow_pickle=True, amplitude=objects, **NUMBERS)
    one_line(open_cube, tmp_path / "a.npz", match="amplitude.npy says to hold objects")
    np.save(tmp_path / "a.npy", objects, allow_pickle=True)
    for read in (open_cube, read_cube):
        one_line(read, tmp_path / "a.npy", match="a.npy: expected")
    place = tmp_path / "wells"
    place.mkdir()
    np.save(place / "well_1_patch_1.npy", objects[0], allow_pickle=True)
    one_line(read_patches, place, match="patch_1.npy: expected an array")


def test_npy_headers_that_ask_for_memory_are_refused(tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (10**5, 10**5, 10**3)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(b"\0" * 100)
    for read in (open_cube, read_cube):
        one_line(read, tmp_path / "a.npy", match="a.npy: expected")
    with pytest.raises(ValueError, match="length is greater"):
        load_npy(tmp_path / "a.npy")


def test_good_arrays_of_one_value_are_read(tmp_path):
    """Labels compress to almost nothing; that alone is no bomb."""
    zeros = np.zeros((300, 400, 500), "uint8")
    numbers = {name: np.arange(n) for name, n in zip(NUMBERS, zeros.shape, strict=True)}
    saved(tmp_path / "a.npz", amplitude=zeros, **numbers)
    assert (tmp_path / "a.npz").stat().st_size < 100_000
    assert open_cube(tmp_path / "a.npz").shape == zeros.shape


def test_a_zip_of_images_that_is_a_bomb_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/images/a.png", b"\0" * (100 << 20))
    one_line(read_images, path, match=r"a\.zip: expected an archive that unpacks", progress=False)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_zip_that_is_broken_is_refused(tmp_path, share):
    place = tmp_path / "train.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("images/a.png", encoded("PNG"))
        archive.writestr("masks/a.png", encoded("PNG"))
    content = place.read_bytes()
    place.write_bytes(content[: int(share * len(content))])
    one_line(read_images, tmp_path, match="zip archive", progress=False)


def test_an_encrypted_zip_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train/images/a.png", encoded("PNG"))
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag of encryption in the local header
    content[content.index(b"PK\1\2") + 8] |= 1  # and in the directory
    path.write_bytes(content)
    one_line(read_images, path, match="without a password", progress=False)


def test_a_member_that_is_damaged_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"abcdefgh" * 9)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh" * 9, b"abcdefgX" * 9))
    with open_archive(path) as archive:
        one_line(read_member, archive, "x", match="member x, complete")


def test_spreadsheets_run_no_name(tmp_path):
    names = ("=cmd|' /C calc'!A0", "+salt", "-5", "'t Zand", "@SUM(A1)", "chalk")
    legend = Legend(tuple(range(6)), names, tuple(f"#00000{i}" for i in range(6)))
    write_legend(tmp_path / "a.csv", legend)
    assert read_legend(tmp_path / "a.csv") == legend
    with (tmp_path / "a.csv").open() as file:
        cells = [cell for line in file for cell in line.strip().split(",")]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]
    for name in names:
        assert from_text(as_text(name)) == name
    table = pd.DataFrame({"file": ["=1+1", "a"], "=2": [-1.5, 2.0]})
    assert table_text(table).splitlines() == ["file,'=2", "'=1+1,-1.5", "a,2.0"]


def test_ids_that_spreadsheets_run_are_no_submission(tmp_path):
    mask = np.zeros((1, 4, 4), "uint8")
    one_line(write_submission, tmp_path / "a.csv", ["=1+1"], mask, match="no spreadsheet runs")
    write_submission(tmp_path / "a.csv", ["-1"], mask)
