"""Rows of text as columns of numbers and words: quickly where rows are alike, else one by one."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from tfseis.io.labels.separators import ANY, Separators
from tfseis.io.labels.words import DASHES, LONGEST_STARS, NO_VALUE, number

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 20_000  # rows that are held as words at a time
_FORTRAN = re.compile(rb"(?<![\w.])([+-]?[0-9.]+)[dD]([+-]?[0-9]+)(?![\w.])")
_ROW_END = re.compile(rb"(?<=\S)[ \t]*\n")
_BLANKS = bytes.maketrans(b",;", b"  ")
SPELLED = [
    sign + spelled
    for word in NO_VALUE
    for sign in ("", "-")
    for spelled in (word, word.upper(), word.capitalize(), "NaN", "")
] + [*DASHES, *("*" * count for count in range(1, LONGEST_STARS))]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        values: its numbers, float64 (rows,); NaN where no value is known, or no number stands.
        wrong: where a word is no number, or the row ends before, bool (rows,); None for nowhere.
        codes: index of each word in `names`, (rows,), -1 where the row ends before; None where
            all words are numbers.
        names: the different words.
    """

    values: np.ndarray
    wrong: np.ndarray | None = None
    codes: np.ndarray | None = None
    names: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether it holds words, by its first row."""
        return self.wrong is not None and bool(self.wrong[0])

    def chosen(self, rows: np.ndarray) -> "Column":
        """The column of some rows, a mask or indices."""
        wrong, codes = (part if part is None else part[rows] for part in (self.wrong, self.codes))
        return Column(self.values[rows], wrong, codes, self.names)


@dataclass(frozen=True)
class Rows:
    """Rows of a table, still as text.

    Args:
        text: the rows, each with its line feed; empty lines may be among them.
        count: number of rows.
        separators: how they are split.
        words: splits a row into words, and does what its form asks for.
    """

    text: bytes = field(repr=False)
    count: int
    separators: Separators
    words: Callable[[str], list[str]]


def read_cells(rows: Rows) -> list[Column]:
    """Columns of the rows of a table; those that a few rows have alone are filled up."""
    first = rows.words(next(_lines(rows.text)))
    if len(first) == len(rows.separators.split(next(_lines(rows.text)))):  # no joined words
        for prepared, gaps in ((_as_it_is, False), (_marked_ends, True), (_without_fortran, False)):
            found = _by_pandas(rows, prepared(rows), first, gaps=gaps)
            if found:
                return found
    return _one_by_one(rows)


def _by_pandas(
    rows: Rows, text: bytes, first: list[str], *, gaps: bool = False
) -> list[Column] | None:
    """Columns where all rows are like the first; None where they are not.

    With `gaps`, numbers may be unknown, and a further word tells rows that end before others.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import, and rarely needed

    sign, decimal = rows.separators.columns, rows.separators.decimal
    if sign == ANY and decimal == "." and (b"," in text or b";" in text):
        if b'"' in text:
            return None
        text = text.translate(_BLANKS)
    kinds = ["category" if _value(word) is None else "float64" for word in first]
    kinds += ["float64"] * gaps
    exact: dict[str, Any] = {}  # as later versions of pandas are
    if pd.__version__ < "3":
        exact["float_precision"] = "round_trip"
    try:
        frame = pd.read_csv(
            io.BytesIO(text),
            sep=sign or r"\s+",
            header=None,
            dtype=dict(enumerate(kinds)),
            decimal=decimal,
            keep_default_na=False,
            na_filter=gaps,
            na_values=SPELLED if gaps else None,
            skipinitialspace=True,
            encoding="utf-8",
            **exact,
        )
    except ValueError:  # those of pandas are ValueErrors too
        return None
    if frame.shape != (rows.count, len(kinds)):
        return None
    if gaps and not (frame[len(first)] == 0).all():
        return None
    return [_column(frame[index]) for index in range(len(first))]


def _as_it_is(rows: Rows) -> bytes:
    return rows.text


def _marked_ends(rows: Rows) -> bytes:
    """The text with a further 0 in each row, which rows that end early lack at their place."""
    end = (rows.separators.columns or " ").encode() + b"0\n"
    if rows.text.count(b"\n") == rows.count:  # no empty lines
        return rows.text.replace(b"\n", end)
    return _ROW_END.sub(end, rows.text)


def _without_fortran(rows: Rows) -> bytes:
    return _FORTRAN.sub(rb"\1E\2", rows.text)


def _column(series: "pd.Series") -> Column:
    if series.dtype == "float64":
        return Column(_known(series.to_numpy()))
    categories = series.cat.categories.astype(str)
    unknown = np.full(len(series), np.nan)
    return Column(unknown, ~np.isfinite(unknown), series.cat.codes.to_numpy(), tuple(categories))


def _lines(text: bytes) -> Iterator[str]:
    """Lines that are not empty."""
    for line in io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="\n"):
        if line.strip():
            yield line


def _one_by_one(rows: Rows) -> list[Column]:
    """Columns of any rows."""
    lines = _lines(rows.text)
    chunks: list[list[Column]] = []
    while words := [rows.words(line) for line in islice(lines, CHUNK)]:
        width = max(map(len, words))
        chunks.append(
            [_column_of([row[i] if i < len(row) else None for row in words]) for i in range(width)]
        )
    width = max(map(len, chunks))
    for chunk in chunks:
        absent = _column_of([None] * len(chunk[0].values))
        chunk.extend([absent] * (width - len(chunk)))
    return [_joined(parts) for parts in zip(*chunks, strict=True)]


def _column_of(words: list[str | None]) -> Column:
    found = [_value(word) for word in words]
    wrong = np.array([value is None for value in found])
    values = _known(np.array([np.nan if value is None else value for value in found]))
    if not wrong.any():
        return Column(values)
    names = tuple(dict.fromkeys(word for word in words if word is not None))
    index = {name: code for code, name in enumerate(names)}
    codes = np.array([-1 if word is None else index[word] for word in words])
    return Column(values, wrong, codes, names)


def _known(values: np.ndarray) -> np.ndarray:
    """The numbers, with NaN for infinite ones, which stand for no value either."""
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def _value(word: str | None) -> float | None:
    """Number of a word, NaN for one that is not known or empty; None where it is no number."""
    if word is None:
        return None
    try:
        return number("nan" if word in ("", *DASHES) else word)
    except ValueError:
        return None


def _joined(parts: Sequence[Column]) -> Column:
    """One column of those of several chunks."""
    values = np.concatenate([part.values for part in parts])
    if all(part.wrong is None for part in parts):
        return Column(values)
    wrong, codes = [], []
    names: dict[str, int] = {}
    for part in parts:
        none = np.zeros(len(part.values), bool)
        wrong.append(none if part.wrong is None else part.wrong)
        spelled = part if part.codes is not None else _spelled(part)
        places = [names.setdefault(name, len(names)) for name in spelled.names]
        codes.append(np.array([*places, -1])[spelled.codes])
    return Column(values, np.concatenate(wrong), np.concatenate(codes), tuple(names))


def _spelled(part: Column) -> Column:
    """A column of numbers with words for them."""
    numbers, codes = np.unique(part.values, return_inverse=True)
    return Column(part.values, None, codes, tuple(f"{number:.10g}" for number in numbers))
