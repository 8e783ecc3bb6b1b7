"""How the columns of a text table are separated, and whether commas are decimal."""

import re
from dataclasses import dataclass

from tfseis.errors import LabelError

ANY = ""  # spaces, commas and semicolons alike, any number of them
_QUOTED = re.compile(r'"[^"]*"')
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_POINT = re.compile(r"\d\.\d")
_TWO_NUMBERS = re.compile(r"\d\s+[+-]?\.?\d")
_DECIMAL_WORD = re.compile(r"[+-]?\d+,\d+")
FEWEST_COLUMNS = 3
FEW, FEW_OF_ALL = 0.01, 0.25  # share of the rows that may be damaged, of many and of a few


@dataclass(frozen=True)
class Separators:
    """How a row is split.

    Args:
        columns: character between columns; `ANY` for blanks, commas and semicolons alike.
        decimal: decimal sign, "." or ",".
    """

    columns: str = ANY
    decimal: str = "."

    def split(self, text: str) -> list[str]:
        """Words of a row or of a line of titles, without quotes."""
        if self.decimal == ",":
            text = _DECIMAL.sub(".", text)
        if self.columns == ANY:
            return [word.strip('"') for word in _ANY_WORD.findall(text)]
        words = _FIELDS[self.columns].findall(text.strip(" \n"))
        return [word.strip().strip('"').strip() for word in words]


_ANY_WORD = re.compile(r'"[^"]*"|[^\s,;]+')
_FIELDS = {
    sign: re.compile(rf'(?:^|(?<={sign}))(?:\s*"[^"]*"[^{sign}]*|[^{sign}]*)') for sign in ",;\t"
}


def separators_of(name: str, rows: list[str]) -> Separators:
    """Recognise the separators of some rows.

    Args:
        name: name of the file, for messages.
        rows: the first rows, at least one.

    Raises:
        LabelError: commas may separate columns or be decimal.
    """
    plain = [_QUOTED.sub("q", row.strip(" \n")) for row in rows]
    if any(";" in row for row in plain):
        decimal = "," if any(map(_DECIMAL.search, plain)) else "."
        return _checked(Separators(";", decimal), plain)
    if any("," in row for row in plain):
        return _commas(name, rows, plain)
    if all("\t" in row for row in plain):
        return _checked(Separators("\t"), plain)
    return Separators()


def _commas(name: str, rows: list[str], plain: list[str]) -> Separators:
    if _decimal_but_for_few(plain):
        return _checked(Separators("\t" if all("\t" in row for row in plain) else ANY, ","), plain)
    words = [row.split() for row in plain]
    single = all(word.count(",") <= 1 for row in words for word in row)
    inside = all(row.count(",") == len(_DECIMAL.findall(row)) for row in plain)
    points = any(map(_POINT.search, plain))  # beside which commas are not decimal
    if single and inside and not points:
        both = all("," in word for row in words for word in row[:2])
        if min(map(len, words)) >= FEWEST_COLUMNS or (both and min(map(len, words)) > 1):
            return _checked(
                Separators("\t" if all("\t" in row for row in plain) else ANY, ","), plain
            )
        if min(map(len, words)) > 1 or max(row.count(",") for row in plain) == 1:
            raise LabelError(
                f"{name}: expected columns between blanks, tabs, commas or semicolons; got "
                f"{rows[0].strip()[:60]!r}, whose commas separate columns or are decimal. Put "
                "semicolons between the columns."
            )
    return _checked(Separators(","), plain)


def _decimal_but_for_few(plain: list[str]) -> bool:
    """Whether blanks separate words of decimal commas in all rows but a few, which are damaged."""
    whole = [_decimal_words(row) for row in plain]
    odd = whole.count(False)
    return 0 < odd <= max(1, FEW * len(plain)) and odd < FEW_OF_ALL * len(plain)


def _decimal_words(row: str) -> bool:
    """Whether a row holds three words or more, two of them numbers with decimal commas."""
    words = row.split()
    decimal = [word for word in words if _DECIMAL_WORD.fullmatch(word)]
    others = [word for word in words if "," in word or _POINT.search(word)]
    return len(words) >= FEWEST_COLUMNS and len(decimal) >= 2 and len(decimal) == len(others)


def _checked(found: Separators, plain: list[str]) -> Separators:
    """These separators, or any, where rows use several or a column is empty throughout."""
    table = [found.split(row) for row in plain]
    several = found.columns != ANY and any(
        _TWO_NUMBERS.search(word) for words in table for word in words
    )
    aligned = found.columns == "\t" and any(not any(column) for column in zip(*table, strict=False))
    if several or aligned:
        return Separators(ANY, found.decimal)
    return found
