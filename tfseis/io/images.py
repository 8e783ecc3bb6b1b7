"""Images and masks as the TGS salt challenge gives them: one folder, or the zip files in it."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.io.rle import encode_rle
from tfseis.io.segy_output import check_output, complete_or_absent
from tfseis.io.submission import read_submission

SHOWN = 3  # names that a message holds
ENDING = ".png"
COLOURFUL = 8  # grey levels by which channels of a grey image may differ


@dataclass(frozen=True)
class ImageFolder:
    """What a folder of the challenge holds.

    Args:
        train: ids of images with masks, sorted.
        images: uint8 (train, rows, columns).
        masks: uint8 (train, rows, columns), 0 or 1.
        depths: float32 (train,), metres, NaN where unknown.
        test: ids of images to predict, in the order of sample_submission.csv, or sorted.
        test_images: uint8 (test, rows, columns).
        test_depths: float32 (test,).
        problems: what was skipped, and why: one line a file.
    """

    train: list[str]
    images: np.ndarray = field(repr=False)
    masks: np.ndarray = field(repr=False)
    depths: np.ndarray = field(repr=False)
    test: list[str]
    test_images: np.ndarray = field(repr=False)
    test_depths: np.ndarray = field(repr=False)
    problems: list[str]

    @property
    def constant(self) -> int:
        """Number of training images that are one grey level."""
        flat = self.images.reshape(len(self.images), -1)
        return int((flat.min(1) == flat.max(1)).sum())


def read_image(source: str | Path | io.BytesIO) -> np.ndarray:
    """Read one image as grey, uint8 (rows, columns).

    Raises:
        FormatError: no image, or one in colour.
    """
    values = _pixels(source)
    if values.ndim == 3:
        values = values[..., :3].astype(np.int16)
        spread = int(np.ptp(values, axis=-1).max())
        if spread > COLOURFUL:
            raise FormatError(
                f"{_name(source)}: expected a grey image; its channels differ by up to {spread} of "
                "255. Convert it to grey."
            )
        values = values.mean(axis=-1).round()
    return _bytes(values)


def read_mask(source: str | Path | io.BytesIO) -> np.ndarray:
    """Read one mask of any bit depth, uint8 (rows, columns): 1 where a pixel is not 0.

    Raises:
        FormatError: no image, or more than two grey levels.
    """
    values = _pixels(source)
    values = values.max(axis=-1) if values.ndim == 3 else values
    levels = np.unique(values)
    if len(levels[levels > 0]) > 1:
        raise FormatError(
            f"{_name(source)}: expected a mask of 0 and one other value; got {len(levels)} values, "
            f"up to {levels[-1]}. Give a mask, not an image."
        )
    return (values > 0).astype(np.uint8)


def read_images(folder: str | Path, *, skip: bool = False, progress: bool = True) -> ImageFolder:
    """Read the challenge's folder, unpacked or with train.zip and test.zip, or one zip of all.

    Args:
        folder: holds ``train/images``, ``train/masks``, ``test/images``, ``depths.csv``,
            ``train.csv``, ``sample_submission.csv``; each of the last three, and the test images,
            may be absent. ``train.zip`` holds ``images`` and ``masks``, ``test.zip`` ``images``.
        skip: leave files that cannot be used out, rather than refuse them.
        progress: show a bar.

    Raises:
        FormatError: no training images, or files that cannot be used: missing masks, other sizes,
            broken files, masks that contradict train.csv. All are counted, some named.
    """
    files = _listed(Path(folder))
    reader = _Reader(files, skip, progress)
    names = sorted(name for name in files if name.startswith("train/images/"))
    if not names:
        raise FormatError(
            f"{folder}: expected images in train/images, or train.zip; got none. Give the folder "
            "that the challenge's archive was unpacked to."
        )
    shape = None
    train, images, masks = [], [], []
    runs = _runs(files)
    for name in tqdm(names, desc="read training images", disable=not progress):
        found = reader.pair(name, shape, runs)
        if found is not None:
            shape = shape or found[0].shape
            train.append(Path(name).stem)
            images.append(found[0])
            masks.append(found[1])
    wanted = reader.test_ids()
    test, test_images = [], []
    for key in tqdm(wanted, desc="read test images", disable=not progress or not wanted):
        image = reader.image(f"test/images/{key}{ENDING}", shape)
        if image is not None:
            test.append(key)
            test_images.append(image)
    if reader.problems and not skip:
        raise FormatError(
            f"{folder}: expected files that can be used; {len(reader.problems)} cannot: "
            f"{'; '.join(reader.problems[:SHOWN])}{' ..' if len(reader.problems) > SHOWN else ''}. "
            "Repair them, or leave them out (--skip)."
        )
    if not images:
        raise FormatError(
            f"{folder}: expected an image that can be used; got none. Check the files."
        )
    depths = _depths(files)
    empty = np.zeros((0, *images[0].shape), np.uint8)
    return ImageFolder(
        train, np.stack(images), np.stack(masks), depths.reindex(train).to_numpy(np.float32),
        test, np.stack(test_images) if test else empty,
        depths.reindex(test).to_numpy(np.float32), reader.problems,
    )  # fmt: skip


def read_mask_folder(folder: str | Path) -> tuple[list[str], list[np.ndarray]]:
    """Read all PNG masks of a folder.

    Returns:
        Names without ending, sorted, and masks, uint8 (rows, columns), 0 or 1.

    Raises:
        FormatError: there is none, or one that cannot be used.
    """
    paths = sorted(Path(folder).glob(f"*{ENDING}"))
    if not paths:
        raise FormatError(f"{folder}: expected masks, *{ENDING}; got none. Check the folder.")
    return [path.stem for path in paths], [read_mask(path) for path in paths]


def write_masks(
    folder: Path, ids: Sequence[str], masks: Iterable[np.ndarray], *, overwrite: bool = False
) -> None:
    """Write masks as 8-bit PNG files, 0 or 255, into a folder, which is made.

    Raises:
        FormatError: an id that is no plain file name.
        OutputError: a file is there and may not be replaced.
    """
    odd = [key for key in ids if not key or Path(key).name != key or key.startswith(".")]
    if odd:
        raise FormatError(f"Expected ids that are file names; got {odd[0]!r}. Rename it.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{key}{ENDING}" for key in ids]
    for path in paths:
        check_output(path, overwrite)
    for path, mask in zip(paths, masks, strict=True):
        with complete_or_absent(path, overwrite) as partial:
            Image.fromarray(mask * np.uint8(255)).save(partial, format="png")


class _Reader:
    """Reads files by name and notes those that cannot be used."""

    def __init__(self, files: dict[str, Callable], skip: bool, progress: bool) -> None:
        self.files, self.skip, self.progress = files, skip, progress
        self.problems: list[str] = []

    def pair(self, name: str, shape: tuple | None, runs: dict | None) -> tuple | None:
        """An image and its mask; None where either cannot be used."""
        image = self.image(name, shape)
        mask_name = name.replace("/images/", "/masks/")
        if image is None:
            return None
        if mask_name not in self.files:
            return self._problem(f"{name} has no mask")
        try:
            mask = read_mask(_Named(self.files[mask_name](), mask_name))
        except FormatError as error:
            return self._problem(str(error))
        if mask.shape != image.shape:
            return self._problem(f"{mask_name} has shape {mask.shape}, its image {image.shape}")
        key = Path(name).stem
        if runs is not None and key not in runs:
            return self._problem(f"{name} is not in train.csv")
        if runs is not None and encode_rle(mask) != runs[key]:
            return self._problem(f"{mask_name} contradicts train.csv")
        return image, mask

    def image(self, name: str, shape: tuple | None) -> np.ndarray | None:
        """An image of one shape; None where it cannot be used."""
        if name not in self.files:
            return self._problem(f"{name} is missing")
        try:
            image = read_image(_Named(self.files[name](), name))
        except FormatError as error:
            return self._problem(str(error))
        if shape is not None and image.shape != shape:
            return self._problem(f"{name} has shape {image.shape}, others {shape}")
        return image

    def test_ids(self) -> list[str]:
        """Ids to predict, in the order of the sample submission where there is one."""
        found = sorted(Path(n).stem for n in self.files if n.startswith("test/images/"))
        sample = self.files.get("sample_submission.csv")
        return read_submission(sample())["id"].tolist() if sample and found else found

    def _problem(self, text: str) -> None:
        self.problems.append(text)


class _Named(io.BytesIO):
    """Bytes that know the name of their file."""

    def __init__(self, source: io.BytesIO | Path, name: str) -> None:
        super().__init__(source.read_bytes() if isinstance(source, Path) else source.read())
        self.name = name


def _listed(folder: Path) -> dict[str, Callable]:
    """Name within the challenge's folder -> what opens the file."""
    files: dict[str, Callable] = {}
    if folder.is_file() and zipfile.is_zipfile(folder):
        return _zipped(folder, "")
    if not folder.is_dir():
        raise FormatError(
            f"{folder}: expected a folder or a zip file; there is none. Check the name."
        )
    for part in ("train", "test"):
        if (folder / f"{part}.zip").is_file():
            files |= _zipped(folder / f"{part}.zip", part)
    for path in folder.rglob("*"):
        if path.suffix in (ENDING, ".csv"):
            files[path.relative_to(folder).as_posix()] = lambda path=path: path
    return files


def _zipped(path: Path, part: str) -> dict[str, Callable]:
    """Files of a zip; one that lies in its folder twice, or bare, is found as well."""
    archive = zipfile.ZipFile(path)
    files: dict[str, Callable] = {}
    for name in archive.namelist():
        if not name.endswith((ENDING, ".csv")) or name.startswith("__MACOSX"):
            continue
        inner = name if not part or name.startswith(f"{part}/") else f"{part}/{name}"
        for start in ("train/", "test/"):  # of an archive with one folder around everything
            if not part and f"/{start}" in inner:
                inner = inner[inner.index(f"/{start}") + 1 :]
        if inner.endswith(".csv"):
            inner = Path(inner).name
        files[inner] = lambda name=name: io.BytesIO(archive.read(name))
    return files


def _runs(files: dict[str, Callable]) -> dict[str, str] | None:
    table = read_submission(files["train.csv"]()) if "train.csv" in files else None
    return None if table is None else dict(zip(table["id"], table["rle_mask"], strict=True))


def _depths(files: dict[str, Callable]) -> pd.Series:
    """Depth by id; NaN where it is missing or no number."""
    if "depths.csv" not in files:
        return pd.Series(dtype=float)
    table = pd.read_csv(files["depths.csv"](), dtype={"id": str})
    if not {"id", "z"} <= set(table.columns):
        raise FormatError(
            f"depths.csv: expected the columns id,z; got {','.join(table.columns)}. Name them so."
        )
    table = table.drop_duplicates("id").set_index("id")
    return pd.to_numeric(table["z"], errors="coerce").where(lambda z: z >= 0)


def _pixels(source: str | Path | io.BytesIO) -> np.ndarray:
    try:
        with Image.open(source) as image:
            if image.mode in ("P", "LA", "PA"):
                image = image.convert("RGB")  # noqa: PLW2901
            values = np.asarray(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        cause = str(error).split("<")[0].strip() or type(error).__name__
        raise FormatError(
            f"{_name(source)}: expected an image; it cannot be read: {cause}. Copy it again."
        ) from None
    return values.astype(np.uint8) if values.dtype == bool else values


def _bytes(values: np.ndarray) -> np.ndarray:
    """Grey of any bit depth as uint8."""
    if values.max(initial=0) > np.iinfo(np.uint8).max:
        values = values // 257  # 65535 becomes 255
    return values.astype(np.uint8)


def _name(source: object) -> str:
    return Path(str(getattr(source, "name", source))).as_posix()
