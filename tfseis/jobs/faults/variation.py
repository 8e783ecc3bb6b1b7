"""How training crops of fault networks vary: which changes happen, how often, how strongly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import KerasTensor

from tfseis.jobs.faults.changes import (
    Pair,
    band_limited,
    flipped,
    gained,
    noisy,
    rotated,
    stretched,
    turned,
    turned_phase,
    with_dead_traces,
)

Crop = tuple[np.ndarray, np.ndarray]
LEVEL = (0.15, 3.0)  # factors of all amplitudes: parts of a survey are that far from its quantiles
GAIN = (0.3, 2.0)  # factors at the top and at the base of a crop
MARGIN = 8  # samples above and below a crop that stretching time can draw on


@dataclass(frozen=True, kw_only=True)
class Variation:
    """How often each change happens to a crop, 0 to 1, and how strong it may be.

    Args:
        flip: chance of a mirror image along each horizontal axis.
        turn: chance of one to three quarter turns about the vertical axis.
        rotate: chance of a rotation by up to 45 degrees about the vertical axis.
        polarity: chance that all amplitudes change sign.
        phase: chance that the phase of wavelets turns by up to 90 degrees.
        band: chance that low or high frequencies are taken away.
        gain: chance of a gain that changes with time, from a factor between 0.3 and 2 at the top
            to another one of that range at the base.
        level: chance that all amplitudes are multiplied by one factor between 0.15 and 3.
        noise: chance of Gaussian noise of up to half of the standard deviation.
        dead: chance that up to 5 % of the traces are set to 0.
        stretch: chance that time is stretched by a factor between `factors`.
        factors: smallest and largest factor of time; above 1 wavelets become longer.
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

    @property
    def margin(self) -> int:
        """Samples above and below a crop that are read with it and cut off afterwards."""
        return MARGIN

    def __call__(self, amplitude: np.ndarray, faults: np.ndarray, rng: np.random.Generator) -> Crop:
        """One crop changed, as every function does that `FaultSettings.variation` may name.

        Args:
            amplitude: float32 (inlines, crosslines, samples), scaled.
            faults: labels of the same shape: 1, 0, or negative where unknown.
            rng: random numbers.

        Returns:
            Both, of the same shape.
        """
        amplitude, faults = (
            part[np.newaxis, ..., np.newaxis].astype("float32") for part in (amplitude, faults)
        )
        both = varied(amplitude, faults, seed=int(rng.integers(2**62)), variation=self)
        changed, labels = (np.asarray(part)[0, ..., 0] for part in both)
        return changed, labels


DEFAULT = Variation()
# Synthetic faults have any strike already; turning by odd angles would mirror a crop's borders.
# Stretching time lets the network meet longer wavelets than the generators make, or finer sampling.
USUAL = Variation(rotate=0.0, stretch=0.4, factors=(0.8, 2.4))
FAULT_VARIATIONS: dict[str, Any] = {"usual": USUAL, "none": None}


def varied_batches(
    batches: Iterable[Pair], *, seed: int, variation: Variation = DEFAULT, first_batch: int = 0
) -> Iterator[Pair]:
    """Batches with changes; those of batch number n depend on `seed` and n alone."""
    for number, (amplitude, faults) in enumerate(batches, start=first_batch):
        drawn = np.random.SeedSequence((seed, number)).generate_state(1)
        yield varied(amplitude, faults, seed=int(drawn[0]), variation=variation)


def varied(
    amplitude: KerasTensor, faults: KerasTensor, *, seed: int, variation: Variation = DEFAULT
) -> Pair:
    """One batch with changes drawn from a seed; sizes stay.

    Args:
        amplitude: float32 (batch, inlines, crosslines, samples, 1), scaled.
        faults: labels of the same shape.
        seed: the same seed gives the same changes.
        variation: which changes are made, and how often.
    """
    rng = np.random.default_rng(seed)
    amplitude, faults = _moved(amplitude, faults, variation, rng)
    return _recorded_otherwise(amplitude, variation, rng), faults


def _moved(
    amplitude: KerasTensor, faults: KerasTensor, variation: Variation, rng: np.random.Generator
) -> Pair:
    """Changes of place, which amplitudes and faults share."""
    pair = amplitude, faults
    for axis in (0, 1):
        pair = flipped(*pair, axis=axis) if _happens(variation.flip, rng) else pair
    if _happens(variation.turn, rng):
        square = amplitude.shape[1] == amplitude.shape[2]
        pair = turned(*pair, quarters=int(rng.integers(1, 4)) if square else 2)
    if _happens(variation.rotate, rng):
        pair = rotated(*pair, degrees=rng.uniform(-45, 45))
    if _happens(variation.stretch, rng):
        pair = stretched(*pair, factor=np.exp(rng.uniform(*np.log(variation.factors))))
    return pair


def _recorded_otherwise(
    amplitude: KerasTensor, variation: Variation, rng: np.random.Generator
) -> KerasTensor:
    """Changes of amplitudes, wavelets and noise."""
    if _happens(variation.polarity, rng):
        amplitude = -amplitude
    if _happens(variation.phase, rng):
        amplitude = turned_phase(amplitude, degrees=rng.uniform(-90, 90))
    if _happens(variation.band, rng):
        amplitude = band_limited(amplitude, low=rng.uniform(0, 0.04), high=rng.uniform(0.12, 0.4))
    if _happens(variation.gain, rng):
        top, base = (float(np.exp(rng.uniform(*np.log(GAIN)))) for _ in range(2))
        amplitude = gained(amplitude, top=top, base=base)
    if _happens(variation.level, rng):
        amplitude = amplitude * np.float32(np.exp(rng.uniform(*np.log(LEVEL))))
    if _happens(variation.noise, rng):
        amplitude = noisy(amplitude, ratio=rng.uniform(0, 0.5), seed=int(rng.integers(2**31)))
    if _happens(variation.dead, rng):
        share = rng.uniform(0, 0.05)
        amplitude = with_dead_traces(amplitude, share=share, seed=int(rng.integers(2**31)))
    return amplitude


def _happens(chance: float, rng: np.random.Generator) -> bool:
    return bool(rng.uniform() < chance)
