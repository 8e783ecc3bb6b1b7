"""A survey whose faults are known, and what both kinds of them share: layers and salt."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.synthetic.fields import coarse_noise
from tfseis.data.synthetic.structure import horizon, survey_geometry
from tfseis.errors import GeometryError
from tfseis.geometry import Geometry

SMALLEST_AXIS = 8  # shorter axes hold neither layers nor faults
STEPS = 4  # entries a sample in a table of layers
USUAL_AREA = 128 * 128  # traces for which the number of faults is meant
SALT = "salt"
SALTY = 0.08  # chance that a survey holds salt
SALT_IMPEDANCE = 2.5  # in deviations of that of beds, about


@dataclass(frozen=True)
class FaultSurvey:
    """A synthetic survey and its truths; every cube is (inlines, crosslines, samples).

    Args:
        amplitude: float32 reflection amplitudes.
        faults: uint8, 1 on fault surfaces, one or two voxels wide.
        throw: float32, the largest vertical slip of the faults there, in samples; 0 elsewhere.
        facies: uint8 number of the layer package of each sample; the last is salt.
        names: name of each package.
        horizons: float32 (packages - 1, inlines, crosslines), the fractional sample index where
            each package but the first begins; NaN where it does not.
        salt: uint8, 1 inside salt.
        geometry: line numbers, times and map coordinates.
    """

    amplitude: np.ndarray
    faults: np.ndarray
    throw: np.ndarray
    facies: np.ndarray
    names: tuple[str, ...]
    horizons: np.ndarray
    salt: np.ndarray
    geometry: Geometry


@dataclass(frozen=True)
class Layers:
    """Properties of layers by their age.

    Args:
        values: a value every 1 / `STEPS` samples of age, from `oldest` age on.
        first: age of the first value.
        bounds: ages at which packages but the first begin.
    """

    values: np.ndarray
    first: float
    bounds: np.ndarray

    def at(self, age: np.ndarray) -> np.ndarray:
        """The value at each age, interpolated, float32."""
        place = (age - np.float32(self.first)) * np.float32(STEPS)
        low = np.clip(place.astype("int32"), 0, len(self.values) - 2)
        part = place - low
        values = self.values.astype("float32")
        return values[low] + part * (np.diff(values)[low])


def check_shape(shape: tuple[int, int, int]) -> None:
    """Refuse a survey too small for layers and faults.

    Raises:
        GeometryError: an axis is too short, or there are not three.
    """
    if len(shape) != 3 or min(shape) < SMALLEST_AXIS:
        raise GeometryError(
            f"Expected a survey of at least {SMALLEST_AXIS} inlines, crosslines and samples; "
            f"got {tuple(shape)}. Choose a larger shape."
        )


def fault_count(shape: tuple[int, int, int], drawn: int) -> int:
    """How many faults a survey gets where one of 128 x 128 traces would get `drawn`."""
    return max(1, round(drawn * (shape[0] * shape[1] / USUAL_AREA) ** 0.5))


def salt_body(shape: tuple[int, int, int], rng: np.random.Generator, salty: float) -> np.ndarray:
    """By this chance a lumpy diapir that rises from below, bool."""
    if rng.uniform() >= salty:
        return np.zeros(shape, "bool")
    inline, crossline, sample = (
        axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]
    )
    below = np.clip(sample / shape[2] - rng.uniform(0.3, 0.7), 0, 1).astype("float32")
    width = rng.uniform(0.12, 0.3, 2) * shape[:2]
    centre = rng.uniform(0.1, 0.9, 2) * shape[:2]
    lean = rng.uniform(-0.4, 0.4, 2) * shape[:2]
    radius = np.hypot(
        (inline - centre[0] - lean[0] * below) / width[0],
        (crossline - centre[1] - lean[1] * below) / width[1],
    )
    lumps = coarse_noise(shape, (12.0, 12.0, 16.0), rng)
    return (radius * (1 + 0.15 * lumps) < np.sqrt(below / 0.15)) & (below > 0)


def reflectivity_of(impedance: np.ndarray, salt: np.ndarray) -> np.ndarray:
    """Steps of impedance from sample to sample, salt being hard; writes it into `impedance`."""
    impedance[salt] = SALT_IMPEDANCE
    return np.diff(impedance, axis=2, prepend=impedance[..., :1])


def survey(
    recorded: np.ndarray,
    *,
    labels: np.ndarray,
    throw: np.ndarray,
    age: np.ndarray,
    layers: Layers,
    salt: np.ndarray,
) -> FaultSurvey:
    """Put a survey together: packages and horizons from the ages, no faults inside salt."""
    packages = len(layers.bounds) + 1
    facies = np.zeros(age.shape, "uint8")
    for bound in layers.bounds:
        facies += age >= bound
    facies[salt] = packages
    outside = ~salt
    return FaultSurvey(
        amplitude=recorded,
        faults=labels * outside,
        throw=throw * outside,
        facies=facies,
        names=(*(f"package {number}" for number in range(1, packages + 1)), SALT),
        horizons=np.stack([horizon(age, bound, salt) for bound in layers.bounds]),
        salt=salt.astype("uint8"),
        geometry=survey_geometry(age.shape),
    )
