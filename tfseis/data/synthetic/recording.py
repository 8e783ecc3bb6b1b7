"""What acquisition and processing do to reflections: wavelet, noise, footprint, quantisation.

Every function takes (inlines, crosslines, samples) and gives the same shape, float32.
"""

import numpy as np
from scipy import ndimage

LEVEL = 1000.0  # standard deviation of recorded amplitudes
BYTE_LEVELS = 127


def convolved(reflectivity: np.ndarray, wavelet: np.ndarray) -> np.ndarray:
    """Reflectivity under a wavelet that is an odd number of samples long."""
    taps = wavelet.astype("float32")
    return ndimage.convolve1d(reflectivity.astype("float32", copy=False), taps, mode="reflect")


def coloured_noise(
    shape: tuple[int, int, int],
    scale: tuple[float, float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Gaussian noise smoothed over `scale` samples along each axis; deviation 1."""
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
    """Noise of one frequency band, in cycles a sample, unlike from trace to trace; deviation 1."""
    low, high = band
    count = shape[2]
    frequency = np.fft.rfftfreq(count)
    pass_band = 1 / (1 + (low / np.maximum(frequency, 1e-3)) ** 4) / (1 + (frequency / high) ** 4)
    spectrum = np.fft.rfft(rng.standard_normal(shape, dtype="float32"))
    noise = np.fft.irfft(spectrum * pass_band.astype("float32"), count)
    return (noise / noise.std()).astype("float32")


def plane_waves(shape: tuple[int, int, int], count: int, rng: np.random.Generator) -> np.ndarray:
    """Coherent noise: dipping wave trains, each from a trace of noise; deviation 1."""
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
    """Stripes of the acquisition along both line directions, strongest at the top; 0 to 1."""
    inline, crossline, sample = np.ogrid[tuple(slice(n) for n in shape)]
    stripes = np.zeros(shape[:2] + (1,))
    for lines in (inline, crossline):
        period, phase = rng.uniform(4, 16), rng.uniform(0, 2 * np.pi)
        stripes = stripes + rng.uniform() * np.cos(2 * np.pi * lines / period + phase)
    fading = np.exp(-sample / (rng.uniform(0.3, 1.5) * shape[2]))
    stripes = stripes / max(np.abs(stripes).max(), 1e-12)
    return (stripes * fading).astype("float32")


def smeared(amplitude: np.ndarray, traces: float) -> np.ndarray:
    """Smoothing over neighbouring traces, as a dip filter does: steep events fade first."""
    for axis in (0, 1):
        amplitude = ndimage.gaussian_filter1d(amplitude, traces, axis, mode="reflect", truncate=3)
    return amplitude


def quantised(amplitude: np.ndarray, clip: float) -> np.ndarray:
    """8-bit amplitudes that clip at a number of standard deviations."""
    step = clip * amplitude.std() / BYTE_LEVELS
    return np.clip(np.rint(amplitude / step), -BYTE_LEVELS - 1, BYTE_LEVELS) * np.float32(step)


def processed(
    amplitude: np.ndarray,
    rng: np.random.Generator,
    *,
    smears: tuple[float, float, float],
    clips: tuple[float, float, float],
) -> np.ndarray:
    """Now and then smeared, now and then of 8 bits, and levelled.

    Args:
        amplitude: of a survey.
        rng: draws it.
        smears: how often, 0 to 1; fewest and most traces.
        clips: how often; fewest and most standard deviations at which 8 bits clip.
    """
    if rng.uniform() < smears[0]:
        amplitude = smeared(amplitude, rng.uniform(*smears[1:]))
    if rng.uniform() < clips[0]:
        amplitude = quantised(amplitude, rng.uniform(*clips[1:]))
    return levelled(amplitude)


def levelled(amplitude: np.ndarray) -> np.ndarray:
    """Mean 0 and the deviation of recorded amplitudes, `LEVEL`."""
    amplitude = amplitude - amplitude.mean()
    return (amplitude * (LEVEL / max(float(amplitude.std()), 1e-12))).astype("float32")
