"""Pictures opened by the decoders that are meant, whatever their name and size say."""

import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from tfseis.errors import FormatError

DECODERS = ("PNG", "JPEG", "TIFF", "BMP")  # others start programs, or were never tried
ORIENTATION = 0x0112  # EXIF: how a picture is turned before it is shown
TURNED = {  # (quarter turns against the clock, whether left and right change places afterwards)
    2: (0, True),
    3: (2, False),
    4: (2, True),
    5: (3, True),
    6: (3, False),
    7: (1, True),
    8: (1, False),
}
MOST_PIXELS = 178_000_000  # 13,000 x 13,000, as Pillow has it; a line of a survey has far fewer


@contextmanager
def opened_picture(
    source: str | Path | IO[bytes], decoders: Sequence[str] = DECODERS
) -> Iterator[Image.Image]:
    """A picture, to be decoded inside; whatever goes wrong there is a refusal.

    Args:
        source: path of the file, or the open file.
        decoders: kinds of files that are recognised, by their content.

    Raises:
        FormatError: another kind of file, a damaged one, or one that says to be vast.
    """
    name = Path(str(getattr(source, "name", source))).as_posix()
    try:
        with ExitStack() as stack:
            # Pillow maps files that it opens itself, and then mixes up rows of turned TIFF files.
            file = source
            if isinstance(source, (str, Path)):
                file = stack.enter_context(Path(source).open("rb"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                image = stack.enter_context(Image.open(file, formats=list(decoders)))
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"it says to have {image.width:,} x {image.height:,} pixels")
            yield image
    except FormatError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        cause = str(error).split("<")[0].strip().rstrip(".") or type(error).__name__
        wanted = f"a {decoders[0]} image"
        if len(decoders) > 1:
            wanted = f"an image ({', '.join(decoders)})"
        raise FormatError(
            f"{name}: expected {wanted}; it cannot be read: {cause}. Copy it again, or save it as "
            "PNG."
        ) from None


def seen(image: Image.Image) -> np.ndarray:
    """The values of a picture as it is seen: turned as its EXIF tag says, as viewers do.

    Args:
        image: an open picture, in the mode that is wanted.
    """
    values = np.asarray(image)  # which loads the file, and with it what stands behind the pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a damaged tag turns nothing
        try:
            orientation = int(image.getexif().get(ORIENTATION) or 1)
        except (KeyError, TypeError, ValueError, struct.error):
            orientation = 1
    turns, mirrored = TURNED.get(orientation, (0, False))
    values = np.rot90(values, turns)
    return values[:, ::-1] if mirrored else values
