"""Scores of marks by well, beside those of no marks at all."""

import numpy as np

from tfseis.io.images.wells import Patches
from tfseis.jobs.metrics import SplitScore
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix

SEAM = 2  # columns on either side of it that are scored alone
NAMES = ("background", "mark")
SEAM_NAME, BACKGROUND = f"seam, {2 * SEAM} columns", "all background"


def well_scores(
    patches: Patches, probability: np.ndarray, threshold: float, split: str
) -> SplitScore:
    """Scores of the marks in patches that did not train.

    Args:
        patches: patches with masks; samples without label do not count.
        probability: float32 (patches, rows, columns), 0 to 1.
        threshold: a sample is marked where its probability is above this.
        split: what these patches are, for people.

    Returns:
        Scores of all patches; beside them those of no marks at all, whose accuracy is the share of
        the background; and as details those at the seam and of each well.
    """
    found = (probability > threshold).astype("int64")
    masks = patches.masks
    if masks is None:
        return SplitScore(split=split, network={})
    around = np.arange(-SEAM, SEAM)  # the last columns and the first
    parts = {SEAM_NAME: mark_scores(masks[:, :, around], found[:, :, around])}
    for well in np.unique(patches.wells).tolist():
        on = patches.wells == well
        parts[f"well {well}"] = mark_scores(masks[on], found[on])
    return SplitScore(
        split=split,
        network=mark_scores(masks, found),
        baselines={BACKGROUND: mark_scores(masks, np.zeros_like(found))},
        details=parts,
    )


def mark_scores(masks: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Accuracy, precision, recall, Dice and IoU of the marks; 0 where a score has no value.

    Args:
        masks: 1 where marked, 0 where not, -1 where unlabelled; any shape.
        found: 1 where the network marks, 0 elsewhere; the same shape.

    Examples:
        >>> mark_scores(np.array([1, 1, 0, -1]), np.array([1, 0, 0, 1]))["dice"]
        0.667
    """
    confusion = confusion_matrix(masks, found, 2)
    row = class_scores(confusion, NAMES).fillna(0.0).to_dict("index")["mark"]
    ours = {name: float(row[name]) for name in ("precision", "recall", "iou")}
    return {"accuracy": accuracy(confusion), **ours, "dice": float(row["f1"])}
