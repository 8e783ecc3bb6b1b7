"""Semblance along the beds, averaged along steep faults: a fault attribute of a section.

Source: Hale 2013, Methods to compute fault images, extract fault surfaces, and estimate fault
throws from 3D seismic images, https://doi.org/10.1190/geo2012-0331.1.
Differs from it: a section instead of a cube, 13 slopes of faults, no eighth power.
"""

import numpy as np
from scipy import ndimage

DIP_SIGMA = 4.0, 3.0  # traces and samples over which the dip of the beds is averaged
STEEPEST_BED = 2.0  # samples a trace
BESIDE = 2  # traces on either side that are compared along the beds
FAULT_SIGMA = 6.0  # samples along a fault over which semblance is averaged
FAULT_SLOPES = np.linspace(-0.8, 0.8, 13)  # traces a sample, of the faults that are tried
REACH = 2.5  # standard deviations, where an average ends


def oriented_semblance(amplitude: np.ndarray) -> np.ndarray:
    """How badly beds continue across the best steep line through each sample, from 0 to 1.

    Neighbouring traces are compared along the dip of the beds, and the two sums of semblance are
    averaged along lines of several slopes; the lowest semblance counts.

    Args:
        amplitude: (traces, samples).
    """
    amplitude = np.asarray(amplitude, "float64")
    slope = bed_slope(amplitude)
    trace, sample = np.indices(amplitude.shape)
    near = np.stack(
        [
            ndimage.map_coordinates(
                amplitude, [trace + step, sample + slope * step], order=1, mode="nearest"
            )
            for step in range(-BESIDE, BESIDE + 1)
        ]
    )
    together, alone = near.mean(0) ** 2, (near**2).mean(0)
    lowest = np.ones(amplitude.shape)
    for across in FAULT_SLOPES:
        semblance = along(together, across) / np.maximum(along(alone, across), 1e-12)
        lowest = np.minimum(lowest, np.clip(semblance, 0, 1))
    return 1 - lowest


def bed_slope(amplitude: np.ndarray) -> np.ndarray:
    """Dip of the beds of a section (traces, samples), in samples a trace."""
    across, down = (
        ndimage.gaussian_filter(amplitude, 1.0, order=order) for order in ((1, 0), (0, 1))
    )
    square, product, other = (
        ndimage.gaussian_filter(part, DIP_SIGMA) for part in (across**2, across * down, down**2)
    )
    normal = 0.5 * np.arctan2(2 * product, square - other)  # angle from the axis of the traces
    down = np.sin(normal)
    down = np.where(np.abs(down) < 1e-6, 1e-6, down)
    return np.clip(-np.cos(normal) / down, -STEEPEST_BED, STEEPEST_BED)


def along(values: np.ndarray, across: float) -> np.ndarray:
    """Averages along a line through each sample, with the weights of a Gaussian.

    Args:
        values: (traces, samples).
        across: traces a sample.
    """
    last = int(REACH * FAULT_SIGMA)
    total, weights = np.zeros(values.shape), np.zeros(values.shape)
    for step in range(-last, last + 1):
        weight = np.exp(-0.5 * (step / FAULT_SIGMA) ** 2)
        shift = across * step, step
        total += weight * ndimage.shift(values, shift, order=1)
        weights += weight * ndimage.shift(np.ones(values.shape), shift, order=1)
    return total / np.maximum(weights, 1e-12)


def ridges(values: np.ndarray) -> np.ndarray:
    """The values where they are largest among neighbouring traces, 0 elsewhere."""
    smooth = ndimage.gaussian_filter1d(values, 1.0, axis=0)
    top = np.zeros(values.shape, bool)
    top[1:-1] = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])
    return np.where(top, values, 0)
