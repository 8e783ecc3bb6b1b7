"""The pixels of an image file as they are seen, for every job that reads images or masks.

Palettes become their colours, one bit becomes black and white, and a channel of opacity is left
out where it hides nothing.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tfseis.errors import FormatError
from tfseis.io.images.pictures import opened_picture, seen

COLOURFUL = 8  # grey levels by which the channels of a grey image may differ
BYTE, WORD = 255, 65535  # white of 8 and of 16 bits
NO_LEVELS = ("F", "I")  # modes whose white is not known
Source = str | Path | io.BytesIO


@dataclass(frozen=True)
class Pixels:
    """The pixels of a file.

    Args:
        values: (rows, columns) where the file is grey, or (rows, columns, 3).
        white: value of white; 0 where numbers of 32 bits leave it open.
        opacity: (rows, columns), 0 where a pixel is transparent; None where all are opaque.
        name: the file, for messages.
    """

    values: np.ndarray
    white: int
    opacity: np.ndarray | None
    name: str


def read_pixels(source: Source) -> Pixels:
    """Read an image of any kind.

    Raises:
        FormatError: the file is no image, or is too large.
    """
    name = Path(str(getattr(source, "name", source))).as_posix()
    with opened_picture(source) as image:
        return _decoded(image, name)


def grey_levels(pixels: Pixels) -> np.ndarray:
    """The grey of an image, (rows, columns), from 0 to its white.

    Raises:
        FormatError: the image is in colour, partly transparent, or holds numbers whose white is
            unknown.
    """
    values = pixels.values
    if not pixels.white:
        raise FormatError(
            f"{pixels.name}: expected an image of 8 or 16 bits; got {values.dtype}, whose white is "
            "not known. Convert it to 8 or 16 bits."
        )
    if pixels.opacity is not None:
        raise FormatError(
            f"{pixels.name}: expected an image without transparency; some pixels are transparent. "
            "Save it without an alpha channel."
        )
    if values.ndim == 3:
        values = values.astype(np.int16)
        spread = int(np.ptp(values, axis=-1).max())
        if spread > COLOURFUL:
            raise FormatError(
                f"{pixels.name}: expected a grey image; its channels differ by up to {spread} of "
                "255. Convert it to grey."
            )
        values = values.mean(axis=-1).round()
    return values


def mask_of(pixels: Pixels) -> np.ndarray:
    """Where a mask is not black, bool (rows, columns).

    Raises:
        FormatError: there are more than two colours, neither of two is black, or what is
            transparent differs from what is black.
    """
    values = pixels.values
    if not np.isfinite(values).all():
        raise FormatError(
            f"{pixels.name}: expected a mask of 0 and one other value; some values are not finite. "
            "Write 0 for them."
        )
    rows = values.reshape(-1, 1 if values.ndim == 2 else values.shape[-1])
    levels = np.unique(rows, axis=0)
    if (levels.any(axis=1)).sum() > 1:
        raise FormatError(
            f"{pixels.name}: expected a mask of 0 and one other value; got {len(levels)} values, "
            f"up to {levels.max()}. Give a mask, not an image, whose background is black."
        )
    mask = values != 0 if values.ndim == 2 else values.any(axis=-1)
    if pixels.opacity is not None and not np.array_equal(mask, pixels.opacity > 0):
        raise FormatError(
            f"{pixels.name}: expected a mask without transparency; what is transparent differs "
            "from what is black. Save it without an alpha channel."
        )
    return np.asarray(mask)


def _decoded(image: Image.Image, name: str) -> Pixels:
    """An open image; PNG files of 16 bits may come as mode I."""
    deep = image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG")
    if deep:
        return Pixels(seen(image).astype(np.uint16), WORD, None, name)
    if image.mode in NO_LEVELS:
        return Pixels(seen(image), 0, None, name)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        values = seen(image.convert("RGBA"))
        hidden = (values[..., 3] < BYTE).any()
        return Pixels(values[..., :3], BYTE, values[..., 3] if hidden else None, name)
    grey = image.mode in ("1", "L")
    return Pixels(seen(image.convert("L" if grey else "RGB")), BYTE, None, name)
