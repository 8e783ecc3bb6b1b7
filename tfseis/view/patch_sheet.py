"""Sheets of borehole patches with labels and predictions, as Matplotlib figures."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tfseis.errors import LabelError

RIGHT, MISSED, FALSE = (0.1, 0.7, 0.2), (0.9, 0.1, 0.1), (0.1, 0.3, 0.95)
OPACITY = 0.6
SPREADS = 3.0  # of a scaled image, from black to white
ACROSS = 8  # patches side by side


def patch_sheet_figure(
    images: np.ndarray, predictions: np.ndarray, masks: np.ndarray | None, titles: Sequence[str]
) -> Figure:
    """Each patch plain and coloured: green found, red missed, blue not in the label.

    Args:
        images: (patches, rows, columns), scaled.
        predictions: of the same shape, 1 or 0.
        masks: of the same shape, 1, 0 or -1; None where there are no labels: all found is blue.
        titles: one a patch.

    Raises:
        LabelError: no patch, or another number of titles.

    Example:
        >>> patch = np.zeros((1, 5, 6))
        >>> len(patch_sheet_figure(patch, patch, None, ["a"]).axes)
        2
    """
    if not len(images) or len(images) != len(titles):
        raise LabelError(
            f"Expected one title a patch, and a patch; got {len(images)} patches and "
            f"{len(titles)} titles. Draw what is there."
        )
    across = min(ACROSS, len(images))
    rows = -(-len(images) // across)
    figure = Figure((1.35 * across, 2.9 * rows), layout="constrained")
    grid = figure.subplots(2 * rows, across, squeeze=False)
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        row, column = divmod(number, across)
        grey = ((image / SPREADS).clip(-1, 1) + 1) / 2
        colours = np.repeat(grey[..., np.newaxis], 3, axis=-1)
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
    out = grey.copy()
    known = mask >= 0
    kinds = ((mask == 1) & found, RIGHT), ((mask == 1) & ~found, MISSED), (
        (mask == 0) & found, FALSE)  # fmt: skip
    for place, colour in kinds:
        on = place & known
        out[on] = (1 - OPACITY) * out[on] + OPACITY * np.array(colour)
    return out
