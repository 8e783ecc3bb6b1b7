"""Planes that cut a borehole, from the sinusoids that they draw: dip and azimuth, several an image.

Source: Fischler & Bolles 1981, Random sample consensus, as scikit-image has it.
Differs from it: one consensus after another, each on the samples that the ones before left.
"""

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np
from skimage.measure import ransac

from tfseis.errors import ModelError
from tfseis.jobs.boreholes.hole import Hole

WITHIN = 1.25  # samples across the line that still belong to it
COVERAGE = 0.6  # part of the columns that a plane must cross
FILLED = 0.75  # part of a plane's line, where it crosses the image, that must be marked
TRIALS, CERTAIN = 500, 0.999  # samples at most; probability to have met the best plane
LONGEST = 12  # marks below one another, as high as wide, that still may belong to a plane
STEEPEST = 80.0  # degrees; steeper ones are lines along the hole


@dataclass(frozen=True)
class FittedPlane:
    """A plane that cuts the hole.

    Args:
        row: where it cuts the axis of the hole.
        dip: degrees from the horizontal.
        azimuth: where it lies deepest, degrees from column 0, growing with the columns.
        coverage: part of the columns in which it was seen, 0..1.
    """

    row: float
    dip: float
    azimuth: float
    coverage: float


class _Sinusoid:
    """Row as a constant, a cosine and a sine of the angle: linear, so that three points give it."""

    def __init__(self, weights: np.ndarray | None = None) -> None:
        self.weights = np.zeros(3) if weights is None else weights

    def estimate(self, points: np.ndarray) -> bool:
        """As `from_estimate`, for scikit-image before 0.26."""
        found = self.from_estimate(points)
        if found is not None:
            self.weights = found.weights
        return found is not None

    @classmethod
    def from_estimate(cls, points: np.ndarray) -> Self | None:
        """Least squares over (angle, row)."""
        weights, _, rank, _ = np.linalg.lstsq(_design(points[:, 0]), points[:, 1], rcond=None)
        return cls(weights) if rank == 3 else None

    def rows(self, angle: np.ndarray) -> np.ndarray:
        """Row at each angle."""
        return _design(angle) @ self.weights

    def residuals(self, points: np.ndarray) -> np.ndarray:
        """Distance across the line, in samples."""
        angle, row = points.T
        return np.abs(row - self.rows(angle)) / self.stretch(angle)

    def stretch(self, angle: np.ndarray) -> np.ndarray:
        """How much longer than across the line a way along depth is; set by `_scaled`."""
        _, cosine, sine = self.weights
        slope = (sine * np.cos(angle) - cosine * np.sin(angle)) / self.radius
        return np.hypot(1, slope)

    @property
    def dip(self) -> float:
        """Degrees from the horizontal."""
        amplitude = self.height * np.hypot(*self.weights[1:])
        return float(np.degrees(np.arctan(amplitude / self.radius)))

    radius = 1.0  # of the hole, in columns
    height = 1.0  # of a row, in columns


def fit_planes(
    mask: np.ndarray,
    *,
    hole: Hole | None = None,
    most: int = 4,
    seed: int = 0,
    within: float = WITHIN,
) -> list[FittedPlane]:
    """Planes in a mask of thin marks; lines along the hole are passed over.

    Args:
        mask: (rows, columns); true where a fracture, or anything else, was found. Columns wrap.
        hole: diameter of the hole and height of a row; None for samples as high as they are wide,
            whose dips are apparent ones.
        most: planes at most.
        seed: seed of the random samples.
        within: how far from a plane's line its marks may lie, in samples.

    Returns:
        Planes, the best covered first.

    Raises:
        ModelError: not an image.
    """
    mask = np.asarray(mask) > 0
    if mask.ndim != 2:
        raise ModelError(
            f"Expected a mask (rows, columns); got shape {mask.shape}. Give one image."
        )
    columns = mask.shape[1]
    height = 1.0 if hole is None else hole.height(columns)
    points = _runs(mask, LONGEST * max(1.0, 1 / height))
    found: list[FittedPlane] = []
    kind = type("Sinusoid", (_Sinusoid,), {"radius": columns / (2 * np.pi), "height": height})
    rng = np.random.default_rng(seed)
    while len(found) < most and len(np.unique(points[:, 0])) >= COVERAGE * columns:
        model, inliers = _consensus(points, kind, within, rng)
        plane = None if model is None else _plane(model, points[inliers], mask)
        if plane is None:
            break
        found.append(plane)
        points = points[~inliers]
    return sorted(found, key=lambda plane: -plane.coverage)


def _consensus(
    points: np.ndarray, kind: type, within: float, rng: np.random.Generator
) -> tuple[_Sinusoid | None, np.ndarray]:
    with warnings.catch_warnings():  # that the last model is none is no news: see below
        warnings.simplefilter("ignore", UserWarning)
        model, inliers = ransac(
            points,
            kind,
            3,
            within,
            max_trials=TRIALS,
            stop_probability=CERTAIN,
            rng=rng,
            is_model_valid=_is_plane,
        )
    return (model, inliers) if model is not None and _is_plane(model) else (None, points[:, 0] > 0)


def _runs(mask: np.ndarray, longest: float) -> np.ndarray:
    """(angle, row) of the middle of each run of marks down a column.

    A plane has one in each column. A line along the hole has few, which are long, and left out.
    """
    edges = np.diff(np.pad(mask.astype("int8"), ((1, 1), (0, 0))), axis=0)
    columns, first = np.nonzero(edges.T == 1)
    last = np.nonzero(edges.T == -1)[1] - 1
    short = last - first < longest
    middle = (first + last) / 2
    return np.stack([2 * np.pi * columns / mask.shape[1], middle], axis=1)[short]


def _design(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], axis=1)


def _is_plane(model: _Sinusoid, *_: object) -> bool:
    return model.dip < STEEPEST


def _plane(model: _Sinusoid, points: np.ndarray, mask: np.ndarray) -> FittedPlane | None:
    """The plane, where enough of its line is marked; a line along the hole is marked by chance."""
    rows, columns = mask.shape
    angle = 2 * np.pi * np.arange(columns) / columns
    line = model.rows(angle)
    inside = (line > -0.5) & (line < rows - 0.5)
    seen = np.isin(np.arange(columns), np.rint(points[:, 0] / (2 * np.pi) * columns))
    if seen.mean() < COVERAGE or seen[inside].mean() < FILLED:
        return None
    constant, cosine, sine = model.weights
    azimuth = np.degrees(np.arctan2(sine, cosine)) % 360
    return FittedPlane(float(constant), model.dip, float(azimuth), float(seen.mean()))
