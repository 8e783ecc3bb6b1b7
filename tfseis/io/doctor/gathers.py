"""Signs that the traces of a SEG-Y file are those of gathers, before stack."""

from collections.abc import Mapping

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.segy.grid import PreStackError

APART = 0.5  # share of traces with source and group apart above which they may be pre-stack
FIRST_CHANNEL = 1  # channels count from 0 or 1; larger numbers are something else


def is_pre_stack(error: GeometryError, columns: Mapping[str, np.ndarray]) -> bool:
    """Whether traces of several offsets share a place, or most places have several traces.

    Args:
        error: why the file does not open.
        columns: header fields, each (traces,).
    """
    if not _places_repeat(columns):
        return False
    numbered = all(np.ptp(columns[name]) > 0 for name in ("inline", "crossline"))
    return _many(columns["offset"]) or (isinstance(error, PreStackError) and numbered)


def maybe_gathers(columns: Mapping[str, np.ndarray]) -> bool:
    """Whether traces that share a place may be those of shots and channels."""
    if not _places_repeat(columns):
        return False
    shots = (
        _many(columns["channel"])
        and columns["channel"].min() <= FIRST_CHANNEL
        and _runs(columns["shot"]) < len(columns["shot"]) / 2
        and np.ptp(columns["shot"]) > 0
    )
    return bool(shots) or any(
        min(np.ptp(columns[f"source_{axis}"]), np.ptp(columns[f"group_{axis}"])) > 0
        and (columns[f"source_{axis}"] != columns[f"group_{axis}"]).mean() > APART
        for axis in "xy"
    )


def _places_repeat(columns: Mapping[str, np.ndarray]) -> bool:
    places = np.unique(np.stack([columns["inline"], columns["crossline"]]), axis=1).shape[1]
    return places < len(columns["inline"])


def _many(column: np.ndarray) -> bool:
    """Whether a field has three values or more, or two that both occur more than once."""
    values, counts = np.unique(column, return_counts=True)
    return len(values) > 2 or (len(values) == 2 and counts.min() > 1)


def _runs(column: np.ndarray) -> int:
    """Number of runs of equal values."""
    return 1 + int(np.count_nonzero(np.diff(column)))
