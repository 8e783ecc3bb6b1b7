"""Probabilities of salt for images in memory, some at a time."""

import keras
import numpy as np
from tqdm import tqdm

from tfseis.inference.runtime import Runtime
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe

BATCH = 40  # images predicted at once


def probabilities(
    model: keras.Model | Runtime,
    images: np.ndarray,
    depths: np.ndarray,
    recipe: SaltRecipe,
    *,
    mirrored: bool = True,
    title: str = "",
) -> np.ndarray:
    """The probability of salt at each pixel.

    Args:
        model: network with one logit a pixel, or what computes it.
        images: uint8 (images, rows, columns), 0 to 255.
        depths: float (images,), metres, NaN where unknown.
        recipe: how the images of the network are prepared.
        mirrored: return the mean of each image and its mirror image.
        title: title of a progress bar; no bar without it.

    Returns:
        float32 (images, rows, columns), 0 to 1.
    """
    result = np.empty(images.shape, np.float32)
    for start in tqdm(range(0, len(images), BATCH), desc=title, disable=not title):
        part = slice(start, start + BATCH)
        image, depth = images[part, ..., np.newaxis], depths[part].astype("float32")
        found = np.asarray(image_probability(model, image, recipe, depth))
        if mirrored:
            other = image_probability(model, image[:, :, ::-1], recipe, depth)
            found = (found + np.asarray(other)[:, :, ::-1]) / 2
        result[part] = found[..., 0]
    return result
