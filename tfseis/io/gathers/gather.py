"""One gather: traces with their offsets, and which samples were measured."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gather:
    """Traces of one common midpoint, shot or offset.

    Args:
        amplitude: float32 (traces, samples); 0 where not live.
        live: bool of that shape; False at dead traces, before the first and behind the last
            sample that is not 0 (the mute), and at samples that are not finite.
        offset: float32 (traces,), m or ft as in the headers; 0 where unknown.
        sample_interval: ms.
        name: of the gather.
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
    """A gather from an array of whole traces; what is not finite or muted is masked.

    Args:
        amplitude: (traces, samples), of any number type.
        offset: (traces,), zeros if None.
        sample_interval: ms.
        name: of the gather.

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
    """Samples from the first to the last of each trace that is not 0; bool of the same shape."""
    nonzero, samples = amplitude != 0, amplitude.shape[-1]
    first = nonzero.argmax(axis=-1)[..., np.newaxis]
    last = samples - 1 - nonzero[..., ::-1].argmax(axis=-1)[..., np.newaxis]
    place = np.arange(samples)
    return (place >= first) & (place <= last) & nonzero.any(axis=-1, keepdims=True)
