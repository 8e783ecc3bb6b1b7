"""Single changes to cubes and their fault labels that leave true geology true; on keras.ops.

Amplitudes and faults are (batch, inlines, crosslines, samples, 1). Each function says what it
preserves. None turns time upside down: layers, faults and wavelets know up from down.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import KerasTensor, ops

from tfseis.errors import GeometryError

Pair = tuple[KerasTensor, KerasTensor]
TIME = 3  # axis of samples in a batch
TAPER = 0.3  # part of a corner frequency over which a band ends


def flipped(amplitude: KerasTensor, faults: KerasTensor, *, axis: int) -> Pair:
    """Mirrored along inlines (0) or crosslines (1). Preserves every trace, and dips but for sign.

    Raises:
        GeometryError: axis 2: time has a direction.
    """
    if axis not in (0, 1):
        raise GeometryError(
            f"Expected axis 0 (inlines) or 1 (crosslines); got {axis}. Time is never turned over."
        )
    return ops.flip(amplitude, axis + 1), ops.flip(faults, axis + 1)


def turned(amplitude: KerasTensor, faults: KerasTensor, *, quarters: int) -> Pair:
    """Turned about the time axis by quarter turns. Preserves every trace; no interpolation.

    An odd number of them swaps the lengths of the horizontal axes.
    """
    # Not ops.rot90: two turns in Keras 3.15 flip more than these axes.
    for _ in range(quarters % 4):
        amplitude, faults = (
            ops.flip(ops.swapaxes(part, 1, 2), axis=1) for part in (amplitude, faults)
        )
    return amplitude, faults


def rotated(amplitude: KerasTensor, faults: KerasTensor, *, degrees: float) -> Pair:
    """Turned about the time axis by any angle, reflected at the borders.

    Preserves sizes, times and the width of faults to a voxel: labels take the nearest one.
    """
    angle = np.deg2rad(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    middle = [(size - 1) / 2 for size in amplitude.shape[1:3]]
    # Where each place comes from, as (column, row) = (crossline, inline).
    move = (
        middle[1] - cos * middle[1] + sin * middle[0],
        middle[0] - sin * middle[1] - cos * middle[0],
    )
    matrix = np.array([[cos, -sin, move[0], sin, cos, move[1], 0, 0]], "float32")
    matrix = np.repeat(matrix, amplitude.shape[0], 0)

    def moved(part: KerasTensor, interpolation: str) -> KerasTensor:
        slices = ops.cast(part[..., 0], "float32")  # time slices as channels of an image
        slices = ops.image.affine_transform(
            slices, matrix, interpolation, fill_mode="reflect", data_format="channels_last"
        )
        return ops.cast(slices[..., np.newaxis], part.dtype)

    return moved(amplitude, "bilinear"), moved(faults, "nearest")


def stretched(amplitude: KerasTensor, faults: KerasTensor, *, factor: float) -> Pair:
    """Time stretched about its middle by a factor near 1, edge samples repeated.

    Preserves sizes, what lies above what, and horizontal positions; dips, throws and wavelets grow
    by the factor.
    """
    samples = amplitude.shape[TIME]
    middle = (samples - 1) / 2
    place = np.clip((np.arange(samples) - middle) / factor + middle, 0, samples - 1)
    low = np.minimum(place.astype("int32"), max(samples - 2, 0))
    part = (place - low).astype("float32")[:, np.newaxis]
    near, next_one = (ops.take(amplitude, low + step, axis=TIME) for step in (0, 1))
    labels = ops.take(faults, np.rint(place).astype("int32"), axis=TIME)
    return near * (1 - part) + next_one * part, labels


def turned_phase(amplitude: KerasTensor, *, degrees: float) -> KerasTensor:
    """Wavelets with their phase turned. Preserves the amplitude spectrum and all positions."""
    angle = np.deg2rad(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return _filtered(
        amplitude,
        lambda real, imaginary: (cos * real - sin * imaginary, sin * real + cos * imaginary),
    )


def band_limited(amplitude: KerasTensor, *, low: float, high: float) -> KerasTensor:
    """Frequencies outside a band, in cycles a sample, taken away. Preserves phase and positions."""
    frequency = np.fft.rfftfreq(2 * amplitude.shape[TIME])
    rise = np.clip((frequency - low * (1 - TAPER)) / max(low * TAPER, 1e-6), 0, 1)
    fall = np.clip((high * (1 + TAPER) - frequency) / (high * TAPER), 0, 1)
    band = ops.convert_to_tensor((rise * fall).astype("float32"))
    return _filtered(amplitude, lambda real, imaginary: (real * band, imaginary * band))


def gained(amplitude: KerasTensor, *, top: float, base: float) -> KerasTensor:
    """Amplitudes times a positive factor that changes with time. Preserves signs and zeros."""
    size = amplitude.shape[TIME]
    factor = np.exp(np.linspace(np.log(top), np.log(base), size)).astype("float32")
    return amplitude * factor[:, np.newaxis]


def noisy(amplitude: KerasTensor, *, ratio: float, seed: int) -> KerasTensor:
    """Gaussian noise added, `ratio` times the standard deviation of a cube. Preserves the mean."""
    noise = keras.random.normal(ops.shape(amplitude), seed=seed)
    return amplitude + ratio * ops.std(amplitude, axis=(1, 2, 3, 4), keepdims=True) * noise


def with_dead_traces(amplitude: KerasTensor, *, share: float, seed: int) -> KerasTensor:
    """A share of the traces set to 0, as missing ones are. Preserves all others, and all labels."""
    batch, inlines, crosslines = amplitude.shape[:3]
    chances = keras.random.uniform((batch, inlines, crosslines, 1, 1), seed=seed)
    return amplitude * ops.cast(chances >= share, amplitude.dtype)


def _filtered(amplitude: KerasTensor, change: Callable[..., tuple]) -> KerasTensor:
    """Change the spectrum of each trace, mirrored at its ends so that they do not meet."""
    size = amplitude.shape[TIME]
    traces = amplitude[..., 0]
    traces = ops.concatenate([traces, ops.flip(traces, -1)], axis=-1)
    real, imaginary = ops.rfft(traces)
    real, imaginary = change(real, imaginary)
    return ops.irfft((real, imaginary))[..., :size, np.newaxis]
