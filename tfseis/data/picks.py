"""Labels as an interpreter would paint them, made from known classes for demos and tests."""

import numpy as np

from tfseis.errors import LabelError


def pick_points(
    facies: np.ndarray,
    *,
    inline: int,
    fraction: float = 0.3,
    patch: tuple[float, float] = (7.0, 4.0),
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Labelled points in patches on one inline, as an interpreter would paint them.

    Args:
        facies: known class of each sample, integers (inlines, crosslines, samples).
        inline: array index of the inline.
        fraction: share of the samples of each class on the inline that is painted, above 0, at
            most 1.
        patch: mean half axes of a painted ellipse, in traces and in samples.
        seed: seed of the random patches; the same seed gives the same points.

    Returns:
        Array indices (inline, crossline, sample), int64 (points, 3), in ascending order; and
        classes, int64 (points,).

    Raises:
        LabelError: the cube has no such inline, or the fraction is not above 0 and at most 1.

    Example:
        >>> facies = np.tile(np.arange(7).repeat(10), (5, 40, 1))
        >>> indices, classes = pick_points(facies, inline=3)
        >>> sorted(set(indices[:, 0].tolist())), len(set(classes.tolist()))
        ([3], 7)
    """
    if not 0 <= inline < facies.shape[0] or not 0 < fraction <= 1:
        raise LabelError(
            f"Expected an inline index of 0 to {facies.shape[0] - 1} and a fraction above 0, at "
            f"most 1; got inline={inline}, fraction={fraction}. Change one of them."
        )
    rng = np.random.default_rng(seed)
    section = facies[inline].astype("int64")
    painted = np.zeros(section.shape, "bool")
    trace, sample = np.ogrid[: section.shape[0], : section.shape[1]]
    for number in np.unique(section):
        inside = section == number
        while painted[inside].mean() < fraction:
            free = np.argwhere(inside & ~painted)
            crowd = painted.sum(axis=1)[free[:, 0]]  # traces with few points so far are preferred
            centre = rng.choice(free, p=_normalised(1 / (1 + crowd) ** 2))
            radius = np.array(patch) * rng.uniform(0.6, 1.4, 2)
            across, down = (trace - centre[0]) / radius[0], (sample - centre[1]) / radius[1]
            painted |= inside & (across**2 + down**2 <= 1)
    places = np.argwhere(painted)
    indices = np.column_stack([np.full(len(places), inline), places])
    return indices, section[painted]


def _normalised(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()
