"""Which devices train: one, all of this machine, or those of several processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from tfseis.errors import ModelError

MIRRORED, WORKERS = "mirrored", "workers"
STRATEGIES = (MIRRORED, WORKERS)


class Devices(Protocol):
    """What trains a network: one device or several."""

    count: int  # of devices, in all processes
    first: bool  # whether this process is the first one, whose results count

    def step(self, model: Any) -> Any:
        """From a compiled network to a function that trains it on one batch; it returns logs."""

    def agreed(self, value: Any) -> Any:
        """What the first process has for a plain value; all processes call this together."""

    def folder(self, folder: str | Path) -> Path:
        """Where this process writes what belongs into a folder: there, if it is the first one."""


class OneDevice:
    """The device that Keras uses of its own accord."""

    count, first = 1, True

    def step(self, model: Any) -> Any:
        """A function that trains a network on one batch."""
        return lambda batch: model.train_on_batch(*batch, return_dict=True)

    def agreed(self, value: Any) -> Any:
        """The value itself."""
        return value

    def folder(self, folder: str | Path) -> Path:
        """The folder itself."""
        return Path(folder)


ONE = OneDevice()
_chosen: ContextVar[Devices] = ContextVar("devices", default=ONE)


@contextmanager
def shared_by(strategy: Any) -> Iterator[Devices]:
    """Share the trainings within this context between several devices.

    Each device computes an equal share of every batch. Losses and metrics are those of the whole
    batch, so that a training comes to what it would on one device, but for rounding and dropout.

    Args:
        strategy: "mirrored" for all GPUs of this machine, or its CPU; "workers" for the devices of
            several processes, which TF_CONFIG lists and which run the same command; or a
            `tf.distribute.MirroredStrategy` or `MultiWorkerMirroredStrategy`. None for one device.
            Enter a context with "workers" before TensorFlow computes anything.

    Yields:
        The devices.

    Raises:
        ModelError: no such strategy, one that does not keep all weights on all devices, or
            TF_CONFIG names no processes.
    """
    with _made(strategy) as devices:
        before = _chosen.set(devices)
        try:
            yield devices
        finally:
            _chosen.reset(before)


@contextmanager
def devices_of(strategy: Any) -> Iterator[Devices]:
    """The devices of a strategy, or where it is None those of the `shared_by` around this call."""
    if strategy is None:
        yield _chosen.get()
        return
    with _made(strategy) as devices:
        yield devices


@contextmanager
def _made(strategy: Any) -> Iterator[Devices]:
    if strategy is None:
        yield ONE
        return
    if isinstance(strategy, str) and strategy not in STRATEGIES:
        raise ModelError(
            f"Expected a strategy among {', '.join(STRATEGIES)}, or one of tf.distribute; got "
            f"{strategy!r}. Choose one of these, or leave it out for one device."
        )
    from tfseis.devices.strategies import opened  # noqa: PLC0415 (Keras may run on another backend)

    with opened(strategy) as devices:
        yield devices


def check_shares(size: int, count: int) -> None:
    """Refuse batches that cannot be cut into equal shares.

    Args:
        size: number of samples in a batch.
        count: number of devices.

    Raises:
        ModelError: the size is not a multiple of the number of devices.
    """
    if size % count:
        larger = (size // count + 1) * count
        raise ModelError(
            f"Expected batches of a multiple of {count}, the number of devices; got {size}. "
            f"Choose a batch size of {larger}, or fewer devices."
        )
