"""Zero-phase wavelets of unit peak, and the rotation of their phase."""

import numpy as np
from scipy import signal

TAIL = 1.5  # length of either side of a Ricker wavelet, in periods of its peak frequency


def ricker(frequency: float, interval: float) -> np.ndarray:
    """Ricker wavelet: the second derivative of a Gaussian, 1 at its centre.

    Args:
        frequency: peak frequency of the spectrum, in Hz.
        interval: sample interval, in ms.

    Returns:
        float64, an odd number of samples.

    Examples:
        >>> ricker(30.0, 4.0).round(2)[12:17].tolist()
        [0.62, 1.0, 0.62, -0.08, -0.43]
    """
    half = int(np.ceil(TAIL / frequency / (interval / 1000)))
    time = np.arange(-half, half + 1) * interval / 1000
    square = (np.pi * frequency * time) ** 2
    return (1 - 2 * square) * np.exp(-square)


def ormsby(corners: tuple[float, float, float, float], interval: float) -> np.ndarray:
    """Ormsby wavelet, whose spectrum is a trapezoid, 1 at its centre.

    Args:
        corners: corner frequencies of the trapezoid in Hz, ascending.
        interval: sample interval, in ms.

    Returns:
        float64, an odd number of samples.

    Examples:
        >>> wavelet = ormsby((5, 10, 40, 60), 4.0)
        >>> len(wavelet) % 2, wavelet.argmax() == len(wavelet) // 2
        (1, np.True_)
    """
    half = int(np.ceil(1 / corners[1] / (interval / 1000)))
    time = np.arange(-half, half + 1) * interval / 1000
    ramps = [corner**2 * np.sinc(corner * time) ** 2 for corner in corners]
    wavelet = (ramps[3] - ramps[2]) / (corners[3] - corners[2])
    wavelet -= (ramps[1] - ramps[0]) / (corners[1] - corners[0])
    wavelet *= signal.windows.tukey(len(wavelet) + 2, 0.5)[1:-1]  # no steps at its ends
    return wavelet / wavelet.max()


def gabor(frequency: float, interval: float, cycles: float) -> np.ndarray:
    """Gabor wavelet: a cosine under a Gaussian, 1 at its centre.

    Source: Gabor 1946, Theory of communication, https://doi.org/10.1049/ji-3-2.1946.0074.

    Args:
        frequency: frequency of the cosine, in Hz.
        interval: sample interval, in ms.
        cycles: periods of the cosine in one standard deviation of the Gaussian; more periods give
            a narrower band.

    Returns:
        float64, an odd number of samples.

    Examples:
        >>> gabor(30.0, 4.0, 0.4).round(2)[9:14].tolist()
        [0.7, 1.0, 0.7, 0.05, -0.43]
    """
    deviation = cycles / frequency
    half = int(np.ceil(3 * deviation / (interval / 1000)))
    time = np.arange(-half, half + 1) * interval / 1000
    return np.exp(-0.5 * (time / deviation) ** 2) * np.cos(2 * np.pi * frequency * time)


def rotated(wavelet: np.ndarray, phase: float) -> np.ndarray:
    """The wavelet with its phase rotated by a constant angle.

    Args:
        wavelet: floating-point numbers, an odd number of samples.
        phase: angle in radians; pi reverses the polarity.

    Returns:
        float64 of the same length.

    Examples:
        >>> np.allclose(rotated(ricker(30.0, 4.0), np.pi), -ricker(30.0, 4.0))
        True
    """
    room = len(wavelet)
    analytic = signal.hilbert(np.pad(wavelet, room))[room:-room]
    return (analytic * np.exp(1j * phase)).real
