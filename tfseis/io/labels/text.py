"""Text tables as interpretation systems write them: rows of words and numbers.

These rules hold for every kind of label file. Columns are separated by spaces, tabs, commas or
semicolons, and numbers may have decimal commas; line ends and encodings may be those of any system.
Empty lines, comments, column titles and footers are no rows. The words ``INLINE :`` and ``XLINE :``
before a number are dropped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.labels.body import read_body
from tfseis.io.labels.cells import Column, Rows, read_cells
from tfseis.io.labels.encodings import read_text
from tfseis.io.labels.grouped import with_plain_numbers
from tfseis.io.labels.headers import (
    CHARISMA_STICKS,
    CHARISMA_WORDS,
    IESX,
    MARKER,
    Header,
    read_header,
    refuse_several,
)
from tfseis.io.labels.separators import ANY, Separators, separators_of
from tfseis.io.labels.words import COMMENTS, is_number

HUGE = 1e20  # systems write 1e30 and the like where there is no value
SAMPLE = 200  # rows that tell the separators
FEW = 0.01  # share of the rows that may be damaged
SHOWN = 60  # characters of a row in a message
_MARKER = re.compile(MARKER.pattern.encode(), re.IGNORECASE)
_NUMBERS = re.compile(r"\d\D+\d")  # two or more in a line
_TOUCHING = re.compile(rb"([eE][+-]\d\d)(?=[\d.+-])")  # columns of IESX without a blank between


@dataclass(frozen=True)
class Table:
    """The rows of a text file, and the comments and titles that came with them.

    Args:
        path: the file.
        columns: its columns.
        lines: number of the line of each row, from 1, int64 (rows,).
        parts: number of the part of each row; empty lines, ``>`` and ``->`` begin parts.
        noted: the same, where comments such as ``# stick 2`` begin parts instead.
        header: what stands above the rows.
        separators: how rows are split.
        below: comments among the rows and below them, without comment marks.
        text: text of the file, for messages.
    """

    path: Path
    columns: tuple[Column, ...]
    lines: np.ndarray
    parts: np.ndarray
    noted: np.ndarray
    header: Header
    separators: Separators
    below: tuple[str, ...] = ()
    text: bytes = field(repr=False, default=b"")

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """All comments and titles, in order."""
        return self.header.notes + self.below

    @property
    def text_before(self) -> int:
        """Number of columns of words, such as the name of a horizon, before those of numbers."""
        return next((i for i, column in enumerate(self.columns) if not column.is_text), 0)

    def chosen(self, rows: np.ndarray) -> "Table":
        """The table of some rows, a mask or indices."""
        if isinstance(rows, np.ndarray) and rows.dtype == bool and rows.all():
            return self
        columns = tuple(column.chosen(rows) for column in self.columns)
        lines, parts, noted = (part[rows] for part in (self.lines, self.parts, self.noted))
        return replace(self, columns=columns, lines=lines, parts=parts, noted=noted)

    def with_parts(self, parts: np.ndarray) -> "Table":
        """The table with other parts."""
        return replace(self, parts=parts)

    def row(self, index: int) -> str:
        """Text of a row, shortened, for messages."""
        text = self.text.split(b"\n", self.lines[index])[self.lines[index] - 1].decode("utf-8")
        return " ".join(MARKER.sub(" ", text).split())[:SHOWN]

    def refusal(self, index: int, expected: str) -> LabelError:
        """The error for a row that does not hold what was expected."""
        return LabelError(
            f"{self.path.name}, line {self.lines[index]}: expected {expected}; got "
            f"{self.row(index)!r}. Correct or remove the line."
        )

    def numbers(self, column: int, expected: str) -> np.ndarray:
        """Numbers of a column, float64 (rows,); NaN where no value is known.

        Raises:
            LabelError: a row has no number there; the message names file and line.
        """
        if column >= len(self.columns):
            raise self.refusal(0, expected)
        found = self.columns[column]
        if found.wrong is not None and found.wrong.any():
            raise self.refusal(int(found.wrong.argmax()), expected)
        return found.values

    def finite(self, column: int, expected: str) -> np.ndarray:
        """The same, without values that are not known.

        Raises:
            LabelError: a row has none; or holds NaN, infinity or another code for no value.
        """
        values = self.numbers(column, expected)
        bad = ~(np.abs(values) < HUGE)
        if bad.any():
            raise self.refusal(int(bad.argmax()), expected)
        return values


def read_table(path: str | Path, expected: str) -> Table:
    """Read the rows of a text file.

    Args:
        path: a text file.
        expected: names of the columns, for messages.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: it holds no rows, or a grid or another object.
    """
    path = Path(path)
    written = read_text(path, expected)
    data = with_plain_numbers(written)
    header = read_header(path, data)
    if header is None:
        raise _no_rows(path, written, expected)
    refuse_several(path, header, data)
    begin = data[header.offset :].lstrip(b" \t")[:1]
    body = read_body(data, header.offset, header.lines, names_first=begin not in b"0123456789+-.*")
    text, marked = body.text, header.form.startswith("Charisma")
    if marked:
        text = _without_markers(text)
    if header.form == IESX:
        text = _TOUCHING.sub(rb"\1 ", text)
    sample = [
        line.decode("utf-8")
        for line in islice(filter(bytes.strip, text.split(b"\n", 2 * SAMPLE)[: 2 * SAMPLE]), SAMPLE)
    ]
    separators = separators_of(path.name, sample)
    if marked and separators.decimal == ".":
        separators = Separators(ANY)
    rows = Rows(text, len(body.lines), separators, _words(separators, header.form))
    columns = tuple(read_cells(rows))
    where = body.lines, body.parts, body.noted
    table = Table(path, columns, *where, header, separators, body.notes, written)
    _refuse_joined_lines(table)
    return table


def _refuse_joined_lines(table: Table) -> None:
    """Refuse single rows that hold those of two lines, whose line end is lost.

    Raises:
        LabelError: there is such a row.
    """
    ends = [column.codes is not None and bool((column.codes < 0).any()) for column in table.columns]
    width = ends.index(True) if True in ends else len(ends)
    again = table.columns[width : 2 * width]
    if len(again) < max(width - 1, 2):
        return
    once = table.columns[1:width] if len(again) < width else table.columns[:width]
    both = np.ones(len(table), bool)
    for column, before in zip(again, once, strict=True):
        there = np.array(column.codes) >= 0
        both &= there & (before.is_text | np.isfinite(column.values))
    if both.any() and both.sum() <= max(1, FEW * len(table)):
        raise table.refusal(int(both.argmax()), f"{width} columns, as in other rows")


def _no_rows(path: Path, data: bytes, expected: str) -> LabelError:
    """The error for a file without rows; it shows a line that holds numbers."""
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        if _NUMBERS.search(line) and not line.lstrip().startswith(COMMENTS):
            return LabelError(
                f"{path.name}, line {number}: expected {expected} in each line, between blanks, "
                f"tabs, commas or semicolons; got {line.strip()[:SHOWN]!r}. Export it as a table."
            )
    return LabelError(
        f"{path.name} holds no points; expected {expected} in each line. Leave it out."
    )


def _without_markers(text: bytes) -> bytes:
    """Rows without INLINE and the like before their numbers."""
    first = next(filter(bytes.strip, text.split(b"\n", 2 * SAMPLE)))
    plain = text
    for mark in sorted(
        {found[0].rstrip() for found in _MARKER.finditer(first)}, key=len, reverse=True
    ):
        plain = plain.replace(mark, b" ")
    if b"LINE" not in plain.upper():  # all rows are marked like the first
        return plain
    return _MARKER.sub(b" ", text)


def _words(separators: Separators, form: str) -> Callable[[str], list[str]]:
    """Function that splits a row, and joins the words of a name."""
    if form == CHARISMA_STICKS:
        return lambda text: _charisma(separators.split(text))
    if separators.columns == ANY:
        return lambda text: _joined(separators.split(text))
    return separators.split


def _charisma(words: list[str]) -> list[str]:
    """Five numbers, a name of one or more words, the number of the stick."""
    if len(words) <= CHARISMA_WORDS:
        return words
    return [*words[: CHARISMA_WORDS - 2], " ".join(words[CHARISMA_WORDS - 2 : -1]), words[-1]]


def _joined(words: list[str]) -> list[str]:
    """The words, where neighbours that are no numbers are one name."""
    if not any(word[0].isalpha() for word in words if word):
        return words
    found: list[str] = []
    before = True  # whether the word before is a number
    for word in words:
        here = is_number(word)
        if before or here:
            found.append(word)
        else:
            found[-1] += f" {word}"
        before = here
    return found
