"""Surveys of layers with known facies, horizons, faults and a salt body.

Source: Wu et al. 2019, Building realistic structure models to train convolutional neural
networks for seismic structural interpretation, https://doi.org/10.1190/geo2019-0375.1.
Differs from it: facies have bedding of their own, there is salt, and faults displace along the
sample axis only.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

from tfseis.data.synthetic.fields import smooth_noise
from tfseis.data.synthetic.structure import SAMPLE_INTERVAL, horizon, survey_geometry
from tfseis.data.synthetic.textures import LAYERS, SALT, TEXTURES
from tfseis.data.synthetic.wavelets import ricker
from tfseis.errors import GeometryError
from tfseis.geometry import Geometry

SMALLEST_AXIS = 5  # shorter axes cannot hold the layers
LOG_STEPS = 8  # impedance values for each sample of a log, so that dipping layers have no steps


@dataclass(frozen=True)
class SyntheticSurveySettings:
    """Ranges and levels from which the seed draws a survey.

    Args:
        fold_scale: typical radius of a fold, in inlines and in crosslines.
        fold_strength: typical height of a fold at the base of the survey, in samples.
        tilt: largest dip of the whole survey, in samples a trace.
        faults: smallest and largest number of faults.
        throw: smallest and largest displacement on a fault, in samples.
        salt: radius of the salt where it is widest, as a share of the inlines and of the
            crosslines.
        frequency: peak frequency of the Ricker wavelet, in Hz.
        noise: standard deviation of the noise over that of the signal.
        noise_band: lowest and highest frequency of the noise, in Hz.
        level: standard deviation of the amplitudes.
    """

    fold_scale: tuple[float, float] = (40.0, 30.0)
    fold_strength: float = 9.0
    tilt: float = 0.06
    faults: tuple[int, int] = (2, 4)
    throw: tuple[float, float] = (3.0, 8.0)
    salt: tuple[float, float] = (0.34, 0.2)
    frequency: float = 35.0
    noise: float = 0.1
    noise_band: tuple[float, float] = (6.0, 60.0)
    level: float = 1000.0


@dataclass(frozen=True)
class SyntheticSurvey:
    """A survey whose answers are known; every cube is (inlines, crosslines, samples).

    Args:
        amplitude: reflection amplitudes, float32.
        facies: class of each sample, int16.
        names: name of each class.
        geometry: line numbers, sample times and map coordinates.
        horizons: fractional sample index at which each layer but the first begins, float32
            (layers - 1, inlines, crosslines); NaN where salt or a fault removed the horizon.
        faults: uint8, 1 on fault surfaces.
    """

    amplitude: np.ndarray
    facies: np.ndarray
    names: tuple[str, ...]
    geometry: Geometry
    horizons: np.ndarray
    faults: np.ndarray


def facies_survey(
    shape: tuple[int, int, int] = (64, 96, 128),
    *,
    settings: SyntheticSurveySettings | None = None,
    seed: int = 0,
) -> SyntheticSurvey:
    """A survey of six folded and faulted facies in random order, pierced by salt.

    Args:
        shape: (inlines, crosslines, samples), each at least 5.
        settings: ranges and levels from which the survey is drawn; None for the defaults.
        seed: the same seed gives the same survey.

    Returns:
        The survey, with its facies, horizons, faults and geometry.

    Raises:
        GeometryError: an axis is too short to hold the layers.

    Example:
        >>> survey = facies_survey((7, 8, 9))
        >>> survey.facies.shape, survey.names[-1]
        ((7, 8, 9), 'salt')
    """
    if min(shape) < SMALLEST_AXIS:
        raise GeometryError(
            f"Expected a survey of at least {SMALLEST_AXIS} lines and samples along each axis; "
            f"got {tuple(shape)}. Choose a larger shape."
        )
    settings, rng = settings or SyntheticSurveySettings(), np.random.default_rng(seed)
    inline, crossline, sample = np.ogrid[tuple(slice(n) for n in shape)]
    depth, faults = _faulted(shape, settings, rng)
    depth, salt = _pierced(depth, shape, settings, rng)
    age = depth - _folds(shape, settings, rng)[..., np.newaxis] * (0.25 + 0.75 * sample / shape[2])
    layer, thickness = _layered(age, settings, rng)

    order = rng.permutation(len(LAYERS))
    facies = order[np.clip(layer, 0, len(LAYERS) - 1).astype("int16")]
    facies[salt] = TEXTURES.index(SALT)
    impedance = _impedance(facies, layer * thickness, crossline + 0.4 * inline, rng)
    return SyntheticSurvey(
        amplitude=_recorded(impedance, settings, rng),
        facies=facies.astype("int16"),
        names=tuple(texture.name for texture in TEXTURES),
        geometry=survey_geometry(shape),
        horizons=np.stack([horizon(layer, n, salt) for n in range(1, len(LAYERS))]),
        faults=(faults & ~salt).astype("uint8"),
    )


def _faulted(
    shape: tuple[int, int, int], settings: SyntheticSurveySettings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sample index before faulting, and where faults are; the youngest fault is undone first."""
    inline, crossline, sample = np.ogrid[tuple(slice(n) for n in shape)]
    depth = np.broadcast_to(sample, shape).astype("float64")
    faults = np.zeros(shape, "bool")
    for _ in range(rng.integers(settings.faults[0], settings.faults[1] + 1)):
        strike = rng.choice([0, np.pi]) + rng.normal(np.pi / 2, 0.25)  # about parallel to the folds
        normal, along = np.array([np.cos(strike), np.sin(strike)]), rng.uniform(0.2, 0.8, 2)
        di, dx = inline - along[0] * shape[0], crossline - along[1] * shape[1]
        across = normal[0] * di + normal[1] * dx
        along_strike = normal[1] * di - normal[0] * dx
        lean = rng.uniform(0.1, 0.35)  # traces a sample: dips of about 50 to 75 degrees
        bend = rng.uniform(1, 4) * np.sin(along_strike / rng.uniform(15, 30))
        distance = across + bend - lean * (depth - shape[2] / 2)  # traces, > 0 in the hanging wall
        # Throw grows downwards, dies out along strike and, slowly, away from the fault.
        reach = rng.uniform(0.4, 0.9) * max(shape[:2])
        throw = rng.uniform(*settings.throw) * (0.5 + 0.5 * depth / shape[2])
        throw = throw * np.exp(-0.5 * (along_strike / reach) ** 2 - np.abs(distance) / reach)
        width = 0.5 * (np.abs(normal).sum() + lean)  # one or two voxels, without holes
        faults |= (np.abs(distance) < width) & (throw > 1)
        depth = depth - np.where(distance > 0, throw, 0)
    return depth, faults


def _pierced(
    depth: np.ndarray,
    shape: tuple[int, int, int],
    settings: SyntheticSurveySettings,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Sample index before the salt dragged the layers up, and where the salt is."""
    inline, crossline, sample = np.ogrid[tuple(slice(n) for n in shape)]
    below = np.clip(sample / shape[2] - rng.uniform(0.25, 0.45), 0, 1)  # below its top
    lean = rng.uniform(-0.35, 0.35, 2)
    di = (inline / shape[0] - rng.uniform(0.4, 0.6) - lean[0] * below) / settings.salt[0]
    dx = (crossline / shape[1] - rng.uniform(0.3, 0.7) - lean[1] * below) / settings.salt[1]
    angle, lobes = np.arctan2(di, dx), rng.uniform(0.1, 0.25, 2)
    radius = np.hypot(di, dx) * (1 + lobes[0] * np.sin(2 * angle) + lobes[1] * np.cos(3 * angle))
    radius = radius * (1 + 0.12 * smooth_noise(shape, (5, 5, 6), rng))
    # Wide under its top, thinner in its stem, wider again at depth.
    width = np.sqrt(np.clip(below / 0.12, 0, 1)) * (0.75 + 0.25 * np.cos(9 * below))
    salt = (radius < width) & (below > 0)
    drag = 0.08 * shape[2] * np.exp(-0.5 * np.hypot(di, dx) ** 2) * sample / shape[2]
    return depth + drag, salt


def _folds(
    shape: tuple[int, int, int], settings: SyntheticSurveySettings, rng: np.random.Generator
) -> np.ndarray:
    """Height of folds and tilt at the base of the survey, in samples, (inlines, crosslines)."""
    inline, crossline = np.ogrid[: shape[0], : shape[1]]
    slope = rng.uniform(-settings.tilt, settings.tilt, 2)
    height = slope[0] * inline + slope[1] * crossline
    for _ in range(round(4 + shape[0] * shape[1] / np.prod(settings.fold_scale))):
        scale = np.array(settings.fold_scale) * rng.uniform(0.8, 1.4, 2)
        di = (inline - rng.uniform(0, shape[0])) / scale[0]
        dx = (crossline - rng.uniform(0, shape[1])) / scale[1]
        height = height + rng.uniform(-1.7, 1.7) * settings.fold_strength * np.exp(
            -0.5 * (di**2 + dx**2)
        )
    limit = 0.4 * shape[2]  # folds must never turn the layers over
    return limit * np.tanh((height - height.mean()) / limit)


def _layered(
    age: np.ndarray, settings: SyntheticSurveySettings, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Layer number plus the depth inside the layer (0 to 1), and the mean thickness in samples."""
    parts = rng.uniform(0.75, 1.25, len(LAYERS))
    bounds = np.quantile(age, np.concatenate([[0], np.cumsum(parts) / parts.sum()]))
    # Layers thicken and thin: each horizon moves by less than half of the thinnest layer.
    room = 0.3 * np.diff(bounds).min()
    scale = (settings.fold_scale[0] / 2, settings.fold_scale[1] / 2)
    moves = [np.tanh(smooth_noise(age.shape[:2], scale, rng)) for _ in bounds]
    moves[0] = moves[-1] = np.zeros(age.shape[:2])
    horizons = [
        (bound + room * move)[..., np.newaxis] for bound, move in zip(bounds, moves, strict=True)
    ]
    layer = np.zeros(age.shape)
    for top, base in pairwise(horizons):
        layer += np.clip((age - top) / (base - top), 0, 1)
    return layer, float(np.diff(bounds).mean())


def _impedance(
    facies: np.ndarray, phase: np.ndarray, along: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Impedance of each sample from its depth inside the rock and its place along the dip."""
    impedance = np.zeros(facies.shape)
    along = np.broadcast_to(along, facies.shape)
    for number, texture in enumerate(TEXTURES):
        inside = facies == number
        place = phase[inside] + texture.dip * along[inside]
        steps, log = _log(texture.bed, float(place.max(initial=0)), rng)
        beds = texture.coherence * np.interp(place, steps, log)
        disorder = smooth_noise(facies.shape, (0.3 * texture.bed,) * 3, rng)[inside]
        chaos = np.sqrt(1 - texture.coherence**2) * disorder
        impedance[inside] = texture.impedance + texture.contrast * (beds + chaos)
    return impedance


def _log(bed: float, length: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Impedance of alternating beds against depth in samples, zero mean."""
    count = int(length / bed * 1.5) + 8
    tops = np.cumsum(bed * rng.uniform(0.8, 1.2, count))
    values = rng.uniform(0.6, 1.4, count) * (-1.0) ** np.arange(count)
    steps = np.arange(0, length + 1, 1 / LOG_STEPS)
    log = values[np.searchsorted(tops, steps)]
    return steps, ndimage.gaussian_filter1d(log, 0.5 * LOG_STEPS, mode="nearest")


def _recorded(
    impedance: np.ndarray, settings: SyntheticSurveySettings, rng: np.random.Generator
) -> np.ndarray:
    """Reflections of an impedance cube under a wavelet, with noise, float32."""
    reflectivity = np.diff(impedance, axis=2, prepend=impedance[..., :1])
    signal = ndimage.convolve1d(
        reflectivity, ricker(settings.frequency, SAMPLE_INTERVAL), axis=2, mode="reflect"
    )
    noise = ndimage.gaussian_filter1d(rng.normal(size=signal.shape), 0.5, axis=1)
    frequency = np.fft.rfftfreq(signal.shape[2], SAMPLE_INTERVAL / 1000)
    low, high = settings.noise_band
    band = 1 / (1 + (low / np.maximum(frequency, 1e-3)) ** 4) / (1 + (frequency / high) ** 4)
    noise = np.fft.irfft(np.fft.rfft(noise) * band, signal.shape[2])
    amplitude = signal / signal.std() + settings.noise * noise / noise.std()
    return (settings.level * amplitude / amplitude.std()).astype("float32")
