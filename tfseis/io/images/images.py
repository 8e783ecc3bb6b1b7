"""Grey images and masks, each in a file of its own."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from tfseis.errors import FormatError
from tfseis.io.output import check_output, complete_or_absent

ENDING = ".png"
COLOURFUL = 8  # grey levels by which the channels of a grey image may differ
SIXTEEN_BITS = 257  # levels of 16 bits in one level of 8 bits: 65535 becomes 255


def read_image(source: str | Path | io.BytesIO) -> np.ndarray:
    """Read one image as grey, uint8 (rows, columns).

    Raises:
        FormatError: the file is no image, or is in colour.
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
        FormatError: the file is no image, or has more than two grey levels.
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


def read_mask_folder(folder: str | Path) -> tuple[list[str], list[np.ndarray]]:
    """Read all PNG masks of a folder.

    Returns:
        Names without ending, sorted, and masks, uint8 (rows, columns), 0 or 1.

    Raises:
        FormatError: there is no mask, or one cannot be used.
    """
    paths = sorted(Path(folder).glob(f"*{ENDING}"))
    if not paths:
        raise FormatError(f"{folder}: expected masks, *{ENDING}; got none. Check the folder.")
    return [path.stem for path in paths], [read_mask(path) for path in paths]


def write_masks(
    folder: Path, ids: Sequence[str], masks: Iterable[np.ndarray], *, overwrite: bool = False
) -> None:
    """Write masks as 8-bit PNG files of 0 and 255 into a folder, which is made.

    Args:
        folder: folder of the new files.
        ids: name of each file, without ending.
        masks: masks, uint8 (rows, columns), 0 or 1.
        overwrite: whether files of these names may be replaced.

    Raises:
        FormatError: an id is no plain file name.
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


def _pixels(source: str | Path | io.BytesIO) -> np.ndarray:
    try:
        with Image.open(source) as image:
            coloured = image.mode in ("P", "LA", "PA")
            values = np.asarray(image.convert("RGB") if coloured else image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        cause = str(error).split("<")[0].strip() or type(error).__name__
        raise FormatError(
            f"{_name(source)}: expected an image; it cannot be read: {cause}. Copy it again."
        ) from None
    return values.astype(np.uint8) if values.dtype == bool else values


def _bytes(values: np.ndarray) -> np.ndarray:
    """Grey levels of any bit depth as uint8."""
    if values.max(initial=0) > np.iinfo(np.uint8).max:
        values = values // SIXTEEN_BITS
    return values.astype(np.uint8)


def _name(source: object) -> str:
    return Path(str(getattr(source, "name", source))).as_posix()
