"""Masks as losses take them: 0 and 1, negative where unlabelled, never 255."""

from typing import Any

import numpy as np
from keras import ops

from tfseis.errors import LabelError

LARGEST = 1.5  # between 1, or what interpolation makes of it, and 2, which is no mask


def checked_masks(masks: Any) -> Any:
    """Masks as float32; values above 1, such as 255, are refused.

    Their losses would be negative without bound. Where a graph is traced no value is known yet:
    there they become NaN, and so does the loss.

    Args:
        masks: array or tensor of any type, of any shape.

    Raises:
        LabelError: the values are known, and one is above 1.
    """
    if isinstance(masks, np.ndarray) or hasattr(masks, "numpy"):  # not while a graph is traced
        largest = float(np.max(ops.convert_to_numpy(masks), initial=0))
        if largest > LARGEST:
            raise LabelError(
                f"Expected masks of 0 and 1; got values up to {largest:g}. Give masks > 0, or "
                "divide them by their largest value."
            )
    masks = ops.cast(masks, "float32")
    return ops.where(masks > LARGEST, float("nan"), masks)
