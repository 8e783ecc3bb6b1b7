"""The textual header of a SEG-Y file: 40 lines of 80 characters, EBCDIC or ASCII."""

import re
import textwrap
from collections.abc import Sequence

from tfseis.errors import FormatError
from tfseis.io.segy.layout import TEXT_BYTES

LINES, LINE_BYTES = 40, 80
PREFIX_BYTES = 4  # "C12 "
WIDTH = LINE_BYTES - PREFIX_BYTES
PREFIX = re.compile(r"C ?\d{1,2}|\s{0,4}")
PRINTABLE = 0.95  # share of printable characters from which a block is text
CLOSING = ("SEG Y REV1", "END TEXTUAL HEADER")  # lines 39 and 40 in the standard


def text_encoding(text: bytes) -> str:
    """Encoding of a textual header, "cp037" (EBCDIC) or "latin-1" (ASCII), from its blanks."""
    return "latin-1" if text.count(b"\x20") > text.count(b"\x40") else "cp037"


def is_text(block: bytes) -> bool:
    """Whether bytes are text, ASCII or EBCDIC."""
    texts = [block.decode(encoding) for encoding in ("latin-1", "cp037")]
    most = max(sum(c.isprintable() or c in "\n\r\t" for c in text) for text in texts)
    return most >= PRINTABLE * len(block)


def text_header(lines: Sequence[str]) -> bytes:
    """Make a new textual header in EBCDIC, 3200 bytes.

    Args:
        lines: at most 38 lines of at most 76 characters.

    Raises:
        FormatError: the lines are too many or too long.
    """
    room = LINES - len(CLOSING)
    longest = max(map(len, lines), default=0)
    if len(lines) > room or longest > WIDTH:
        raise FormatError(
            f"Expected at most {room} lines of {WIDTH} characters; got {len(lines)}, the longest "
            f"with {longest}. Shorten the text."
        )
    filled = [*lines, *[""] * (room - len(lines)), *CLOSING]
    joined = "".join(f"C{i:2d} {line}".ljust(LINE_BYTES) for i, line in enumerate(filled, start=1))
    return joined.encode("cp037", "replace")


def with_provenance(text: bytes, lines: Sequence[str]) -> bytes:
    """Put further text into blank lines of a textual header, in its own encoding.

    The new lines follow the last text if there is room between it and the two closing lines;
    otherwise any blank lines are used. Text for which there is no blank line is left out.

    Args:
        text: the 3200 bytes of the textual header, EBCDIC or ASCII.
        lines: lines to add; long ones are wrapped.
    """
    encoding = text_encoding(text)
    wanted = [piece for line in lines for piece in textwrap.wrap(line, WIDTH)]
    old = text.decode(encoding).replace("\0", " ")
    rows = [old[i : i + LINE_BYTES] for i in range(0, TEXT_BYTES, LINE_BYTES)]
    blank = [i for i, row in enumerate(rows) if PREFIX.fullmatch(row.rstrip())]
    used = [i for i in range(len(rows) - len(CLOSING)) if i not in blank]
    after = [i for i in blank if i > max(used, default=-1)]
    places = after if len(after) >= len(wanted) else blank
    new = bytearray(text)
    for place, piece in zip(places, wanted, strict=False):
        start = place * LINE_BYTES + PREFIX_BYTES
        new[start : start + WIDTH] = piece.ljust(WIDTH).encode(encoding, "replace")
    return bytes(new)
