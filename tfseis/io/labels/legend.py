"""Class names, codes and colours, and the small CSV that carries them beside a cube."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tfseis.errors import FormatError, LabelError
from tfseis.io.output import complete_or_absent

# Matplotlib's "tab10" then "Set2": distinct when laid over a grey section.
PALETTE = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#bcbd22",
    "#17becf", "#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f", "#e5c494",
)  # fmt: skip
MOST_CODE = 32767  # class cubes are int16
COLUMNS = ["code", "name", "colour"]


@dataclass(frozen=True)
class Legend:
    """What the numbers in a class cube mean.

    Args:
        codes: the number that stands in the file for each class, each once, ascending.
        names: one a class.
        colours: one a class, as ``#rrggbb``.

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
        """A legend with standard colours; codes count from 0 unless given."""
        codes = range(len(names)) if codes is None else codes
        colours = [PALETTE[i % len(PALETTE)] for i in range(len(names))]
        return cls(tuple(int(c) for c in codes), tuple(names), tuple(colours))

    def table(self) -> pd.DataFrame:
        """Columns code, name and colour, one row a class."""
        return pd.DataFrame(dict(zip(COLUMNS, (self.codes, self.names, self.colours), strict=True)))

    def lines(self) -> list[str]:
        """One short text line a class, for a textual header."""
        return [f"{code} = {name}" for code, name in zip(self.codes, self.names, strict=True)]


def legend_path(cube_path: str | Path) -> Path:
    """Where the legend of a class cube lies: ``facies.sgy`` -> ``facies.classes.csv``."""
    return Path(cube_path).with_suffix(".classes.csv")


def write_legend(path: str | Path, legend: Legend) -> None:
    """Write a legend as CSV with the columns code, name and colour."""
    with complete_or_absent(Path(path), overwrite=True) as partial:
        legend.table().to_csv(partial, index=False)


def read_legend(path: str | Path) -> Legend:
    """Read a legend that `write_legend` or a person wrote.

    Raises:
        FormatError: the columns code, name and colour are not all there, or a code is no integer.
        LabelError: two classes have one code.
    """
    path = Path(path)
    try:
        table = pd.read_csv(path, dtype={"name": str, "colour": str}, keep_default_na=False)
        table = table[COLUMNS].astype({"code": str}).astype({"code": int}).sort_values("code")
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise FormatError(
            f"{path}: expected a CSV with the columns {', '.join(COLUMNS)}; got {error}. "
            "Write one line a class, such as 3,salt,#d62728."
        ) from None
    if table["code"].duplicated().any():
        twice = table["code"][table["code"].duplicated()].iloc[0]
        raise LabelError(f"{path}: expected each code once; {twice} comes twice. Remove one line.")
    return Legend(*(tuple(table[column]) for column in COLUMNS))
