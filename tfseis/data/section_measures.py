"""Amplitudes, spectrum and dips of a section in numbers that do not depend on its level.

Source: Bigun and Granlund 1987, Optimal orientation detection of linear symmetry, ICCV.
Differs from it: local dips alone, where events are clear.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

SMOOTHING = 2.0  # samples, of the structure tensor
TINY = 1e-30  # keeps ratios finite where nothing was recorded
CLEAR = 0.3  # of planarity, above which a dip is counted
HALF_POWER, LIKENESS, STEEP = (
    "spectrum: 50 %",
    "likeness of neighbouring traces",
    "dip: 90 %",
)


def measures(amplitude: np.ndarray) -> dict[str, float]:
    """Numbers of one section that do not depend on its amplitude level.

    Args:
        amplitude: (traces, samples), at least 2 of each.

    Returns:
        By name: ratios of amplitude percentiles, frequencies in cycles a sample below which parts
        of the power lie, mean correlation of neighbouring traces, dips in samples a trace.
    """
    centred = amplitude - np.median(amplitude)
    spread = np.maximum(np.percentile(np.abs(centred), [50, 90, 99]), TINY)
    frequency = np.fft.rfftfreq(amplitude.shape[1])
    taper = np.hanning(amplitude.shape[1])
    power = (np.abs(np.fft.rfft(centred * taper)) ** 2).mean(0)
    part = np.cumsum(power) / max(power.sum(), TINY)
    dips = local_dips(centred)
    dips = dips if dips.size else np.zeros(1)
    return {
        "amplitude: 90 % / median": spread[1] / spread[0],
        "amplitude: 99 % / 90 %": spread[2] / spread[1],
        "spectrum: 10 % of power below (cycles a sample)": frequency[_reached(part, 0.1)],
        HALF_POWER: frequency[_reached(part, 0.5)],
        "spectrum: 90 %": frequency[_reached(part, 0.9)],
        LIKENESS: likeness(centred),
        "dip: median (samples a trace)": float(np.median(dips)),
        STEEP: float(np.percentile(dips, 90)),
    }


def _reached(part: np.ndarray, share: float) -> int:
    """First index at which a cumulative share is reached."""
    return min(int(np.searchsorted(part, share)), len(part) - 1)


def likeness(amplitude: np.ndarray) -> float:
    """Mean correlation of each trace with the next."""
    traces = amplitude - amplitude.mean(1, keepdims=True)
    traces /= np.maximum(np.linalg.norm(traces, axis=1, keepdims=True), 1e-12)
    return float((traces[1:] * traces[:-1]).sum(1).mean())


def local_dips(amplitude: np.ndarray) -> np.ndarray:
    """Absolute dips from the structure tensor, where events are clear, in samples a trace."""
    # Both derivatives smoothed alike along both axes, else short waves look steeper than they are.
    across, down = (ndimage.gaussian_filter(amplitude, 1.0, order) for order in ((1, 0), (0, 1)))
    smooth: Callable = lambda product: ndimage.gaussian_filter(product, SMOOTHING)
    xx, zz, xz = smooth(across * across), smooth(down * down), smooth(across * down)
    angle = 0.5 * np.arctan2(2 * xz, xx - zz)  # of the normal, from the trace axis
    planarity = np.hypot(xx - zz, 2 * xz) / np.maximum(xx + zz, 1e-30)
    # A normal that leans by this much from the vertical belongs to a dip of its cotangent.
    dip = np.abs(np.cos(angle)) / np.maximum(np.abs(np.sin(angle)), 1e-6)
    return dip[planarity > CLEAR]
