"""Text files in the encodings that interpretation systems write, as UTF-8 with plain line ends."""

import codecs
from pathlib import Path

from tfseis.errors import FormatError

# The longer mark first: UTF-32 begins like UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
TEXT_CONTROLS = b"\t\n\v\f\r\x1a"
BINARY = bytes(set(range(32)) - set(TEXT_CONTROLS))
PAGES = bytes.maketrans(b"\f\v", b"  ")  # printed pages begin with them
END_OF_FILE = b"\x1a"  # Ctrl-Z, which DOS programs append
LIKE_ASCII = str.maketrans(
    {"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-", "\u2028": "\n", "\u2029": "\n"}
)
WIDE = 0.9  # share of zero bytes at one of the two places of ASCII text in UTF-16


def read_text(path: Path, expected: str) -> bytes:
    """The text of a file, UTF-8; each line ends with one line feed.

    UTF-8, UTF-16 and UTF-32 are recognised, with a byte order mark or, for UTF-16, without; any
    other text is taken for ISO 8859-1. What follows Ctrl-Z at the end is no text.

    Args:
        path: the file.
        expected: names of the columns, for messages.

    Raises:
        FormatError: the file is missing or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(
            f"{path}: expected a text file of {expected}; {error.strerror}. Check the name."
        ) from None
    try:
        data = _utf8(data)
    except UnicodeError:
        data = b"\0"
    if END_OF_FILE in data:
        text, _, rest = data.partition(END_OF_FILE)
        data = data if rest.strip(b"\0\r\n \x1a") else text
    if len(data) != len(data.translate(None, BINARY)) or END_OF_FILE in data:
        raise FormatError(
            f"{path}: expected text, {expected} in each line; it holds other bytes. "
            "Export the file as ASCII."
        )
    data = data.translate(PAGES)
    if b"\r" in data:
        data = data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data if data.endswith(b"\n") else data + b"\n"


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8, with spaces and minus signs of ASCII."""
    encoding = ""
    for mark, name in MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        if data.isascii() and b"\0" not in data:
            return data
        encoding = _wide(data)
    if encoding:
        text = data.decode(encoding)
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return text.translate(LIKE_ASCII).encode("utf-8")


def _wide(data: bytes) -> str:
    """UTF-16 without a byte order mark, told by the zeros beside ASCII letters; "" for others."""
    half = len(data) // 2
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half and len(data) % 2 == 0 and data[place::2].count(0) >= WIDE * half:
            return encoding
    return ""
