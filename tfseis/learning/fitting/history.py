"""The history of a training: one row an epoch, kept in a CSV file of its folder."""

import csv
from pathlib import Path

HISTORY = "history.csv"


def trained_minutes(folder: str | Path) -> float:
    """How long all trainings below a folder took, interrupted runs included.

    Args:
        folder: searched with all its subfolders for histories; need not exist.

    Returns:
        The sum of the minutes in the last row of each history; 0 where there is none.
    """
    return sum(_last_minutes(path) for path in sorted(Path(folder).rglob(HISTORY)))


def _last_minutes(path: Path) -> float:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return float(rows[-1].get("minutes") or 0) if rows else 0.0
