"""A borehole network over patches and over whole wells."""

from collections.abc import Callable
from math import lcm
from typing import Any

import keras
import numpy as np
from scipy.special import expit
from tqdm import tqdm

from tfseis.inference.equivariant import equivariant_predict
from tfseis.models.receptive import receptive_field

WINDOW = 360  # rows predicted at once along a well
Compute = Callable[[np.ndarray], Any]


def with_whole_rows(images: np.ndarray, *models: keras.Model) -> np.ndarray:
    """Images whose last row is repeated until their rows are a multiple of each model's stride."""
    lacking = -images.shape[1] % lcm(*(receptive_field(model).stride[0] for model in models))
    return np.pad(images, [(0, 0), (0, lacking), (0, 0), (0, 0)], mode="edge")


def predict_patches(
    model: keras.Model, images: np.ndarray, *, compute: Compute | None = None
) -> np.ndarray:
    """Probability of a mark, each patch by itself, exact for any roll.

    Args:
        model: a borehole network with one logit.
        images: float32 (patches, rows, columns, 1), scaled.
        compute: what computes its logits, such as a `tfseis.inference.Runtime`; the model itself if
            None.

    Returns:
        float32 (patches, rows, columns).
    """
    logits = equivariant_predict(model, with_whole_rows(images, model), compute=compute)
    return expit(logits[:, : images.shape[1], :, 0]).astype("float32")


def predict_well(
    model: keras.Model,
    image: np.ndarray,
    *,
    window: int = WINDOW,
    compute: Compute | None = None,
    progress: bool = False,
) -> np.ndarray:
    """Probability of a mark along a whole well, as if it were predicted at once.

    Windows begin at multiples of the network's stride, and each reads as much beside itself as the
    network sees; so they join without a seam. All are of one size: at the ends of a well they read
    more on the other side.

    Args:
        model: a borehole network with one logit and rows of any number.
        image: float32 (rows, columns), scaled.
        window: rows kept of each window.
        compute: what computes the logits of the model; the model itself if None.
        progress: show a bar.

    Returns:
        float32 (rows, columns).
    """
    window, halo = window_rows(model, window)
    whole = with_whole_rows(image[np.newaxis, :, :, np.newaxis], model)
    rows, parts = whole.shape[1], []
    size = min(rows, window + 2 * halo)
    for start in tqdm(range(0, rows, window), desc="predict well", disable=not progress):
        first = min(max(0, start - halo), rows - size)
        seen = whole[:, first : first + size]
        logits = equivariant_predict(model, seen, compute=compute)[0, ..., 0]
        parts.append(logits[start - first : min(start + window, rows) - first])
    return expit(np.concatenate(parts)[: image.shape[0]]).astype("float32")


def window_rows(model: keras.Model, window: int = WINDOW) -> tuple[int, int]:
    """Rows kept of each window along a well, and rows of context on either side of them.

    Args:
        model: a borehole network.
        window: rows that are wanted of each window.
    """
    field = receptive_field(model)
    step = field.stride[0]
    wanted, seen = (-(-size // step) * step for size in (max(window, 1), field.halo[0]))
    return wanted, seen
