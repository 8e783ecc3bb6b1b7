"""How well a gather was denoised: signal that was lost, and noise that was taken out.

Source: local correlation of the removed with the kept part, after Chen and Fomel 2015, Random noise
attenuation using local signal-and-noise orthogonalization, Geophysics 80(6).
Differs from it: a Gaussian window instead of a regularised division, and one number a gather.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage

from tfseis.io.gathers.gather import Gather

TRACES, SECONDS = 5.0, 0.04  # deviations of the Gaussian window
BANDS = ("near", "middle", "far")  # thirds of the live traces of a gather, by offset
TINY = 1e-30


def local_correlation(
    removed: np.ndarray, kept: np.ndarray, gather: Gather
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of two parts of a gather around each sample, and what it is related to.

    Args:
        removed: (traces, samples).
        kept: the same.
        gather: whose live samples count.

    Returns:
        The correlation, -1 to 1, and the product of the local levels of both parts, in units of the
        gather's largest amplitude, squared; both (traces, samples), 0 where not live.
    """
    across, first, second = _local_means(removed, kept, gather)
    levels = np.sqrt(first * second) * gather.live
    return np.clip(across / np.maximum(levels, TINY), -1, 1) * gather.live, levels


def orthogonalised(kept: np.ndarray, gather: Gather) -> np.ndarray:
    """What was kept, and of what was removed the part that locally resembles it.

    Args:
        kept: (traces, samples).
        gather: as it was.
    """
    across, _, second = _local_means(gather.amplitude - kept, kept, gather)
    resembling = np.clip(across / np.maximum(second, TINY), 0, 1)
    return kept * (1 + resembling)


def _local_means(
    removed: np.ndarray, kept: np.ndarray, gather: Gather
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of removed * kept, removed^2 and kept^2 around each sample, in the gather's units."""
    width = (TRACES, 1000 * SECONDS / gather.sample_interval)
    level = max(float(np.abs(gather.amplitude).max(initial=0)), TINY)
    removed, kept = (part.astype("float64") * gather.live / level for part in (removed, kept))
    across, first, second = (
        ndimage.gaussian_filter(values, width, mode="constant", truncate=3)
        for values in (removed * kept, removed**2, kept**2)
    )
    return across, first, second


def signal_leakage(removed: np.ndarray, kept: np.ndarray, gather: Gather) -> float:
    """How much of the removed part looks like what was kept, 0 to 1.

    The mean magnitude of the local correlation, where each sample counts as much as there is of
    both parts around it. Parts that have nothing in common do not give 0 but `chance_leakage`.
    """
    correlation, levels = local_correlation(removed, kept, gather)
    return float((np.abs(correlation) * levels).sum() / max(float(levels.sum()), TINY))


def chance_leakage(removed: np.ndarray, kept: np.ndarray, gather: Gather) -> float:
    """The same with the removed part turned by half a turn: what chance alone gives."""
    return signal_leakage(removed[::-1, ::-1], kept, gather)


@dataclass(frozen=True)
class GatherScore:
    """What was done to one gather.

    Args:
        leakage: see `signal_leakage`.
        chance: see `chance_leakage`.
        removed: part of the energy that was taken out.
        gain: dB, by how much signal to noise rose; NaN without truth.
        bands: the same of the near, middle and far third of the traces.
    """

    leakage: float
    chance: float
    removed: float
    gain: float
    bands: tuple[float, float, float]


def gather_score(gather: Gather, kept: np.ndarray, signal: np.ndarray | None = None) -> GatherScore:
    """Score what is left of a gather.

    Args:
        gather: as it was.
        kept: (traces, samples).
        signal: what should be left, if it is known.
    """
    removed = gather.amplitude - kept
    energy = np.square(gather.amplitude, dtype="float64").sum()
    leakage, chance = (f(removed, kept, gather) for f in (signal_leakage, chance_leakage))
    part = float(np.square(removed, dtype="float64").sum() / max(energy, TINY))
    gain, bands = float("nan"), (float("nan"),) * 3
    if signal is not None:
        gain = snr_gain(gather, kept, signal)
        order = np.argsort(np.abs(gather.offset), kind="stable")
        thirds = np.array_split(order[gather.live[order].any(axis=1)], len(BANDS))
        near, middle, far = (snr_gain(gather, kept, signal, third) for third in thirds)
        bands = (near, middle, far)
    return GatherScore(leakage, chance, part, gain, bands)


def snr_gain(
    gather: Gather, kept: np.ndarray, signal: np.ndarray, traces: np.ndarray | None = None
) -> float:
    """By how many dB the noise of the live samples fell; 0 where there was none.

    Args:
        gather: as it was.
        kept: (traces, samples).
        signal: the truth.
        traces: indices of those to score; None for all.
    """
    rows = slice(None) if traces is None else traces
    live = gather.live[rows]
    before, after = (
        np.square((values[rows] - signal[rows])[live], dtype="float64").sum()
        for values in (gather.amplitude, kept)
    )
    return float(10 * np.log10(before / max(after, TINY))) if before > 0 else 0.0


def score_table(scores: Sequence[GatherScore]) -> dict[str, float]:
    """Means over gathers, by name; gains only where there is truth."""
    table = pd.DataFrame(
        [
            {"leakage": s.leakage, "chance leakage": s.chance, "removed energy": s.removed,
             "gain dB": s.gain, **{f"gain {b} dB": g for b, g in zip(BANDS, s.bands, strict=True)}}
            for s in scores
        ]
    )  # fmt: skip
    return {str(name): float(value) for name, value in table.mean().dropna().items()}
