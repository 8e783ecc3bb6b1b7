"""Random fields: smooth ones, and ones with a power law for a spectrum."""

import numpy as np
from scipy import ndimage


def smooth_noise(
    shape: tuple[int, ...], scale: tuple[float, ...], rng: np.random.Generator
) -> np.ndarray:
    """Random field that varies over `scale` samples along each axis; mean 0, deviation 1."""
    noise = ndimage.gaussian_filter(rng.normal(size=shape), scale, mode="reflect")
    return (noise - noise.mean()) / noise.std()


def coarse_noise(
    shape: tuple[int, int, int], scale: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Like `smooth_noise` in three dimensions, float32, interpolated from one node a `scale`.

    Its deviation is 1 at the nodes; it costs a tenth of a filter as wide.
    """
    nodes = [int(np.ceil((size - 1) / step)) + 3 for size, step in zip(shape, scale, strict=True)]
    field = rng.standard_normal(nodes, dtype="float32")
    for axis, (size, step) in enumerate(zip(shape, scale, strict=True)):
        place = np.arange(size) / step + rng.uniform(0, 1)
        low = place.astype("int64")
        part = place - low
        part = (part * part * (3 - 2 * part)).astype("float32")  # flat at the nodes: no kinks
        part = part.reshape([-1 if a == axis else 1 for a in range(3)])
        field = field.take(low, axis) * (1 - part) + field.take(low + 1, axis) * part
    return field


def spectral_field(
    shape: tuple[int, int], exponent: float, longest: float, rng: np.random.Generator
) -> np.ndarray:
    """Random surface whose amplitude spectrum falls as a power of the wave number.

    Args:
        shape: rows and columns.
        exponent: of the fall; larger is smoother.
        longest: wave length in samples above which the spectrum is flat.
        rng: draws it.

    Returns:
        float32 of `shape`, mean 0, deviation 1, not periodic within it.
    """
    size = 2 * max(*shape, int(longest))
    across, along = np.fft.fftfreq(size)[:, np.newaxis], np.fft.rfftfreq(size)
    wave = np.hypot(across, along)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    spectrum *= (1 + (wave * longest) ** 2) ** (-exponent / 2)
    field = np.fft.irfft2(spectrum, s=(size, size))[: shape[0], : shape[1]]
    return ((field - field.mean()) / max(field.std(), 1e-12)).astype("float32")
