"""Text tables as interpretation systems write them: rows of words and numbers.

These rules hold for every kind of label file. Columns are separated by spaces, tabs, commas or
semicolons; line ends may be those of any system. Empty lines, lines that begin with one of
`COMMENTS`, and lines without a number before the first row (column titles) are no rows. The words
``INLINE :`` and ``XLINE :`` before a number are dropped.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError, LabelError

COMMENTS = ("#", "!", "@", "$", "//", "->", "FFASCI", "FFATTR")  # the last two: CPS-3 points
HUGE = 1e20  # systems write 1e30 and the like where there is no value

_MARKER = re.compile(r"\b(?:inline|xline|crossline)\b\s*[:-]?\s*(?=\d)", re.IGNORECASE)
_INLINE = re.compile(r"(?<![a-z])(?:in-?line|iline|inl|il)(?![a-z])", re.IGNORECASE)
_CROSSLINE = re.compile(r"(?<![a-z])(?:cross-?line|x-?line|crl|xl)(?![a-z])", re.IGNORECASE)
_TITLE_WORDS = 12  # a comment line with more words holds no column titles
_WORD = re.compile(r'"[^"]*"|[^\s,;]+')


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Args:
        line: number of the line in the file, from 1.
        words: text between the separators, without quotes.
        opens: whether an empty line or the start of the file comes before it.
        marked: whether it begins with ``INLINE``, as in Charisma files.
    """

    line: int
    words: tuple[str, ...]
    opens: bool
    marked: bool


@dataclass(frozen=True)
class Table:
    """The rows of a text file, and the comments and titles that came with them.

    Args:
        path: the file.
        rows: one row for each line that holds values.
        notes: comment lines and column titles, without the comment marks, in order.
    """

    path: Path
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> np.ndarray:
        """Number of the line of each row, int64 (rows,)."""
        return np.array([row.line for row in self.rows], "int64")

    @property
    def crossline_first(self) -> bool:
        """Whether the column titles name the crossline before the inline."""
        for note in reversed(self.notes):
            inline, crossline = _INLINE.search(note), _CROSSLINE.search(note)
            if inline and crossline and len(note.split()) <= _TITLE_WORDS:
                return crossline.start() < inline.start()
        return False

    def numbers(self, columns: tuple[int, ...], expected: str) -> np.ndarray:
        """Numbers of some columns, float64 (rows, columns); NaN where the file says NaN.

        Raises:
            LabelError: a row has no numbers there; the message names file and line.
        """
        values = np.empty((len(self.rows), len(columns)))
        for index, row in enumerate(self.rows):
            try:
                values[index] = [float(row.words[column]) for column in columns]
            except (ValueError, IndexError):
                raise LabelError(
                    f"{self.path.name}, line {row.line}: expected {expected}; got "
                    f"{' '.join(row.words)[:60]!r}. Correct or remove the line."
                ) from None
        return values


def read_table(path: str | Path, expected: str) -> Table:
    """Read the rows of a text file.

    Args:
        path: a text file, UTF-8 or ASCII.
        expected: names of the columns, for messages.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: it holds no rows.
    """
    path = Path(path)
    rows: list[Row] = []
    notes: list[str] = []
    opens = True
    for line, text in enumerate(_text(path, expected).splitlines(), start=1):
        stripped = text.strip()
        if not stripped or stripped == ">":
            opens = True
        elif stripped.startswith(COMMENTS):
            notes.append(stripped.lstrip("#!@$/ "))
        else:
            plain = _MARKER.sub(" ", stripped)
            words = tuple(split_words(plain))
            if not rows and not any(map(is_number, words)):
                notes.append(stripped)
                continue
            marked = plain is not stripped and stripped[:6].lower() == "inline"
            rows.append(Row(line, words, opens, marked))
            opens = False
    if not rows:
        raise LabelError(
            f"{path.name} holds no points; expected {expected} in each line. Leave it out."
        )
    return Table(path, tuple(rows), tuple(notes))


def split_words(text: str) -> list[str]:
    """Split text at spaces, commas and semicolons; quotes keep words together.

    Examples:
        >>> split_words('"Main fault", 100;300 12.5')
        ['Main fault', '100', '300', '12.5']
    """
    if '"' in text or "," in text or ";" in text:
        return [word.strip('"') for word in _WORD.findall(text)]
    return text.split()


def is_number(word: str) -> bool:
    """Whether a word is a number; NaN is one."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def check_finite(table: Table, values: np.ndarray, expected: str) -> None:
    """Refuse rows with NaN, infinity or another code for no value.

    Raises:
        LabelError: there is one; the message names file and line.
    """
    bad = ~(np.abs(values) < HUGE).all(1)
    if bad.any():
        row = table.rows[int(bad.argmax())]
        raise LabelError(
            f"{table.path.name}, line {row.line}: expected {expected}; got "
            f"{' '.join(row.words)[:60]!r}. Correct or remove the line."
        )


def _text(path: Path, expected: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(
            f"{path}: expected a text file of {expected}; {error.strerror}. Check the name."
        ) from None
    except UnicodeDecodeError:
        raise FormatError(
            f"{path}: expected text, {expected} in each line; it holds other bytes. "
            "Export the file as ASCII."
        ) from None
