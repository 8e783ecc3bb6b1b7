"""tf.data pipelines of gather patches: from synthetic gathers, or from real ones with blind spots.

Targets have three channels: the amplitude that the network shall return, the weight of each sample,
and the amplitude that the network is shown.

Source: Krull, Buchholz and Jug 2019, Noise2Void - learning denoising from single noisy images,
https://arxiv.org/abs/1811.10980 (blind spots).
Differs from it: a sample is replaced by one of another trace, or a whole trace by another one,
since noise is alike along a trace.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from tfseis.data.synthetic.gather import synthetic_gather
from tfseis.data.synthetic.gather_settings import SyntheticGatherSettings
from tfseis.errors import ModelError
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.channels import gather_channels
from tfseis.jobs.gathers.patches import PatchIndex, padded
from tfseis.jobs.gathers.settings import BLIND_SPOT, BLIND_TRACE, INPUT
from tfseis.jobs.gathers.variation import GatherVariation, random_polarity

BLIND_TRACES = 0.15  # part of the traces of a gather that are hidden
BLIND_SPOTS = 0.03  # part of its samples
NEAR = 3  # traces and samples within which a replacement is taken
TARGETS = 3  # channels
PER_GATHER = 4  # patches of a batch that come from one gather
Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class PatchLayout:
    """What patches look like to a network.

    Args:
        channels: names of the input channels, see `tfseis.jobs.gathers.channels`.
        size: number of traces and of samples of a patch.
        batch_size: number of patches in a batch.
    """

    channels: tuple[str, ...]
    size: tuple[int, int]
    batch_size: int


@dataclass(frozen=True)
class Example:
    """A whole gather as a network is to learn it: inputs, and targets with their weights.

    Args:
        inputs: float32 (traces, samples, channels).
        targets: float32 (traces, samples, 3): the wanted amplitude, its weight, 0 or 1, and the
            amplitude that is shown.
    """

    inputs: np.ndarray
    targets: np.ndarray

    def patch(self, start: tuple[int, int], size: tuple[int, int]) -> Batch:
        """Inputs and targets of one patch; what lies outside the gather is 0."""
        part = tuple(slice(a, a + n) for a, n in zip(start, size, strict=True))
        return padded(self.inputs[part], size), padded(self.targets[part], size)


def synthetic_batches(
    generator: SyntheticGatherSettings,
    layout: PatchLayout,
    *,
    samples: int,
    seed: int,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless patches of synthetic gathers, made for their batch and never stored.

    Batch number n depends on `seed` and n alone.

    Args:
        generator: settings of the synthetic gathers.
        layout: what patches look like.
        samples: number of samples of a trace.
        seed: seed of gathers and places, 0 or more.
        first_batch: number of the first batch.

    Returns:
        Dataset of inputs (batch, traces, samples, channels) and targets (batch, traces, samples,
        3), both float32.
    """

    def one(rng: np.random.Generator) -> list[Batch]:
        made = synthetic_gather(samples, seed=int(rng.integers(2**62)), settings=generator)
        example = signal_example(made.gather, made.signal, layout.channels)
        room = np.maximum(np.subtract(made.gather.shape, layout.size), 0)
        starts = rng.integers(0, room + 1, (PER_GATHER, 2)).tolist()
        return [example.patch((trace, sample), layout.size) for trace, sample in starts]

    return _endless(one, layout, seed, first_batch)


def blind_batches(
    gathers: Gathers,
    index: PatchIndex,
    layout: PatchLayout,
    *,
    kind: str,
    seed: int,
    variation: GatherVariation | None = random_polarity,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """Endless patches of real gathers, some traces or samples of which are to be predicted.

    Args:
        gathers: gathers to read from, one at a time; batch number n depends on `seed` and n alone.
        index: patches to draw from, of the size in `layout`.
        layout: what patches look like.
        kind: "blind-trace" or "blind-spot"; "input", all of it, as autoencoders do.
        seed: seed of places, changes and blind spots, 0 or more.
        variation: changes a whole gather; None leaves gathers as they are.
        first_batch: number of the first batch.

    Returns:
        As `synthetic_batches`.

    Raises:
        ModelError: another kind.
    """
    _check_kind(kind)
    if kind == BLIND_TRACE and gathers.shapes[:, 0].max() < 2:
        raise ModelError(
            "Expected gathers of two traces or more, so that one can be hidden behind another; got "
            f"single traces alone. Learn from {BLIND_SPOT} instead."
        )

    def one(rng: np.random.Generator) -> list[Batch]:
        some = index.patches(int(rng.integers(len(index.gathers))))
        numbers = rng.integers(some.start, some.stop, PER_GATHER).tolist()
        gather = gathers.read(index.place(numbers[0])[0])
        gather = gather if variation is None else variation(gather, rng)
        example = blind_example(gather, layout.channels, kind=kind, rng=rng)
        return [example.patch(index.place(number)[1:], layout.size) for number in numbers]

    return _endless(one, layout, seed, first_batch)


def signal_example(gather: Gather, signal: np.ndarray, channels: tuple[str, ...]) -> Example:
    """A gather whose signal is to be given back, (traces, samples)."""
    level = local_level(gather)
    inputs = gather_channels(balanced(gather, level), channels)
    return _example(inputs, signal / level, gather.live)


def blind_example(
    gather: Gather, channels: tuple[str, ...], *, kind: str, rng: np.random.Generator
) -> Example:
    """A gather some of whose samples were replaced by neighbours, and are to be given back.

    The attributes are those of the replaced amplitudes, so that they do not tell.
    """
    _check_kind(kind)
    whole = balanced(gather, local_level(gather))
    chosen, other = PLACES[kind](gather.shape, rng)
    shown = np.where(chosen, whole.amplitude[other], whole.amplitude)
    inputs = gather_channels(replace(whole, amplitude=shown), channels)
    weight = chosen & gather.live & gather.live[other]
    return _example(inputs, whole.amplitude, weight)


def _example(inputs: np.ndarray, wanted: np.ndarray, weight: np.ndarray) -> Example:
    targets = np.stack([wanted, weight, inputs[..., 0]], -1, dtype="float32")
    return Example(inputs, targets)


def _check_kind(kind: str) -> None:
    if kind not in PLACES:
        raise ModelError(f"Expected {' or '.join(PLACES)}; got {kind!r}. Choose one.")


Places = tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]


def _blind_traces(shape: tuple[int, int], rng: np.random.Generator) -> Places:
    """Which samples are replaced, and by which: whole traces, by others close to them.

    A trace without another one beside it is not asked for.
    """
    traces, samples = shape
    chosen = rng.random(traces) < BLIND_TRACES
    chosen[rng.integers(traces)] = traces > 1
    step = rng.integers(1, NEAR + 1, traces) * rng.choice([-1, 1], traces)
    other = _inside(np.arange(traces), step, traces)
    column = np.broadcast_to(other[:, np.newaxis], shape)
    row = np.broadcast_to(np.arange(samples), shape)
    return np.broadcast_to(chosen[:, np.newaxis], shape), (column, row)


def _blind_spots(shape: tuple[int, int], rng: np.random.Generator) -> Places:
    """The same of single samples."""
    chosen = rng.random(shape) < BLIND_SPOTS
    places = []
    for axis, (length, place) in enumerate(zip(shape, np.indices(shape), strict=True)):
        least = axis == 0 or shape[0] == 1  # always another trace, or sample of the only one
        step = rng.integers(int(least), NEAR + 1, shape) * rng.choice([-1, 1], shape)
        places.append(_inside(place, step, length))
    return chosen, (places[0], places[1])


def _nothing(shape: tuple[int, int], rng: np.random.Generator) -> Places:
    """Everything is asked for, and shown as it is."""
    trace, sample = np.indices(shape)
    return np.ones(shape, bool), (trace, sample)


PLACES = {BLIND_TRACE: _blind_traces, BLIND_SPOT: _blind_spots, INPUT: _nothing}


def _inside(place: np.ndarray, step: np.ndarray, length: int) -> np.ndarray:
    """A step from each place, in the other direction where it would leave the gather.

    Where it would leave on either side, it ends at the border or, from there, at the next place.
    """
    other = place + step
    other = np.where((other < 0) | (other >= length), place - step, other)
    other = np.clip(other, 0, length - 1)
    beside = np.where(place + 1 < length, place + 1, max(0, length - 2))
    return np.where((other == place) & (step != 0), beside, other)


def _endless(
    one: Callable[[np.random.Generator], list[Batch]],
    layout: PatchLayout,
    seed: int,
    first_batch: int,
) -> tf.data.Dataset:
    def batch(number: np.ndarray) -> Batch:
        drawn: list[Batch] = []
        while len(drawn) < layout.batch_size:
            drawn += one(np.random.default_rng((seed, int(number), len(drawn))))
        inputs, targets = zip(*drawn[: layout.batch_size], strict=True)
        return np.stack(inputs), np.stack(targets)

    def shaped(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pair = tf.numpy_function(batch, [number], (tf.float32, tf.float32))
        return tuple(
            tf.ensure_shape(part, (layout.batch_size, *layout.size, last))
            for part, last in zip(pair, (len(layout.channels), TARGETS), strict=True)
        )

    numbers = tf.data.Dataset.range(first_batch, np.iinfo("int64").max)
    return numbers.map(shaped, tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
