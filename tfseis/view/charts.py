"""Crops, learning curves and confusion matrices as Matplotlib figures.

Each function returns a `matplotlib.figure.Figure` that needs no display, touches no global state of
Matplotlib and need not be closed.
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
CROPS_ACROSS = 4  # channels side by side


def crop_channels_figure(crop: ArrayLike, names: Sequence[str]) -> Figure:
    """One panel for each channel of a crop, each on its own grey scale.

    Args:
        crop: numbers (traces, samples, channels).
        names: name of each channel.

    Returns:
        Figure with up to four panels a row; samples run downwards.

    Raises:
        LabelError: the crop has not three axes, or the number of names differs from that of the
            channels.

    Example:
        >>> figure = crop_channels_figure(np.ones((5, 6, 2)), ["amplitude", "depth"])
        >>> [axes.get_title() for axes in figure.axes]
        ['amplitude', 'depth']
    """
    crop = np.asarray(crop, "float64")
    if crop.ndim != 3 or crop.shape[2] != len(names):
        raise LabelError(
            f"Expected a crop (traces, samples, channels) with {len(names)} channels, one for each "
            f"name; got {crop.shape}. Name each channel once."
        )
    columns = min(len(names), CROPS_ACROSS)
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
        history: one row for each epoch; columns epoch, loss and accuracy, and where they were
            recorded val_loss, val_accuracy and learning_rate.

    Returns:
        Figure with one panel for each of loss, accuracy and learning rate that the table has.

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
    """The loss of several trainings against the epoch; their validation loss is dashed.

    Args:
        histories: table of each training by its name; one row for each epoch, columns epoch, loss
            and, where it was recorded, val_loss.

    Returns:
        Figure with one panel.

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


def calibration_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Reliability diagram: accuracy of predictions by how sure they are.

    Args:
        tables: `tfseis.scores.calibration_table` of each set of samples, by its name.

    Returns:
        Figure of one panel; on the diagonal confidence means what it says.

    Example:
        >>> table = pd.DataFrame({"samples": [9], "confidence": [0.8], "accuracy": [0.7]})
        >>> calibration_figure({"blocks": table}).axes[0].get_xlabel()
        'confidence'
    """
    figure = Figure((PANEL_WIDTH, PANEL_WIDTH), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--")
    for name, table in tables.items():
        axes.plot(table["confidence"], table["accuracy"], marker="o", label=name)
    axes.set(xlabel="confidence", ylabel="part that is right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    return figure


def confusion_figure(matrix: ArrayLike, legend: Legend) -> Figure:
    """Counts of true classes (rows) against predicted classes (columns).

    The colour of a cell is its share of the samples of that true class.

    Args:
        matrix: numbers of samples, integers (classes, classes); rows are the truth.
        legend: names of the classes, in the order of the matrix.

    Returns:
        Figure with one square panel.

    Raises:
        LabelError: the matrix has another shape than the legend asks for.

    Example:
        >>> figure = confusion_figure([[8, 2], [0, 5]], Legend.of(["chalk", "salt"]))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['8', '2', '0', '5']
    """
    counts = np.asarray(matrix)
    if counts.shape != (len(legend), len(legend)):
        raise LabelError(
            f"Expected a {len(legend)} x {len(legend)} matrix, a row for each class of the legend; "
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
