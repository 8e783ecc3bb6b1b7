"""Which labels disagree with a prediction, and how; NumPy and pandas only."""

import numpy as np
import pandas as pd

FARTHEST = 6  # largest shift of a label against the prediction that is tried, columns


def label_audit(masks: np.ndarray, predictions: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Labelled patches in order of how much their label disagrees with the prediction.

    Either the label or the network may be wrong; the table says where to look.

    Args:
        masks: labels, integers (patches, rows, columns): 1, 0, or -1 where not labelled. The
            last column is next to the first one.
        predictions: predicted masks of the same shape, 1 or 0.
        names: name of each patch.

    Returns:
        Table with one row for each patch whose label or prediction marks anything, largest
        disagreement first. Columns: patch (index of the patch), name, disagreement (1 - Dice, 0 to
        1), offset (columns by which the label must be rolled to fit the prediction best) and
        thickness (mean width of the label's marks along a row minus that of the prediction's
        marks, in columns; NaN where either marks nothing).

    Examples:
        >>> mask = np.zeros((1, 2, 9), int)
        >>> mask[0, :, 2:4] = 1
        >>> table = label_audit(mask, np.roll(mask, 2, axis=2), ["a"])
        >>> table[["disagreement", "offset", "thickness"]].iloc[0].tolist()
        [1.0, 2.0, 0.0]
    """
    rows = []
    for place, (mask, guess) in enumerate(zip(masks, predictions, strict=True)):
        known = mask >= 0
        label, found = mask == 1, (guess == 1) & known
        if not label.any() and not found.any():
            continue
        largest = min(FARTHEST, (mask.shape[1] - 1) // 2)
        shifts = sorted(
            range(-largest, largest + 1), key=abs
        )  # the smallest shift wins among equal fits
        fits = [(np.roll(label, shift, axis=1) & found).sum() for shift in shifts]
        rows.append(
            {
                "patch": place,
                "name": names[place],
                "disagreement": 1 - 2 * (label & found).sum() / (label.sum() + found.sum()),
                "offset": shifts[int(np.argmax(fits))],
                "thickness": _width(label) - _width(found),
            }
        )
    columns = ["patch", "name", "disagreement", "offset", "thickness"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("disagreement", ascending=False, ignore_index=True, kind="stable")


def _width(mask: np.ndarray) -> float:
    """Mean length of the runs along the rows of an image whose last column is next to its first."""
    starts = (mask & ~np.roll(mask, 1, axis=1)).sum()
    return float(mask.sum() / starts) if starts else float("nan")
