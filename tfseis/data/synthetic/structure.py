"""Parts that all synthetic surveys share: their geometry, and horizons in a model of layers."""

import numpy as np

from tfseis.geometry import Axis, Geometry

SAMPLE_INTERVAL = 4.0  # ms
BIN = 25.0  # distance between lines, m
AZIMUTH = 0.35  # radians; the survey is not aligned with the map
ORIGIN = (605_000.0, 6_070_000.0)  # map coordinates of inline 0, crossline 0, m
FIRST_INLINE, FIRST_CROSSLINE = 100, 300


def survey_geometry(shape: tuple[int, int, int]) -> Geometry:
    """Line numbers, sample times and map coordinates of a synthetic survey.

    Args:
        shape: (inlines, crosslines, samples).
    """
    cos, sin = BIN * np.cos(AZIMUTH), BIN * np.sin(AZIMUTH)
    return Geometry(
        Axis("inline", FIRST_INLINE, 1, shape[0]),
        Axis("crossline", FIRST_CROSSLINE, 1, shape[1]),
        Axis("sample", 0.0, SAMPLE_INTERVAL, shape[2]),
        affine=np.array([[-sin, cos, ORIGIN[0]], [cos, sin, ORIGIN[1]]]),
    )


def horizon(age: np.ndarray, level: float, absent: np.ndarray) -> np.ndarray:
    """Fractional sample index at which the age first reaches a level.

    Args:
        age: age of each sample (inlines, crosslines, samples), on the whole increasing downwards.
        level: age of the horizon.
        absent: bool of the same shape, True where there can be no horizon.

    Returns:
        float32 (inlines, crosslines); NaN where the level is not reached, or absent.

    Examples:
        >>> age = np.array([[[0.0, 1.0, 3.0]]])
        >>> horizon(age, 2.0, age < 0).item(), horizon(age, 4.0, age < 0).item()
        (1.5, nan)
    """
    below = age >= level
    base = below.argmax(axis=2)[..., np.newaxis]
    above, under = (np.take_along_axis(age, np.maximum(base - step, 0), axis=2) for step in (1, 0))
    place = base - (under - level) / np.maximum(under - above, 1e-9)
    met = (base > 0) & ~np.take_along_axis(absent, base, axis=2)
    return np.where(met, place, np.nan)[..., 0].astype("float32")
