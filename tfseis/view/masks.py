"""Galleries of images with their masks: what is there, and what a network says."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

COLUMNS = 6
TRUE, FALSE = "#2ca02c", "#d62728"  # outlines of the truth and of the prediction
PANEL = 1.7  # inches


def mask_gallery(
    images: np.ndarray,
    masks: np.ndarray,
    predicted: np.ndarray,
    captions: Sequence[str],
    *,
    title: str = "",
) -> Figure:
    """Draw images with the outlines of two masks: the truth solid green, the prediction dashed red.

    Args:
        images: (images, rows, columns), grey.
        masks: of the same shape, 0 or 1.
        predicted: of the same shape.
        captions: above each image.
        title: above all.

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
        for mask, colour, style in (
            (masks[number], TRUE, "solid"),
            (predicted[number], FALSE, "dashed"),
        ):
            if mask.any():
                framed = np.pad(mask.astype(float), 1)  # so that outlines close at the edge
                places = [np.arange(-1, length + 1) for length in mask.shape]
                axes.contour(
                    places[1], places[0], framed, [0.5], colors=colour, linestyles=style,
                    linewidths=1.2,
                )  # fmt: skip
        axes.set(xlim=(-0.5, images.shape[2] - 0.5), ylim=(images.shape[1] - 0.5, -0.5))
        axes.set_title(caption, fontsize=8)
        axes.set_axis_off()
    return figure


def score_curves(histories: Sequence[pd.DataFrame]) -> Figure:
    """Loss and score by epoch, one line a fold.

    Args:
        histories: each with the columns epoch, loss and score.
    """
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("loss", "score"), strict=True):
        for number, history in enumerate(histories):
            axes.plot(history["epoch"] + 1, history[name], ".-", label=f"fold {number + 1}")
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
    axes.legend()
    return figure
