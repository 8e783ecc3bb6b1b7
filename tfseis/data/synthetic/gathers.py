"""Pre-stack gathers whose signal is known. NumPy and SciPy only.

Signal: hyperbolic primaries with AVO, multiples of the water layer, direct and refracted waves, and
statics, under a wavelet, before or after moveout correction with a velocity that is nearly right.
Noise: random, ground roll and erratic traces. Folds vary, traces are missing or dead, tops are
muted.

Source: moveout and its stretch as in Yilmaz 2001, Seismic data analysis, chapter 3; AVO by
intercept and gradient, Shuey 1985, A simplification of the Zoeppritz equations, Geophysics 50(4).
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal as scipy_signal

from tfseis.data.synthetic.gather_noise import erratic_gains, ground_roll, random_noise
from tfseis.data.synthetic.recording import LEVEL
from tfseis.data.synthetic.wavelets import ricker, rotated
from tfseis.errors import GeometryError
from tfseis.io.gather import Gather, measured

Range = tuple[float, float]
SMALLEST = 4, 32  # traces and samples
FEWEST_LIVE = 2  # traces


@dataclass(frozen=True, kw_only=True)
class GatherLaws:
    """What gathers of one kind have in common; the seed draws one of them. Ranges are uniform.

    Args:
        traces: fewest and most.
        spacing: between traces, m.
        near: offset of the first trace, m.
        missing: largest part of the traces that the gather lacks.
        dead: largest part of its traces that are all 0.
        velocity: at the surface, m/s.
        gradient: of the velocity, m/s per s.
        reflections: per second.
        decay: power of time by which amplitudes fall.
        avo: gradient over intercept.
        multiples: strength of the strongest first multiple, as part of its primary.
        linear: most direct and refracted waves.
        linear_velocity: of these, m/s.
        peak: frequency of the wavelet, Hz.
        statics: largest deviation of a trace, ms.
        corrected: part of the gathers whose moveout was corrected.
        velocity_error: largest, of that correction.
        muted: part of the gathers whose top is muted.
        noise: signal to noise, dB.
        roll: part of the gathers with ground roll.
        roll_velocity: slowest and fastest, m/s.
        roll_peak: of its spectrum, Hz.
        erratic: largest part of traces with much noise.
        mirrored: part of the gathers whose offsets are negative, the far ones first.
        intervals: of samples, ms; each gather has one of them.
    """

    traces: tuple[int, int] = (24, 72)
    spacing: Range = (12.5, 55.0)
    near: Range = (0.0, 300.0)
    missing: float = 0.15
    dead: float = 0.08
    velocity: Range = (1500.0, 2400.0)
    gradient: Range = (300.0, 1300.0)
    reflections: Range = (6.0, 50.0)
    decay: Range = (0.0, 2.0)
    avo: Range = (-2.0, 1.5)
    multiples: float = 0.7
    linear: int = 2
    linear_velocity: Range = (1450.0, 5000.0)
    peak: Range = (13.0, 50.0)
    statics: float = 7.0
    corrected: float = 0.5
    velocity_error: float = 0.06
    muted: float = 0.6
    noise: Range = (-6.0, 20.0)
    roll: float = 0.5
    roll_velocity: Range = (300.0, 1000.0)
    roll_peak: Range = (5.0, 14.0)
    erratic: float = 0.1
    mirrored: float = 0.5
    intervals: tuple[float, ...] = (4.0, 4.0, 2.0)


UNSEEN = GatherLaws(  # these ranges reach beyond those of the default
    traces=(40, 61), spacing=(20.0, 60.0), velocity=(1450.0, 2700.0), gradient=(200.0, 1500.0),
    reflections=(5.0, 60.0), peak=(12.0, 55.0), avo=(-2.5, 2.0), statics=8.0, noise=(0.0, 0.0),
    roll_velocity=(250.0, 1200.0), roll_peak=(4.0, 16.0), intervals=(4.0,),
)  # fmt: skip


@dataclass(frozen=True)
class SyntheticGather:
    """A gather and its truth.

    Args:
        gather: as recorded.
        signal: float32 (traces, samples), without noise; 0 where not live.
    """

    gather: Gather
    signal: np.ndarray


def synthetic_gather(
    samples: int = 512, *, seed: int, laws: GatherLaws | None = None
) -> SyntheticGather:
    """Make a gather; the same seed gives the same one.

    Args:
        samples: of a trace.
        seed: 0 or more.
        laws: what it looks like.

    Raises:
        GeometryError: a gather too small to hold reflections.

    Examples:
        >>> made = synthetic_gather(300, seed=1)
        >>> made.gather.shape[1], made.signal.shape == made.gather.shape
        (300, True)
    """
    laws = laws or GatherLaws()
    if samples < SMALLEST[1] or laws.traces[0] < SMALLEST[0]:
        raise GeometryError(
            f"Expected at least {SMALLEST[0]} traces and {SMALLEST[1]} samples; got "
            f"{laws.traces[0]} and {samples}. Make it larger."
        )
    rng = np.random.default_rng([seed, samples])
    offset, interval = _offsets(rng, laws), float(rng.choice(laws.intervals))
    time = np.arange(samples) * interval / 1000
    velocity = rng.uniform(*laws.velocity) + rng.uniform(*laws.gradient) * time
    clean = _reflections(rng, laws, time, velocity, offset)
    noise = random_noise(clean.shape, rng)
    noise *= erratic_gains(len(offset), laws.erratic, rng)[:, np.newaxis]
    if rng.random() < laws.roll:
        roll = ground_roll(time, offset, laws.roll_velocity, laws.roll_peak, rng)
        noise = noise + rng.uniform(0.3, 3) * roll
    live = np.ones(clean.shape, bool)
    if rng.random() < laws.corrected:
        assumed = velocity * (1 + laws.velocity_error * rng.uniform(-1, 1))
        clean, noise, live = _corrected(time, assumed, offset, (clean, noise))
    if rng.random() < laws.muted:
        live &= _unmuted(rng, time, offset)
    live[_dead(rng, laws, len(offset))] = False
    return _recorded(rng, laws, clean * live, noise * live, (live, offset, interval))


def _offsets(rng: np.random.Generator, laws: GatherLaws) -> np.ndarray:
    """Offsets of the traces that were recorded, ascending, m."""
    count = int(rng.integers(laws.traces[0], laws.traces[1] + 1))
    spread = rng.uniform(*laws.near) + rng.uniform(*laws.spacing) * np.arange(count)
    kept = rng.random(count) >= rng.uniform(0, laws.missing)
    kept[: SMALLEST[0]] = True
    return spread[kept]


def _reflections(
    rng: np.random.Generator,
    laws: GatherLaws,
    time: np.ndarray,
    velocity: np.ndarray,
    offset: np.ndarray,
) -> np.ndarray:
    """Primaries and multiples, (traces, samples)."""
    interval, last = time[1] * 1000, time[-1]
    count = 1 + rng.poisson(rng.uniform(*laws.reflections) * last)
    start = rng.uniform(0, 1.05 * last, count)  # s, at offset 0
    speed = np.interp(start, time, velocity)
    strength = rng.normal(size=count) * np.exp(rng.normal(size=count) * 0.5)
    gradient = rng.uniform(*laws.avo, count)
    water, part = rng.uniform(0.1, 0.8), rng.uniform(0, laws.multiples)
    orders = [(start, speed, strength)]
    for _ in range(2):  # each order later, slower, weaker, of the other polarity
        before = orders[-1]
        orders.append((before[0] + water, 0.96 * before[1], -part * before[2]))
    start, speed, strength = (np.concatenate(column) for column in zip(*orders, strict=True))
    gradient = np.tile(gradient, len(orders))
    slow = (offset / speed[:, np.newaxis]) ** 2  # events, traces
    arrival = np.sqrt(start[:, np.newaxis] ** 2 + slow)
    sine = slow / np.maximum(arrival**2, 1e-9)  # of the angle, squared
    height = strength[:, np.newaxis] * (1 + gradient[:, np.newaxis] * sine)
    height *= np.maximum(arrival, 0.1) ** -rng.uniform(*laws.decay)
    arrival, height = (
        np.concatenate(pair)
        for pair in zip((arrival, height), _linear(rng, laws, offset), strict=True)
    )
    shift = rng.normal(size=len(offset)) * rng.uniform(0, laws.statics) / 1000 / 2
    place = (arrival + shift.clip(-laws.statics / 1000, laws.statics / 1000)) * 1000 / interval
    spikes = _spikes(place, height, len(time))
    wavelet = rotated(ricker(rng.uniform(*laws.peak), interval), rng.uniform(-np.pi, np.pi))
    return scipy_signal.fftconvolve(spikes, wavelet[np.newaxis], "same", axes=1)


def _linear(
    rng: np.random.Generator, laws: GatherLaws, offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals, s, and heights of direct and refracted waves, each (events, traces)."""
    count = int(rng.integers(0, laws.linear + 1))
    slow, fast = laws.linear_velocity
    speed = 1 / rng.uniform(1 / fast, 1 / slow, (count, 1))
    arrival = rng.uniform(0, 0.5, (count, 1)) + offset / speed
    height = rng.normal(size=(count, 1)) * rng.uniform(0.5, 4, (count, 1))
    return arrival, height * (1 + offset / 500) ** -rng.uniform(0, 1)


def _spikes(place: np.ndarray, height: np.ndarray, samples: int) -> np.ndarray:
    """Events (events, traces) put between samples, (traces, samples)."""
    spikes = np.zeros((place.shape[1], samples + 1))
    low = np.floor(place).astype("int64")
    part = place - low
    trace = np.broadcast_to(np.arange(place.shape[1]), place.shape)
    for step, weight in ((0, 1 - part), (1, part)):
        inside = (low + step >= 0) & (low + step < samples)
        np.add.at(spikes, (trace[inside], low[inside] + step), (height * weight)[inside])
    return spikes[:, :samples]


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
    """What a mute from a time at offset 0 with a slowness leaves."""
    start = rng.uniform(-0.2, 0.15 * time[-1]) + offset / rng.uniform(1500, 4000)
    return time >= np.minimum(start, 0.7 * time[-1])[:, np.newaxis]


def _dead(rng: np.random.Generator, laws: GatherLaws, traces: int) -> np.ndarray:
    dead = rng.random(traces) < rng.uniform(0, laws.dead)
    dead[rng.permutation(traces)[:FEWEST_LIVE]] = False
    return dead


def _recorded(
    rng: np.random.Generator,
    laws: GatherLaws,
    clean: np.ndarray,
    noise: np.ndarray,
    rest: tuple[np.ndarray, np.ndarray, float],
) -> SyntheticGather:
    """Signal and noise brought to a ratio, at the level of recorded amplitudes."""
    live, offset, interval = rest
    ratio = 10 ** (rng.uniform(*laws.noise) / 20)
    spread = max(float(np.sqrt((clean**2).sum() / max(live.sum(), 1))), 1e-12)
    loud = max(float(np.sqrt((noise**2).sum() / max(live.sum(), 1))), 1e-12)
    signal = (LEVEL / spread * clean).astype("float32")
    amplitude = signal + (LEVEL / loud / ratio * noise).astype("float32")
    live = live & measured(amplitude)
    if rng.random() < laws.mirrored:
        amplitude, signal, live, offset = (
            part[::-1].copy() for part in (amplitude, signal, live, -offset)
        )
    gather = Gather(amplitude, live, offset.astype("float32"), interval, "synthetic")
    return SyntheticGather(gather, np.where(live, signal, 0))
