"""The folder of the TGS salt challenge: unpacked, with its zip files, or one zip file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.io.images.archives import Files, Named, listed
from tfseis.io.images.images import ENDING, read_image, read_mask
from tfseis.io.images.rle import decode_rle
from tfseis.io.images.submission import read_submission

SHOWN = 3  # number of files that a message names


@dataclass(frozen=True)
class ImageFolder:
    """Images, masks and depths of a folder of the challenge.

    Args:
        train: ids of images with masks, sorted.
        images: training images, uint8 (train, rows, columns).
        masks: masks of the training images, uint8 (train, rows, columns), 0 or 1.
        depths: depths of the training images in m, float32 (train,); NaN where unknown.
        test: ids of images to predict, in the order of sample_submission.csv, or sorted.
        test_images: images to predict, uint8 (test, rows, columns).
        test_depths: depths of these images in m, float32 (test,); NaN where unknown.
        problems: files that were left out and the reason, one line for each.
        asked: ids that a submission must hold, in its order, those of images that were left out
            among them.
    """

    train: list[str]
    images: np.ndarray = field(repr=False)
    masks: np.ndarray = field(repr=False)
    depths: np.ndarray = field(repr=False)
    test: list[str]
    test_images: np.ndarray = field(repr=False)
    test_depths: np.ndarray = field(repr=False)
    problems: list[str]
    asked: list[str] = field(default_factory=list)

    @property
    def constant(self) -> int:
        """Number of training images that are one grey level."""
        flat = self.images.reshape(len(self.images), -1)
        return int((flat.min(1) == flat.max(1)).sum())


def read_images(folder: str | Path, *, skip: bool = False, progress: bool = True) -> ImageFolder:
    """Read the folder of the challenge: unpacked, with train.zip and test.zip, or one zip file.

    Args:
        folder: folder or zip file with ``train/images``, ``train/masks``, ``test/images``,
            ``depths.csv``, ``train.csv``, ``sample_submission.csv``; each of the last three, and
            the test images, may be absent. ``train.zip`` holds ``images`` and ``masks``,
            ``test.zip`` holds ``images``.
        skip: whether files that cannot be used are left out instead of refused.
        progress: whether a progress bar is shown.

    Raises:
        FormatError: there are no training images; or files cannot be used because a mask is
            missing, sizes differ, a file is broken or a mask contradicts train.csv. The message
            counts all of them and names some.
    """
    files = listed(Path(folder))
    names = sorted(name for name in files if name.startswith("train/images/"))
    if not names:
        raise FormatError(
            f"{folder}: expected images in train/images, *{ENDING}, or train.zip; got none. Give "
            "the folder that the challenge's archive was unpacked to, and convert other formats."
        )
    reader, runs = _Reader(files), _runs(files)
    found = {}
    for name in tqdm(names, desc="read training images", disable=not progress):
        pair = reader.pair(name, runs)
        if pair is not None:
            found[Path(name).stem] = pair
    tests = reader.tests(progress)
    _refuse(folder, reader.problems, skip)
    if not found:
        raise FormatError(
            f"{folder}: expected an image that can be used; got none. Check the files."
        )
    images, masks = (np.stack(of) for of in zip(*found.values(), strict=True))
    _refuse_one_grey(folder, images)
    depths, empty = _depths(files), np.zeros((0, *images.shape[1:]), np.uint8)
    return ImageFolder(
        list(found),
        images,
        masks,
        depths.reindex(list(found)).to_numpy(np.float32),
        list(tests),
        np.stack(list(tests.values())) if tests else empty,
        depths.reindex(list(tests)).to_numpy(np.float32),
        reader.problems,
        reader.asked(),
    )


def submission_ids(folder: str | Path) -> list[str]:
    """The ids that a submission for a folder must hold, in its order.

    Args:
        folder: as for `read_images`.

    Returns:
        Those of sample_submission.csv or, where there is none, of the test images, sorted.
    """
    return _Reader(listed(Path(folder))).asked()


def read_test_images(
    folder: str | Path, *, skip: bool = False, progress: bool = True
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Read only the images to predict; arguments and errors are those of `read_images`.

    Returns:
        Ids in the order of sample_submission.csv; images, uint8 (images, rows, columns); and
        depths in m, float32 (images,), NaN where unknown.
    """
    files = listed(Path(folder))
    reader = _Reader(files)
    tests = reader.tests(progress)
    _refuse(folder, reader.problems, skip)
    if not tests:
        raise FormatError(
            f"{folder}: expected images in test/images, or test.zip; got none. Give the folder "
            "that the challenge's archive was unpacked to."
        )
    depths = _depths(files).reindex(list(tests)).to_numpy(np.float32)
    return list(tests), np.stack(list(tests.values())), depths


def _refuse_one_grey(folder: str | Path, images: np.ndarray) -> None:
    """Refuse images that show nothing, as those of 8 bits do that are stored in 16."""
    if images.min() == images.max():
        raise FormatError(
            f"{folder}: expected images of several grey levels; all samples of all images are "
            f"{images.min()} of 255. If theirs are stored in 16 bits, whose range is 65535, "
            "stretch them to it."
        )


def _refuse(folder: str | Path, problems: list[str], skip: bool) -> None:
    if problems and not skip:
        more = " .." if len(problems) > SHOWN else ""
        raise FormatError(
            f"{folder}: expected files that can be used; {len(problems)} cannot: "
            f"{'; '.join(problems[:SHOWN])}{more}. Repair them, or leave them out (--skip)."
        )


class _Reader:
    """Reads images of one size by name, and collects the problems of those it cannot use."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.shape: tuple[int, ...] | None = None
        self.problems: list[str] = []

    def pair(self, name: str, runs: dict[str, str] | None) -> tuple | None:
        """Read an image and its mask; None where either cannot be used."""
        try:
            return self._pair(name, runs)
        except FormatError as error:
            self.problems.append(str(error).split(". ")[0])
            return None

    def _pair(self, name: str, runs: dict[str, str] | None) -> tuple:
        image = self._image(name)
        mask_name = name.replace("/images/", "/masks/")
        if mask_name not in self.files:
            raise FormatError(f"{name} has no mask")
        mask = read_mask(Named(self.files[mask_name](), mask_name))
        key = Path(name).stem
        if mask.shape != self.shape:
            raise FormatError(f"the mask of {name} has shape {mask.shape}, others {self.shape}")
        if runs is not None and key not in runs:
            raise FormatError(f"{name} is not in train.csv")
        if runs is not None and not np.array_equal(decode_rle(runs[key], mask.shape), mask):
            raise FormatError(f"the mask of {name} contradicts train.csv")
        return image, mask

    def image(self, name: str) -> np.ndarray | None:
        """Read an image; None where it cannot be used."""
        try:
            return self._image(name)
        except FormatError as error:
            self.problems.append(str(error).split(". ")[0])
            return None

    def _image(self, name: str) -> np.ndarray:
        if name not in self.files:
            raise FormatError(f"{name} is missing")
        image = read_image(Named(self.files[name](), name))
        self.shape = self.shape or image.shape
        if image.shape != self.shape:
            raise FormatError(f"{name} has shape {image.shape}, others {self.shape}")
        return image

    def tests(self, progress: bool) -> dict[str, np.ndarray]:
        """Read the images to predict, in the order of the sample submission if there is one."""
        keys = self.asked()
        bar = tqdm(keys, desc="read test images", disable=not progress or not keys)
        images = {key: self.image(f"test/images/{key}{ENDING}") for key in bar}
        return {key: image for key, image in images.items() if image is not None}

    def asked(self) -> list[str]:
        """The ids to predict, in the order of the sample submission if there is one."""
        keys = sorted(Path(n).stem for n in self.files if n.startswith("test/images/"))
        if keys and "sample_submission.csv" in self.files:
            return _submission(self.files, "sample_submission.csv")["id"].tolist()
        return keys


def _runs(files: Files) -> dict[str, str] | None:
    if "train.csv" not in files:
        return None
    table = _submission(files, "train.csv")
    return dict(zip(table["id"], table["rle_mask"], strict=True))


def _submission(files: Files, name: str) -> pd.DataFrame:
    """A table of ids and masks of the folder, each id once."""
    table = read_submission(Named(files[name](), name))
    _refuse_twice(table["id"], name)
    return table


def _refuse_twice(ids: pd.Series, name: str) -> None:
    twice = ids[ids.duplicated()].tolist()
    if twice:
        raise FormatError(f"{name}: expected each id once; got {twice[0]} again. Remove one.")


def _depths(files: Files) -> pd.Series:
    """Depth in m of each id; NaN where it is missing, negative or no number."""
    if "depths.csv" not in files:
        return pd.Series(dtype=float)
    try:
        table = pd.read_csv(files["depths.csv"](), dtype={"id": str})
    except (OSError, ValueError) as error:
        raise FormatError(
            f"depths.csv: expected a table of the columns id,z; {str(error).strip()}. Save it as "
            "comma-separated text."
        ) from None
    if not {"id", "z"} <= set(table.columns):
        raise FormatError(
            f"depths.csv: expected the columns id,z; got {','.join(table.columns)}. Name them so."
        )
    table = table[["id", "z"]].drop_duplicates()
    _refuse_twice(table["id"], "depths.csv")
    return pd.to_numeric(table.set_index("id")["z"], errors="coerce").where(lambda z: z >= 0)
