"""Classes of the points of a file, from a column of names or numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.labels.cells import Column
from tfseis.io.labels.legend import MOST_CODE
from tfseis.io.labels.parts import LabelPart
from tfseis.io.labels.words import DASHES, is_number, number


def without_class(column: Column, ignore: Sequence[int] = ()) -> np.ndarray:
    """Which rows have no class: nothing, a word for no value, a negative number; bool (rows,).

    Args:
        column: the column of classes.
        ignore: further numbers that mean unlabelled.
    """
    if column.codes is None:
        return _are_none(column.values, ignore)
    spelled = [
        not name or name in DASHES or (is_number(name) and _are_none(number(name), ignore).all())
        for name in column.names
    ]
    return np.array([*spelled, True])[column.codes]  # -1: the row ends before


def _are_none(values: np.ndarray | float, ignore: Sequence[int]) -> np.ndarray:
    return ~(np.asarray(values) >= 0) | np.isin(values, list(ignore))


def by_class(whole: LabelPart, column: Column) -> list[LabelPart]:
    """The points of a file divided by a column of class names or numbers."""
    if column.codes is None:
        known, codes = np.unique(column.values, return_inverse=True)
        wrong = ~np.isfinite(known) | (known != np.rint(known))
        names = [f"class {value:g}" for value in known]
        numbers: list[int | None] = [
            None if bad else int(v) for v, bad in zip(known, wrong, strict=True)
        ]
        if wrong.any() or known[-1] > MOST_CODE:
            row = int(np.isin(codes, np.flatnonzero(wrong | (known > MOST_CODE))).argmax())
            lines = whole.lines if whole.lines is not None else [0]
            raise LabelError(
                f"{whole.file}, line {lines[row]}: expected a class, 0 to {MOST_CODE} or a name; "
                f"got {column.values[row]:g}. Correct it, or leave out the column: --columns "
                "inline,crossline,time."
            )
    else:
        names, codes, numbers = list(column.names), column.codes, [None] * len(column.names)
    return [
        replace(
            whole,
            name=name,
            code=number,
            positions=whole.positions[codes == index],
            lines=None if whole.lines is None else whole.lines[codes == index],
        )
        for index, (name, number) in enumerate(zip(names, numbers, strict=True))
        if (codes == index).any()
    ]
