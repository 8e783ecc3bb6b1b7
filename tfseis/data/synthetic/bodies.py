"""Bodies that break reflections without being faults: slid packages, channels, chimneys."""

import numpy as np

from tfseis.data.synthetic.fields import coarse_noise
from tfseis.data.synthetic.survey import Layers


def chaotic_ages(
    age: np.ndarray, layers: Layers, rng: np.random.Generator, *, chance: float = 0.2
) -> np.ndarray:
    """Ages of beds that are chaotic in one package, in some surveys.

    Args:
        age: age of each sample, float32 (inlines, crosslines, samples).
        layers: layers by age, at one of whose bounds the package begins.
        rng: generator of random numbers.
        chance: probability that there is such a package, 0 to 1.
    """
    if rng.uniform() > chance:
        return age
    top = rng.choice(layers.bounds)
    inside = (age >= top) & (age < top + rng.uniform(8, 24))
    size = rng.uniform(3, 9)
    return age + inside * np.float32(rng.uniform(2, 6)) * coarse_noise(
        age.shape, (size, size, size / 2), rng
    )


def cut_channels(impedance: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> None:
    """Cut up to three winding channels into the beds and fill each with one rock.

    Args:
        impedance: impedance of each sample, which is changed in place.
        age: age of each sample, float32 of the same shape.
        rng: generator of random numbers.
    """
    inline, crossline = np.ogrid[: age.shape[0], : age.shape[1]]
    for _ in range(int(rng.integers(0, 4))):
        heading, length = rng.uniform(0, 2 * np.pi), rng.uniform(8, 25)
        cos, sin = np.cos(heading), np.sin(heading)
        along = cos * inline + sin * crossline
        across = cos * crossline - sin * inline - rng.uniform(-0.5, 0.5) * np.mean(age.shape[:2])
        across = across - length * rng.uniform(0.2, 1.0) * np.sin(along / length)
        width, depth = rng.uniform(4, 14), rng.uniform(3, 12)
        cut = depth * np.clip(1 - (across / width) ** 2, 0, None)
        top = np.quantile(age[::4, ::4, ::4], rng.uniform(0.1, 0.9))
        inside = (age > top) & (age < top + cut[..., np.newaxis])
        impedance[inside] = impedance.mean() + impedance.std() * rng.normal()


def chimneys(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """How much of the amplitudes is lost in up to three upright columns, as below gas.

    Args:
        shape: (inlines, crosslines, samples).
        rng: generator of random numbers.

    Returns:
        float32 of that shape, 0 outside the columns, below 1.
    """
    inline, crossline, sample = (
        axis.astype("float32") for axis in np.ogrid[tuple(slice(n) for n in shape)]
    )
    lost = np.zeros(shape, "float32")
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform(0, 1, 2) * shape[:2]
        width = np.exp(rng.uniform(np.log(1.5), np.log(14), 2))
        radius = np.hypot((inline - centre[0]) / width[0], (crossline - centre[1]) / width[1])
        top = rng.uniform(-0.5, 0.7) * shape[2]
        below = np.clip((sample - top) / 6, 0, 1)  # samples over which it begins
        column = np.float32(rng.uniform(0.3, 0.9)) * np.exp(-0.5 * radius**2) * below
        lost = np.maximum(lost, column.astype("float32"))
    return lost
