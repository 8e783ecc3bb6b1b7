"""Amplitude scaling: one centre and one spread for a whole survey."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import inf

import numpy as np

from tfseis.errors import FormatError, ModelError
from tfseis.io.cube import Cube

LOW, HIGH = 0.05, 0.95  # quantiles that a few spikes do not change
NORMAL_WIDTH = 3.2897  # distance between them for a normal distribution of unit variance
RANKS = (LOW, 0.25, 0.5, 0.75, HIGH)  # quantiles from which a scaling is made
MIDDLE_WIDTH = 1.349  # distance between the quartiles for a normal distribution of unit variance
MOST_SPREAD = 1000.0  # spread of all over spread of the middle half; above it, many are spikes
LIMIT = 10.0  # scaled amplitudes are clipped here, since 10 standard deviations are a spike
MOST_LINES = 32  # inlines from which statistics are estimated
MOST_SAMPLES = 4_000_000  # samples from which statistics are estimated
MOST_ZEROS = 1 / 3  # share of exact zeros, above which they are mutes and padding
THINNED = 5  # every fifth sample is enough for the quantiles of a cube in memory


@dataclass(frozen=True)
class Scaling:
    """Statistics of a survey: ``scaled = clip((amplitude - centre) / spread)``.

    Args:
        centre: amplitude that is scaled to 0.
        spread: distance in amplitude that is scaled to 1, above 0.

    Examples:
        >>> Scaling(centre=1.0, spread=2.0).apply(np.array([5.0, np.inf]), np.array([True, False]))
        array([2., 0.], dtype=float32)
    """

    centre: float
    spread: float

    def apply(self, amplitude: np.ndarray, live: np.ndarray) -> np.ndarray:
        """Scaled amplitudes.

        Args:
            amplitude: numbers of any shape.
            live: which samples are live, bool of the same shape.

        Returns:
            float32 of the same shape, clipped to -10 .. 10; 0 where not live.
        """
        scaled = (amplitude.astype("float32", copy=False) - self.centre) / self.spread
        return np.where(live, np.clip(scaled, -LIMIT, LIMIT), 0).astype("float32", copy=False)

    def as_dict(self) -> dict[str, float]:
        """Centre and spread by name, for metrics.json and model files."""
        return asdict(self)

    def __str__(self) -> str:
        return f"centre {self.centre:.6g}, spread {self.spread:.6g}"


def check_statistics(scaling: Mapping[str, float]) -> None:
    """Refuse what a model stores of its amplitudes where it is no scaling.

    Args:
        scaling: ``centre`` and ``spread``.

    Raises:
        ModelError: other names, or a spread that is not above 0.
    """
    if set(scaling) != {"centre", "spread"} or not 0 < scaling["spread"] < inf:
        raise ModelError(
            "Expected a recipe with a scaling of centre and spread, the spread above 0; got "
            f"{dict(scaling)}. Use the file that tfseis saved."
        )


def survey_scaling(cube: Cube) -> Scaling:
    """Estimate the scaling of a survey from live samples of evenly spaced inlines.

    Where these hold none, the first inlines that do are taken. The centre is the median. The spread
    is the distance between the 5 % and the 95 % quantile over that of a normal distribution of unit
    variance.

    Args:
        cube: cube to read from.

    Returns:
        The scaling.

    Raises:
        FormatError: the cube has no live samples, or all have the same value.
    """
    count = min(cube.shape[0], MOST_LINES)
    lines = np.unique(np.linspace(0, cube.shape[0] - 1, count).round().astype(int))
    thin = max(1, int(np.ceil(len(lines) * cube.shape[1] * cube.shape[2] / MOST_SAMPLES)))
    samples = _samples(cube, lines.tolist(), thin)
    scaling = samples_scaling(samples)
    if scaling is None and len(lines) < cube.shape[0]:  # those hold nothing; others may
        samples = _samples(cube, range(cube.shape[0]), thin)
        scaling = samples_scaling(samples)
    if scaling is not None:
        return scaling
    raise FormatError(
        f"{getattr(cube, 'path', 'cube')}: expected amplitudes that vary; found "
        f"{samples.size} live samples of at most one value in {len(lines)} inlines. Choose a file "
        "that holds seismic amplitudes."
    )


def _samples(cube: Cube, lines: Iterable[int], thin: int) -> np.ndarray:
    """Every `thin`-th live sample of inlines, of the first ones that hold any."""
    found: list[np.ndarray] = []
    for line in lines:
        values, live = cube.read((slice(line, line + 1), slice(None), slice(None)))
        if live.any():
            found.append(values[live][::thin])
        if len(found) == MOST_LINES:
            break
    return np.concatenate(found) if found else np.zeros(0, "float32")


def samples_scaling(samples: np.ndarray) -> Scaling | None:
    """The scaling of some samples, estimated as by `survey_scaling`.

    Exact zeros are left out where they are more than a third: mutes, padding and water, whose
    share would decide the spread. Where spikes are more than 5 % of the others, the spread is that
    of their middle half.

    Args:
        samples: live amplitudes, finite numbers of any shape.

    Returns:
        The scaling; None where there are no samples, or all have the same value.
    """
    others = samples[samples != 0]
    muted = others.size < (1 - MOST_ZEROS) * samples.size
    for candidates in (others,) if muted else (samples, others):
        if candidates.size:
            low, first, centre, third, high = np.quantile(candidates, RANKS)
            spread, middle = (high - low) / NORMAL_WIDTH, (third - first) / MIDDLE_WIDTH
            if high > low:
                spiky = spread > MOST_SPREAD * middle > 0
                return Scaling(float(centre), float(middle if spiky else spread))
    return None


def scaled(amplitude: np.ndarray) -> np.ndarray:
    """Amplitudes of a whole cube in memory scaled by its own statistics.

    Args:
        amplitude: (inlines, crosslines, samples).

    Returns:
        float32 of the same shape; all 0 if all amplitudes are equal.
    """
    live = np.isfinite(amplitude)
    scaling = samples_scaling(amplitude[live][::THINNED])
    if scaling is None:
        return np.zeros(amplitude.shape, "float32")
    return scaling.apply(amplitude, live)
