"""Input channels of a gather network: amplitude, geometry, attributes and frequency bands.

Source: Taner, Koehler and Sheriff 1979, Complex seismic trace analysis, Geophysics 44(6),
https://doi.org/10.1190/1.1440994 (attributes of the analytic signal).
Differs from it: the phase is given as its cosine, which has no jumps.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy import fft, signal

from tfseis.io.gathers.gather import Gather

BANDS = (8.0, 16.0, 32.0, 64.0)  # Hz, middles of octaves
OCTAVE = 0.5  # standard deviation of the Gaussian of a band, in octaves
FAR = 2000.0  # m, the unit of offsets
LATE = 2.0  # s, the unit of times


def amplitude(gather: Gather) -> np.ndarray:
    """The amplitudes themselves; the first channel of every model."""
    return gather.amplitude


def offset(gather: Gather) -> np.ndarray:
    """Distance from source to receiver, in units of 2000 m."""
    return np.broadcast_to(np.abs(gather.offset)[:, np.newaxis] / FAR, gather.shape)


def time(gather: Gather) -> np.ndarray:
    """Time from the first sample on, in units of 2 s."""
    seconds = np.arange(gather.shape[1]) * gather.sample_interval / 1000
    return np.broadcast_to(seconds / LATE, gather.shape)


def envelope(gather: Gather) -> np.ndarray:
    """Instantaneous amplitude."""
    return np.abs(_analytic(gather))


def phase(gather: Gather) -> np.ndarray:
    """Cosine of the instantaneous phase; 0 where there is no amplitude."""
    analytic = _analytic(gather)
    return analytic.real / np.maximum(np.abs(analytic), 1e-12)


def frequency(gather: Gather) -> np.ndarray:
    """Instantaneous frequency, as a part of the Nyquist frequency, 0 to 1."""
    analytic = _analytic(gather)
    turn = analytic[:, 1:] * np.conj(analytic[:, :-1])  # one sample to the next
    return np.clip(np.angle(np.pad(turn, [(0, 0), (0, 1)], mode="edge")) / np.pi, 0, 1)


def band(gather: Gather, *, centre: float) -> np.ndarray:
    """The part of the amplitudes in one octave of frequencies.

    Args:
        gather: whole traces.
        centre: frequency in the middle of the octave, Hz.
    """
    samples = gather.shape[1]
    count = fft.next_fast_len(2 * samples, real=True)  # nothing wraps around
    hertz = np.fft.rfftfreq(count, gather.sample_interval / 1000)
    octaves = np.log2(np.maximum(hertz, 1e-6) / centre)
    weight = np.exp(-0.5 * (octaves / OCTAVE) ** 2)
    return fft.irfft(fft.rfft(gather.amplitude, count, axis=1) * weight, count, axis=1)[:, :samples]


GATHER_CHANNELS: dict[str, Callable[[Gather], np.ndarray]] = {
    "amplitude": amplitude,
    "offset": offset,
    "time": time,
    "envelope": envelope,
    "phase": phase,
    "frequency": frequency,
    **{f"band{centre:g}": partial(band, centre=centre) for centre in BANDS},
}


def gather_channels(gather: Gather, names: Sequence[str]) -> np.ndarray:
    """The channels of a gather, each trace by itself.

    Args:
        gather: whole traces.
        names: names of `GATHER_CHANNELS`, see `check_channels`.

    Returns:
        float32 (traces, samples, channels).
    """
    return np.stack([GATHER_CHANNELS[name](gather) for name in names], axis=-1, dtype="float32")


def _analytic(gather: Gather) -> np.ndarray:
    samples = gather.shape[1]
    count = fft.next_fast_len(2 * samples)
    return signal.hilbert(gather.amplitude, count, axis=1)[:, :samples]
