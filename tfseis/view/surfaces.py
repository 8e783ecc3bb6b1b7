"""Faults in red over grey sections."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from tfseis.view.sections import (
    PANEL_HEIGHT,
    PANEL_WIDTH,
    SAMPLE_LABEL,
    amplitude_limit,
    draw_section,
    draw_values,
)

RED = (0.85, 0.05, 0.05)
REDS = LinearSegmentedColormap.from_list("faults", [(*RED, 0.0), (*RED, 0.9)])
FAINT = 0.1  # probabilities below are not drawn


@dataclass(frozen=True)
class FaultSection:
    """A slice of a cube and what was found on it.

    Args:
        amplitude: (across, down).
        probability: of a fault, of the same shape.
        across: numbers along the first axis, evenly spaced.
        down: numbers along the second.
        title: which slice it is.
        across_label: name of the first axis.
        down_label: name of the second; time runs downwards, line numbers upwards.
    """

    amplitude: ArrayLike
    probability: ArrayLike
    across: ArrayLike
    down: ArrayLike
    title: str
    across_label: str = "crossline"
    down_label: str = SAMPLE_LABEL


def draw_faults(axes: Axes, section: FaultSection) -> AxesImage:
    """Draw the probability over what is there, red where it is 1; returns the image.

    Example:
        >>> section = FaultSection(np.ones((7, 9)), np.eye(7, 9), range(7), range(9), "inline 3")
        >>> draw_faults(Figure().subplots(), section).get_clim()
        (0.0, 1.0)
    """
    probability = np.asarray(section.probability, "float64")
    image = draw_values(
        axes,
        np.where(probability < FAINT, np.nan, probability),
        trace_numbers=section.across,
        sample_numbers=section.down,
    )
    image.set(cmap=REDS, alpha=None)  # that of the colours
    return image


def fault_figure(sections: Sequence[FaultSection], *, title: str = "") -> Figure:
    """Sections side by side: amplitude above, the same with faults below.

    Args:
        sections: one a column.
        title: above all of them.

    Example:
        >>> section = FaultSection(np.ones((7, 9)), np.eye(7, 9), range(7), range(9), "inline 3")
        >>> [axes.get_title() for axes in fault_figure([section]).axes[:2]]
        ['inline 3', '']
    """
    size = PANEL_WIDTH * len(sections) + 0.6, 2 * PANEL_HEIGHT
    figure = Figure(size, layout="constrained")
    panels = figure.subplots(2, len(sections), squeeze=False)
    limit = max(amplitude_limit(section.amplitude) for section in sections)
    for column, section in zip(panels.T, sections, strict=True):
        for axes in column:
            draw_section(
                axes, section.amplitude, trace_numbers=section.across,
                sample_numbers=section.down, limit=limit,
                title=section.title if axes is column[0] else "",
                trace_label=section.across_label, sample_label=section.down_label,
            )  # fmt: skip
        image = draw_faults(column[1], section)
        if section.down_label in {"inline", "crossline"}:
            for axes in column:
                axes.invert_yaxis()
    figure.colorbar(image, ax=panels[:, -1], shrink=0.6, label="probability of a fault")
    figure.suptitle(title, fontweight="bold")
    return figure
