"""A denoising network over whole gathers: batches of windows, blended by what is live in them.

A network knows wavelets by their length in samples. Gathers whose sample interval is shorter than
that of training are therefore split into every second, third, .. sample, and each part is denoised
by itself, if nearly all of their energy has frequencies low enough for that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import keras
import numpy as np
from scipy import signal

from tfseis.errors import ModelError
from tfseis.inference.any_size import of_any_size
from tfseis.inference.runtime import Runtime
from tfseis.io.gathers.gather import Gather
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.channels import gather_channels
from tfseis.jobs.gathers.patches import patch_starts
from tfseis.models.recipe import recipe_for

BATCH = 16  # windows that are predicted at once
LEAST = 1e-3  # weight at the edge of a window, where that of the middle is 1
ENERGY = 0.99  # part of the energy that lies below the highest frequency its parts can hold


@dataclass(frozen=True, kw_only=True)
class Windowing:
    """How windows are laid over a gather.

    Args:
        size: number of traces and of samples of a window; smaller gathers are one window along
            that axis.
        stride: traces and samples from the start of one window to that of the next, at most the
            size.
        batch_size: number of windows that are predicted at once.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    batch_size: int = BATCH

    def __post_init__(self) -> None:
        low = min(*self.stride, self.batch_size)
        if low < 1 or any(a > b for a, b in zip(self.stride, self.size, strict=True)):
            raise ModelError(
                f"Expected strides of at least 1 and at most the window {self.size}, and a batch "
                f"of at least 1; got {self.stride} and {self.batch_size}. Lower the stride."
            )


class GatherDenoiser:
    """A network, ready to be applied to gathers of any fold and length.

    Windows are weighted by a taper, by which of their samples are live, and by how many are: a
    window beside a mute counts less than a neighbour that holds more live samples.

    Args:
        network: model from (batch, traces, samples, channels) to (batch, traces, samples, 1). One
            that takes only multiples of its stride sees mirrored samples at the ends of windows.
        channels: names of its input channels.
        windowing: how windows are laid.
        sample_interval: sample interval of the training gathers, ms; None takes all gathers as
            they are.
        runtime: what computes the network; TensorFlow if None.
    """

    def __init__(
        self,
        network: keras.Model,
        channels: tuple[str, ...],
        windowing: Windowing,
        sample_interval: float | None = None,
        *,
        runtime: Runtime | None = None,
    ) -> None:
        self.channels, self.windowing = channels, windowing
        self.sample_interval = sample_interval
        self.kept = of_any_size(network, runtime or Runtime(network, "keras"))

    def __call__(self, gather: Gather) -> np.ndarray:
        """The gather without noise; where it is not live, and for an identity everywhere, itself.

        Args:
            gather: a whole gather of any size.

        Returns:
            float32 (traces, samples).
        """
        level = local_level(gather)
        even = balanced(gather, level)
        removed = np.zeros(gather.shape, "float32")
        for every, part in self._parts(even):
            removed[every] = self._noise(part)
        return np.where(gather.live, gather.amplitude - level * removed, gather.amplitude)

    def seen(self, gather: Gather) -> tuple[np.ndarray, np.ndarray, list[tuple[slice, slice]]]:
        """What the network sees of a gather, or of its first part if it is split.

        Args:
            gather: a whole gather of any size.

        Returns:
            float32 (traces, samples, channels); which samples are live, bool (traces, samples); and
            where the windows lie that hold anything live, in order.
        """
        _, part = next(self._parts(balanced(gather, local_level(gather))))
        places = [place for batch in self._batches(part.live) for place in batch]
        return gather_channels(part, self.channels), part.live, places

    def _parts(self, even: Gather) -> Iterator[tuple[tuple[slice, slice], Gather]]:
        """The parts of every so-many-th sample that a balanced gather is split into."""
        step = parts_of(even, self.sample_interval) if self.sample_interval else 1
        for first in range(step):
            every = (slice(None), slice(first, None, step))
            yield (
                every,
                replace(
                    even,
                    amplitude=even.amplitude[every],
                    live=even.live[every],
                    sample_interval=step * even.sample_interval,
                ),
            )

    def _noise(self, gather: Gather) -> np.ndarray:
        """The noise of a gather that was divided by its level, float32 (traces, samples)."""
        inputs = gather_channels(gather, self.channels)
        total, weight = np.zeros(gather.shape, "float32"), np.zeros(gather.shape, "float32")
        for parts in self._batches(gather.live):
            windows = np.stack([inputs[part] for part in parts])
            removed = (windows[..., :1] - np.asarray(self.kept(windows)))[..., 0]
            taper = _taper(removed.shape[1:])
            for part, values in zip(parts, removed, strict=True):
                alive = gather.live[part]
                share = taper * alive * np.float32(alive.mean())
                total[part] += share * values
                weight[part] += share
        return total / np.maximum(weight, np.finfo("float32").tiny)

    def _batches(self, live: np.ndarray) -> Iterator[list[tuple[slice, slice]]]:
        """Windows that hold anything live, some at a time; none is larger than the gather."""
        size, stride = np.minimum(self.windowing.size, live.shape).tolist(), self.windowing.stride
        traces, samples = (
            patch_starts(*axis).tolist() for axis in zip(live.shape, size, stride, strict=True)
        )
        parts = [(slice(a, a + size[0]), slice(b, b + size[1])) for a in traces for b in samples]
        parts = [part for part in parts if live[part].any()]
        for first in range(0, len(parts), self.windowing.batch_size):
            yield parts[first : first + self.windowing.batch_size]


def denoiser(
    model: keras.Model,
    *,
    size: tuple[int, int] | None = None,
    stride: tuple[int, int] | None = None,
    runtime: Runtime | None = None,
) -> GatherDenoiser:
    """A trained gather model, ready to be applied.

    Args:
        model: a gather model with its recipe.
        size: number of traces and of samples of a window; None for those of the model.
        stride: the same from the start of one window to that of the next.
        runtime: what computes the model; TensorFlow if None.

    Raises:
        ModelError: the model has no recipe, or that of another job, or the stride is above the
            size.
    """
    recipe = recipe_for(model, "gathers")
    windowing = Windowing(size=size or recipe.size, stride=stride or recipe.stride)
    return GatherDenoiser(
        model, recipe.channels, windowing, recipe.sample_interval, runtime=runtime
    )


def parts_of(gather: Gather, interval: float) -> int:
    """Number of parts that a gather is split into, so that samples are about `interval` ms apart.

    Fewer, down to 1, where a hundredth of its energy would lie above what the parts can hold.

    Examples:
        >>> time = np.arange(1000) / 1000
        >>> low, high = (np.sin(2 * np.pi * hertz * time)[np.newaxis] for hertz in (30, 200))
        >>> live = np.ones((1, 1000), bool)
        >>> [parts_of(Gather(a, live, np.zeros(1), 1.0), 4.0) for a in (low, high)]
        [4, 2]
    """
    samples = gather.shape[1]
    most = min(round(interval / gather.sample_interval), samples)
    energy = np.square(np.abs(np.fft.rfft(gather.amplitude))).sum(axis=0).cumsum()
    if most < 2 or energy[-1] == 0:
        return 1
    highest = np.fft.rfftfreq(samples)[np.searchsorted(energy, ENERGY * energy[-1])]
    return min(most, int(0.5 / highest)) if highest > 0 else most


def _taper(size: tuple[int, ...]) -> np.ndarray:
    """Weights of a window, float32, 1 in its middle."""
    hills = [np.maximum(signal.windows.hann(n + 2)[1:-1], LEAST) for n in size]
    return np.outer(*hills).astype("float32")
