"""Axes that line numbers form."""

import numpy as np

from tfseis.geometry import Axis


def line_axis(name: str, numbers: np.ndarray) -> Axis:
    """The axis that line numbers form; its step is their greatest common divisor."""
    distinct = np.unique(numbers).astype("int64")
    step = int(np.gcd.reduce(np.diff(distinct))) if len(distinct) > 1 else 1
    return Axis(name, int(distinct[0]), step, int(distinct[-1] - distinct[0]) // step + 1)


def cells(axes: list[Axis], numbers: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Cell of each trace in the flattened grid (inlines, crosslines), int64 (traces,)."""
    row, column = (
        (values.astype("int64") - int(axis.first)) // int(axis.step)
        for axis, values in zip(axes, numbers, strict=True)
    )
    return row * axes[1].count + column
