"""The history of a training: one row an epoch, kept as a CSV file in its folder."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from tfseis.io.output import complete_or_absent

HISTORY = "history.csv"


@dataclass(frozen=True)
class Fitted:
    """What a training gives.

    Args:
        model: the network with the weights that `Training.best` asks for; it is not compiled.
        history: one row an epoch, with the columns epoch, loss, learning_rate, steps (batches that
            were made) and minutes (since the first start); further columns hold the other metrics,
            those of the validation with the prefix ``val_``, and the scores.
    """

    model: keras.Model
    history: pd.DataFrame


def trained_minutes(folder: str | Path) -> float:
    """How long all trainings below a folder took, interrupted runs included.

    Args:
        folder: searched with all its subfolders for histories; need not exist.

    Returns:
        The sum of the minutes in the last row of each history; 0 where there is none.
    """
    return sum(_last_minutes(path) for path in sorted(Path(folder).rglob(HISTORY)))


def write_history(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """Write ``history.csv``; an interruption leaves the earlier file complete."""
    with complete_or_absent(folder / HISTORY, overwrite=True) as partial:
        pd.DataFrame(rows).to_csv(partial, index=False)


def _last_minutes(path: Path) -> float:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return float(rows[-1].get("minutes") or 0) if rows else 0.0
