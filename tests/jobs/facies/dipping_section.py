"""A dipping section of four layers, and labels of some of its samples."""

import numpy as np

TRACES, SAMPLES, DIP = 60, 120, 0.5


def dipping():
    """A section whose reflections lie deeper by DIP from trace to trace; and their layers."""
    log = np.convolve(np.random.default_rng(0).normal(size=400), np.hanning(9), mode="same")
    time = 100 + np.arange(SAMPLES) - DIP * np.arange(TRACES)[:, np.newaxis]
    layers = np.digitize(time, [125, 150, 170])
    return np.interp(time, np.arange(400), log).astype("float32"), layers


def some(mask, layers):
    positions = np.argwhere(mask)
    return positions, layers[tuple(positions.T)]
