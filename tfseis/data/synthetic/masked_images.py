"""Images of layers above a body of salt, with the mask of the body; NumPy only."""

import numpy as np

EMPTY = 3  # every third image has no salt
GREY, LAYER, SALT, NOISE = 100, 25, 70, 12  # levels, where 255 is white
DIP = 0.4  # largest dip of the layers, rows a column


def salt_images(count: int, *, size: int = 101, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images of layers and, below a dipping top, a bright body without layers.

    Args:
        count: number of images; every third one has no body.
        size: number of rows and of columns.
        seed: the same seed gives the same images.

    Returns:
        Images and masks, both uint8 (count, size, size); masks are 1 inside the body, else 0.

    Examples:
        >>> images, masks = salt_images(4, size=21)
        >>> masks.any(axis=(1, 2)).tolist()
        [False, True, True, False]
    """
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:size, :size]
    images, masks = [], []
    for number in range(count):
        dip, top, period = rng.uniform(-DIP, DIP), rng.uniform(0.2, 0.8), rng.uniform(0.08, 0.2)
        depth = row - dip * (column - size / 2)
        mask = (depth > top * size) & (number % EMPTY > 0)
        layers = LAYER * np.sin(2 * np.pi * (depth + rng.uniform(0, size)) / (period * size))
        image = GREY + np.where(mask, SALT, layers) + rng.normal(0, NOISE, mask.shape)
        images.append(np.clip(image, 0, 255))
        masks.append(mask)
    return np.array(images, "uint8"), np.array(masks, "uint8")
