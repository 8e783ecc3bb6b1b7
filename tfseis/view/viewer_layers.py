"""What the viewer plots one above the other: amplitudes, an overlay, labelled points."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.labels.labels import Labels
from tfseis.view.colours import class_handles
from tfseis.view.overlay import Overlay
from tfseis.view.sections import plot_classes, plot_map, plot_section, plot_values
from tfseis.view.viewer_state import NAMES, ViewerState

MOST_SLENDER = 4.0  # maps longer than this are stretched to fill the window


def plot_slice(axes: Axes, cube: Cube, state: ViewerState, limit: float) -> np.ndarray:
    """Read and plot the amplitudes of a slice.

    Args:
        axes: axes that receive the plot.
        cube: cube of amplitudes.
        state: which slice is shown.
        limit: amplitude that is plotted black.

    Returns:
        Which samples of the slice are live, bool.
    """
    values, live = (part.squeeze(state.axis) for part in cube.read(state.key))
    amplitude = np.where(live, values, np.nan)
    first, second = (cube.geometry.axes[axis].numbers for axis in state.rest)
    if state.axis == 2:
        plot_map(axes, amplitude, inline_numbers=first, crossline_numbers=second, limit=limit)
    else:
        plot_section(
            axes,
            amplitude,
            trace_numbers=first,
            sample_numbers=second,
            limit=limit,
            trace_label="inline" if state.rest[0] == 0 else "crossline",
            sample_label=sample_label(cube.geometry),
        )
    return live


def plot_overlay(
    axes: Axes, overlay: Overlay, state: ViewerState, live: np.ndarray
) -> tuple[list[Patch], str]:
    """Plot an overlay where the cube below it is live.

    Args:
        axes: axes of the slice.
        overlay: cube laid over the amplitudes.
        state: which slice is shown, and the opacity.
        live: which samples of the slice are live, bool.

    Returns:
        Entries of the figure's legend, and a note for its title.
    """
    values = overlay.slice(state)
    if values is None:
        return [], f"({overlay.name}: not here)"
    values = np.where(live, values, np.nan)
    image = values.T if state.axis == 2 else values  # inline numbers of a map run upwards
    across, down = _directions(state)
    numbers = state.axes[across].numbers, state.axes[down].numbers
    note = f"{overlay.name}, {state.opacity:.0%}"
    if not overlay.classes:
        plotted = plot_values(
            axes,
            image,
            trace_numbers=numbers[0],
            sample_numbers=numbers[1],
            limits=overlay.limits,
            alpha=state.opacity,
        )
        shrink = 0.5 if state.axis == 2 else 0.9  # maps are flatter than sections
        axes.figure.colorbar(plotted, ax=axes, shrink=shrink, pad=0.02, label=overlay.name)
        return [], note
    classes, legend = overlay.class_image(image)
    plot_classes(
        axes,
        classes,
        legend,
        trace_numbers=numbers[0],
        sample_numbers=numbers[1],
        alpha=state.opacity,
    )
    return class_handles(legend), note


def plot_points(
    axes: Axes, points: Labels, state: ViewerState, handles: Sequence[Patch]
) -> list[Line2D]:
    """Mark the labelled points that lie on a slice.

    Args:
        axes: axes of the slice.
        points: labels of the survey.
        state: which slice is shown.
        handles: entries of the overlay's legend, whose colours are used for classes of that name.

    Returns:
        Entries of the figure's legend for the classes that `handles` lacks.
    """
    legend = points.legend
    known = {handle.get_label(): handle.get_facecolor() for handle in handles}
    on = points.positions[:, state.axis] == state.index
    across, down = _directions(state)
    plotted: list[Line2D] = []
    for index, name in enumerate(legend.names):
        places = points.positions[on & (points.classes == index)]
        if len(places):
            plotted += axes.plot(
                state.axes[across].numbers[places[:, across]],
                state.axes[down].numbers[places[:, down]],
                "o",
                markersize=5,
                markeredgecolor="white",
                markeredgewidth=0.6,
                color=known.get(name, legend.colours[index]),
                label=name,
            )
    return [marks for marks in plotted if marks.get_label() not in known]


def slice_name(state: ViewerState, geometry: Geometry) -> str:
    """The slice in words, such as "Inline 339" or "Time 1200 ms".

    Args:
        state: which slice is shown.
        geometry: line numbers and samples of the cube.
    """
    number = f"{state.number:.10g}"
    if state.axis < 2:
        return f"{NAMES[state.axis]} {number}"
    unit = geometry.sample_unit
    return f"{'Time' if unit == 'ms' else 'Depth'} {number} {unit}"


def sample_label(geometry: Geometry) -> str:
    """Name of the vertical axis of a section: "time (ms)" or "depth (m)".

    Args:
        geometry: line numbers and samples of the cube.
    """
    unit = geometry.sample_unit
    return "time (ms)" if unit == "ms" else f"depth ({unit})"


def map_aspect(geometry: Geometry) -> float | Literal["auto"]:
    """Height of one inline number over width of one crossline number, true to the ground.

    Args:
        geometry: line numbers and map coordinates of the cube.

    Returns:
        The ratio; "auto" where the cube has no map coordinates, or is too slender for a window.
    """
    if geometry.affine is None:
        return "auto"
    metres = np.hypot(*geometry.affine[:, :2])  # spanned by one inline number, one crossline number
    high, wide = (
        size * axis.step * axis.count for size, axis in zip(metres, geometry.axes, strict=False)
    )
    slender = max(high / wide, wide / high) > MOST_SLENDER
    return "auto" if slender else float(metres[0] / metres[1])


def _directions(state: ViewerState) -> tuple[int, int]:
    """Axes of the cube that run across and down the plot."""
    return (state.rest[1], state.rest[0]) if state.axis == 2 else state.rest
