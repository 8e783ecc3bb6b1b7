"""Lines of the rows of a text table: which hold values, and where parts begin."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfseis.io.labels.words import ARROW, COMMENTS, numbers_begin, split_words

BLANKS = (ord(" "), ord("\t"))
EMPTY, NOTE, PART, ROW, OTHER = range(5)  # what a line may be
# Comments that stand between sticks or polygons: a bare mark, a number, or what comes next.
BETWEEN = re.compile(
    r"(?:fault|stick|segment|polygon|part|ring)s?\b(?!.*\d\s+[\d.-])(?:.*\d)?|\d*", re.IGNORECASE
)
ONE_PART = np.zeros((), "int32")
KINDS = np.full(256, OTHER, "uint8")
KINDS[ord("\n")] = EMPTY
KINDS[[ord(c) for c in "#!@$"]] = NOTE
KINDS[ord(">")] = PART
KINDS[[ord(c) for c in "0123456789+-.*"]] = ROW


@dataclass(frozen=True)
class Body:
    """The rows of a table, still as text.

    Args:
        text: lines with values alone, each with its line feed; an empty one may be among them.
        lines: number of the line in the file of each row, from 1, int64 (rows,).
        parts: number of the part of each row, from 0: empty lines, ``>`` and ``->`` begin parts.
        noted: the same, from 0, where comments such as ``# stick 2`` begin parts instead.
        notes: comments among the rows, without comment marks.
    """

    text: bytes
    lines: np.ndarray
    parts: np.ndarray
    noted: np.ndarray
    notes: tuple[str, ...]


def read_body(data: bytes, offset: int, above: int, *, names_first: bool) -> Body:
    """Sort the lines below a header.

    Footers such as ``EOD`` or ``Total 480 points`` are dropped: words with fewer than two numbers
    below the last row.

    Args:
        data: text of the file, from `read_text`.
        offset: number of bytes of the header.
        above: number of lines of the header.
        names_first: whether rows begin with words.
    """
    codes = np.frombuffer(data, "uint8", offset=offset)
    ends = np.flatnonzero(codes == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    kinds = KINDS[_first_characters(codes, starts)]
    kinds[_arrows(codes, starts)] = PART
    if (kinds == ROW).all():
        text = data[offset:] if offset else data
        one = np.broadcast_to(ONE_PART, kinds.shape)
        return Body(text, np.arange(len(kinds)) + above + 1, one, one, ())

    def line(index: int) -> str:
        return data[offset + starts[index] : offset + ends[index]].decode("utf-8").strip()

    _sort_others(kinds, line, names_first=names_first)
    at = np.flatnonzero(kinds == NOTE)
    notes = [line(index).lstrip("#!@$/ ") for index in at.tolist()]
    rows = np.flatnonzero(kinds == ROW)
    between = np.zeros(len(kinds), bool)
    between[at] = [BETWEEN.fullmatch(note) is not None for note in notes]
    parts = _parts((kinds == EMPTY) | (kinds == PART), rows)
    text = _without(data, offset, (starts, ends), (kinds == NOTE) | (kinds == PART))
    return Body(text, rows + above + 1, parts, _parts(between, rows), tuple(notes))


def _parts(breaks: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Number of the part of each row, from 0, where some lines begin parts, int32 (rows,)."""
    if not breaks.any():
        return np.broadcast_to(ONE_PART, rows.shape)
    steps = np.diff(np.cumsum(breaks, dtype="int32")[rows])
    return np.concatenate([[0], np.cumsum(steps > 0)]).astype("int32")


def _sort_others(kinds: np.ndarray, line: Callable[[int], str], *, names_first: bool) -> None:
    """Tell rows, comments and footers apart among lines that begin with a letter or a sign."""
    others = np.flatnonzero(kinds == OTHER).tolist()
    rows = np.flatnonzero(kinds == ROW)
    if names_first:
        footer = _footer_of_names(kinds, line)
    else:
        kinds[[index for index in others if line(index).startswith(COMMENTS)]] = NOTE
        last = rows.max(initial=-1)
        below = [index for index in others if index > last and kinds[index] == OTHER]
        footer = [index for index in below if is_footer(line(index))]
    kinds[footer] = NOTE
    kinds[kinds == OTHER] = ROW


def _footer_of_names(kinds: np.ndarray, line: Callable[[int], str]) -> list[int]:
    """The last lines, where they begin with another word than the row above."""
    filled = np.flatnonzero(kinds != EMPTY).tolist()
    footer: list[int] = []
    while len(filled) > 1 and is_footer(line(filled[-1])):
        last, above = (split_words(line(index))[:1] for index in filled[:-3:-1])
        if last == above:
            break
        footer.append(filled.pop())
    return footer


def is_footer(text: str) -> bool:
    """Whether a line below the last row closes the file: words, with one number at most."""
    words = split_words(text)
    return bool(words) and words[0].isalpha() and numbers_begin(words)[1] < 2


def _first_characters(codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """First character of each line that is no blank."""
    first = codes[starts]
    lines = np.flatnonzero((first == BLANKS[0]) | (first == BLANKS[1]))
    places = starts[lines]
    while len(lines):
        places += 1
        here = codes[places]
        first[lines] = here
        blank = (here == BLANKS[0]) | (here == BLANKS[1])
        lines, places = lines[blank], places[blank]
    return first


def _arrows(codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Which lines begin with ``->``."""
    dash, head = (ord(c) for c in ARROW)
    found = np.flatnonzero(codes[starts] == dash)
    return found[codes[starts[found] + 1] == head]


def _without(
    data: bytes, offset: int, bounds: tuple[np.ndarray, np.ndarray], dropped: np.ndarray
) -> bytes:
    """The text below a header without some lines."""
    starts, ends = bounds
    if not dropped.any():
        return data[offset:] if offset else data
    pieces, begin = [], offset
    for index in np.flatnonzero(dropped):
        pieces.append(data[begin : offset + starts[index]])
        begin = offset + int(ends[index]) + 1
    return b"".join([*pieces, data[begin:]])
