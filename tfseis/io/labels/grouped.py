"""Numbers of text tables with thousands separators, or decimal commas in quotes, as plain ones.

Spreadsheets write ``6.783.750,25`` and ``"6,783,750.25"``. Such numbers are recognised in tables
with semicolons or tabs, and in quotes; elsewhere a comma or a blank may separate columns.
"""

import re
from collections.abc import Sequence
from itertools import chain

from tfseis.io.labels.words import COMMENTS

SAMPLE = 400  # lines that tell how numbers are spelled
SPELLINGS = ((",", "."), (".", ","), (" ", ".,"), ("'", ".,"))  # thousands, decimals
SEPARATORS = (";", "\t")
_QUOTED = re.compile(r'"([^"\n]*)"')
_COMMA = re.compile(r"[+-]?\d+,\d+")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234 may have a decimal comma or none
_POINT = re.compile(r"\d\.\d")


def with_plain_numbers(data: bytes) -> bytes:
    """The same lines, with plain numbers where others are recognised for sure.

    Args:
        data: text of a file, UTF-8.
    """
    lines = _first_lines(data)
    separator = next((sign for sign in SEPARATORS if _in_most(lines, sign)), "")
    if not separator and b'"' not in data:
        return data
    quoted = [text.strip() for line in lines for text in _QUOTED.findall(line)]
    bare = [_QUOTED.sub("", line).split(separator) for line in lines if separator]
    fields = [*quoted, *(text.strip() for text in chain.from_iterable(bare))]
    spelled = [signs for signs in SPELLINGS if any(map(_grouped(*signs).fullmatch, fields))]
    if len(spelled) == 1:
        return _rewritten(data, separator, *spelled[0])
    if not spelled and _has_decimal_commas(quoted, fields):
        return _rewritten(data, separator, "", ",")
    return data


def _first_lines(data: bytes) -> list[str]:
    """Lines that are neither empty nor comments."""
    lines = [line.decode("utf-8").strip(" \r") for line in data.split(b"\n", SAMPLE)[:SAMPLE]]
    return [line for line in lines if line.strip() and not line.startswith(COMMENTS)]


def _in_most(lines: Sequence[str], sign: str) -> bool:
    """Whether most lines hold a sign outside of quotes."""
    return 2 * sum(sign in _QUOTED.sub("", line) for line in lines) > len(lines)


def _grouped(group: str, decimals: str) -> re.Pattern[str]:
    """Numbers that can only be grouped: in two groups, or in one with decimals.

    A blank may as well stand between two columns, so that it needs two groups.
    """
    begin, step = r"[+-]?[1-9]\d{0,2}", rf"(?:{re.escape(group)}\d{{3}})"
    two = rf"{begin}{step}{{2,}}(?:[{decimals}]\d+)?"
    return re.compile(two if group == " " else rf"{two}|{begin}{step}[{decimals}]\d+")


def _has_decimal_commas(quoted: Sequence[str], fields: Sequence[str]) -> bool:
    """Whether commas in quoted numbers are decimal for sure."""
    found = [field for field in quoted if _COMMA.fullmatch(field)]
    return not all(map(_EITHER.fullmatch, found)) and not any(map(_POINT.search, fields))


def _rewritten(data: bytes, separator: str, group: str, decimals: str) -> bytes:
    """The text with plain numbers in place of quoted and of grouped ones.

    A decimal comma becomes a point where commas separate columns.
    """
    groups = rf"[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+|" if group else ""
    number = rf" *([+-]?(?:{groups}\d+)(?:[{decimals}]\d+)?) *"
    field = rf'"{number}"'
    if separator and group:
        field += rf"|(?:\A|(?<=[{separator}\n])){number}(?=[{separator}\n])"

    def plain(found: re.Match[str]) -> str:
        text = str(found[found.lastindex or 1]).replace(group, "")
        return text if separator else text.replace(",", ".")

    return re.sub(field, plain, data.decode("utf-8")).encode("utf-8")
