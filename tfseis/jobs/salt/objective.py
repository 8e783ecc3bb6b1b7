"""What a salt network learns: the loss of each output, and what each output shall be.

Besides the mask, a network may say whether there is salt at all, and give masks at half the size
from each level of its decoder (see `tfseis.models.light_unet`). Both only help it to learn.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np

from tfseis.learning.losses.masks import (
    LossSum,
    lovasz_hinge,
    mask_crossentropy,
    mask_dice,
    mask_focal,
    mask_jaccard,
)
from tfseis.models.sections.light_unet import DEEP, MASK, SALT
from tfseis.named import chosen

MOST_LOVASZ = 0.9  # weight of the Lovasz hinge at the end of the training
OUTPUT_WEIGHTS = {MASK: 1.0, SALT: 0.2, DEEP: 0.3}  # of the losses of the outputs
CHANGING = "crossentropy-lovasz"
MASK_LOSSES: dict[str, Callable] = {
    CHANGING: mask_crossentropy,  # what it begins with
    "crossentropy": mask_crossentropy,
    "dice": mask_dice,
    "focal": mask_focal,
    "jaccard": mask_jaccard,
    "lovasz": lovasz_hinge,
}


def output_losses(loss: str | Callable) -> dict[str, Any]:
    """The loss of each output, by its name.

    Args:
        loss: as `SaltSettings.loss`.

    Raises:
        ModelError: the name of the loss is not known.
    """
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)
    of_masks = chosen(loss, MASK_LOSSES, "loss")
    if loss == CHANGING:
        of_masks = LossSum([mask_crossentropy, lovasz_hinge], [1.0, 0.0])
    return {MASK: of_masks, SALT: crossentropy, DEEP: crossentropy}


def changing_shares(loss: Any) -> Callable[[int, float], None] | None:
    """What changes the loss of the mask with the part of the training; None where nothing does.

    Args:
        loss: loss of the mask, from `output_losses`.
    """
    if not isinstance(loss, LossSum):
        return None

    def change(step: int, part: float) -> None:
        loss.shares.assign([1 - MOST_LOVASZ * part, MOST_LOVASZ * part])

    return change


def output_truth(batches: Iterable, model: keras.Model) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Batches of images and masks, with what each output of a network shall be.

    Args:
        batches: images, and masks (images, rows, columns, 1) of 0 and 1.
        model: gives a dict of outputs.
    """
    for images, given in batches:
        masks = keras.ops.convert_to_numpy(given)
        truth = {MASK: masks}
        if SALT in model.output:
            truth[SALT] = masks.max(axis=(1, 2, 3))[:, np.newaxis]
        if DEEP in model.output:
            count, rows, columns = masks.shape[:3]
            blocks = masks.reshape(count, rows // 2, 2, columns // 2, 2)
            half = blocks.mean(axis=(2, 4))[..., np.newaxis]
            truth[DEEP] = np.repeat(half, model.output[DEEP].shape[-1], axis=-1)
        yield images, truth
