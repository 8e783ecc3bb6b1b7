"""A survey whose faults are known, and parts that all its generators share: layers and salt."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.synthetic.fields import coarse_noise
from tfseis.data.synthetic.structure import horizon, survey_geometry
from tfseis.errors import GeometryError
from tfseis.geometry import Geometry

SMALLEST_AXIS = 8  # shorter axes hold neither layers nor faults
STEPS = 4  # entries for each sample in a table of layers
USUAL_AREA = 128 * 128  # number of traces to which numbers of faults refer
SALT = "salt"  # name of the last package
SALTY = 0.08  # probability that a survey holds salt
SALT_IMPEDANCE = 2.5  # about this many standard deviations of the impedance of beds


@dataclass(frozen=True)
class FaultSurvey:
    """A synthetic survey and its truths; every cube is (inlines, crosslines, samples).

    Args:
        amplitude: reflection amplitudes, float32.
        faults: uint8, 1 on fault surfaces, which are one or two voxels wide.
        throw: largest vertical slip of the faults at each fault voxel in samples, float32; 0
            elsewhere.
        fault_number: number of the fault at each fault voxel, uint16, that of the largest throw
            where several meet; 0 elsewhere.
        facies: number of the layer package of each sample, uint8; the last number is salt.
        names: name of each package.
        horizons: fractional sample index at which each package but the first begins, float32
            (packages - 1, inlines, crosslines); NaN where it does not occur.
        salt: uint8, 1 inside salt.
        geometry: line numbers, sample times and map coordinates.
    """

    amplitude: np.ndarray
    faults: np.ndarray
    throw: np.ndarray
    fault_number: np.ndarray
    facies: np.ndarray
    names: tuple[str, ...]
    horizons: np.ndarray
    salt: np.ndarray
    geometry: Geometry


@dataclass(frozen=True)
class Layers:
    """A property of layers as a function of their age.

    Ages are in samples and increase downwards.

    Args:
        values: values of the property in steps of 1 / 4 sample of age, float64.
        first: age of the first value.
        bounds: ages at which the packages but the first begin, ascending.
    """

    values: np.ndarray
    first: float
    bounds: np.ndarray

    def at(self, age: np.ndarray) -> np.ndarray:
        """Values at some ages, interpolated linearly.

        Args:
            age: ages in samples, float32 of any shape.

        Returns:
            float32 of the same shape.
        """
        place = (age - np.float32(self.first)) * np.float32(STEPS)
        low = np.clip(place.astype("int32"), 0, len(self.values) - 2)
        part = place - low
        values = self.values.astype("float32")
        return values[low] + part * (np.diff(values)[low])


def check_shape(shape: tuple[int, int, int]) -> None:
    """Refuse a survey that is too small for layers and faults.

    Args:
        shape: (inlines, crosslines, samples).

    Raises:
        GeometryError: an axis is shorter than 8, or there are not three axes.
    """
    if len(shape) != 3 or min(shape) < SMALLEST_AXIS:
        raise GeometryError(
            f"Expected a survey of at least {SMALLEST_AXIS} inlines, crosslines and samples; "
            f"got {tuple(shape)}. Choose a larger shape."
        )


def fault_count(shape: tuple[int, int, int], drawn: int) -> int:
    """Number of faults of a survey, which grows with the square root of its area.

    Args:
        shape: (inlines, crosslines, samples).
        drawn: number of faults of a survey of 128 x 128 traces.

    Returns:
        At least 1.
    """
    return max(1, round(drawn * (shape[0] * shape[1] / USUAL_AREA) ** 0.5))


def salt_body(shape: tuple[int, int, int], rng: np.random.Generator, salty: float) -> np.ndarray:
    """A lumpy diapir that rises from below, or no salt.

    Args:
        shape: (inlines, crosslines, samples).
        rng: generator of random numbers.
        salty: probability that there is salt, 0 to 1.

    Returns:
        bool of that shape, True inside salt.
    """
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
    """Differences of impedance from sample to sample, where salt is hard rock.

    Args:
        impedance: floating-point numbers (inlines, crosslines, samples); values inside salt are
            overwritten.
        salt: bool of the same shape, True inside salt.

    Returns:
        Reflectivity of the same shape and type.
    """
    impedance[salt] = SALT_IMPEDANCE
    return np.diff(impedance, axis=2, prepend=impedance[..., :1])


def survey(
    recorded: np.ndarray,
    *,
    numbers: np.ndarray,
    throw: np.ndarray,
    age: np.ndarray,
    layers: Layers,
    salt: np.ndarray,
) -> FaultSurvey:
    """Put a survey together from its parts; there are no faults inside salt.

    Args:
        recorded: amplitudes, float32 (inlines, crosslines, samples).
        numbers: uint16 of the same shape, number of the fault on fault surfaces, 0 elsewhere.
        throw: vertical slip at fault surfaces in samples, float32 of the same shape.
        age: age of each sample, float32 of the same shape.
        layers: layers by age, whose bounds are the horizons.
        salt: bool of the same shape, True inside salt.

    Returns:
        The survey.
    """
    packages = len(layers.bounds) + 1
    facies = np.zeros(age.shape, "uint8")
    for bound in layers.bounds:
        facies += age >= bound
    facies[salt] = packages
    outside = ~salt
    return FaultSurvey(
        amplitude=recorded,
        faults=((numbers > 0) & outside).astype("uint8"),
        throw=throw * outside,
        fault_number=(numbers * outside).astype("uint16"),
        facies=facies,
        names=(*(f"package {number}" for number in range(1, packages + 1)), SALT),
        horizons=np.stack([horizon(age, bound, salt) for bound in layers.bounds]),
        salt=salt.astype("uint8"),
        geometry=survey_geometry(age.shape),
    )
