"""Grey images and masks, each in a file of its own."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from tfseis.errors import FormatError
from tfseis.io.images.pixels import WORD, Source, grey_levels, mask_of, read_pixels
from tfseis.io.output import complete_files

ENDING = ".png"
SIXTEEN_BITS = 257  # levels of 16 bits in one level of 8 bits: 65535 becomes 255


def read_image(source: Source) -> np.ndarray:
    """Read one image as grey, uint8 (rows, columns); 16 bits are reduced to 8.

    Args:
        source: path of the file, or the file in an archive.

    Raises:
        FormatError: the file is no image, is in colour, or partly transparent.
    """
    pixels = read_pixels(source)
    values = grey_levels(pixels)
    if pixels.white == WORD:
        values = values // SIXTEEN_BITS
    return values.astype(np.uint8)


def read_mask(source: Source) -> np.ndarray:
    """Read one mask of any bit depth or colour, uint8 (rows, columns): 1 where it is not black.

    Args:
        source: path of the file, or the file in an archive.

    Raises:
        FormatError: the file is no image, or has more than two levels or colours.
    """
    return mask_of(read_pixels(source)).astype(np.uint8)


def image_files(folder: str | Path) -> list[Path]:
    """The PNG files of a folder by name, hidden ones left out.

    Args:
        folder: folder of the files.

    Raises:
        FormatError: there are none, or two differ in the case of their ending alone.
    """
    paths = [path for path in sorted(Path(folder).glob("*")) if is_image(path.name)]
    if not paths:
        raise FormatError(
            f"{folder}: expected images, *{ENDING}; got none. Check the folder, and convert other "
            "formats to PNG."
        )
    for first, second in pairwise(paths):
        if first.stem == second.stem:
            raise FormatError(
                f"{folder}: expected one file of each name; got {first.name} and {second.name}. "
                "Remove one."
            )
    return paths


def is_image(name: str) -> bool:
    """Whether a file of that name is an image: a PNG file that no system or editor has hidden.

    Args:
        name: name of the file with its ending.
    """
    return Path(name).suffix.lower() == ENDING and not Path(name).name.startswith(".")


def read_mask_folder(folder: str | Path) -> tuple[list[str], list[np.ndarray]]:
    """Read all PNG masks of a folder.

    Args:
        folder: folder of the masks.

    Returns:
        Names without ending, sorted, and masks, uint8 (rows, columns), 0 or 1.

    Raises:
        FormatError: there is no mask, or one cannot be used.
    """
    paths = image_files(folder)
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
    names = [f"{key}{ENDING}" for key in ids]
    with complete_files(folder, names, overwrite=overwrite) as draft:
        for name, mask in zip(names, masks, strict=True):
            Image.fromarray(mask * np.uint8(255)).save(draft / name, format="png")
