"""Pictures opened by the decoders that are meant, whatever their name and size say."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import Image

from tfseis.errors import FormatError

DECODERS = ("PNG", "JPEG", "TIFF", "BMP")  # others start programs, or were never tried
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(source, formats=list(decoders))
        with image:
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
