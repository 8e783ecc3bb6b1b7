"""Words and numbers of text tables, in the spellings of many programs."""

import re
from math import nan

COMMENTS = ("#", "!", "@", "$", "//", "FFASCI", "FFATTR")  # the last two: CPS-3
ARROW = "->"  # CPS-3 begins a line with it, and names it
SEPARATOR = ">"  # of GMT
NO_VALUE = (
    *("nan", "null", "none", "na", "n/a", "n.a.", "nodata", "undef", "undefined"),
    *("#n/a", "<na>", "1.#qnan", "1.#ind"),
    *("#value!", "#div/0!", "#num!", "#ref!", "#null!"),  # of spreadsheets
)
DASHES = ("-", "--")  # alone in a column; in a name they join words
LONGEST_STARS = 40  # a number that is wider than its field is written as asterisks

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?", re.ASCII)
_WORD = re.compile(r'"[^"]*"|[^\s,;]+')


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
    """Whether a word is a number, or stands for one that is not known.

    Examples:
        >>> [is_number(word) for word in ("1.5", "0.24D+03", "NaN", "****", "chalk", "1_0")]
        [True, True, True, True, False, False]
    """
    try:
        number(word)
    except ValueError:
        return False
    return True


def number(word: str) -> float:
    """The number that a word spells; NaN where it stands for one that is not known.

    Raises:
        ValueError: it is no number.

    Examples:
        >>> number("0.24D+03"), number("****")
        (240.0, nan)
    """
    if word.isascii() and "_" not in word:  # which Python reads, and nobody writes
        try:
            return float(word)
        except ValueError:
            pass
    if _NUMBER.fullmatch(word):
        return float(word.replace("D", "E").replace("d", "e"))
    if _unknown(word):
        return nan
    raise ValueError(f"no number: {word!r}")


def numbers_begin(words: list[str]) -> tuple[int, int]:
    """How many words come before the first number, and how many numbers follow there."""
    known = [is_number(word) for word in words]
    before = known.index(True) if True in known else len(words)
    rest = known[before:]
    return before, rest.index(False) if False in rest else len(rest)


def _unknown(word: str) -> bool:
    return word.lower().lstrip("+-") in NO_VALUE or (bool(word) and not word.strip("*"))
