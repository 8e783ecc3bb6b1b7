"""Fault surveys with long steep faults, and with much that resembles faults and is none.

Nothing of it is taken from a published generator. Traces lie close together, so that most faults
are steep in samples a trace and cross the survey from top to base; throws grow and shrink along
them, beds bend beside them, companions run beside them, and rock is broken around them. Flexures,
channels, chimneys, slid packages, local steep noise and multiples are not labelled. What is
recorded is imaged as by migration: wavelet, largest dip and remaining curvature act in the domain
of frequency and wave number, on the signal and on the noise. One survey in ten has no fault.
"""

from dataclasses import replace

import numpy as np
from scipy import fft, ndimage

from tfseis.data.synthetic.bodies import chaotic_ages, chimneys, cut_channels
from tfseis.data.synthetic.faulting import (
    Fault,
    Places,
    gaussian_profile,
    linear_profile,
    undo_faults,
    wavy_profile,
)
from tfseis.data.synthetic.fields import coarse_noise, spectral_field
from tfseis.data.synthetic.recording import footprint, plane_waves, processed
from tfseis.data.synthetic.survey import (
    SALTY,
    STEPS,
    FaultSurvey,
    Layers,
    check_shape,
    fault_count,
    reflectivity_of,
    salt_body,
    survey,
)

MARGIN = 8  # samples around the survey, which imaging wraps around
FOLD_ROOM = 48  # traces around the survey from which rock can be shifted in
NO_FAULT = 0.1  # share of the surveys without a fault
THROWS = 0.8, 22.0  # smallest and largest throw, samples
SEEN = 0.12  # smallest throw in periods of the wavelet; smaller ones cannot be seen
PEAKS = 0.06, 0.26  # smallest and largest frequency of the wavelet, cycles a sample
Shape = tuple[int, int, int]


def steep_survey(
    shape: Shape = (128, 128, 128), *, seed: int = 0, salty: float = SALTY
) -> FaultSurvey:
    """A survey of gently folded beds with long steep faults and with what resembles faults.

    Args:
        shape: (inlines, crosslines, samples), each at least 8.
        seed: the same seed gives the same survey.
        salty: probability that the survey holds salt, 0 to 1.

    Returns:
        The survey with its faults, throws, layers and salt.

    Raises:
        GeometryError: the survey is too small for layers and faults.

    Examples:
        >>> steep_survey((9, 10, 11), seed=1).faults.shape
        (9, 10, 11)
    """
    check_shape(shape)
    rng = np.random.default_rng((seed, 3))
    wide = shape[0] + 2 * MARGIN, shape[1] + 2 * MARGIN, shape[2] + 2 * MARGIN
    peak = float(np.exp(rng.uniform(*np.log(PEAKS))))
    places, numbers, throw = undo_faults(wide, _faults(wide, peak, rng))
    age = _unfolded(wide, places, rng)
    salt = salt_body(wide, rng, salty)
    layers = _layers(age, rng)
    broken = _broken(numbers > 0, rng)
    wander = rng.uniform(0, 0.8) * coarse_noise(wide, (20.0, 20.0, 20.0), rng)
    wander += rng.uniform(0, 0.5) * coarse_noise(wide, (3.0, 3.0, 10.0), rng)  # rough beds
    wander += rng.uniform(0, 2.5) * broken * coarse_noise(wide, (3.0, 3.0, 4.0), rng)
    impedance = layers.at(chaotic_ages(age, layers, rng) + wander)
    cut_channels(impedance, age, rng)
    reflectivity = reflectivity_of(impedance, salt)
    reflectivity *= 1 - np.float32(rng.uniform(0, 0.9)) * broken
    recorded = _recorded(reflectivity, peak, rng)
    inside = tuple(slice(MARGIN, MARGIN + size) for size in shape)
    return survey(
        processed(recorded[inside], rng, smears=(0.2, 0.4, 1.2), clips=(0.35, 1.5, 6)),
        numbers=numbers[inside],
        throw=throw[inside],
        age=age[inside],
        layers=layers,
        salt=salt[inside],
    )


def _faults(shape: Shape, peak: float, rng: np.random.Generator) -> list[Fault]:
    """Faults of one or two strikes with companions, and flexures, in random order."""
    span, strike = float(np.mean(shape[:2])), rng.uniform(0, 2 * np.pi)
    kind = rng.choice(["steep", "medium", "mixed"], p=[0.55, 0.3, 0.15])
    count = 0 if rng.uniform() < NO_FAULT else fault_count(shape, 1 + rng.binomial(7, 0.4))
    least = max(THROWS[0], SEEN / peak)
    faults = []
    for _ in range(count):
        second = rng.uniform() < 0.25
        heading = strike + second * rng.uniform(0.5, 1.6) + rng.normal(0, 0.15)
        throw = _throw(shape, least, rng)
        faults.append(_fault(shape, rng, heading, kind, throw=throw))
        if rng.uniform() < 0.3:
            faults += _companions(faults[-1], rng)
    for _ in range(int(rng.integers(0, 3))):
        throw = _throw(shape, least, rng)
        flexure = _fault(shape, rng, rng.uniform(0, 2 * np.pi), kind, throw=throw)
        drag_reach = rng.uniform(0.05, 0.25) * span
        faults.append(replace(flexure, drag=1.0, drag_reach=drag_reach))
    return [faults[place] for place in rng.permutation(len(faults))]


def _throw(shape: Shape, least: float, rng: np.random.Generator) -> float:
    """Throw in samples: small ones as often as large ones, or one that is well seen."""
    low, high = np.log((least, THROWS[1]))
    drawn = np.exp(rng.uniform(low, high)) if rng.uniform() < 0.5 else rng.uniform(2, 7) * least
    return float(min(drawn, 0.25 * shape[2]))


def _fault(
    shape: Shape, rng: np.random.Generator, strike: float, kind: str, *, throw: float
) -> Fault:
    span = float(np.mean(shape[:2]))
    steep = kind == "steep" or (kind == "mixed" and rng.uniform() < 0.5)
    slope = abs(rng.normal(0, 0.12)) if steep else rng.uniform(0.1, 0.75)
    profiles = {
        "wavy": wavy_profile(
            rng.uniform(0.2, 0.9),
            (rng.uniform(0.1, 0.6) * span, rng.uniform(0.15, 0.8) * shape[2]),
            tuple(rng.uniform(0, 2 * np.pi, 2)),
        ),
        "growing": linear_profile(rng.uniform(0.6, 1.8) * shape[2]),
        "ending": gaussian_profile(*(rng.uniform(0.2, 0.7, 2) * (span, shape[2]))),
    }
    length = rng.uniform(15, 70)
    dragged = rng.uniform() < 0.6
    return Fault(
        centre=tuple(np.array(shape) * rng.uniform((0.02, 0.02, 0.2), (0.98, 0.98, 0.8))),
        strike=strike + np.pi * (rng.uniform() < 0.4),
        slope=slope,
        flattening=rng.uniform(0, 0.004) if rng.uniform() < 0.3 else 0.0,
        bend=(length * rng.uniform(0, 0.15), length, rng.uniform(0, 2 * np.pi)),
        throw=float(throw) * (-1 if rng.uniform() < 0.15 else 1),
        lateral=float(throw * rng.normal(0, 0.5)) if rng.uniform() < 0.15 else 0.0,
        profile=profiles[str(rng.choice(list(profiles), p=[0.6, 0.15, 0.25]))],
        reach=1e6 if rng.uniform() < 0.4 else rng.uniform(0.25, 2.0) * span,
        hanging=rng.uniform(0.3, 1.0),
        drag=rng.uniform(0.05, 0.75) if dragged else 0.0,
        drag_reach=rng.uniform(1.5, 8.0),
    )


def _companions(fault: Fault, rng: np.random.Generator) -> list[Fault]:
    """One to three smaller faults beside a fault, of either sense."""
    found = []
    for _ in range(int(rng.integers(1, 4))):
        away = rng.choice([-1, 1]) * rng.uniform(4, 18)
        normal = np.array([np.cos(fault.strike), np.sin(fault.strike), 0])
        turned = rng.uniform() < 0.4
        found.append(
            replace(
                fault,
                centre=tuple(np.array(fault.centre) + away * normal),
                strike=fault.strike + np.pi * turned + rng.normal(0, 0.04),
                slope=abs(fault.slope + rng.normal(0, 0.04)),
                throw=fault.throw * rng.uniform(0.15, 0.8),
            )
        )
    return found


def _unfolded(shape: Shape, places: Places, rng: np.random.Generator) -> np.ndarray:
    """Sample index before folding, float32: gentle folds that grow downwards, and a tilt."""
    wide = shape[0] + 2 * FOLD_ROOM, shape[1] + 2 * FOLD_ROOM
    fold = spectral_field(wide, rng.uniform(3.2, 4.8), rng.uniform(60, 220), rng)
    dip = rng.uniform(0, 0.2) if rng.uniform() < 0.75 else rng.uniform(0.2, 0.7)
    slopes = np.hypot(*np.gradient(fold))
    height = min(dip / max(float(np.median(slopes)), 1e-6), 0.25 * shape[2] / np.abs(fold).max())
    shifted = np.broadcast_arrays(*(place + np.float32(FOLD_ROOM) for place in places[:2]))
    lines = [np.clip(a, 0, n - 1) for a, n in zip(shifted, wide, strict=True)]
    surface = ndimage.map_coordinates(height * fold, lines, order=1, output="float32")
    depth = np.clip(places[2] / np.float32(shape[2]), 0, 1)
    growth = np.float32(rng.uniform(0, 0.7))
    tilt = (rng.normal(0, 0.12, 2) if rng.uniform() < 0.8 else rng.normal(0, 0.4, 2)).astype("f4")
    plane = tilt[0] * (places[0] - shape[0] / 2) + tilt[1] * (places[1] - shape[1] / 2)
    return (places[2] - surface * (1 - growth + growth * depth) - plane).astype("float32")


def _layers(age: np.ndarray, rng: np.random.Generator) -> Layers:
    """Impedance of thin beds in packages of their own thickness and strength, some calm."""
    first, last = float(age.min()) - 4, float(age.max()) + 4
    shallow, deep = np.quantile(age[::4, ::4, ::4], [0.1, 0.9])
    bounds = np.sort(rng.uniform(shallow, deep, int(rng.integers(2, 7))))
    ages = first + np.arange(int((last - first) * STEPS) + 2) / STEPS
    package = np.searchsorted(bounds, ages)
    thickness = np.exp(rng.uniform(0.0, 1.6, len(bounds) + 1))
    strength = np.exp(rng.uniform(-2.0, 0.0, len(bounds) + 1))
    place = np.cumsum(1 / thickness[package] / STEPS)  # in beds
    count = int(place[-1]) + 2
    tops = np.sort(np.arange(count) + rng.uniform(0, 1, count))
    beds = rng.laplace(0, 1, count + 1)
    values = beds[np.searchsorted(tops, place)] * strength[package]
    return Layers(ndimage.gaussian_filter1d(values, 0.4 * STEPS), first, bounds)


def _broken(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How broken the rock is around faults, float32 0 to 1, more in some parts than in others."""
    if rng.uniform() < 0.35 or not labels.any():
        return np.zeros((1, 1, 1), "float32")
    width = rng.uniform(0.8, 3.0)
    near = ndimage.gaussian_filter(labels.astype("float32"), (width, width, 1.5), truncate=2.5)
    near = np.clip(near * np.float32(1.5 * width), 0, 1)
    return near * np.clip(0.5 + 0.7 * coarse_noise(labels.shape, (30.0, 30.0, 40.0), rng), 0, 1)


def _recorded(reflectivity: np.ndarray, peak: float, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes: image of the reflectivity, noise of several kinds, effects of the surface."""
    shape = reflectivity.shape
    spread = rng.uniform(0.3, 0.65)
    dip = np.exp(rng.uniform(np.log(0.6), np.log(4.0)))
    curved = rng.normal(0, 1.5) if rng.uniform() < 0.4 else 0.0
    phase = rng.uniform(-np.pi, np.pi) if rng.uniform() < 0.5 else rng.choice([0, np.pi])
    signal = _imaged(reflectivity, peak, spread, dip=dip, curved=curved, phase=phase)
    signal *= np.exp(rng.uniform(0, 0.7) * coarse_noise(shape, (30.0, 30.0, 25.0), rng))
    signal /= max(float(signal.std()), 1e-12)
    if rng.uniform() < 0.25:
        signal *= 1 - chimneys(shape, rng)
    if rng.uniform() < 0.2:
        signal += rng.choice([-1, 1]) * rng.uniform(0.1, 0.3) * _later(signal, rng)
    ratio = rng.uniform(0.03, 0.35) if rng.uniform() < 0.7 else rng.uniform(0.35, 0.9)
    white = rng.standard_normal(shape, dtype="float32")
    steepest = np.exp(rng.uniform(np.log(0.4), np.log(12.0)))
    noise = _imaged(white, peak * rng.uniform(0.8, 1.6), spread, dip=steepest)
    noise *= np.exp(rng.uniform(0, 0.6) * coarse_noise(shape, (12.0, 12.0, 60.0), rng))
    amplitude = signal + np.float32(ratio / max(float(noise.std()), 1e-12)) * noise
    if rng.uniform() < 0.35:
        patches = np.clip(coarse_noise(shape, (24.0, 24.0, 30.0), rng) - 0.3, 0, None)
        waves = plane_waves(shape, int(rng.integers(1, 4)), rng)
        amplitude += np.float32(rng.uniform(0.1, 0.6)) * patches * waves
    if rng.uniform() < 0.2:
        amplitude *= 1 + np.float32(rng.uniform(0.1, 0.5)) * footprint(shape, rng)
    return amplitude


def _imaged(
    cube: np.ndarray,
    peak: float,
    spread: float,
    *,
    dip: float,
    curved: float = 0.0,
    phase: float = 0.0,
) -> np.ndarray:
    """A cube as migration images it; it wraps around at its borders.

    Args:
        cube: float32 (inlines, crosslines, samples).
        peak: frequency of the largest amplitude, cycles a sample.
        spread: width of the spectrum, in units of the logarithm of frequency.
        dip: dip above which events are lost, samples a trace.
        curved: how many samples too late events of a dip of 1 are.
        phase: phase of the wavelet, radians.
    """
    spectrum = fft.rfftn(cube)
    frequency = np.maximum(fft.rfftfreq(cube.shape[2]), 1e-6).astype("float32")
    wave = np.add.outer(*(fft.fftfreq(size) ** 2 for size in cube.shape[:2])).astype("float32")
    ratio = wave[..., np.newaxis] / frequency  # square of the wave number over the frequency
    band = np.exp(-0.5 * (np.log(frequency / np.float32(peak)) / np.float32(spread)) ** 2)
    steepness = ratio / (frequency * np.float32(dip) ** 2)
    weight = band / (1 + steepness**3)
    turn = np.float32(2 * np.pi * curved) * ratio + np.float32(phase)
    return fft.irfftn(spectrum * (weight * np.exp(1j * turn)), s=cube.shape).astype("float32")


def _later(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The signal some samples later, as a multiple of it."""
    delay = min(int(rng.integers(15, 60)), signal.shape[2] - 1)
    late = np.zeros_like(signal)
    late[..., delay:] = signal[..., :-delay]
    return late
