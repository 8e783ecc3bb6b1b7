"""Faults in red over grey sections."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from tfseis.view.colours import amplitude_limit
from tfseis.view.sections import (
    PANEL_HEIGHT,
    PANEL_WIDTH,
    SAMPLE_LABEL,
    plot_section,
    plot_values,
)

RED = (0.85, 0.05, 0.05)
REDS = LinearSegmentedColormap.from_list("reds", [(*RED, 0.0), (*RED, 0.9)])
FAINT = 0.1  # probabilities below are not plotted


@dataclass(frozen=True)
class FaultSection:
    """A section or time slice and the fault probability on it.

    Args:
        amplitude: floating-point numbers (across, down).
        probability: probability of a fault, 0 to 1, of the same shape.
        across: line number along the first axis, evenly spaced, (across,).
        down: line number, time in ms or depth in m along the second axis, evenly spaced, (down,).
        title: text above the section, such as "inline 339".
        across_label: name of the first axis.
        down_label: name of the second axis; line numbers ("inline", "crossline") run upwards,
            all else runs downwards.
    """

    amplitude: ArrayLike
    probability: ArrayLike
    across: ArrayLike
    down: ArrayLike
    title: str
    across_label: str = "crossline"
    down_label: str = SAMPLE_LABEL


def plot_faults(axes: Axes, section: FaultSection) -> AxesImage:
    """Plot the fault probability over what the axes show already, red where it is 1.

    Args:
        axes: axes that receive the plot.
        section: section whose probability is plotted; values below 0.1 stay transparent.

    Returns:
        The image, from which a colour bar can be made.

    Example:
        >>> section = FaultSection(np.ones((7, 9)), np.eye(7, 9), range(7), range(9), "inline 3")
        >>> plot_faults(Figure().subplots(), section).get_clim()
        (0.0, 1.0)
    """
    probability = np.asarray(section.probability, "float64")
    image = plot_values(
        axes,
        np.where(probability < FAINT, np.nan, probability),
        trace_numbers=section.across,
        sample_numbers=section.down,
    )
    image.set(cmap=REDS, alpha=None)  # the colours have an opacity of their own
    return image


def fault_figure(sections: Sequence[FaultSection], *, title: str = "") -> Figure:
    """Sections side by side: the amplitude above, the same with its faults below.

    Args:
        sections: sections, one for each column of the figure, all on one grey scale.
        title: text above all of them.

    Returns:
        Figure with two rows of panels and a colour bar.

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
            plot_section(
                axes,
                section.amplitude,
                trace_numbers=section.across,
                sample_numbers=section.down,
                limit=limit,
                title=section.title if axes is column[0] else "",
                trace_label=section.across_label,
                sample_label=section.down_label,
            )
        image = plot_faults(column[1], section)
        if section.down_label in {"inline", "crossline"}:
            for axes in column:
                axes.invert_yaxis()
    figure.colorbar(image, ax=panels[:, -1], shrink=0.6, label="probability of a fault")
    figure.suptitle(title, fontweight="bold")
    return figure
