"""Noise of pre-stack gathers: random noise, ground roll and erratic traces."""

import numpy as np
from scipy import signal

LOUDEST = 6.0  # largest level of an erratic trace over that of the others
MODES = 3  # largest number of modes of ground roll
SPREADING = 300.0  # offset in m from which the amplitude of ground roll decreases


def random_noise(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise between white noise and noise of the seismic band, independent from trace to trace.

    Args:
        shape: numbers of traces and samples.
        rng: generator of random numbers.

    Returns:
        float64 (traces, samples), of about unit deviation.
    """
    traces, samples = shape
    frequency = np.fft.rfftfreq(samples)  # cycles a sample
    low, high = rng.uniform(0.005, 0.04), rng.uniform(0.1, 0.5)
    band = 1 / (1 + (low / np.maximum(frequency, 1e-4)) ** 4) / (1 + (frequency / high) ** 8)
    white = rng.uniform(0, 1)
    spectrum = np.fft.rfft(rng.normal(size=(traces, samples)))
    coloured = np.fft.irfft(spectrum * band, samples)
    noise = (1 - white) * coloured / coloured.std() + white * rng.normal(size=shape)
    level = np.exp(0.25 * rng.normal(size=(traces, 1)))
    return noise / noise.std() * level


def erratic_gains(traces: int, part: float, rng: np.random.Generator) -> np.ndarray:
    """Factor by which the noise of each trace is multiplied.

    Args:
        traces: number of traces.
        part: largest share of erratic traces, 0 to 1.
        rng: generator of random numbers.

    Returns:
        float64 (traces,): 1, or up to 6 for erratic traces.
    """
    some = rng.random(traces) < rng.uniform(0, part)
    return np.where(some, rng.uniform(1, LOUDEST, traces), 1.0)


def ground_roll(
    time: np.ndarray,
    offset: np.ndarray,
    velocity: tuple[float, float],
    peak: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Slow dispersive waves of low frequency along the surface.

    Args:
        time: time of each sample, s, evenly spaced from 0, (samples,).
        offset: offset of each trace, m, (traces,).
        velocity: smallest and largest velocity, m/s.
        peak: smallest and largest peak frequency, Hz.
        rng: generator of random numbers.

    Returns:
        float64 (traces, samples) of unit deviation.
    """
    samples = len(time)
    frequency = np.fft.rfftfreq(2 * samples, time[1])  # twice as long, so that nothing wraps around
    total = np.zeros((len(offset), samples))
    for _ in range(int(rng.integers(1, MODES + 1))):
        middle, speed = rng.uniform(*peak), rng.uniform(*velocity)
        width = rng.uniform(0.25, 0.5) * middle
        spectrum = np.exp(-0.5 * ((frequency - middle) / width) ** 2)
        dispersion = rng.uniform(0, 0.4)  # slower above the peak, faster below it
        phase_velocity = speed * (1 - dispersion * np.tanh((frequency - middle) / middle))
        delay = offset[:, np.newaxis] / phase_velocity + rng.uniform(0, 0.1)
        turned = spectrum * np.exp(-2j * np.pi * (frequency * delay + rng.uniform()))
        mode = np.fft.irfft(turned, 2 * samples)[:, :samples]
        mode[offset / speed > time[-1]] = 0  # traces that would wrap around nevertheless
        level = rng.uniform(0.4, 1) / max(np.abs(mode).max(), 1e-12)
        total += level * mode / np.sqrt(1 + offset / SPREADING)[:, np.newaxis]
    taper = signal.windows.tukey(2 * samples, 0.1)[samples:]  # no step at the end
    return total * taper / max(float((total * taper).std()), 1e-12)
