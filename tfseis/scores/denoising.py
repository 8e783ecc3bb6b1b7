"""How well a gather was denoised: how much signal was lost, and how much noise was removed.

Source: Chen and Fomel 2015, Random noise attenuation using local signal-and-noise
orthogonalization, https://doi.org/10.1190/geo2014-0227.1.
Differs from it: local means are Gaussian instead of regularised divisions, and the local
correlation is summed up as one number for each gather.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage

from tfseis.io.gathers.gather import Gather

TRACES, SECONDS = 5.0, 0.04  # standard deviations of the Gaussian window
BANDS = ("near", "middle", "far")  # thirds of the live traces of a gather, by offset
TINY = 1e-30  # keeps divisions finite


def local_correlation(
    removed: np.ndarray, kept: np.ndarray, gather: Gather
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of the removed and the kept part of a gather around each sample.

    Args:
        removed: amplitudes that were removed, floating-point numbers (traces, samples).
        kept: amplitudes that were kept, of the same shape.
        gather: gather before denoising; samples that are not live do not count.

    Returns:
        Two arrays float64 (traces, samples), 0 where not live: the correlation, -1 to 1; and the
        product of the local root mean squares of both parts, where 1 is the square of the largest
        amplitude of the gather.
    """
    across, first, second = _local_means(removed, kept, gather)
    levels = np.sqrt(first * second) * gather.live
    return np.clip(across / np.maximum(levels, TINY), -1, 1) * gather.live, levels


def orthogonalised(kept: np.ndarray, gather: Gather) -> np.ndarray:
    """The kept part with that part of the removed one added back which locally resembles it.

    Args:
        kept: amplitudes that were kept, floating-point numbers (traces, samples).
        gather: gather before denoising.

    Returns:
        float64 (traces, samples).
    """
    across, _, second = _local_means(gather.amplitude - kept, kept, gather)
    resembling = np.clip(across / np.maximum(second, TINY), 0, 1)
    return kept * (1 + resembling)


def _local_means(
    removed: np.ndarray, kept: np.ndarray, gather: Gather
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Local means of removed * kept, removed^2 and kept^2, where the largest amplitude is 1."""
    width = (TRACES, 1000 * SECONDS / gather.sample_interval)
    level = max(float(np.abs(gather.amplitude).max(initial=0)), TINY)
    removed, kept = (part.astype("float64") * gather.live / level for part in (removed, kept))
    across, first, second = (
        ndimage.gaussian_filter(values, width, mode="constant", truncate=3)
        for values in (removed * kept, removed**2, kept**2)
    )
    return across, first, second


def signal_leakage(removed: np.ndarray, kept: np.ndarray, gather: Gather) -> float:
    """How much the removed part resembles the kept part, which is signal that leaked.

    It is the mean magnitude of the local correlation, where samples count more where both parts
    are strong. Independent parts do not give 0 but about `chance_leakage`.

    Args:
        removed: amplitudes that were removed, floating-point numbers (traces, samples).
        kept: amplitudes that were kept, of the same shape.
        gather: gather before denoising.

    Returns:
        0 to 1; 0 where nothing was removed, and NaN where no place holds both parts, as where
        everything was removed.
    """
    if not (removed * gather.live).any():
        return 0.0
    correlation, levels = local_correlation(removed, kept, gather)
    total = float(levels.sum())
    return float((np.abs(correlation) * levels).sum() / total) if total > TINY else float("nan")


def chance_leakage(removed: np.ndarray, kept: np.ndarray, gather: Gather) -> float:
    """The leakage that chance alone gives: the removed part is rotated by 180 degrees first.

    Args:
        removed: amplitudes that were removed, floating-point numbers (traces, samples).
        kept: amplitudes that were kept, of the same shape.
        gather: gather before denoising.

    Returns:
        0 to 1; NaN, not known, where the rotated part does not overlap the kept one, as where
        little more than the mute was removed, and where nothing was.
    """
    rotated = removed[::-1, ::-1] * gather.live
    return signal_leakage(rotated, kept, gather) if rotated.any() else float("nan")


@dataclass(frozen=True)
class GatherScore:
    """How well one gather was denoised.

    Args:
        leakage: resemblance of the removed and the kept part, see `signal_leakage`; NaN where it
            was not measured.
        chance: leakage that chance alone gives, see `chance_leakage`; NaN like it.
        removed: share of the energy that was removed; above 1 where energy was added.
        gain: rise of the signal-to-noise ratio in dB; NaN where the signal is not known.
        bands: gain in dB of the near, middle and far third of the live traces; NaN where a third
            holds no trace.
    """

    leakage: float
    chance: float
    removed: float
    gain: float
    bands: tuple[float, float, float]


def gather_score(
    gather: Gather,
    kept: np.ndarray,
    signal: np.ndarray | None = None,
    *,
    leakage: bool = True,
) -> GatherScore:
    """Score a denoised gather.

    Args:
        gather: gather before denoising.
        kept: amplitudes after denoising, floating-point numbers (traces, samples).
        signal: true signal of the same shape; None where it is not known.
        leakage: whether leakage is measured, which takes about as long as denoising.

    Returns:
        The scores; gains are NaN where the signal is not known.
    """
    removed = gather.amplitude - kept
    energy = np.square(gather.amplitude, dtype="float64").sum()
    leaks, chance = float("nan"), float("nan")
    if leakage:
        leaks, chance = (f(removed, kept, gather) for f in (signal_leakage, chance_leakage))
    part = float(np.square(removed, dtype="float64").sum() / max(energy, TINY))
    gain, bands = float("nan"), (float("nan"),) * 3
    if signal is not None:
        gain = snr_gain(gather, kept, signal)
        order = np.argsort(np.abs(gather.offset), kind="stable")
        thirds = np.array_split(order[gather.live[order].any(axis=1)], len(BANDS))
        near, middle, far = (snr_gain(gather, kept, signal, third) for third in thirds)
        bands = (near, middle, far)
    return GatherScore(leaks, chance, part, gain, bands)


def snr_gain(
    gather: Gather, kept: np.ndarray, signal: np.ndarray, traces: np.ndarray | None = None
) -> float:
    """Rise of the signal-to-noise ratio of the live samples.

    Args:
        gather: gather before denoising.
        kept: amplitudes after denoising, floating-point numbers (traces, samples).
        signal: true signal of the same shape.
        traces: indices of the traces to score; None for all.

    Returns:
        dB; NaN where the live samples held no noise, or there are none.
    """
    rows = slice(None) if traces is None else traces
    live = gather.live[rows]
    before, after = (
        np.square((values[rows] - signal[rows])[live], dtype="float64").sum()
        for values in (gather.amplitude, kept)
    )
    return float(10 * np.log10(before / max(after, TINY))) if before > 0 else float("nan")


def score_table(scores: Sequence[GatherScore]) -> dict[str, float]:
    """Mean scores of several gathers by name; each of the gathers in which it was measured.

    Args:
        scores: score of each gather.

    Returns:
        Means; gains are left out where no signal is known.
    """
    table = pd.DataFrame(
        [
            {
                "leakage": score.leakage,
                "chance leakage": score.chance,
                "removed energy": score.removed,
                "gain dB": score.gain,
                **{f"gain {band} dB": gain for band, gain in zip(BANDS, score.bands, strict=True)},
            }
            for score in scores
        ]
    )
    return {str(name): float(value) for name, value in table.mean().dropna().items()}
