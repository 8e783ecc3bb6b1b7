"""Arguments that leave out the traces of a file that have wrong numbers."""

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np

from tfseis.io.segy.grid import DuplicateTracesError, Grid, grid_from
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.outliers import OddTracesError

REPAIRS = 4  # rounds in which traces are left out


def repaired(
    name: str, layout: Layout, opening: Opening, columns: Mapping[str, np.ndarray]
) -> tuple[Opening, Grid]:
    """Find a grid by leaving out traces with wrong numbers and duplicates.

    Args:
        name: name of the file, for messages.
        layout: layout of the file, from `read_layout`.
        opening: arguments of `open_segy` to begin with.
        columns: header fields as `scan_headers` returns them.

    Returns:
        The arguments, changed where it was necessary, and the grid.

    Raises:
        GeometryError: leaving out traces does not help.
    """
    kept = np.arange(layout.traces)
    tried = opening
    for _ in range(REPAIRS):
        part = columns
        if len(kept) < layout.traces:
            part = {key: column[kept] for key, column in columns.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of the last trial are told
                grid_from(name, replace(layout, traces=len(kept)), tried, part)
            break
        except OddTracesError as error:
            kept = np.delete(kept, error.traces)
        except DuplicateTracesError:
            if tried.duplicates != "refuse":
                raise
            tried = replace(tried, duplicates="first")
    skipped = np.setdiff1d(np.arange(layout.traces), kept) + 1
    if len(skipped):
        tried = replace(tried, skip_traces=tuple(skipped.tolist()))
        alone = replace(tried, duplicates=opening.duplicates)
        with suppress(DuplicateTracesError):
            return alone, grid_from(name, layout, alone, columns)
    return tried, grid_from(name, layout, tried, columns)
