"""The signal of a synthetic gather: primaries, multiples, direct and refracted waves.

Source: amplitudes follow Shuey 1985, A simplification of the Zoeppritz equations,
https://doi.org/10.1190/1.1441936.
Differs from it: intercept and gradient alone, drawn at random instead of computed from rocks.
"""

import numpy as np
from scipy import signal

from tfseis.data.synthetic.gather_settings import SyntheticGatherSettings
from tfseis.data.synthetic.wavelets import ricker, rotated


def reflections(
    rng: np.random.Generator,
    settings: SyntheticGatherSettings,
    time: np.ndarray,
    velocity: np.ndarray,
    offset: np.ndarray,
) -> np.ndarray:
    """The signal of a gather.

    Args:
        rng: generator of random numbers.
        settings: ranges and levels from which the signal is drawn.
        time: time of each sample, s, evenly spaced from 0, (samples,).
        velocity: moveout velocity at each time, m/s, (samples,).
        offset: offset of each trace, m, (traces,).

    Returns:
        Amplitudes, float64 (traces, samples).
    """
    interval, last = time[1] * 1000, time[-1]
    count = 1 + rng.poisson(rng.uniform(*settings.reflections) * last)
    start = rng.uniform(0, 1.05 * last, count)  # s, at offset 0
    speed = np.interp(start, time, velocity)
    strength = rng.normal(size=count) * np.exp(rng.normal(size=count) * 0.5)
    gradient = rng.uniform(*settings.avo, count)
    water, part = rng.uniform(0.1, 0.8), rng.uniform(0, settings.multiples)
    orders = [(start, speed, strength)]
    for _ in range(2):  # each order is later, slower, weaker and of the other polarity
        before = orders[-1]
        orders.append((before[0] + water, 0.96 * before[1], -part * before[2]))
    start, speed, strength = (np.concatenate(column) for column in zip(*orders, strict=True))
    gradient = np.tile(gradient, len(orders))
    slow = (offset / speed[:, np.newaxis]) ** 2  # events, traces
    arrival = np.sqrt(start[:, np.newaxis] ** 2 + slow)
    sine = slow / np.maximum(arrival**2, 1e-9)  # squared sine of the angle of incidence
    height = strength[:, np.newaxis] * (1 + gradient[:, np.newaxis] * sine)
    height *= np.maximum(arrival, 0.1) ** -rng.uniform(*settings.decay)
    arrival, height = (
        np.concatenate(pair)
        for pair in zip((arrival, height), _linear(rng, settings, offset), strict=True)
    )
    shift = rng.normal(size=len(offset)) * rng.uniform(0, settings.statics) / 1000 / 2
    place = (
        (arrival + shift.clip(-settings.statics / 1000, settings.statics / 1000)) * 1000 / interval
    )
    spikes = _spikes(place, height, len(time))
    wavelet = rotated(ricker(rng.uniform(*settings.peak), interval), rng.uniform(-np.pi, np.pi))
    return signal.fftconvolve(spikes, wavelet[np.newaxis], "same", axes=1)


def _linear(
    rng: np.random.Generator, settings: SyntheticGatherSettings, offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Arrival times in s and amplitudes of direct and refracted waves, both (events, traces)."""
    count = int(rng.integers(0, settings.linear + 1))
    slow, fast = settings.linear_velocity
    speed = 1 / rng.uniform(1 / fast, 1 / slow, (count, 1))
    arrival = rng.uniform(0, 0.5, (count, 1)) + offset / speed
    height = rng.normal(size=(count, 1)) * rng.uniform(0.5, 4, (count, 1))
    return arrival, height * (1 + offset / 500) ** -rng.uniform(0, 1)


def _spikes(place: np.ndarray, height: np.ndarray, samples: int) -> np.ndarray:
    """Events at fractional sample indices (events, traces), spread over two samples each."""
    spikes = np.zeros((place.shape[1], samples + 1))
    low = np.floor(place).astype("int64")
    part = place - low
    trace = np.broadcast_to(np.arange(place.shape[1]), place.shape)
    for step, weight in ((0, 1 - part), (1, part)):
        inside = (low + step >= 0) & (low + step < samples)
        np.add.at(spikes, (trace[inside], low[inside] + step), (height * weight)[inside])
    return spikes[:, :samples]
