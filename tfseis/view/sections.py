"""Sections, maps, crops, learning curves and confusion matrices as Matplotlib figures.

Every figure is a `matplotlib.figure.Figure` of its own: no display, no global state, nothing to
close. Time runs downwards.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.io.legend import Legend

CLIP = 0.98  # amplitudes above this quantile of |amplitude| are drawn alike
SAMPLE_LABEL = "time (ms)"
PANEL_WIDTH, PANEL_HEIGHT = 4.2, 4.0  # inches


def draw_section(
    axes: Axes,
    amplitude: ArrayLike,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    overlay: ArrayLike | None = None,
    legend: Legend | None = None,
    alpha: float = 0.45,
    title: str = "",
    trace_label: str = "crossline",
    sample_label: str = SAMPLE_LABEL,
) -> None:
    """Draw one vertical section in grey, with classes laid over it.

    Args:
        axes: where to draw.
        amplitude: (traces, samples); samples that are not finite stay white.
        trace_numbers: line number of each trace, evenly spaced.
        sample_numbers: time or depth of each sample, evenly spaced.
        overlay: class index of each sample, (traces, samples); -1 or masked draws nothing.
        legend: colours of the classes; the standard ones without it.
        alpha: opacity of the overlay, 0 to 1.
        title: above the section.
        trace_label: below the horizontal axis.
        sample_label: beside the vertical axis.

    Raises:
        LabelError: the overlay has another shape, or a class that the legend lacks.

    Example:
        >>> axes = Figure().subplots()
        >>> draw_section(axes, np.ones((7, 9)), trace_numbers=range(300, 307),
        ...              sample_numbers=range(0, 36, 4))
        >>> axes.get_xlabel(), axes.get_ylabel()
        ('crossline', 'time (ms)')
    """
    amplitude = _image(amplitude)
    extent = _extent(trace_numbers, sample_numbers)
    limit = _limit(amplitude)
    axes.imshow(
        amplitude.T, cmap="gray_r", vmin=-limit, vmax=limit, extent=extent,
        aspect="auto", interpolation="bilinear" if np.isfinite(amplitude).all() else "nearest",
    )  # fmt: skip
    if overlay is not None:
        colours = _class_colours(overlay, amplitude.shape, legend, alpha)
        axes.imshow(
            colours.transpose(1, 0, 2), extent=extent, aspect="auto", interpolation="nearest"
        )
    axes.set(title=title, xlabel=trace_label, ylabel=sample_label)


def draw_map(
    axes: Axes,
    amplitude: ArrayLike,
    *,
    inline_numbers: ArrayLike,
    crossline_numbers: ArrayLike,
    overlay: ArrayLike | None = None,
    legend: Legend | None = None,
    alpha: float = 0.45,
    title: str = "",
) -> None:
    """Draw one time slice in grey, inline numbers upwards, with classes laid over it.

    Args:
        axes: where to draw.
        amplitude: (inlines, crosslines).
        inline_numbers: number of each inline, evenly spaced.
        crossline_numbers: number of each crossline, evenly spaced.
        overlay: class index of each place, (inlines, crosslines); -1 or masked draws nothing.
        legend: colours of the classes; the standard ones without it.
        alpha: opacity of the overlay, 0 to 1.
        title: above the map.

    Raises:
        LabelError: the overlay has another shape, or a class that the legend lacks.

    Example:
        >>> axes = Figure().subplots()
        >>> draw_map(axes, np.ones((7, 8)), inline_numbers=range(100, 107),
        ...          crossline_numbers=range(300, 308))
        >>> axes.get_ylabel()
        'inline'
    """
    flipped = None if overlay is None else np.ma.masked_array(overlay).T
    draw_section(
        axes, _image(amplitude).T,
        trace_numbers=crossline_numbers, sample_numbers=inline_numbers,
        overlay=flipped, legend=legend, alpha=alpha,
        title=title, trace_label="crossline", sample_label="inline",
    )  # fmt: skip
    axes.invert_yaxis()


def section_panel(
    amplitude: ArrayLike,
    *,
    legend: Legend,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    labels: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    confidence: ArrayLike | None = None,
    title: str = "",
    trace_label: str = "crossline",
    sample_label: str = SAMPLE_LABEL,
) -> Figure:
    """Up to four panels of one section: amplitude, labels, prediction and confidence.

    Args:
        amplitude: (traces, samples).
        legend: names and colours of the classes, drawn once below the panels.
        trace_numbers: line number of each trace.
        sample_numbers: time or depth of each sample.
        labels: class index of each sample, -1 where nobody labelled; None leaves the panel out.
        prediction: class index of each sample, or None.
        confidence: 0 to 1 for each sample, or None.
        title: above all panels.
        trace_label: below the horizontal axes.
        sample_label: beside the vertical axes.

    Returns:
        Figure of one row, every panel on the same axes.

    Raises:
        LabelError: labels or prediction do not fit the amplitude or the legend.

    Example:
        >>> figure = section_panel(np.ones((7, 9)), legend=Legend.of(["chalk", "salt"]),
        ...     trace_numbers=range(7), sample_numbers=range(9), labels=np.zeros((7, 9), int))
        >>> [axes.get_title() for axes in figure.axes]
        ['amplitude', 'labels']
    """
    classes = {"amplitude": None, "labels": labels, "prediction": prediction}
    classes = {n: c for n, c in classes.items() if c is not None or n == "amplitude"}
    panels = len(classes) + (confidence is not None)
    figure = Figure((PANEL_WIDTH * panels + 0.6, PANEL_HEIGHT + 0.7), layout="constrained")
    row = figure.subplots(1, panels, sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, overlay) in zip(row, classes.items(), strict=False):
        draw_section(
            axes, amplitude, trace_numbers=trace_numbers, sample_numbers=sample_numbers,
            overlay=overlay, legend=legend, title=name, trace_label=trace_label,
            sample_label=sample_label if axes is row[0] else "",
        )  # fmt: skip
    if confidence is not None:
        image = row[-1].imshow(
            _image(confidence).T, cmap="viridis", vmin=0, vmax=1, aspect="auto",
            extent=_extent(trace_numbers, sample_numbers), interpolation="nearest",
        )  # fmt: skip
        row[-1].set(title="confidence", xlabel=trace_label)
        figure.colorbar(image, ax=row[-1], shrink=0.9, pad=0.02)
    if len(classes) > 1:
        _draw_legend(figure, legend)
    figure.suptitle(title, fontweight="bold")
    return figure


def _draw_legend(figure: Figure, legend: Legend) -> None:
    handles = [
        Patch(color=colour, label=name)
        for name, colour in zip(legend.names, legend.colours, strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(legend), 7))


def crop_channels_figure(crop: ArrayLike, names: Sequence[str]) -> Figure:
    """One panel for each channel of a crop, each on its own grey scale.

    Args:
        crop: (rows, columns, channels); rows are traces, columns samples.
        names: one a channel.

    Returns:
        Figure with four panels a row.

    Raises:
        LabelError: there are more or fewer names than channels.

    Example:
        >>> figure = crop_channels_figure(np.ones((5, 6, 2)), ["amplitude", "depth"])
        >>> [axes.get_title() for axes in figure.axes]
        ['amplitude', 'depth']
    """
    crop = np.asarray(crop, "float64")
    if crop.ndim != 3 or crop.shape[2] != len(names):
        raise LabelError(
            f"Expected a crop (rows, columns, channels) with {len(names)} channels, one a name; "
            f"got {crop.shape}. Name each channel once."
        )
    columns = min(len(names), 4)
    rows = -(-len(names) // columns)
    figure = Figure((2.2 * columns, 2.4 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, name, channel in zip(grid, names, crop.transpose(2, 1, 0), strict=False):
        axes.imshow(channel, cmap="gray_r", aspect="auto", interpolation="nearest")
        axes.set_title(name, fontsize="medium")
        axes.tick_params(labelsize="small")
    for axes in grid[len(names) :]:
        axes.remove()
    return figure


def learning_curve_figure(history: pd.DataFrame) -> Figure:
    """Loss and accuracy against the epoch, and the learning rate where it is known.

    Args:
        history: one row an epoch; columns epoch, loss and accuracy, and where there are any
            val_loss, val_accuracy and learning_rate.

    Returns:
        Figure with two or three panels.

    Example:
        >>> history = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], "accuracy": [0.4, 0.6]})
        >>> [axes.get_ylabel() for axes in learning_curve_figure(history).axes]
        ['loss', 'accuracy']
    """
    panels = [n for n in ("loss", "accuracy", "learning_rate") if n in history]
    figure = Figure((PANEL_WIDTH * len(panels), 3.2), layout="constrained")
    row = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, name in zip(row, panels, strict=True):
        for column, style in ((name, "C0-"), (f"val_{name}", "C1--")):
            if column in history:
                label = "validation" if column.startswith("val_") else "training"
                axes.plot(history["epoch"], history[column], style, marker=".", label=label)
        axes.set(xlabel="epoch", ylabel=name.replace("_", " "))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        if f"val_{name}" in history:
            axes.legend(frameon=False)
    if "accuracy" in history:
        row[panels.index("accuracy")].set_ylim(top=1.0)
    return figure


def confusion_figure(matrix: ArrayLike, legend: Legend) -> Figure:
    """Counts of truth (rows) against prediction (columns), coloured by the part of each row.

    Args:
        matrix: (classes, classes) counts; a row is a true class.
        legend: one name a class.

    Returns:
        Figure with one square panel.

    Raises:
        LabelError: the matrix is not (classes, classes).

    Example:
        >>> figure = confusion_figure([[8, 2], [0, 5]], Legend.of(["chalk", "salt"]))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['8', '2', '0', '5']
    """
    counts = np.asarray(matrix)
    if counts.shape != (len(legend), len(legend)):
        raise LabelError(
            f"Expected a {len(legend)} x {len(legend)} matrix, one row a class of the legend; "
            f"got shape {counts.shape}. Count with the same classes."
        )
    parts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.2 + 0.75 * len(legend)
    figure = Figure((side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if parts[row, column] > 0.5 else "black"
        axes.text(
            column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize="small"
        )
    ticks = np.arange(len(legend))
    axes.set_xticks(ticks, legend.names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, legend.names)
    axes.set(xlabel="prediction", ylabel="truth")
    figure.colorbar(image, ax=axes, shrink=0.7, label="part of the true class")
    return figure


def _image(values: ArrayLike) -> np.ndarray:
    return np.ma.filled(np.ma.masked_array(values).astype("float64"), np.nan)


def _limit(amplitude: np.ndarray) -> float:
    """The amplitude that is drawn black: robust against spikes, and never 0."""
    live = np.abs(amplitude[np.isfinite(amplitude)])
    live = live[live > 0]  # dead traces would pull the quantile down
    return float(np.quantile(live, CLIP)) if live.size else 1.0


def _extent(traces: ArrayLike, samples: ArrayLike) -> tuple[float, float, float, float]:
    """Left, right, bottom and top, so that pixel centres lie on their numbers."""
    across, down = (np.asarray(n, "float64") for n in (traces, samples))
    halves = [(n[-1] - n[0]) / max(len(n) - 1, 1) / 2 or 0.5 for n in (across, down)]
    return (
        across[0] - halves[0], across[-1] + halves[0], down[-1] + halves[1], down[0] - halves[1],
    )  # fmt: skip


def _class_colours(
    overlay: ArrayLike, shape: tuple[int, ...], legend: Legend | None, alpha: float
) -> np.ndarray:
    """RGBA of each sample, (traces, samples, 4); transparent where there is no class."""
    classes = np.ma.filled(np.ma.masked_array(overlay), -1).astype("int64")
    if classes.shape != shape:
        raise LabelError(
            f"Expected classes of shape {shape}, one a sample; got {classes.shape}. "
            "Cut both from the same section."
        )
    highest = int(classes.max(initial=-1))
    legend = legend or Legend.of([str(k) for k in range(highest + 1)])
    if highest >= len(legend):
        raise LabelError(
            f"Expected class indices below {len(legend)}, as many as the legend has; "
            f"got {highest}. Pass indices, not codes, or the legend of these classes."
        )
    table = [(*to_rgb(colour), alpha) for colour in legend.colours]
    return np.array([*table, (0, 0, 0, 0)])[np.where(classes < 0, len(table), classes)]
