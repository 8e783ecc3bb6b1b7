"""What stands above the rows of a text table: comments, column titles, headers of vendors.

Forms whose rows are nodes are read: Charisma, OpendTect, OpenWorks, IESX, EarthVision, Petrel's
points with attributes, Zmap+ and CPS-3 points and lines. Grids and GOCAD objects, which hold no
nodes row by row, are refused by name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tfseis.errors import LabelError
from tfseis.io.labels.words import ARROW, COMMENTS, SEPARATOR, numbers_begin, split_words

IESX, OPENWORKS = "IESX", "OpenWorks"  # forms that hold horizons alone
CHARISMA_HORIZON, CHARISMA_STICKS = "Charisma horizon", "Charisma sticks"
HORIZON_FORMS = (IESX, OPENWORKS, CHARISMA_HORIZON)
IESX_COLUMNS = ("x", "y", "", "", "time")
IESX_HEADER = ("PROFILE", "SNAPPING")
FEWEST_NUMBERS = 2  # of a row, which may be x and y alone
FEWEST_WORDS = 2  # before the numbers of a title, such as Horizon Top 2 3
_SECOND_HORIZON = {IESX: b"\nPROFILE", OPENWORKS: b"\n#End_of_Horizon"}

_LINE = r"(?:in-?line|x-?line|cross-?line|[tz]-?slice|time-?slice|random-?line)"
MARKER = re.compile(rf"\b{_LINE}\b(?:\s*-(?=\s*[\d.-])|\s*:)?\s*(?=[\d.-])", re.IGNORECASE)
_MARKED = re.compile(rf'^"?{_LINE}\s*(-|:|(?=[\d.]))', re.IGNORECASE)
_SECOND = re.compile(rf"\s{_LINE}\s*:?\s*[\d.-]", re.IGNORECASE)
_FIELD = re.compile(r"#\s*Field:\s*\d+\s+(\S+)(?:\s+(\S+))?", re.IGNORECASE)
_UNIT = re.compile(r"#\s*Unit in depth:\s*(\S+)", re.IGNORECASE)
_GRIDS = (  # (first line, in upper case, what it begins)
    (re.compile(r"FSASCI|FSATTR|FSLIMI|FSNROW"), "a CPS-3 grid"),
    (re.compile(r"@.*\bGRID\b"), "a Zmap+ grid"),
    (re.compile(r"-996\s"), "an Irap classic grid"),
    (re.compile(r"DS(?:AA|BB|RB)\b"), "a Surfer grid"),
    (re.compile(r"NCOLS\s+\d+"), "an ESRI grid"),
    (re.compile(r"GOCAD\s"), "a GOCAD object"),
    (re.compile(r"~V"), "a LAS file of well logs"),
)


@dataclass(frozen=True)
class Header:
    """The lines above the first row.

    Args:
        notes: comments and titles, without comment marks, in order.
        titles: column titles that the form itself marks as such; empty where it does not.
        unit: unit of times or depths, where the form says it.
        form: one of the forms with a name of this module, or "".
        lines: number of lines above the first row.
        offset: number of bytes above it.
    """

    notes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    unit: str = ""
    form: str = ""
    lines: int = 0
    offset: int = 0


def read_header(path: Path, data: bytes) -> Header | None:
    """Read what stands above the first row; None where there is no row.

    Args:
        path: the file, for messages.
        data: its text, from `read_text`.

    Raises:
        LabelError: the file is a grid or another object.
    """
    notes: list[str] = []
    titles: list[str] = []
    header = Header()
    lines = _lines(data)
    for count, offset, text in lines:
        _refuse_grids(path, text)
        upper = text.upper()
        if upper == "BEGIN HEADER":
            titles = [_attribute(field) for field in _until(lines, "END HEADER")]
        elif upper.startswith("@") and "HEADER" in upper:
            titles = [field.partition(",")[0].strip() for field in _until(lines, "@")]
            titles = [field for field in titles if any(map(str.isalpha, field))]
        elif field := _FIELD.match(text):
            titles.append(" ".join(filter(None, field.groups())))
        elif upper.startswith(IESX_HEADER):
            unit = text.split()[-1].lower() if upper.startswith("PROFILE") else header.unit
            header = replace(header, form=IESX, titles=IESX_COLUMNS, unit=unit)
        elif not text or text.startswith((*COMMENTS, ARROW, SEPARATOR)):
            if text.upper().startswith(("#END_OF_HORIZON", "@FILE_VERSION")):
                header = replace(header, form=OPENWORKS)
            if stated := _UNIT.match(text):
                header = replace(header, unit=stated[1].lower())
            notes += [text.lstrip("#!@$/ ")] * bool(text)
        elif (form := row_form(text)) and not _is_title(text, data[offset:]):
            form = header.form or form.strip()
            return replace(
                header,
                notes=tuple(notes),
                titles=header.titles or tuple(titles),
                form=form,
                lines=count,
                offset=offset,
            )
        else:
            line = data[offset : data.index(b"\n", offset)].decode("utf-8")
            notes.append("\t" * line.startswith("\t") + text)  # above a column without a title
    return None


def row_form(text: str) -> str:
    """Form of a row, a blank where nothing marks it; "" for text that is no row."""
    marked = _MARKED.match(text)
    if marked:
        plain = split_words(MARKER.sub(" ", text))
        if numbers_begin(plain)[0] == 0:
            second = _SECOND.search(text) and len(plain) < CHARISMA_WORDS
            return CHARISMA_HORIZON if second or len(plain) <= HORIZON_WORDS else CHARISMA_STICKS
    before, count = numbers_begin(split_words(text))
    starts = before == 0 and count > 0
    return " " if starts or count >= FEWEST_NUMBERS else ""


CHARISMA_WORDS = 7  # inline crossline x y time name stick
HORIZON_WORDS = 5  # inline crossline x y time


def refuse_several(path: Path, header: Header, data: bytes) -> None:
    """Refuse a file with the header of a second horizon below the first.

    Raises:
        LabelError: there is one.
    """
    begin = _SECOND_HORIZON.get(header.form)
    count = data.count(begin, header.offset) if begin else 0
    if count:
        raise LabelError(
            f"{path.name}: expected one horizon; got {count + 1}, each with a header of "
            f"{header.form}. Split the file, one horizon each."
        )


def _is_title(text: str, data: bytes) -> bool:
    """Whether words that end in numbers stand above rows that begin with one."""
    if numbers_begin(split_words(text))[0] < FEWEST_WORDS or _MARKED.match(text):
        return False
    below = next((line for _, _, line in _lines(data[data.index(b"\n") + 1 :]) if line), "")
    before, count = numbers_begin(split_words(below))
    return before == 0 and count > FEWEST_NUMBERS


def _lines(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Lines above, offset, and text of each line."""
    offset, count = 0, 0
    while offset < len(data):
        end = data.index(b"\n", offset)
        yield count, offset, data[offset:end].decode("utf-8").strip()
        offset, count = end + 1, count + 1


def _until(lines: Iterator[tuple[int, int, str]], last: str) -> list[str]:
    """Lines up to one that reads `last`."""
    found = []
    for _, _, text in lines:
        if text.upper() == last:
            break
        found.append(text)
    return found


def _attribute(field: str) -> str:
    """Title of a column of Petrel points: ``FLOAT,Amplitude`` is Amplitude."""
    return field.partition(",")[2] or field


def _refuse_grids(path: Path, text: str) -> None:
    for pattern, name in _GRIDS:
        if pattern.match(text.upper()):
            raise LabelError(
                f"{path.name}: expected points, a horizon, fault sticks or polygons, one node in "
                f"each line; this is {name}. Export it as text with inline, crossline, x, y and "
                "time in each line."
            )
