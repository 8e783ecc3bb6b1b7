import errno
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tfseis.errors import FormatError
from tfseis.io import read_image, read_images, read_mask, read_test_images
from tfseis.io.images.folder import submission_ids
from tfseis.io.images.images import read_mask_folder
from tfseis.io.images.submission import write_submission
from training.salt_experiments import TOY_SIZE, toy_challenge


@pytest.fixture
def folder(tmp_path):
    return toy_challenge(tmp_path / "challenge", train=6, test=3)


def read(folder, **options):
    return read_images(folder, progress=False, **options)


def same(a, b):
    return all(
        np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f")
        for x, y in zip(vars(a).values(), vars(b).values(), strict=True)
    )


def test_the_challenge_as_it_comes(data):
    found = read(data / "tgs_salt")
    assert found.images.shape == found.masks.shape == (3200, 101, 101)
    assert found.masks.dtype == found.images.dtype == "uint8"
    assert np.unique(found.masks).tolist() == [0, 1]
    assert len(found.test) == 800
    sample = pd.read_csv(data / "tgs_salt/sample_submission.csv")
    assert found.test == sample["id"].tolist()
    assert not np.isnan(found.depths).any()
    assert found.problems == []
    assert 0 < found.constant < 80


def test_a_folder_by_hand(folder):
    found = read(folder)
    assert found.train == [f"t{number:02}" for number in range(6)]
    assert found.test == ["x2", "x1", "x0"]
    assert found.images.shape == (6, TOY_SIZE, TOY_SIZE)
    assert found.masks.any(axis=(1, 2)).tolist() == [False, True, True] * 2
    np.testing.assert_array_equal(found.depths, [np.nan, 101, 102, 103, 104, 105])
    assert found.test_depths.tolist() == [106, 107, 108][: len(found.test)]
    ids, images, depths = read_test_images(folder, progress=False)
    assert ids == found.test
    assert (images == found.test_images).all()
    assert (depths == found.test_depths).all()


def test_zip_files_hold_the_same(folder, tmp_path):
    expected = read(folder)
    packed = tmp_path / "packed"
    packed.mkdir()
    for part in ("train", "test"):  # as Kaggle packs them: without the name of the part
        with zipfile.ZipFile(packed / f"{part}.zip", "w") as archive:
            for path in sorted((folder / part).rglob("*.png")):
                archive.write(path, path.relative_to(folder / part))
    for path in folder.glob("*.csv"):
        shutil.copy(path, packed)
    assert same(read(packed), expected)
    whole = shutil.make_archive(str(tmp_path / "whole"), "zip", folder.parent, folder.name)
    assert same(read(whole), expected)


def test_only_training_images_are_needed(folder):
    expected = read(folder)
    shutil.rmtree(folder / "test")
    for path in folder.glob("*.csv"):
        path.unlink()
    found = read(folder)
    assert (found.images == expected.images).all()
    assert np.isnan(found.depths).all()
    assert found.test == []
    assert found.test_images.shape == (0, TOY_SIZE, TOY_SIZE)
    with pytest.raises(FormatError, match="images in test/images"):
        read_test_images(folder, progress=False)


def damage(folder):
    """One of every kind; returns what a message says of each."""
    train = folder / "train"
    (train / "masks/t00.png").unlink()
    (train / "images/t01.png").write_bytes(b"no image")
    Image.fromarray(np.zeros((3, 4), "uint8")).save(train / "images/t02.png")
    Image.fromarray(np.arange(441, dtype="uint16").reshape(21, 21)).save(train / "masks/t03.png")
    Image.fromarray(np.ones((21, 21), "uint8")).save(train / "masks/t04.png")
    (folder / "test/images/x0.png").unlink()
    return {
        "t00": "has no mask",
        "t01": "cannot be read",
        "t02": "shape (3, 4)",
        "t03": "got 441 values",
        "t04": "contradicts train.csv",
        "x0": "is missing",
    }


def test_wrong_files_are_counted_and_named(folder):
    damage(folder)
    folder = shutil.copytree(folder, folder.parent / "again")
    with pytest.raises(FormatError, match=r"6 cannot: train/images/t00.png has no mask;.*--skip"):
        read(folder)


def test_wrong_files_are_skipped_on_wish(folder):
    expected = damage(folder)
    (folder / "train/images/t02.png").rename(folder / "train/images/t055.png")  # comes last
    (folder / "train/masks/t02.png").rename(folder / "train/masks/t055.png")
    found = read(folder, skip=True)
    assert found.train == ["t05"]
    assert found.test == ["x2", "x1"]
    assert len(found.problems) == len(expected)
    for key, words in expected.items():
        name = "t055" if key == "t02" else key
        assert any(name in text and words in text for text in found.problems), (key, found.problems)


def test_folders_without_images_are_refused(tmp_path):
    with pytest.raises(FormatError, match=r"expected images in train/images.*got none"):
        read(tmp_path)
    with pytest.raises(FormatError, match="there is none"):
        read(tmp_path / "absent")


def test_images_of_any_depth(tmp_path):
    path = tmp_path / "image.png"
    grey = np.array([[0, 128, 255], [7, 8, 9]], "uint8")
    for values in (grey, grey.astype("uint16") * 257, np.repeat(grey[..., None], 3, -1)):
        Image.fromarray(values).save(path)
        assert read_image(path).tolist() == grey.tolist()
    Image.fromarray(np.dstack([grey, grey, grey // 2])).save(path)
    with pytest.raises(FormatError, match=r"expected a grey image.*up to 128"):
        read_image(path)
    for mask in (grey > 99, (grey > 99).astype("uint8") * 255, (grey > 99) * np.uint16(65535)):
        Image.fromarray(mask).save(path)
        assert read_mask(path).tolist() == [[0, 1, 1], [0, 0, 0]]


def test_links_are_followed_and_circles_are_not(folder, tmp_path):
    expected, links = read(folder), tmp_path / "links"
    (links / "train").mkdir(parents=True)
    for part in ("train/images", "train/masks", "test"):
        (links / part).symlink_to((folder / part).resolve(), target_is_directory=True)
    (links / "round").symlink_to(links.resolve(), target_is_directory=True)
    for path in folder.glob("*.csv"):
        (links / path.name).symlink_to(path.resolve())
    assert same(read(links), expected)
    (tmp_path / "whole").symlink_to(folder.resolve(), target_is_directory=True)
    assert same(read(tmp_path / "whole"), expected)


def test_links_to_folders_beside_them(folder):
    expected = read(folder)
    (folder / "data").mkdir()
    for part in ("train", "test"):
        shutil.move(folder / part, folder / "data" / part)
        (folder / part).symlink_to((folder / "data" / part).resolve(), target_is_directory=True)
    assert same(read(folder), expected)


def test_endings_in_capitals(folder):
    expected = read(folder)
    for path in list(folder.rglob("*.png")):
        path.rename(path.with_suffix(".PNG"))
    assert same(read(folder), expected)
    Image.fromarray(np.zeros((TOY_SIZE, TOY_SIZE), "uint8")).save(folder / "train/images/t01.png")
    with pytest.raises(FormatError, match=r"t01\.png: expected one file of that name"):
        read(folder)


def test_what_systems_and_editors_leave_behind_is_no_image(folder, tmp_path):
    expected = read(folder)
    for part in ("train/images", "train/masks", "test/images"):
        hidden = folder / part / ".ipynb_checkpoints"
        hidden.mkdir()
        (hidden / "t01-checkpoint.png").write_bytes(b"no image")
        for name in ("._t01.png", ".DS_Store", "Thumbs.db", ".hidden.png", "notes.txt"):
            (folder / part / name).write_bytes(b"no image")
    assert same(read(folder), expected)
    whole = shutil.make_archive(str(tmp_path / "whole"), "zip", folder.parent, folder.name)
    assert same(read(whole), expected)


def test_ids_of_images_that_were_left_out_stay_known(folder):
    (folder / "test/images/x0.png").unlink()
    (folder / "test/images/x2.png").write_bytes(b"no image")
    found = read(folder, skip=True)
    assert found.test == ["x1"]
    assert found.asked == submission_ids(folder) == ["x2", "x1", "x0"]
    masks = np.ones((1, 2, 2), "uint8")
    write_submission(folder / "s.csv", found.test, masks, every=found.asked)
    assert (folder / "s.csv").read_text() == "id,rle_mask\nx2,\nx1,1 4\nx0,\n"


def test_a_folder_of_masks(tmp_path):
    for name in ("b.PNG", "a.png", "._a.png"):
        Image.fromarray(np.ones((2, 2), "uint8")).save(tmp_path / name, format="png")
    assert read_mask_folder(tmp_path)[0] == ["a", "b"]
    Image.fromarray(np.ones((2, 2), "uint8")).save(tmp_path / "b.png")
    with pytest.raises(FormatError, match=r"one file of each name; got b\.PNG and b\.png"):
        read_mask_folder(tmp_path)


def test_a_file_that_may_not_be_read_is_one_that_cannot_be_used(folder, monkeypatch):
    """As where its owner alone may read it."""
    refused = sorted((folder / "train/images").iterdir())[0]
    read_bytes = Path.read_bytes

    def read(path):
        if path.name == refused.name and path.parent.name == "images":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    with pytest.raises(FormatError, match=rf"{refused.name}: expected an image.*ermission denied"):
        read_images(folder, progress=False)
    found = read_images(folder, skip=True, progress=False)
    assert refused.stem not in found.train


@pytest.mark.parametrize(("bits", "top"), [(8, 127), (11, 2047)])
def test_images_that_fill_little_of_their_16_bits(folder, bits, top):
    """8 bits of 16 are black throughout, which is refused; 11 bits keep 8 grey levels."""
    for path in (folder / "train/images").iterdir():
        values = np.linspace(0, top, TOY_SIZE**2).reshape(TOY_SIZE, TOY_SIZE)
        Image.fromarray(values.astype("uint16")).save(path)
    if bits == 8:
        with pytest.raises(FormatError, match=r"several grey levels; .* are 0 of 255\. If theirs"):
            read(folder)
    else:
        assert np.unique(read(folder).images).tolist() == list(range(top // 257 + 1))
