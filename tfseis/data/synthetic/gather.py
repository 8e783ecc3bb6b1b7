"""Pre-stack gathers whose signal is known; NumPy and SciPy only.

The signal consists of hyperbolic primaries with AVO, multiples of the water layer, direct and
refracted waves, with statics, convolved with a wavelet, before or after moveout correction with a
slightly wrong velocity. The noise is random noise, ground roll and erratic traces. The fold varies,
traces are missing or dead, and tops are muted.

Source: moveout and its stretch as in Yilmaz 2001, Seismic data analysis, chapter 3,
https://doi.org/10.1190/1.9781560801580.
Differs from it: samples that are stretched by more than half are dead instead of tapered.
"""

from dataclasses import dataclass

import numpy as np

from tfseis.data.synthetic.gather_noise import erratic_gains, ground_roll, random_noise
from tfseis.data.synthetic.gather_settings import SyntheticGatherSettings
from tfseis.data.synthetic.gather_signal import reflections
from tfseis.data.synthetic.recording import LEVEL
from tfseis.errors import GeometryError
from tfseis.io.gathers.gather import Gather, measured

SMALLEST = 4, 32  # smallest numbers of traces and samples
FEWEST_LIVE = 2  # smallest number of live traces


@dataclass(frozen=True)
class SyntheticGather:
    """A gather and its true signal.

    Args:
        gather: gather with noise.
        signal: amplitudes without noise, float32 (traces, samples); 0 where not live.
    """

    gather: Gather
    signal: np.ndarray


def synthetic_gather(
    samples: int = 512, *, seed: int, settings: SyntheticGatherSettings | None = None
) -> SyntheticGather:
    """A synthetic gather.

    Args:
        samples: number of samples of a trace, at least 32.
        seed: seed, 0 or more; the same seed gives the same gather.
        settings: ranges and levels from which the gather is drawn; None for the defaults.

    Returns:
        The gather and its true signal.

    Raises:
        GeometryError: the gather is too small to hold reflections.

    Examples:
        >>> made = synthetic_gather(300, seed=1)
        >>> made.gather.shape[1], made.signal.shape == made.gather.shape
        (300, True)
    """
    settings = settings or SyntheticGatherSettings()
    if samples < SMALLEST[1] or settings.traces[0] < SMALLEST[0]:
        raise GeometryError(
            f"Expected at least {SMALLEST[0]} traces and {SMALLEST[1]} samples; got "
            f"{settings.traces[0]} and {samples}. Make it larger."
        )
    rng = np.random.default_rng([seed, samples])
    offset, interval = _offsets(rng, settings), float(rng.choice(settings.intervals))
    time = np.arange(samples) * interval / 1000
    velocity = rng.uniform(*settings.velocity) + rng.uniform(*settings.gradient) * time
    clean = reflections(rng, settings, time, velocity, offset)
    noise = random_noise(clean.shape, rng)
    noise *= erratic_gains(len(offset), settings.erratic, rng)[:, np.newaxis]
    if rng.random() < settings.roll:
        roll = ground_roll(time, offset, settings.roll_velocity, settings.roll_peak, rng)
        noise = noise + rng.uniform(0.3, 3) * roll
    live = np.ones(clean.shape, bool)
    if rng.random() < settings.corrected:
        assumed = velocity * (1 + settings.velocity_error * rng.uniform(-1, 1))
        clean, noise, live = _corrected(time, assumed, offset, (clean, noise))
    if rng.random() < settings.muted:
        live &= _unmuted(rng, time, offset)
    live[_dead(rng, settings, len(offset))] = False
    return _recorded(rng, settings, clean * live, noise * live, (live, offset, interval))


def _offsets(rng: np.random.Generator, settings: SyntheticGatherSettings) -> np.ndarray:
    """Offsets of the traces that are not missing, ascending, m."""
    count = int(rng.integers(settings.traces[0], settings.traces[1] + 1))
    spread = rng.uniform(*settings.near) + rng.uniform(*settings.spacing) * np.arange(count)
    kept = rng.random(count) >= rng.uniform(0, settings.missing)
    kept[: SMALLEST[0]] = True
    return spread[kept]


def _corrected(
    time: np.ndarray, velocity: np.ndarray, offset: np.ndarray, sections: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signal and noise after moveout correction, and where they are stretched by less than half."""
    before = np.sqrt(time**2 + (offset[:, np.newaxis] / velocity) ** 2)
    clean, noise = (
        np.stack(
            [np.interp(at, time, trace, right=0) for at, trace in zip(before, section, strict=True)]
        )
        for section in sections
    )
    return clean, noise, (before < 1.5 * time) & (before <= time[-1])


def _unmuted(rng: np.random.Generator, time: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Samples below a mute whose time grows with the offset."""
    start = rng.uniform(-0.2, 0.15 * time[-1]) + offset / rng.uniform(1500, 4000)
    return time >= np.minimum(start, 0.7 * time[-1])[:, np.newaxis]


def _dead(rng: np.random.Generator, settings: SyntheticGatherSettings, traces: int) -> np.ndarray:
    dead = rng.random(traces) < rng.uniform(0, settings.dead)
    dead[rng.permutation(traces)[:FEWEST_LIVE]] = False
    return dead


def _recorded(
    rng: np.random.Generator,
    settings: SyntheticGatherSettings,
    clean: np.ndarray,
    noise: np.ndarray,
    rest: tuple[np.ndarray, np.ndarray, float],
) -> SyntheticGather:
    """Signal and noise scaled to a ratio, at the level of recorded amplitudes."""
    live, offset, interval = rest
    ratio = 10 ** (rng.uniform(*settings.noise) / 20)
    spread = max(float(np.sqrt((clean**2).sum() / max(live.sum(), 1))), 1e-12)
    loud = max(float(np.sqrt((noise**2).sum() / max(live.sum(), 1))), 1e-12)
    signal = (LEVEL / spread * clean).astype("float32")
    amplitude = signal + (LEVEL / loud / ratio * noise).astype("float32")
    live = live & measured(amplitude)
    if rng.random() < settings.mirrored:
        amplitude, signal, live, offset = (
            part[::-1].copy() for part in (amplitude, signal, live, -offset)
        )
    gather = Gather(amplitude, live, offset.astype("float32"), interval, "synthetic")
    return SyntheticGather(gather, np.where(live, signal, 0))
