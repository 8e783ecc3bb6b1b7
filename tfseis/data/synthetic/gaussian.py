"""Fault surveys with folds made of Gaussians, Ricker wavelets and faults of any strike.

Source: Wu et al. 2019, FaultSeg3D: using synthetic data sets to train an end-to-end convolutional
neural network for 3D seismic fault segmentation, https://doi.org/10.1190/geo2018-0646.1.
Differs from it: fault surfaces may be listric or bent and slip laterally; there are salt,
amplitudes that vary from bed to bed, acquisition footprints, dip filtering, 8-bit amplitudes and
both polarities. It was written from the text of the paper alone.
"""

from itertools import pairwise

import numpy as np
from scipy import ndimage

from tfseis.data.synthetic.faulting import (
    Fault,
    Places,
    gaussian_profile,
    linear_profile,
    undo_faults,
)
from tfseis.data.synthetic.fields import coarse_noise
from tfseis.data.synthetic.recording import (
    coloured_noise,
    convolved,
    footprint,
    processed,
)
from tfseis.data.synthetic.structure import SAMPLE_INTERVAL
from tfseis.data.synthetic.survey import (
    SALTY,
    STEPS,
    FaultSurvey,
    Layers,
    check_shape,
    fault_count,
    salt_body,
    survey,
)
from tfseis.data.synthetic.wavelets import ricker, rotated

MOST_SLIP = 40.0  # largest slip, samples
ROOM = 64  # traces around the survey from which rock can be shifted in
SALT_REFLECTION = 1.5  # reflectivity of the top of salt over that of the strongest bed


def gaussian_survey(
    shape: tuple[int, int, int] = (128, 128, 128), *, seed: int = 0, salty: float = SALTY
) -> FaultSurvey:
    """A survey of layers folded by Gaussians, sheared, and cut by 1 to 10 faults of any strike.

    Args:
        shape: (inlines, crosslines, samples), each at least 8.
        seed: the same seed gives the same survey.
        salty: probability that the survey holds salt, 0 to 1.

    Returns:
        The survey with its faults, throws, layers and salt.

    Raises:
        GeometryError: the survey is too small for layers and faults.

    Examples:
        >>> gaussian_survey((9, 10, 11), seed=1).faults.shape
        (9, 10, 11)
    """
    check_shape(shape)
    rng = np.random.default_rng((seed, 0))
    faults = [_fault(shape, rng) for _ in range(fault_count(shape, 1 + rng.binomial(9, 0.36)))]
    places, numbers, throw = undo_faults(shape, faults)
    age = _unfolded(shape, places, rng)
    salt = salt_body(shape, rng, salty)
    layers = _layers(age, rng)
    wander = 0.4 * coarse_noise(shape, (12.0, 12.0, 16.0), rng)
    wander += rng.uniform(0, 0.5) * coarse_noise(shape, (4.0, 4.0, 12.0), rng)  # rough beds
    reflectivity = layers.at(age + wander)
    reflectivity *= np.exp(rng.uniform(0, 0.7) * coarse_noise(shape, (40.0, 40.0, 30.0), rng))
    if salt.any():
        inside = 0.15 * rng.standard_normal(shape, dtype="float32")
        top = SALT_REFLECTION * np.diff(salt.astype("float32"), axis=2, prepend=0)
        reflectivity = np.where(salt, inside, reflectivity) + top
    return survey(
        _recorded(reflectivity, rng),
        numbers=numbers,
        throw=throw,
        age=age,
        layers=layers,
        salt=salt,
    )


def _fault(shape: tuple[int, int, int], rng: np.random.Generator) -> Fault:
    kind = rng.choice(["planar", "listric", "bent", "strike-slip"], p=[0.55, 0.17, 0.2, 0.08])
    dip = np.deg2rad(rng.triangular(30, 68, 90))
    slip = rng.uniform(8, MOST_SLIP) if rng.uniform() < 0.6 else np.exp(rng.uniform(-0.3, 2.1))
    slip = min(slip, 0.35 * shape[2])
    reverse = rng.uniform() < 0.25
    lateral = 0.0
    if kind == "strike-slip":
        dip, lateral, slip = np.deg2rad(rng.uniform(75, 90)), slip * rng.choice([-1, 1]), slip / 4
    size = np.array(shape)
    if rng.uniform() < 0.65:
        profile = gaussian_profile(*(rng.uniform(0.25, 0.8, 2) * (size[:2].mean(), size[2])))
    else:
        profile = linear_profile(rng.uniform(0.5, 1.0) * size[2])
    length = rng.uniform(18, 60)
    height = length * rng.uniform(0.1, 0.45) if kind == "bent" else 0.0
    return Fault(
        centre=tuple(size * rng.uniform(0.05, 0.95, 3)),
        strike=rng.uniform(0, 2 * np.pi),
        slope=1 / np.tan(dip),
        flattening=rng.uniform(0.004, 0.016) if kind == "listric" else 0.0,
        bend=(height, length, rng.uniform(0, 2 * np.pi)),
        throw=slip * np.sin(dip) * (-1 if reverse else 1),
        lateral=lateral,
        profile=profile,
        reach=rng.uniform(0.4, 3.0) * size[:2].mean(),
    )


def _unfolded(shape: tuple[int, int, int], places: Places, rng: np.random.Generator) -> np.ndarray:
    """Sample index before shearing and folding, float32."""
    inline, crossline = np.ogrid[-ROOM : shape[0] + ROOM, -ROOM : shape[1] + ROOM]
    folds = np.zeros((shape[0] + 2 * ROOM, shape[1] + 2 * ROOM))
    count = rng.integers(4, 26)
    for _ in range(count):
        radius = rng.uniform(10, 45)
        di = (inline - rng.uniform(-ROOM, shape[0] + ROOM)) / radius
        dx = (crossline - rng.uniform(-ROOM, shape[1] + ROOM)) / radius
        height = radius * rng.uniform(-0.7, 0.7)
        folds += height * np.exp(-0.5 * di**2) * np.exp(-0.5 * dx**2)
    folds *= rng.uniform(0.2, 0.8) * min(1.0, 0.3 * shape[2] / np.abs(folds).max())
    steep = rng.uniform() < 0.15
    shear = rng.uniform(-1, 1, 2) * (0.8 if steep else 0.15)
    plane = shear[0] * (inline - shape[0] / 2) + shear[1] * (crossline - shape[1] / 2)
    folds, plane = folds.astype("float32"), plane.astype("float32")
    shifted = np.broadcast_arrays(places[0] + ROOM, places[1] + ROOM)
    lines = [
        np.ascontiguousarray(np.clip(a, 0, n - 1))
        for a, n in zip(shifted, plane.shape, strict=True)
    ]
    height = ndimage.map_coordinates(folds, lines, order=1, output="float32", mode="nearest")
    tilt = shear[0] * (places[0] - shape[0] / 2) + shear[1] * (places[1] - shape[1] / 2)
    damping = np.clip(places[2] / shape[2], 0, 1) * 1.5  # folds become stronger downwards
    return (places[2] - damping * height - tilt).astype("float32")


def _layers(age: np.ndarray, rng: np.random.Generator) -> Layers:
    """Reflectivity of beds, in packages of their own thickness and strength."""
    first, last = float(age.min()) - 2, float(age.max()) + 2
    shallow, deep = np.quantile(age[::4, ::4, ::4], [0.1, 0.9])
    bounds = np.sort(rng.uniform(shallow, deep, int(rng.integers(2, 7))))
    values, power = np.zeros(int((last - first) * STEPS) + 2), rng.choice([1.5, 2.0, 3.0])
    edges = np.concatenate([[first], bounds, [last + 1]])
    for top, base in pairwise(edges):
        thickness, strength = np.exp(rng.uniform(-0.2, 1.3)), rng.uniform(0.35, 1.0)
        count = int((base - top) / thickness * 2) + 8
        tops = top + np.cumsum(thickness * rng.uniform(0.3, 1.7, count))
        beds = rng.uniform(-1, 1, count + 1)
        beds = strength * np.sign(beds) * np.abs(beds) ** power
        part = slice(int((top - first) * STEPS), int((base - first) * STEPS) + 1)
        ages = first + np.arange(len(values))[part] / STEPS
        values[part] = beds[np.searchsorted(tops, ages)]
    return Layers(ndimage.gaussian_filter1d(values, 0.4 * STEPS), first, bounds)


def _recorded(reflectivity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes: wavelet, noise and, in some surveys, a footprint and effects of processing."""
    shape = reflectivity.shape
    frequency = np.exp(rng.uniform(np.log(24), np.log(76)))
    phase = rng.uniform(-np.pi, np.pi) if rng.uniform() < 0.3 else rng.choice([0, np.pi])
    signal = convolved(reflectivity, rotated(ricker(frequency, SAMPLE_INTERVAL), phase))
    signal /= signal.std()
    ratio = rng.uniform(0.02, 0.35) if rng.uniform() < 0.75 else rng.uniform(0.35, 0.9)
    period = 1000 / SAMPLE_INTERVAL / frequency  # samples
    lateral = rng.choice([0.0, 0.5, 1.0])
    noise = coloured_noise(shape, (lateral, lateral, rng.uniform(0.1, 0.25) * period), rng)
    amplitude = signal + ratio * noise
    if rng.uniform() < 0.25:
        stripes = footprint(shape, rng)
        amplitude *= 1 + rng.uniform(0.1, 0.5) * stripes
    return processed(amplitude, rng, smears=(0.35, 0.4, 1.2), clips=(0.2, 3, 8))
