"""Colours of amplitudes and classes, shared by all plots."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.io.labels.legend import Legend

CLIP = 0.98  # quantile of |amplitude| that is plotted black; larger amplitudes look the same


def amplitude_limit(amplitude: ArrayLike) -> float:
    """The amplitude that is plotted black: the 98 % quantile of the magnitudes that are not 0.

    A few spikes therefore do not make a section pale.

    Args:
        amplitude: numbers of any shape; those that are not finite are left out.

    Returns:
        A number above 0; 1.0 where there is no amplitude other than 0.

    Example:
        >>> amplitude_limit(np.zeros((7, 9)))
        1.0
    """
    amplitude = np.asarray(amplitude, "float64")
    live = np.abs(amplitude[np.isfinite(amplitude)])
    live = live[live > 0]  # dead traces would pull the quantile down
    return float(np.quantile(live, CLIP)) if live.size else 1.0


def class_handles(legend: Legend) -> list[Patch]:
    """A coloured patch with a name for each class, for a Matplotlib legend.

    Args:
        legend: names and colours of the classes.

    Returns:
        Patches in the order of the legend.
    """
    return [
        Patch(color=colour, label=name)
        for name, colour in zip(legend.names, legend.colours, strict=True)
    ]


def class_colours(classes: ArrayLike, legend: Legend | None, alpha: float) -> np.ndarray:
    """Colour of each sample in the colours of a legend.

    Args:
        classes: class indices, integers (traces, samples); -1 or masked where there is no class.
        legend: names and colours of the classes; None for the standard colours.
        alpha: opacity, 0 to 1.

    Returns:
        Red, green, blue and opacity, float64 (traces, samples, 4), 0 to 1; transparent where there
        is no class.

    Raises:
        LabelError: a class that the legend lacks.
    """
    indices = np.ma.filled(np.ma.masked_array(classes), -1).astype("int64")
    highest = int(indices.max(initial=-1))
    legend = legend or Legend.of([str(k) for k in range(highest + 1)])
    if highest >= len(legend):
        raise LabelError(
            f"Expected class indices below {len(legend)}, as many as the legend has; "
            f"got {highest}. Pass indices, not codes, or the legend of these classes."
        )
    table = [(*to_rgb(colour), alpha) for colour in legend.colours]
    return np.array([*table, (0, 0, 0, 0)])[np.where(indices < 0, len(table), indices)]
