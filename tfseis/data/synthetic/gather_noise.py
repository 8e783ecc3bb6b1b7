"""Noise of pre-stack gathers: random, ground roll, erratic traces; (traces, samples)."""

import numpy as np
from scipy import signal

LOUDEST = 6.0  # deviation of an erratic trace, in those of the others
MODES = 3  # of ground roll, at most
SPREADING = 300.0  # m, from which its amplitude falls


def random_noise(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise from white to that of the seismic band, unlike from trace to trace; deviation 1."""
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
    """Factor of the noise of each trace: 1, and up to `LOUDEST` for some."""
    some = rng.random(traces) < rng.uniform(0, part)
    return np.where(some, rng.uniform(1, LOUDEST, traces), 1.0)


def ground_roll(
    time: np.ndarray,
    offset: np.ndarray,
    velocity: tuple[float, float],
    peak: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Slow dispersive waves of low frequency along the surface; deviation 1.

    Args:
        time: (samples,), s, evenly spaced from 0.
        offset: (traces,), m.
        velocity: slowest and fastest, m/s.
        peak: of the spectrum, Hz.
        rng: random numbers.
    """
    samples = len(time)
    frequency = np.fft.rfftfreq(2 * samples, time[1])  # twice as long: nothing wraps around
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
        mode[offset / speed > time[-1]] = 0  # these would wrap around all the same
        level = rng.uniform(0.4, 1) / max(np.abs(mode).max(), 1e-12)
        total += level * mode / np.sqrt(1 + offset / SPREADING)[:, np.newaxis]
    taper = signal.windows.tukey(2 * samples, 0.1)[samples:]  # no step at the end
    return total * taper / max(float((total * taper).std()), 1e-12)
