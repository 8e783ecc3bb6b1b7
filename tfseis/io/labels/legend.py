"""Names, codes and colours of classes, and the CSV file beside a cube that holds them."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tfseis.errors import FormatError, LabelError
from tfseis.io.cells import as_text, from_text
from tfseis.io.labels.encodings import read_text
from tfseis.io.output import complete_or_absent

if TYPE_CHECKING:
    import pandas as pd

# Matplotlib's "tab10" then "Set2": distinct when laid over a grey section.
PALETTE = (
    "#1f77b4",
    "#ff7f0e",
    "#2ca02c",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#bcbd22",
    "#17becf",
    "#66c2a5",
    "#fc8d62",
    "#8da0cb",
    "#e78ac3",
    "#a6d854",
    "#ffd92f",
    "#e5c494",
)
MOST_CODE = 32767  # class cubes are int16
COLUMNS = ("code", "name", "colour")
SPELLINGS = {"color": "colour"}
SEPARATORS = (",", ";", "\t")
_WHOLE = re.compile(r"\.0+$")  # by which spreadsheets make a float of a code
_BARE = re.compile(r"^[0-9a-fA-F]{6}$")  # a colour without #


@dataclass(frozen=True)
class Legend:
    """Meaning of the numbers in a class cube.

    Args:
        codes: number that stands for each class in files, each once, ascending.
        names: name of each class.
        colours: colour of each class, as ``#rrggbb``.

    Examples:
        >>> legend = Legend.of(["chalk", "salt"])
        >>> legend.codes, legend.names
        ((0, 1), ('chalk', 'salt'))
    """

    codes: tuple[int, ...]
    names: tuple[str, ...]
    colours: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, names: Sequence[str], codes: Sequence[int] | None = None) -> "Legend":
        """A legend with standard colours; codes count from 0 unless they are given.

        Args:
            names: name of each class.
            codes: code of each class; None for 0, 1, 2 ..
        """
        codes = range(len(names)) if codes is None else codes
        colours = [PALETTE[i % len(PALETTE)] for i in range(len(names))]
        return cls(tuple(int(c) for c in codes), tuple(names), tuple(colours))

    def rows(self) -> list[tuple[int, str, str]]:
        """Code, name and colour of each class."""
        return list(zip(self.codes, self.names, self.colours, strict=True))

    def table(self) -> "pd.DataFrame":
        """Table with the columns code, name and colour, one row for each class."""
        import pandas as pd  # noqa: PLC0415 - slow to import, and a legend is often read alone

        return pd.DataFrame(self.rows(), columns=list(COLUMNS))

    def lines(self) -> list[str]:
        """One short line of text for each class, for a textual header."""
        return [f"{code} = {name}" for code, name in zip(self.codes, self.names, strict=True)]


def legend_path(cube_path: str | Path) -> Path:
    """Path of the legend of a class cube: ``facies.sgy`` -> ``facies.classes.csv``.

    Args:
        cube_path: path of the class cube.
    """
    return Path(cube_path).with_suffix(".classes.csv")


def write_legend(path: str | Path, legend: Legend) -> None:
    """Write a legend as CSV with the columns code, name and colour.

    Args:
        path: the file; one of that name is replaced.
        legend: classes to write.
    """
    with (
        complete_or_absent(Path(path), overwrite=True) as partial,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows(
            [COLUMNS, *((code, as_text(name), colour) for code, name, colour in legend.rows())]
        )


def read_legend(path: str | Path) -> Legend:
    """Read a legend that `write_legend` or a person wrote.

    Args:
        path: the file.

    Raises:
        FormatError: the columns code, name and colour are not all there, or a code is no integer.
        LabelError: two classes have one code.
    """
    path = Path(path)
    try:
        rows = sorted(_rows(path))
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise FormatError(
            f"{path}: expected a CSV with the columns {', '.join(COLUMNS)}; got {error}. "
            "Write one line a class, such as 3,salt,#d62728."
        ) from None
    for (code, *_), (following, *_) in pairwise(rows):
        if code == following:
            raise LabelError(
                f"{path}: expected each code once; {code} comes twice. Remove one line."
            )
    codes, names, colours = zip(*rows, strict=True) if rows else ((), (), ())
    return Legend(codes, names, colours)


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """Code, name and colour in each line, in the order of the file."""
    text = _text(path)
    first = next(iter(text.splitlines()), "")
    separator = next((sign for sign in SEPARATORS if sign in first), SEPARATORS[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    titles, *lines = [line for line in reader if line] or [[]]
    blanks = any(title != title.strip() for title in titles)  # beside the separators
    titles = [SPELLINGS.get(word, word) for word in (title.strip().lower() for title in titles)]
    lacking = [column for column in COLUMNS if column not in titles]
    if lacking:
        raise ValueError(f"no column {lacking[0]!r}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(titles):
            raise ValueError(f"{len(line)} values for {len(titles)} columns in line {number}")
    code, name, colour = (titles.index(column) for column in COLUMNS)
    return [
        (
            int(_WHOLE.sub("", line[code].strip())),
            from_text(line[name].strip() if blanks else line[name]),
            _BARE.sub(r"#\g<0>", line[colour].strip()),
        )
        for line in lines
    ]


def _text(path: Path) -> str:
    """Text of a file, in the encoding that it has."""
    with suppress(UnicodeDecodeError):
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" not in text:
            return text
    try:
        return read_text(path, "a class").decode("utf-8")
    except FormatError:
        raise ValueError("bytes that are no text") from None
