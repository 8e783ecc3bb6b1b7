"""Crops, learning curves and confusion matrices as Matplotlib figures.

Every figure is a `matplotlib.figure.Figure` of its own: no display, no global state, nothing to
close.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.io.labels.legend import Legend

PANEL_WIDTH = 4.2  # inches


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


def compared_curves_figure(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """The loss of several trainings against the epoch; where scored meanwhile, dashed.

    Args:
        histories: by name of the training; columns epoch, loss and perhaps val_loss.

    Example:
        >>> history = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0]})
        >>> figure = compared_curves_figure({"300": history, "301": history / 2})
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['300', '301']
    """
    figure = Figure((2 * PANEL_WIDTH, PANEL_WIDTH), layout="constrained")
    axes = figure.subplots()
    for number, (name, history) in enumerate(histories.items()):
        colour = f"C{number % 10}"
        axes.plot(history["epoch"], history["loss"], color=colour, marker=".", label=name)
        if "val_loss" in history:
            axes.plot(history["epoch"], history["val_loss"], color=colour, linestyle="--")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
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
