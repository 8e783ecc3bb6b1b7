"""Text in tables that spreadsheets open: what would be run as a formula is marked as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # first characters that spreadsheets take for a formula
MARK = "'"  # by which a spreadsheet knows text


def as_text(cell: str) -> str:
    """A cell that no spreadsheet runs; names of files and classes may come from strangers.

    Examples:
        >>> as_text("=1+1"), as_text("salt"), as_text("-5")
        ("'=1+1", 'salt', '-5')
    """
    return f"{MARK}{cell}" if cell.startswith(FORMULAS) and not _is_number(cell) else cell


def from_text(cell: str) -> str:
    """What `as_text` was given.

    Examples:
        >>> from_text("'=1+1"), from_text("'t Zand")
        ('=1+1', "'t Zand")
    """
    return cell[1:] if cell.startswith(MARK) and as_text(cell[1:]) == cell else cell


def table_text(table: "pd.DataFrame") -> str:
    """A table as CSV, of which no spreadsheet runs a cell or a title."""
    safe = table.map(lambda cell: as_text(cell) if isinstance(cell, str) else cell)
    return safe.rename(columns=lambda title: as_text(str(title))).to_csv(index=False)


def formulas(cells: Sequence[str]) -> list[str]:
    """Those of some cells that a spreadsheet would run."""
    return [cell for cell in cells if as_text(cell) != cell]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
