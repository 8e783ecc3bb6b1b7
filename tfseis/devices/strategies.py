"""Devices of this machine, or of several processes, by TensorFlow's strategies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from tfseis.devices.choice import MIRRORED, ONE, WORKERS, Devices, OneDevice
from tfseis.devices.processes import Processes, joined
from tfseis.devices.shares import SharedStep
from tfseis.errors import ModelError

KINDS = (tf.distribute.MirroredStrategy, tf.distribute.MultiWorkerMirroredStrategy)


class OneProcess(OneDevice):
    """Devices of this process alone.

    Args:
        strategy: keeps all weights on all devices.
    """

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self.strategy, self.count = strategy, strategy.num_replicas_in_sync

    def step(self, model: keras.Model) -> SharedStep:
        """A function that trains a network on one batch."""
        return SharedStep(model, self.strategy)


@contextmanager
def opened(strategy: Any) -> Iterator[Devices]:
    """The devices of a strategy.

    Args:
        strategy: "mirrored", "workers", or a strategy of TensorFlow.

    Raises:
        ModelError: Keras runs on another backend; the strategy does not keep all weights on all
            devices; or TF_CONFIG names no processes.
    """
    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            "Expected Keras on TensorFlow for training on several devices; got "
            f"{keras.backend.backend()}. Set KERAS_BACKEND=tensorflow, or leave the strategy out."
        )
    if strategy == WORKERS:
        strategy = joined()
    elif strategy == MIRRORED:
        strategy = tf.distribute.MirroredStrategy()
    if not isinstance(strategy, KINDS):
        raise ModelError(
            "Expected tf.distribute.MirroredStrategy or MultiWorkerMirroredStrategy; got "
            f"{type(strategy).__name__}. Choose one of these, or 'mirrored' or 'workers'."
        )
    if strategy.num_replicas_in_sync == 1:
        yield ONE
    elif getattr(strategy.cluster_resolver, "task_id", None) is None:
        yield OneProcess(strategy)
    else:
        with Processes(strategy) as processes:
            yield processes
