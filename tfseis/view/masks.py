"""Galleries of images with the outlines of their masks, and curves of a cross-validation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMNS = 6  # images side by side
LABEL, PREDICTION = "#2ca02c", "#d62728"  # colours of the outlines
PANEL = 1.7  # width of an image, inches


def mask_gallery(
    images: np.ndarray,
    masks: np.ndarray,
    predicted: np.ndarray,
    captions: Sequence[str],
    *,
    title: str = "",
) -> Figure:
    """Images with two outlines: the label in solid green, the prediction in dashed red.

    Args:
        images: grey images, numbers (images, rows, columns); each has its own grey scale.
        masks: labels of the same shape, 0 or 1.
        predicted: predictions of the same shape, 0 or 1.
        captions: text above each image.
        title: text above all images.

    Returns:
        Figure with six images a row.

    Example:
        >>> image = np.zeros((2, 9, 7))
        >>> len(mask_gallery(image, image, image, ["a", "b"]).axes)
        2
    """
    rows = -(-len(images) // COLUMNS)
    figure = Figure(figsize=(PANEL * COLUMNS, (PANEL + 0.25) * rows + 0.4), layout="constrained")
    figure.suptitle(title)
    for number, caption in enumerate(captions):
        axes = figure.add_subplot(rows, COLUMNS, number + 1)
        axes.imshow(images[number], cmap="gray")
        _outline(axes, masks[number], LABEL, "solid")
        _outline(axes, predicted[number], PREDICTION, "dashed")
        axes.set(xlim=(-0.5, images.shape[2] - 0.5), ylim=(images.shape[1] - 0.5, -0.5))
        axes.set_title(caption, fontsize=8)
        axes.set_axis_off()
    return figure


def _outline(axes: Axes, mask: np.ndarray, colour: str, style: str) -> None:
    if not mask.any():
        return
    framed = np.pad(mask.astype(float), 1)  # so that outlines close at the edge of the image
    rows, columns = (np.arange(-1, length + 1) for length in mask.shape)
    axes.contour(columns, rows, framed, [0.5], colors=colour, linestyles=style, linewidths=1.2)


def score_curves(histories: Sequence[pd.DataFrame]) -> Figure:
    """Loss and score against the epoch, one line for each fold of a cross-validation.

    Args:
        histories: one table a fold with one row an epoch; columns epoch (counted from 0), loss and
            score.

    Returns:
        Figure with two panels.
    """
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("loss", "score"), strict=True):
        for number, history in enumerate(histories):
            axes.plot(history["epoch"] + 1, history[name], ".-", label=f"fold {number + 1}")
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
    axes.legend()
    return figure
