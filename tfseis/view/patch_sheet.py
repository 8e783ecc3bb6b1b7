"""Sheets of image patches with their labels and predictions."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tfseis.errors import LabelError

RIGHT, MISSED, FALSE = (0.1, 0.7, 0.2), (0.9, 0.1, 0.1), (0.1, 0.3, 0.95)  # red, green, blue
OPACITY = 0.6  # of these colours over the grey of the image
SPREADS = 3.0  # scaled amplitude that is white; its negative is black
ACROSS = 8  # patches side by side


def patch_sheet_figure(
    images: np.ndarray, predictions: np.ndarray, masks: np.ndarray | None, titles: Sequence[str]
) -> Figure:
    """Each patch twice: in grey, and below it coloured by how the prediction fits the label.

    Green samples are labelled and found, red ones are labelled and missed, blue ones are found and
    not labelled.

    Args:
        images: scaled images, floating-point numbers (patches, rows, columns).
        predictions: predicted masks of the same shape, 1 or 0.
        masks: labels of the same shape, 1, 0, or -1 where not labelled; None where there are no
            labels, so that all that is found is blue.
        titles: text above each patch.

    Returns:
        Figure with up to eight patches a row.

    Raises:
        LabelError: there is no patch, or the number of titles differs from that of the patches.

    Example:
        >>> patch = np.zeros((1, 5, 6))
        >>> len(patch_sheet_figure(patch, patch, None, ["a"]).axes)
        2
    """
    if not len(images) or len(images) != len(titles):
        raise LabelError(
            f"Expected at least one patch, and one title for each; got {len(images)} patches and "
            f"{len(titles)} titles. Give each patch a title."
        )
    across = min(ACROSS, len(images))
    rows = -(-len(images) // across)
    figure = Figure((1.35 * across, 2.9 * rows), layout="constrained")  # inches
    grid = figure.subplots(2 * rows, across, squeeze=False)
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        row, column = divmod(number, across)
        grey = ((image / SPREADS).clip(-1, 1) + 1) / 2
        colours = np.repeat(grey[..., np.newaxis], 3, axis=-1)  # red, green, blue
        grid[2 * row, column].imshow(colours, interpolation="nearest")
        grid[2 * row, column].set_title(title, fontsize=6)
        mask = np.zeros_like(image) if masks is None else masks[number]
        coloured = _coloured(colours, mask, predictions[number] == 1)
        grid[2 * row + 1, column].imshow(coloured, interpolation="nearest")
    for axes in grid.ravel():
        if axes.images:
            axes.set_xticks([])
            axes.set_yticks([])
        else:
            axes.remove()
    return figure


def _coloured(grey: np.ndarray, mask: np.ndarray, found: np.ndarray) -> np.ndarray:
    coloured = grey.copy()
    kinds = (
        ((mask == 1) & found, RIGHT),
        ((mask == 1) & ~found, MISSED),
        ((mask == 0) & found, FALSE),
    )
    for place, colour in kinds:
        coloured[place] = (1 - OPACITY) * coloured[place] + OPACITY * np.array(colour)
    return coloured
