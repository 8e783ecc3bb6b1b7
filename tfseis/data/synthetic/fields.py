"""Random fields: smooth fields, and fields whose spectrum is a power law."""

import numpy as np
from scipy import ndimage


def smooth_noise(
    shape: tuple[int, ...], scale: tuple[float, ...], rng: np.random.Generator
) -> np.ndarray:
    """Random field that varies smoothly.

    Args:
        shape: shape of the field.
        scale: standard deviation of the smoothing Gaussian along each axis, in samples.
        rng: generator of random numbers.

    Returns:
        float64 of that shape, mean 0, deviation 1.
    """
    noise = ndimage.gaussian_filter(rng.normal(size=shape), scale, mode="reflect")
    return (noise - noise.mean()) / noise.std()


def coarse_noise(
    shape: tuple[int, int, int], scale: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Smooth random field in three dimensions, interpolated from random numbers at nodes.

    It costs a tenth of `smooth_noise`.

    Args:
        shape: shape of the field.
        scale: distance between nodes along each axis, in samples.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, mean about 0, deviation about 1 at the nodes and less between them.
    """
    nodes = [int(np.ceil((size - 1) / step)) + 3 for size, step in zip(shape, scale, strict=True)]
    field = rng.standard_normal(nodes, dtype="float32")
    for axis, (size, step) in enumerate(zip(shape, scale, strict=True)):
        place = np.arange(size) / step + rng.uniform(0, 1)
        low = place.astype("int64")
        part = place - low
        part = (part * part * (3 - 2 * part)).astype(
            "float32"
        )  # flat at the nodes, so that there are no kinks
        part = part.reshape([-1 if a == axis else 1 for a in range(3)])
        field = field.take(low, axis) * (1 - part) + field.take(low + 1, axis) * part
    return field


def spectral_field(
    shape: tuple[int, int], exponent: float, longest: float, rng: np.random.Generator
) -> np.ndarray:
    """Random surface whose amplitude spectrum falls as a power of the wave number.

    Args:
        shape: numbers of rows and columns.
        exponent: power by which the spectrum decreases; a larger one gives a smoother surface.
        longest: wave length in samples above which the spectrum is flat.
        rng: generator of random numbers.

    Returns:
        float32 of that shape, mean 0, deviation 1; opposite edges do not fit each other.
    """
    size = 2 * max(*shape, int(longest))
    across, along = np.fft.fftfreq(size)[:, np.newaxis], np.fft.rfftfreq(size)
    wave = np.hypot(across, along)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    spectrum *= (1 + (wave * longest) ** 2) ** (-exponent / 2)
    field = np.fft.irfft2(spectrum, s=(size, size))[: shape[0], : shape[1]]
    return ((field - field.mean()) / max(field.std(), 1e-12)).astype("float32")
