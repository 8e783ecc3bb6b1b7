"""One gather: traces with their offsets, and the mask of the samples that were measured."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gather:
    """Traces of one common midpoint, shot or offset.

    Args:
        amplitude: amplitudes, float32 (traces, samples); 0 where a sample is not live.
        live: mask of measured samples, bool (traces, samples); False at dead traces, before the
            first and after the last sample of a trace that is not 0 (the mute), and at samples
            that are not finite.
        offset: offset of each trace, float32 (traces,), in m or ft as in the headers; 0 where it
            is unknown.
        sample_interval: distance between samples, in ms.
        name: name of the gather.
    """

    amplitude: np.ndarray
    live: np.ndarray
    offset: np.ndarray
    sample_interval: float
    name: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """(traces, samples)."""
        traces, samples = self.amplitude.shape
        return traces, samples


def gather_of(
    amplitude: np.ndarray,
    *,
    offset: np.ndarray | None = None,
    sample_interval: float = 4.0,
    name: str = "",
) -> Gather:
    """Make a gather from an array of whole traces; muted and non-finite samples are not live.

    Args:
        amplitude: array (traces, samples) of any numeric type.
        offset: offset of each trace, (traces,); None for zeros.
        sample_interval: distance between samples, in ms.
        name: name of the gather.

    Examples:
        >>> gather = gather_of(np.array([[0, 0, 3, 0, 2], [0, 0, 0, 0, 0], [1, np.nan, 3, 4, 5]]))
        >>> gather.live.astype(int).tolist()
        [[0, 0, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 1, 1, 1]]
    """
    finite = np.isfinite(amplitude)
    values = np.where(finite, amplitude, 0).astype("float32")
    traces = len(values)
    offset = np.zeros(traces) if offset is None else offset
    live = finite & measured(values)
    return Gather(values, live, np.asarray(offset, "float32"), sample_interval, name)


def measured(amplitude: np.ndarray) -> np.ndarray:
    """Mask of the samples from the first to the last of each trace that is not 0, bool."""
    nonzero, samples = amplitude != 0, amplitude.shape[-1]
    first = nonzero.argmax(axis=-1)[..., np.newaxis]
    last = samples - 1 - nonzero[..., ::-1].argmax(axis=-1)[..., np.newaxis]
    place = np.arange(samples)
    return (place >= first) & (place <= last) & nonzero.any(axis=-1, keepdims=True)
