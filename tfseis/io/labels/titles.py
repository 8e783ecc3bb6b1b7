"""Column titles, in the words of many programs, and the columns that a user names."""

import re
from collections.abc import Sequence

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.labels.headers import IESX
from tfseis.io.labels.separators import Separators
from tfseis.io.labels.text import Table

PLACES = ("inline", "crossline", "x", "y", "time")
ROLES = (*PLACES, "name", "stick", "node", "polygon", "class")
SKIP = "-"
FEWEST_IESX = 8  # columns of IESX, whose time is the fifth
MOST_WORDS = 12  # a comment with more words, and more than there are columns, holds no titles
SHOWN_ROLES = f"{', '.join(ROLES)}, or {SKIP} for another"
SPELLINGS = {
    "inline": "inline iline inl il inlineno inlinenumber inline3d ilineno line lineno ilinenumber",
    "crossline": "crossline xline xlin crl xl crosslineno crosslinenumber xlineno xlinenumber "
    "crossline3d xline3d trace traceno tracenumber",
    "x": "x xcoord xcoordinate xcoordinates east easting eastings cdpx utmx worldx mapx xutm "
    "xworld",
    "y": "y ycoord ycoordinate ycoordinates north northing northings cdpy utmy worldy mapy yutm "
    "yworld",
    "time": "time t z twt twtt tvd tvdss depth elevation height twowaytime traveltime zvalue "
    "zcoord zcoordinate timedepth sampletime zdepth ztime twtpicked twtauto",
    "name": "name fault faultname horizon horizonname surface surfacename",
    "stick": "stick sticknumber stickno stickid stickidx stickindex segment segmentid segid "
    "segmentno segmentnumber faultstick sticknr",
    "node": "node nodeno nodenumber nodeid nodeidx nodeindex knot vertex vertexid point pointno",
    "polygon": "polygon polygonid polygonno polygonnumber poly polyid polygonname part partid ring",
    "class": "class classid classno classcode label labels facies faciescode code category",
}
ROLE_OF = {word: role for role, words in SPELLINGS.items() for word in words.split()}
UNITS = {"ms": "ms", "msec": "ms", "millisecond": "ms", "milliseconds": "ms", "s": "s"}
UNITS |= {"sec": "s", "second": "s", "seconds": "s", "m": "m", "meter": "m", "meters": "m"}
UNITS |= {"us": "us", "usec": "us", "microsecond": "us", "microseconds": "us"}
UNITS |= {"metre": "m", "metres": "m", "sample": "sample", "samples": "sample"}
SAMPLE_NUMBERS = ("sample", "sampleno", "samplenumber", "sampleindex", "sampleidx")
TWO_WAY = re.compile(r"two.?way|travel|^tw|^t$|time", re.IGNORECASE)
DEEP = re.compile(r"dep|tvd|elev|height", re.IGNORECASE)
FEET = ("ft", "feet", "foot")
_UNIT = re.compile(r"^(.*?)(?:[\s_]+|\s*[(\[/]\s*)([a-zA-Z]+)\s*[)\]]?$")


def role_and_unit(title: str) -> tuple[str, str]:
    """What a title names, and the unit that it adds; "" for what is not known.

    Examples:
        >>> role_and_unit("X-line"), role_and_unit("TWT (ms)"), role_and_unit("amplitude")
        (('crossline', ''), ('time', 'ms'), ('', ''))
    """
    title = title.strip().strip('"').strip()
    found = ROLE_OF.get(re.sub(r"[\s_.#:-]", "", title).lower(), "")
    if found:
        return found, ""
    if re.sub(r"[\s_.#:-]", "", title).lower() in SAMPLE_NUMBERS:
        return "time", "sample"
    with_unit = _UNIT.match(title)
    if with_unit:
        unit = with_unit[2].lower()
        role = ROLE_OF.get(re.sub(r"[\s_.#:-]", "", with_unit[1]).lower(), "")
        if role and (unit in UNITS or unit in FEET):
            return role, UNITS.get(unit, unit)
        if role in {"x", "y"}:  # ``X (EASTING)``
            return role, ""
    return "", ""


def vertical_rank(title: str, unit: str) -> int:
    """How well a title of times fits a cube: 0 for the best, 2 for what is something else.

    Args:
        title: title of a column of times or depths.
        unit: unit of the cube.

    Examples:
        >>> [vertical_rank(title, "ms") for title in ("TWT (ms)", "z", "depth", "sample")]
        [0, 1, 2, 2]
    """
    if role_and_unit(title)[1] == "sample":
        return 2
    if DEEP.search(title):
        return 2 if unit == "ms" else 0
    if TWO_WAY.search(title.strip(' "')):
        return 0 if unit == "ms" else 2
    return 1


def titles_of(table: Table) -> tuple[str, ...]:
    """Titles of the columns of a table; empty where it has none that name places.

    Titles stand in the last line above the rows that names two places or more.
    """
    width = len(table.columns)
    marked = table.header.titles
    if marked and table.header.form == IESX and width < FEWEST_IESX:
        marked = ()
    if _places(marked) >= 2 or (marked and table.header.form):
        return (*marked, *[""] * width)[:width]
    for note in reversed(table.header.notes):
        for words in _splits(note, table.separators):
            if _places(words) >= 2:
                fitted = _fitted(words, table)
                if fitted:
                    return fitted
    return ()


def named_columns(names: Sequence[str] | str) -> tuple[str, ...]:
    """Roles of the columns that a user names, checked.

    Args:
        names: one of `ROLES`, or "-" for a column that is not used, for each column from the
            first; or these as text with commas between them.

    Raises:
        LabelError: an unknown name, one that comes twice, or no place among them.
    """
    words = [word.strip() for word in (names.split(",") if isinstance(names, str) else names)]
    roles = [role_and_unit(word)[0] for word in words]
    for word, role in zip(words, roles, strict=True):
        if not role and word not in {SKIP, "_", ""}:
            raise LabelError(
                f"Expected columns among {SHOWN_ROLES}; got {word!r}. Name the columns in the "
                "order of the file, such as inline,crossline,time."
            )
        if role and roles.count(role) > 1:
            raise LabelError(
                f"Expected each column once; got {word!r} twice in {','.join(words)}. Write "
                f"{SKIP} for the one that is not meant."
            )
    if not ({"inline", "crossline"} <= set(roles) or {"x", "y"} <= set(roles)):
        raise LabelError(
            f"Expected columns with inline and crossline, or with x and y; got {','.join(words)}. "
            "Name these too."
        )
    return tuple(roles)


def named_unit(names: Sequence[str] | str) -> str:
    """The unit that the name of the column of times adds; "" for none.

    Examples:
        >>> named_unit("inline,crossline,twt_s"), named_unit("inline,crossline,sample")
        ('s', 'sample')
    """
    words = names.split(",") if isinstance(names, str) else names
    return next((unit for role, unit in map(role_and_unit, words) if role == "time"), "")


def _places(words: Sequence[str]) -> int:
    return len({role for role in (role_and_unit(word)[0] for word in words) if role in PLACES})


def _splits(note: str, separators: Separators) -> list[list[str]]:
    """The ways in which a line of titles may be split, the likeliest first."""
    ways = [separators.split(note), re.split(r"\t+|\s{2,}|\s*[,;]\s*", note.strip())]
    return [*ways, [word.strip('"') for word in re.findall(r'"[^"]*"|[^\s,;]+', note)]]


def _fitted(words: Sequence[str], table: Table) -> tuple[str, ...]:
    """These titles for the columns of a table; empty where they cannot be matched to them."""
    width, before = len(table.columns), table.text_before
    known = [bool(role_and_unit(word)[0]) for word in words]
    if len(words) == width or _none_beyond(table, len(words)):
        return (*words, *[""] * width)[:width]
    if before and role_and_unit(words[0])[0] in PLACES and len(words) <= width - before:
        return (*[""] * before, *words, *[""] * width)[:width]  # names of horizons have no title
    if len(words) > MOST_WORDS or True not in known:
        return ()
    first, count = known.index(True), sum(known)
    if all(known[first : first + count]) and count == width:
        return tuple(words[first : first + count])
    if not all(known) or len(words) > width:
        return ()
    alone = len(words) == 2  # a pair of places, with the time behind
    return (*words, *["time"] * alone, *[""] * width)[:width]


def _none_beyond(table: Table, width: int) -> bool:
    """Whether the columns behind some are those of single rows, such as remarks."""
    beyond = table.columns[width:]
    partial = [column.codes is not None and bool((column.codes < 0).any()) for column in beyond]
    return bool(partial) and all(partial)


def counts_rows(table: Table, column: int) -> bool:
    """Whether a column counts the rows from 0 or 1, as an index does."""
    values = table.columns[column].values
    if len(values) < 2 or values[0] not in {0, 1} or values[1] != values[0] + 1:
        return False
    return bool((values == values[0] + np.arange(len(values))).all())
