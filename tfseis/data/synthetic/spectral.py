"""Fault surveys with folds of a power-law spectrum, Ormsby wavelets and faults in sets.

Nothing of it is taken from a published generator. Folds are random surfaces whose spectrum is a
power law, different ones at the top and at the base. Beds alternate in a Markov chain of rocks.
Faults come in conjugate and en-echelon sets with rough surfaces, end at elliptic tips, and both
walls move. Noise is incoherent within a band, and there are plane waves.
"""

import numpy as np
from scipy import ndimage

from tfseis.data.synthetic.faulting import Fault, Places, elliptic_profile, undo_faults
from tfseis.data.synthetic.fields import coarse_noise, spectral_field
from tfseis.data.synthetic.recording import (
    band_noise,
    convolved,
    footprint,
    plane_waves,
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
    reflectivity_of,
    salt_body,
    survey,
)
from tfseis.data.synthetic.wavelets import ormsby, rotated

ROCKS = 5  # number of rocks in the Markov chain
ROOM = 48  # traces around the survey from which rock can be shifted in
LEAST_SLIP, MOST_SLIP = 1.0, 40.0  # smallest and largest slip, samples
PARETO = 0.7  # exponent of the distribution of slips: many small faults, few large ones


def spectral_survey(
    shape: tuple[int, int, int] = (128, 128, 128), *, seed: int = 0, salty: float = SALTY
) -> FaultSurvey:
    """A survey of beds folded by a power-law surface and cut by one or two sets of faults.

    Args:
        shape: (inlines, crosslines, samples), each at least 8.
        seed: the same seed gives the same survey.
        salty: probability that the survey holds salt, 0 to 1.

    Returns:
        The survey with its faults, throws, layers and salt.

    Raises:
        GeometryError: the survey is too small for layers and faults.

    Examples:
        >>> spectral_survey((9, 10, 11), seed=1).faults.shape
        (9, 10, 11)
    """
    check_shape(shape)
    rng = np.random.default_rng((seed, 1))
    places, numbers, throw = undo_faults(shape, _fault_sets(shape, rng))
    age = _unfolded(shape, places, rng)
    salt = salt_body(shape, rng, salty)
    layers = _layers(age, rng)
    wander = rng.uniform(0.2, 1.0) * coarse_noise(shape, (16.0, 16.0, 24.0), rng)
    wander += rng.uniform(0, 0.5) * coarse_noise(shape, (3.0, 3.0, 10.0), rng)  # rough beds
    impedance = layers.at(age + wander)
    impedance += 0.1 * coarse_noise(shape, (3.0, 3.0, 2.0), rng)
    return survey(
        _recorded(reflectivity_of(impedance, salt), rng),
        numbers=numbers,
        throw=throw,
        age=age,
        layers=layers,
        salt=salt,
    )


def _fault_sets(shape: tuple[int, int, int], rng: np.random.Generator) -> list[Fault]:
    """One or two sets of faults; faults of a set share strike and kind and lie side by side."""
    count = fault_count(shape, 1 + rng.binomial(9, 0.36))
    sets = rng.integers(1, 3) if count > 2 else 1
    faults: list[Fault] = []
    for number in range(sets):
        strike, dip = rng.uniform(0, np.pi), rng.normal(62, 10)
        kind = rng.choice(["conjugate", "parallel", "wrench"], p=[0.4, 0.45, 0.15])
        members = count // sets + (number < count % sets)
        span = np.mean(shape[:2])
        # Evenly spaced across strike and shifted step by step along it, which is en echelon.
        across = (np.arange(members) + rng.uniform(0.2, 0.8)) / members - 0.5
        echelon = rng.uniform(-0.8, 0.8)
        for place in across + rng.normal(0, 0.06, members):
            along = echelon * place + rng.normal(0, 0.2)
            offset = place * span, along * span
            faults.append(_member(shape, rng, kind, strike=strike, dip=dip, offset=offset))
    return [faults[k] for k in rng.permutation(len(faults))]


def _member(
    shape: tuple[int, int, int],
    rng: np.random.Generator,
    kind: str,
    *,
    strike: float,
    dip: float,
    offset: tuple[float, float],
) -> Fault:
    turned = rng.uniform() < (0.5 if kind == "conjugate" else 0.0)
    cos, sin = np.cos(strike), np.sin(strike)
    slip = LEAST_SLIP * rng.uniform() ** (-1 / PARETO)
    slip = min(3.0 * slip, MOST_SLIP, 0.35 * shape[2])
    slip = -slip if kind != "wrench" and rng.uniform() < 0.15 else slip
    dip = np.deg2rad(np.clip(rng.normal(85, 4) if kind == "wrench" else rng.normal(dip, 5), 30, 90))
    length = rng.uniform(10, 40)
    half_length = rng.uniform(0.35, 1.1) * np.mean(shape[:2])
    return Fault(
        centre=(
            shape[0] / 2 + cos * offset[0] - sin * offset[1],
            shape[1] / 2 + sin * offset[0] + cos * offset[1],
            shape[2] * rng.uniform(0.1, 0.9),
        ),
        strike=strike + np.pi * turned + rng.normal(0, 0.12),
        slope=float(1 / np.tan(dip)),
        flattening=rng.uniform(0.002, 0.012) if rng.uniform() < 0.3 else 0.0,
        bend=(length * rng.uniform(0.0, 0.3), length, rng.uniform(0, 2 * np.pi)),
        throw=float(slip * np.sin(dip)) * (0.4 if kind == "wrench" else 1.0),
        lateral=float(slip) if kind == "wrench" else 0.0,
        profile=elliptic_profile(half_length, rng.uniform(0.4, 1.2) * shape[2]),
        reach=rng.uniform(0.3, 1.5) * np.mean(shape[:2]),
        hanging=rng.uniform(0.4, 0.7),
    )


def _unfolded(shape: tuple[int, int, int], places: Places, rng: np.random.Generator) -> np.ndarray:
    """Sample index before folding, float32: one surface at the top, another at the base."""
    wide = shape[0] + 2 * ROOM, shape[1] + 2 * ROOM
    exponent, longest = rng.uniform(3.0, 4.5), rng.uniform(60, 200)
    base = spectral_field(wide, exponent, longest, rng)
    top = 0.6 * base + 0.4 * spectral_field(wide, exponent, longest, rng)
    dips = np.hypot(*np.gradient(base))
    # Half of the beds dip by less than this many samples a trace.
    dip = rng.uniform(0.03, 0.3) if rng.uniform() < 0.8 else rng.uniform(0.3, 0.8)
    height = min(dip / np.median(dips), 0.25 * shape[2] / np.abs(base).max())
    shifted = np.broadcast_arrays(places[0] + np.float32(ROOM), places[1] + np.float32(ROOM))
    lines = [np.clip(a, 0, n - 1) for a, n in zip(shifted, wide, strict=True)]
    surfaces = [
        ndimage.map_coordinates(height * part, lines, order=1, output="float32")
        for part in (top, base - top)
    ]
    depth = np.clip(places[2] / np.float32(shape[2]), 0, 1)
    return places[2] - surfaces[0] - depth * surfaces[1]


def _layers(age: np.ndarray, rng: np.random.Generator) -> Layers:
    """Impedance of beds: a Markov chain of rocks whose beds have gamma-distributed thickness."""
    first, last = float(age.min()) - 4, float(age.max()) + 4
    shallow, deep = np.quantile(age[::4, ::4, ::4], [0.1, 0.9])
    bounds = np.sort(rng.uniform(shallow, deep, int(rng.integers(2, 6))))
    means, thickness = rng.uniform(-1, 1, ROCKS), np.exp(rng.uniform(0.2, 1.6, ROCKS))
    spread = rng.uniform(0.2, 0.7, ROCKS)
    chains = rng.dirichlet(np.full(ROCKS, 1.5), (len(bounds) + 1, ROCKS))  # one a package
    ages = first + np.arange(int((last - first) * STEPS) + 2) / STEPS
    values = np.zeros(len(ages))
    top, rock = first, 0
    while top < last:
        package = int(np.searchsorted(bounds, top))
        rock = int(rng.choice(ROCKS, p=chains[package, rock]))
        base = top + max(rng.gamma(2.0, thickness[rock] / 2), 0.5)
        inside = slice(int((top - first) * STEPS), int((base - first) * STEPS) + 1)
        values[inside] = means[rock] + spread[rock] * rng.normal()
        top = base
    return Layers(ndimage.gaussian_filter1d(values, 0.5 * STEPS), first, bounds)


def _recorded(reflectivity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes: wavelet, a gain that varies in space, two kinds of noise, processing."""
    shape = reflectivity.shape
    low, high = rng.uniform(3, 9), np.exp(rng.uniform(np.log(30), np.log(80)))
    corners = (low, low * rng.uniform(1.5, 2.5), high, high * rng.uniform(1.3, 1.8))
    wavelet = ormsby(corners, SAMPLE_INTERVAL)
    phase = rng.normal(0, 0.6) + np.pi * rng.integers(0, 2)
    signal = convolved(reflectivity, rotated(wavelet, phase))
    signal /= signal.std()
    signal *= np.exp(rng.uniform(0, 0.5) * coarse_noise(shape, (30.0, 30.0, 40.0), rng))
    ratio = rng.uniform(0.0, 0.3) if rng.uniform() < 0.75 else rng.uniform(0.3, 0.8)
    cycles = SAMPLE_INTERVAL / 1000  # Hz to cycles a sample
    amplitude = signal + ratio * band_noise(shape, (low * cycles, corners[3] * cycles), rng)
    if rng.uniform() < 0.35:
        amplitude += rng.uniform(0.03, 0.25) * plane_waves(shape, int(rng.integers(1, 5)), rng)
    if rng.uniform() < 0.2:
        amplitude += rng.uniform(0.1, 0.4) * footprint(shape, rng)
    return processed(amplitude, rng, smears=(0.4, 0.4, 1.3), clips=(0.2, 2.5, 6))
