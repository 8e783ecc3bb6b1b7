"""The local level of a gather, by which it is divided before a network sees it.

Amplitudes of gathers fall with time and offset and differ from shot to shot by powers of ten, so
that one number for a survey would leave most of them near 0. The level varies slowly along both
axes, does not depend on the windows, and is multiplied back afterwards.
"""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from tfseis.io.gathers.gather import Gather

TRACES, SECONDS = 15, 0.3  # lengths of each of two running means, one over the other
LEAST = 1e-3  # smallest level, as part of that of the whole gather


def local_level(gather: Gather) -> np.ndarray:
    """Root mean square of the live samples around each sample.

    Returns:
        float32 (traces, samples), above 0; 1 for a gather without amplitudes.
    """
    energy, count = (
        _smooth(values.astype("float32"), gather.sample_interval)
        for values in (np.square(gather.amplitude) * gather.live, gather.live)
    )
    level = np.sqrt(np.maximum(energy, 0) / np.maximum(count, 1e-6))  # running sums round
    live = gather.amplitude[gather.live]
    overall = float(np.sqrt(np.mean(np.square(live, dtype="float64")))) if live.size else 0.0
    if overall == 0:
        return np.ones(gather.shape, "float32")
    return np.maximum(level, LEAST * overall).astype("float32")


def balanced(gather: Gather, level: np.ndarray) -> Gather:
    """The gather divided by its level."""
    return replace(gather, amplitude=gather.amplitude / level)


def _smooth(values: np.ndarray, interval: float) -> np.ndarray:
    """Two running means along both axes, whose weights are a triangle; zeros beyond the gather."""
    for axis, width in ((0, TRACES), (1, max(1, round(1000 * SECONDS / interval)))):
        for _ in range(2):
            values = ndimage.uniform_filter1d(values, width, axis, mode="constant")
    return values
