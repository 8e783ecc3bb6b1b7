"""Several networks and the symmetries of the map as one network: mean and standard deviation."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tfseis.inference.volume import Network

HORIZONTAL = (1, 2)  # axes of (batch, inlines, crosslines, samples)


def ensemble(networks: Sequence[Network], *, symmetric: bool = False) -> Network:
    """The mean of the outputs of several networks, and the standard deviation among them.

    Args:
        networks: each gives one number a sample, (batch, inlines, crosslines, samples, 1).
        symmetric: whether each network also sees the window rotated by 90, 180 and 270 degrees
            about the vertical and the mirror images of these four. The eight outputs are rotated
            back.

    Returns:
        A network of two outputs a sample: mean and standard deviation.

    Examples:
        >>> both = ensemble([lambda x: x[..., None], lambda x: 3 * x[..., None]])
        >>> both(np.ones((1, 1, 1, 1), "float32")).tolist()
        [[[[[2.0, 1.0]]]]]
    """
    count = len(networks) * (8 if symmetric else 1)

    def both(batch: np.ndarray) -> np.ndarray:
        mean = squares = np.zeros(batch.shape, "float32")
        for number, values in enumerate(_answers(networks, batch, symmetric), start=1):
            apart = values - mean  # Welford's update: no difference of large sums
            mean = mean + apart / number
            squares = squares + apart * (values - mean)
        return np.stack([mean, np.sqrt(squares / count)], axis=-1)

    return both


def symmetries() -> Iterator[tuple[Callable, Callable]]:
    """The eight symmetries of the square in the map, each with its inverse.

    Both are functions of arrays (batch, inlines, crosslines, ..).
    """
    for turns in range(4):
        for mirrored in (False, True):

            def there(x: np.ndarray, turns: int = turns, mirrored: bool = mirrored) -> np.ndarray:
                turned = np.rot90(x, turns, HORIZONTAL)
                return turned[:, ::-1] if mirrored else turned

            def back(x: np.ndarray, turns: int = turns, mirrored: bool = mirrored) -> np.ndarray:
                return np.rot90(x[:, ::-1] if mirrored else x, -turns, HORIZONTAL)

            yield there, back


def _answers(
    networks: Sequence[Network], batch: np.ndarray, symmetric: bool
) -> Iterator[np.ndarray]:
    """The output of each network for each symmetry, (batch, inlines, crosslines, samples)."""
    for network in networks:
        if not symmetric:
            yield network(batch)[..., 0]
            continue
        for there, back in symmetries():
            yield back(network(np.ascontiguousarray(there(batch)))[..., 0])
