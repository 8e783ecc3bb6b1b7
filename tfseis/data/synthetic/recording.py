"""Effects of acquisition and processing: wavelet, noise, footprint, quantisation.

Cubes are float32 (inlines, crosslines, samples).
"""

import numpy as np
from scipy import ndimage

LEVEL = 1000.0  # standard deviation of recorded amplitudes
BYTE_LEVELS = 127  # largest amplitude of 8 bits


def convolved(reflectivity: np.ndarray, wavelet: np.ndarray) -> np.ndarray:
    """Reflectivity convolved with a wavelet along the samples.

    Args:
        reflectivity: numbers (inlines, crosslines, samples).
        wavelet: numbers, an odd number of samples.

    Returns:
        float32 of the shape of the reflectivity.
    """
    taps = wavelet.astype("float32")
    return ndimage.convolve1d(reflectivity.astype("float32", copy=False), taps, mode="reflect")


def coloured_noise(
    shape: tuple[int, int, int],
    scale: tuple[float, float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Smoothed Gaussian noise.

    Args:
        shape: shape of the noise.
        scale: standard deviation of the smoothing Gaussian along each axis, in samples; 0 for no
            smoothing.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, deviation 1.
    """
    noise = rng.standard_normal(shape, dtype="float32")
    for axis, width in enumerate(scale):
        if width > 0:
            noise = ndimage.gaussian_filter1d(noise, width, axis, mode="reflect", truncate=3)
    return noise / noise.std()


def band_noise(
    shape: tuple[int, int, int],
    band: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Noise of a frequency band, independent from trace to trace.

    Args:
        shape: shape of the noise.
        band: lowest and highest frequency, in cycles a sample.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, deviation 1.
    """
    low, high = band
    count = shape[2]
    frequency = np.fft.rfftfreq(count)
    pass_band = 1 / (1 + (low / np.maximum(frequency, 1e-3)) ** 4) / (1 + (frequency / high) ** 4)
    spectrum = np.fft.rfft(rng.standard_normal(shape, dtype="float32"))
    noise = np.fft.irfft(spectrum * pass_band.astype("float32"), count)
    return (noise / noise.std()).astype("float32")


def plane_waves(shape: tuple[int, int, int], count: int, rng: np.random.Generator) -> np.ndarray:
    """Coherent noise: wave trains that dip in one direction each.

    Args:
        shape: shape of the noise.
        count: number of wave trains.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, deviation 1.
    """
    inline, crossline, sample = (
        axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]
    )
    waves = np.zeros(shape, "float32")
    length = 4 * sum(shape)
    for _ in range(count):
        train = ndimage.gaussian_filter1d(rng.standard_normal(length, dtype="float32"), 1.5)
        slope = rng.uniform(-2, 2, 2).astype("float32")
        delay = sample + slope[0] * inline + slope[1] * crossline
        waves += train[delay.astype("int32") % length]
    return waves / max(float(waves.std()), 1e-12)


def footprint(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Stripes of the acquisition along both line directions, strongest at the top.

    Args:
        shape: shape of the stripes.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, -1 to 1.
    """
    inline, crossline, sample = np.ogrid[tuple(slice(n) for n in shape)]
    stripes = np.zeros(shape[:2] + (1,))
    for lines in (inline, crossline):
        period, phase = rng.uniform(4, 16), rng.uniform(0, 2 * np.pi)
        stripes = stripes + rng.uniform() * np.cos(2 * np.pi * lines / period + phase)
    fading = np.exp(-sample / (rng.uniform(0.3, 1.5) * shape[2]))
    stripes = stripes / max(np.abs(stripes).max(), 1e-12)
    return (stripes * fading).astype("float32")


def smeared(amplitude: np.ndarray, traces: float) -> np.ndarray:
    """Amplitudes smoothed over neighbouring traces, which weakens steep events like a dip filter.

    Args:
        amplitude: float32 (inlines, crosslines, samples).
        traces: standard deviation of the smoothing Gaussian, in traces.

    Returns:
        float32 of the same shape.
    """
    for axis in (0, 1):
        amplitude = ndimage.gaussian_filter1d(amplitude, traces, axis, mode="reflect", truncate=3)
    return amplitude


def quantised(amplitude: np.ndarray, clip: float) -> np.ndarray:
    """Amplitudes rounded and clipped to 8 bits.

    Args:
        amplitude: float32 of any shape.
        clip: largest amplitude that is kept, in standard deviations.

    Returns:
        float32 of the same shape, with at most 256 values.
    """
    step = clip * amplitude.std() / BYTE_LEVELS
    return np.clip(np.rint(amplitude / step), -BYTE_LEVELS - 1, BYTE_LEVELS) * np.float32(step)


def processed(
    amplitude: np.ndarray,
    rng: np.random.Generator,
    *,
    smears: tuple[float, float, float],
    clips: tuple[float, float, float],
) -> np.ndarray:
    """Amplitudes that are smoothed in some surveys, rounded to 8 bits in some, and levelled.

    Args:
        amplitude: float32 (inlines, crosslines, samples).
        rng: generator of random numbers.
        smears: probability of smoothing, 0 to 1; smallest and largest width in traces.
        clips: probability of rounding to 8 bits, 0 to 1; smallest and largest amplitude that is
            kept, in standard deviations.

    Returns:
        float32 of the same shape.
    """
    if rng.uniform() < smears[0]:
        amplitude = smeared(amplitude, rng.uniform(*smears[1:]))
    if rng.uniform() < clips[0]:
        amplitude = quantised(amplitude, rng.uniform(*clips[1:]))
    return levelled(amplitude)


def levelled(amplitude: np.ndarray) -> np.ndarray:
    """Amplitudes of mean 0 and the standard deviation of recorded ones, 1000.

    Args:
        amplitude: numbers of any shape.

    Returns:
        float32 of the same shape.
    """
    amplitude = amplitude - amplitude.mean()
    return (amplitude * (LEVEL / max(float(amplitude.std()), 1e-12))).astype("float32")
