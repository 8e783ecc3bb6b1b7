"""A denoising network over whole gathers: batches of windows, blended by what is live in them.

A network knows wavelets by their length in samples. So gathers whose samples lie closer than those
that trained are taken apart, into every second, third, .. sample, and each part is denoised by
itself, if nearly all of their energy is low enough for that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import keras
import numpy as np
import tensorflow as tf
from scipy import signal

from tfseis.errors import ModelError
from tfseis.io.gathers.gather import Gather
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.channels import gather_channels
from tfseis.jobs.gathers.patches import patch_starts

BATCH = 16  # windows at once
LEAST = 1e-3  # of the middle's weight, at the edge of a window
ENERGY = 0.99  # of a gather, below the highest frequency that its parts can hold


@dataclass(frozen=True, kw_only=True)
class Windowing:
    """How windows are laid over a gather.

    Args:
        size: traces and samples of a window; smaller gathers are one window along that axis.
        stride: from one window to the next, at most the size.
        batch_size: windows that are predicted at once.
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

    Windows are weighted by a taper, by which of their samples are live, and by how many are: what a
    network says beside a mute counts less than what a neighbour says that sees more.

    Args:
        network: from (batch, traces, samples, channels) to (batch, traces, samples, 1).
        channels: names of its input channels.
        windowing: how windows are laid.
        sample_interval: of the gathers that trained, ms; None takes all gathers as they are.
    """

    def __init__(
        self,
        network: keras.Model,
        channels: tuple[str, ...],
        windowing: Windowing,
        sample_interval: float | None = None,
    ) -> None:
        self.channels, self.windowing = channels, windowing
        self.sample_interval = sample_interval
        specification = tf.TensorSpec((None, None, None, len(channels)), "float32")

        @tf.function(input_signature=[specification])
        def forward(windows: tf.Tensor) -> tf.Tensor:
            return windows[..., :1] - network(windows, training=False)

        self._removed = forward

    def __call__(self, gather: Gather) -> np.ndarray:
        """What is kept of a gather; where it is not live, and for an identity everywhere, itself.

        Args:
            gather: whole, of any size.

        Returns:
            float32 (traces, samples).
        """
        level = local_level(gather)
        even = balanced(gather, level)
        step = parts_of(even, self.sample_interval) if self.sample_interval else 1
        removed = np.zeros(gather.shape, "float32")
        for first in range(step):
            every = (slice(None), slice(first, None, step))
            part = replace(
                even, amplitude=even.amplitude[every], live=even.live[every],
                sample_interval=step * even.sample_interval,
            )  # fmt: skip
            removed[every] = self._taken(part)
        return np.where(gather.live, gather.amplitude - level * removed, gather.amplitude)

    def _taken(self, gather: Gather) -> np.ndarray:
        """What is removed of a gather that is divided by its level."""
        inputs = gather_channels(gather, self.channels)
        total, weight = np.zeros(gather.shape, "float32"), np.zeros(gather.shape, "float32")
        for parts in self._batches(gather.live):
            removed = np.asarray(self._removed(np.stack([inputs[part] for part in parts])))[..., 0]
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


def parts_of(gather: Gather, interval: float) -> int:
    """Into how many parts a gather is taken, so that their samples lie about `interval` ms apart.

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
