"""How the crops of a batch are cut and changed: plain numbers, drawn on the host with NumPy."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class CropRules:
    """How often each change happens to a crop, 0 to 1, and how strong it may be.

    Args:
        size: length of a crop along each axis, in samples.
        flat: chance that one section is repeated along the inlines or the crosslines.
        slow: chance that an axis is read so slowly that a crop is almost a repeated section.
        exact: chance that a crop is read sample by sample, without stretching.
        traces: smallest and largest step along the lines, in samples of the survey.
        samples: the same along the samples; below 1 wavelets become longer.
        level: smallest and largest factor of all amplitudes.
        gain: smallest and largest factor at the top and at the base of a crop.
        phase: chance that the phase of wavelets is turned.
        band: chance that low or high frequencies are taken away.
        noise: chance of noise.
        loudest: largest noise, in standard deviations of a crop.
        balance: chance that amplitudes are balanced along each trace.
        clip: chance that amplitudes are clipped and rounded to 8 bits.
        uneven: chance that traces are louder or softer than their neighbours.
        dead: chance that up to 5 % of the traces are 0.
    """

    size: int = 96
    flat: float = 0.35
    slow: float = 0.1
    exact: float = 0.35
    traces: tuple[float, float] = (0.8, 1.33)
    samples: tuple[float, float] = (0.5, 1.33)
    level: tuple[float, float] = (0.25, 2.5)
    gain: tuple[float, float] = (0.4, 1.8)
    phase: float = 0.25
    band: float = 0.25
    noise: float = 0.5
    loudest: float = 0.7
    balance: float = 0.25
    clip: float = 0.3
    uneven: float = 0.25
    dead: float = 0.1

    def drawn(self, count: int, side: int, surveys: int, rng: np.random.Generator) -> dict:
        """Numbers of one batch; each is an array whose first axis is the crop.

        Args:
            count: number of crops.
            side: length of a survey along each axis, in samples.
            surveys: number of surveys to choose from.
            rng: random numbers.
        """
        first, step = self._places(count, side, rng)
        low = np.where(rng.random(count) < 0.5, rng.uniform(0, 0.04, count), 0)
        bands = rng.random(count) < self.band
        drawn = {
            "survey": rng.integers(0, surveys, count).astype("int32"),
            "first": first,
            "step": step,
            "turn": rng.random(count) < 0.5,
            "level": _log_uniform(self.level, count, rng) * rng.choice([-1, 1], count),
            "gain": np.where(
                rng.random((count, 1)) < 0.5, _log_uniform(self.gain, (count, 2), rng), 1
            ),
            "phase": np.where(
                rng.random(count) < self.phase, rng.uniform(-np.pi / 2, np.pi / 2, count), 0
            ),
            "low": np.where(bands, low, 0),
            "high": np.where(bands, rng.uniform(0.12, 0.45, count), 1.0),
            "noise": _some(self.noise, count, rng) * self.loudest * rng.uniform(0, 1, count),
            "noise_high": rng.uniform(0.1, 0.5, count),
            "noise_width": np.where(rng.random(count) < 0.5, 0.0, rng.uniform(0.3, 1.5, count)),
            "balance": _some(self.balance, count, rng),
            "clip": np.where(rng.random(count) < self.clip, rng.uniform(1.5, 6, count), 0),
            "uneven": _some(self.uneven, count, rng) * rng.uniform(0.03, 0.3, count),
            "dead": _some(self.dead, count, rng) * rng.uniform(0, 0.05, count),
        }
        return {
            name: value.astype("float32") if value.dtype.kind == "f" else value
            for name, value in drawn.items()
        }

    def _places(
        self, count: int, side: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """First place in the survey and step along each axis, (count, 3); below 0 is mirrored."""
        steps = np.stack(
            [
                _log_uniform(self.traces, count, rng),
                _log_uniform(self.traces, count, rng),
                _log_uniform(self.samples, count, rng),
            ],
            axis=1,
        )
        exact = rng.random(count) < self.exact
        steps[exact] = 1.0
        chance = rng.random(count)
        slow = chance < self.flat + self.slow
        steps[slow, 0] = rng.uniform(0, 0.25, slow.sum())
        steps[chance < self.flat, 0] = 0.0
        steps = np.minimum(steps, (side - 1) / max(self.size - 1, 1))
        room = (side - 1) - steps * (self.size - 1)
        first = rng.uniform(0, 1, (count, 3)) * room
        whole = np.stack([exact | (chance < self.flat), exact, exact], axis=1)
        first = np.where(whole, np.floor(first), first)
        mirrored = rng.random((count, 2)) < 0.5
        for axis in (0, 1):
            away = first[:, axis] + steps[:, axis] * (self.size - 1)
            first[:, axis] = np.where(mirrored[:, axis], away, first[:, axis])
            steps[:, axis] = np.where(mirrored[:, axis], -steps[:, axis], steps[:, axis])
        return first, steps


def _log_uniform(
    limits: tuple[float, float], size: int | tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    low, high = np.log(limits)
    return np.exp(rng.uniform(low, high, size))


def _some(chance: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(count) < chance).astype("float64")
