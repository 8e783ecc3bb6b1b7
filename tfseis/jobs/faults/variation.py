"""Changes to a cube and its fault labels that leave true geology true; on keras.ops.

Amplitudes and faults are (batch, inlines, crosslines, samples, 1). Each function says what it
preserves. None turns time upside down: layers, faults and wavelets know up from down.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
from keras import KerasTensor, ops

from tfseis.errors import GeometryError

Pair = tuple[KerasTensor, KerasTensor]
TIME = 3  # axis of samples in a batch
LEVEL = (0.15, 3.0)  # of amplitudes: parts of a survey are that far from its quantiles
GAIN = (0.3, 2.0)  # at the top and at the base of a crop
TAPER = 0.3  # of a corner frequency, over which a band ends


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How often each change happens to a batch, 0 to 1, and how strong it may be.

    Args:
        flip: along each horizontal axis.
        turn: by quarter turns about the time axis.
        rotate: by another angle about it.
        polarity: of all amplitudes.
        phase: by up to a quarter of a cycle.
        band: low or high frequencies taken away.
        gain: that changes with time, from a factor of 0.3 to 2 to another of that range.
        level: of all amplitudes, by a factor of 0.15 to 3: parts of a survey differ that much from
            its quantiles.
        noise: of up to half of the deviation.
        dead: up to 5 % of the traces.
        stretch: of time, by a factor between `factors`.
        factors: of time, the extremes; more than 1 for longer wavelets, finer sampling.
    """

    flip: float = 0.5
    turn: float = 0.75
    rotate: float = 0.2
    polarity: float = 0.5
    phase: float = 0.2
    band: float = 0.2
    gain: float = 0.3
    level: float = 0.3
    noise: float = 0.3
    dead: float = 0.1
    stretch: float = 0.3
    factors: tuple[float, float] = (0.8, 1.25)


DEFAULT = Augmentation()


def augmented_batches(
    batches: Iterable[Pair], *, seed: int, rules: Augmentation = DEFAULT, first_batch: int = 0
) -> Iterator[Pair]:
    """Batches of which number n changes as `seed` and n alone say."""
    for number, (amplitude, faults) in enumerate(batches, start=first_batch):
        drawn = np.random.SeedSequence((seed, number)).generate_state(1)
        yield augmented(amplitude, faults, seed=int(drawn[0]), rules=rules)


def augmented(
    amplitude: KerasTensor, faults: KerasTensor, *, seed: int, rules: Augmentation = DEFAULT
) -> Pair:
    """One batch with changes drawn from a seed; sizes stay.

    Args:
        amplitude: float32 (batch, inlines, crosslines, samples, 1), scaled.
        faults: of the same shape.
        seed: the same seed gives the same changes.
        rules: which changes, how often.
    """
    rng = np.random.default_rng(seed)

    def happens(chance: float) -> bool:
        return bool(rng.uniform() < chance)

    pair = amplitude, faults
    for axis in (0, 1):
        pair = flipped(*pair, axis=axis) if happens(rules.flip) else pair
    if happens(rules.turn):
        square = amplitude.shape[1] == amplitude.shape[2]
        pair = turned(*pair, quarters=int(rng.integers(1, 4)) if square else 2)
    if happens(rules.rotate):
        pair = rotated(*pair, degrees=rng.uniform(-45, 45))
    if happens(rules.stretch):
        pair = stretched(*pair, factor=np.exp(rng.uniform(*np.log(rules.factors))))
    amplitude, faults = pair
    if happens(rules.polarity):
        amplitude = -amplitude
    if happens(rules.phase):
        amplitude = turned_phase(amplitude, degrees=rng.uniform(-90, 90))
    if happens(rules.band):
        amplitude = band_limited(amplitude, low=rng.uniform(0, 0.04), high=rng.uniform(0.12, 0.4))
    if happens(rules.gain):
        top, base = (float(np.exp(rng.uniform(*np.log(GAIN)))) for _ in range(2))
        amplitude = gained(amplitude, top=top, base=base)
    if happens(rules.level):
        amplitude = amplitude * np.float32(np.exp(rng.uniform(*np.log(LEVEL))))
    if happens(rules.noise):
        amplitude = noisy(amplitude, ratio=rng.uniform(0, 0.5), seed=int(rng.integers(2**31)))
    if happens(rules.dead):
        amplitude = with_dead_traces(
            amplitude, share=rng.uniform(0, 0.05), seed=int(rng.integers(2**31))
        )
    return amplitude, faults


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
        amplitude, lambda real, imaginary: (
            cos * real - sin * imaginary, sin * real + cos * imaginary,
        )
    )  # fmt: skip


def band_limited(amplitude: KerasTensor, *, low: float, high: float) -> KerasTensor:
    """Frequencies outside a band taken away. Preserves phase and positions; in cycles a sample."""
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
    """Gaussian noise added, of a ratio to each cube's deviation. Preserves the mean."""
    noise = keras.random.normal(ops.shape(amplitude), seed=seed)
    return amplitude + ratio * ops.std(amplitude, axis=(1, 2, 3, 4), keepdims=True) * noise


def with_dead_traces(amplitude: KerasTensor, *, share: float, seed: int) -> KerasTensor:
    """A share of the traces set to 0, as missing ones are. Preserves all others, and all labels."""
    batch, inlines, crosslines = amplitude.shape[:3]
    dice = keras.random.uniform((batch, inlines, crosslines, 1, 1), seed=seed)
    return amplitude * ops.cast(dice >= share, amplitude.dtype)


def _filtered(amplitude: KerasTensor, change: Callable[..., tuple]) -> KerasTensor:
    """Change the spectrum of each trace, mirrored at its ends so that they do not meet."""
    size = amplitude.shape[TIME]
    traces = amplitude[..., 0]
    traces = ops.concatenate([traces, ops.flip(traces, -1)], axis=-1)
    real, imaginary = ops.rfft(traces)
    real, imaginary = change(real, imaginary)
    return ops.irfft((real, imaginary))[..., :size, np.newaxis]
