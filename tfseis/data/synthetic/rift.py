"""Fault surveys of a rift basin with growth, an unconformity, channels and slides.

Nothing of it is taken from a published generator. Blocks tilt between faults of one strike that cut
the whole rift. Beds of that time thicken with depth and end at an erosion surface, which a younger
sequence drapes; few faults continue into that sequence. Channels and a slid, chaotic package break
reflections without being faults. Wavelets are cosines under a Gaussian that become longer with
depth, and noise becomes stronger with depth.
"""

import numpy as np
from scipy import ndimage

from tfseis.data.synthetic.bodies import chaotic_ages, cut_channels
from tfseis.data.synthetic.faulting import (
    Fault,
    Places,
    even_profile,
    gaussian_profile,
    linear_profile,
    undo_faults,
)
from tfseis.data.synthetic.fields import coarse_noise, spectral_field
from tfseis.data.synthetic.recording import coloured_noise, convolved, processed
from tfseis.data.synthetic.structure import SAMPLE_INTERVAL
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
from tfseis.data.synthetic.wavelets import gabor, rotated

MOST_SLIP = 35.0  # largest slip, samples
FREQUENCY = 13.0, 75.0  # smallest and largest peak frequency of the wavelet, Hz


def rift_survey(
    shape: tuple[int, int, int] = (128, 128, 128), *, seed: int = 0, salty: float = SALTY
) -> FaultSurvey:
    """A survey of tilted blocks below an unconformity, and of calm beds above it.

    Args:
        shape: (inlines, crosslines, samples), each at least 8.
        seed: the same seed gives the same survey.
        salty: probability that the survey holds salt, 0 to 1.

    Returns:
        The survey with its faults, throws, layers and salt.

    Raises:
        GeometryError: the survey is too small for layers and faults.

    Examples:
        >>> rift_survey((9, 10, 11), seed=1).faults.shape
        (9, 10, 11)
    """
    check_shape(shape)
    rng = np.random.default_rng((seed, 2))
    old, young = _rift_faults(shape, rng)
    places, numbers, throw = undo_faults(shape, young)
    eroded = places[2] - _erosion(shape, rng)  # samples below the unconformity
    places, old_numbers, old_throw = undo_faults(shape, old, places)
    rifted = eroded > 0
    larger = (old_numbers > 0) & rifted & (old_throw >= throw)
    numbers = np.where(larger, old_numbers + len(young), numbers)
    throw = np.maximum(throw, old_throw * rifted)
    age = _age(shape, places, eroded, rng)
    salt = salt_body(shape, rng, salty)
    layers = _layers(age, rng)
    wander = rng.uniform(0, 0.6) * coarse_noise(shape, (10.0, 10.0, 20.0), rng)
    impedance = layers.at(chaotic_ages(age, layers, rng) + wander)
    cut_channels(impedance, age, rng)
    return survey(
        _recorded(reflectivity_of(impedance, salt), rng),
        numbers=numbers,
        throw=throw,
        age=age,
        layers=layers,
        salt=salt,
    )


def _rift_faults(
    shape: tuple[int, int, int], rng: np.random.Generator
) -> tuple[list[Fault], list[Fault]]:
    """Faults of the rift, side by side, most of them dipping the same way; and a few later ones."""
    span, strike = float(np.mean(shape[:2])), rng.uniform(0, 2 * np.pi)
    count = fault_count(shape, 1 + rng.binomial(7, 0.42))
    dip, against = rng.uniform(38, 72), rng.uniform(0, 0.5)
    across = (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count - 0.5
    old = [
        _fault(shape, rng, strike + np.pi * (rng.uniform() < against), dip, place * span)
        for place in across
    ]
    others = [
        _fault(shape, rng, rng.uniform(0, 2 * np.pi), rng.uniform(45, 85), place * span)
        for place in rng.uniform(-0.4, 0.4, rng.integers(0, 3))
    ]
    return [old[k] for k in rng.permutation(count)], others


def _fault(
    shape: tuple[int, int, int], rng: np.random.Generator, strike: float, dip: float, across: float
) -> Fault:
    """A fault that cuts the whole survey, or ends in it."""
    dip = np.deg2rad(np.clip(rng.normal(dip, 4), 32, 89))
    strike += rng.normal(0, 0.15)
    along = rng.uniform(-0.3, 0.3) * np.mean(shape[:2])
    slip = min(np.exp(rng.uniform(np.log(1.5), np.log(MOST_SLIP))), 0.35 * shape[2])
    kind = rng.choice(["even", "growing", "ending"], p=[0.45, 0.3, 0.25])
    profile = {
        "even": even_profile(),
        "growing": linear_profile(rng.uniform(0.6, 1.5) * shape[2]),
        "ending": gaussian_profile(*(rng.uniform(0.3, 0.7, 2) * (np.mean(shape[:2]), shape[2]))),
    }[kind]
    length = rng.uniform(15, 50)
    return Fault(
        centre=(
            shape[0] / 2 + np.cos(strike) * across - np.sin(strike) * along,
            shape[1] / 2 + np.sin(strike) * across + np.cos(strike) * along,
            shape[2] * rng.uniform(0.2, 0.8),
        ),
        strike=strike,
        slope=float(1 / np.tan(dip)),
        flattening=rng.uniform(0.003, 0.012) if rng.uniform() < 0.35 else 0.0,
        bend=(length * rng.uniform(0.0, 0.35), length, rng.uniform(0, 2 * np.pi)),
        throw=float(slip * np.sin(dip)),
        lateral=0.0,
        profile=profile,
        reach=1e6 if kind == "even" else rng.uniform(0.5, 4.0) * np.mean(shape[:2]),
        hanging=rng.uniform(0.5, 1.0),
    )


def _erosion(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Sample index of the unconformity, (inlines, crosslines, 1); above the cube one time in 3."""
    relief = spectral_field(shape[:2], rng.uniform(3.5, 4.5), rng.uniform(60, 200), rng)
    level = rng.uniform(0.1, 0.6) if rng.uniform() < 0.67 else -1.0
    height = rng.uniform(0, 0.04) * shape[2]
    return (level * shape[2] + height * relief)[..., np.newaxis].astype("float32")


def _age(
    shape: tuple[int, int, int], places: Places, eroded: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Age in samples: above the unconformity beds drape it, below they are tilted and folded."""
    span = np.float32(np.mean(shape[:2]))
    inline, crossline = (place / n - 0.5 for place, n in zip(places[:2], shape[:2], strict=True))
    tilt = (rng.uniform(-1, 1, 2) * rng.choice([0.1, 0.4])).astype("float32")
    depth = np.clip(places[2] / np.float32(shape[2]), 0, 1)
    spread = np.float32(rng.uniform(0, 1))  # how much less the shallow beds are tilted
    tilted = span * (tilt[0] * inline + tilt[1] * crossline) * (1 - spread * (1 - depth))
    for _ in range(int(rng.integers(1, 5))):
        wave, phase = rng.normal(0, 7, 2).astype("float32"), np.float32(rng.uniform(0, 2 * np.pi))
        height = np.float32(rng.uniform(0, 0.25) * span / max(np.hypot(*wave), 1))
        tilted = tilted + height * np.sin(wave[0] * inline + wave[1] * crossline + phase)
    below = places[2] - tilted
    rise = np.float32(rng.uniform(0.6, 1.0))  # thinner above highs of the unconformity
    above = rise * eroded
    if not (eroded > 0).any():
        return np.broadcast_to(above, shape).astype("float32")
    gap = below[eroded > 0].min() if (eroded <= 0).any() else np.float32(0)
    return np.where(eroded > 0, below - gap, above).astype("float32")


def _layers(age: np.ndarray, rng: np.random.Generator) -> Layers:
    """Impedance of beds: a slow trend, cycles of a few beds each, and thin hard or soft beds."""
    first, last = float(age.min()) - 4, float(age.max()) + 4
    shallow, deep = np.quantile(age[::4, ::4, ::4], [0.1, 0.9])
    bounds = np.sort(rng.uniform(shallow, deep, int(rng.integers(2, 6))))
    ages = first + np.arange(int((last - first) * STEPS) + 2) / STEPS
    trend = ndimage.gaussian_filter1d(rng.normal(size=len(ages)), 20 * STEPS) * 15
    thickness = np.exp(rng.uniform(0.2, 2.0, len(bounds) + 1))
    strength = rng.uniform(0.2, 1.0, len(bounds) + 1)
    package = np.searchsorted(bounds, ages)
    place = np.cumsum(1 / thickness[package] / STEPS)  # in beds
    count = int(place[-1]) + 2
    tops = np.sort(np.arange(count) + rng.uniform(0, 1, count))  # beds of different thickness
    beds = rng.laplace(0, 1, count + 1)
    values = beds[np.searchsorted(tops, place)] * strength[package]
    return Layers(ndimage.gaussian_filter1d(values + trend, 0.5 * STEPS), first, bounds)


def _recorded(reflectivity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes: a wavelet that becomes longer and noise that becomes stronger downwards."""
    shape = reflectivity.shape
    frequency = np.exp(rng.uniform(*np.log(FREQUENCY)))
    depth = np.linspace(0, 1, shape[2], dtype="float32")
    cycles, phase = rng.uniform(0.3, 0.7), rng.uniform(-np.pi, np.pi)
    signal = np.zeros(shape, "float32")
    for part, peak in ((1 - depth, frequency), (depth, frequency * rng.uniform(0.6, 1.0))):
        signal += part * convolved(
            reflectivity, rotated(gabor(peak, SAMPLE_INTERVAL, cycles), phase)
        )
    signal *= np.exp(rng.uniform(0, 0.6) * coarse_noise(shape, (50.0, 50.0, 25.0), rng))
    signal /= signal.std()
    ratio = rng.uniform(0.0, 0.3) if rng.uniform() < 0.75 else rng.uniform(0.3, 0.8)
    period = 1000 / SAMPLE_INTERVAL / frequency  # samples
    lateral = rng.uniform(0, 1.2)
    noise = coloured_noise(shape, (lateral, lateral, rng.uniform(0.08, 0.25) * period), rng)
    amplitude = signal + ratio * (0.5 + rng.uniform(0, 1.5) * depth) * noise
    return processed(amplitude, rng, smears=(0.35, 0.4, 1.3), clips=(0.1, 3, 8))
