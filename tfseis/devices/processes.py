"""Processes that train one network together: what they agree on, and what one does alone.

TF_CONFIG lists them. All do the same; the first one decides where they could differ, such as by
their clocks. Its results count; the others write theirs into a folder of their own, which is
removed.
"""

import json
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.devices.shares import SharedStep
from tfseis.devices.watch import MISSES, Watch
from tfseis.errors import ModelError

CONFIG = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["host0:5000", "host1:5000"]}, "task": {"type": "worker", "index": 0}}'
)
LONGEST = 4096  # numbers in one message, the first of which is its length


class Processes:
    """The devices of several processes, which all do the same.

    Args:
        strategy: keeps all weights on all devices of all processes.
    """

    def __init__(self, strategy: tf.distribute.MultiWorkerMirroredStrategy) -> None:
        self.strategy, self.count = strategy, strategy.num_replicas_in_sync
        resolver = strategy.cluster_resolver
        self.first = resolver.task_id == 0
        self._watch = Watch(resolver.cluster_spec().as_dict()["worker"], resolver.task_id)
        self._own: list[Path] = []

        def sum_of_all(numbers: tf.Tensor) -> tf.Tensor:
            device = tf.distribute.get_replica_context()
            mine = tf.where(tf.equal(device.replica_id_in_sync_group, 0), numbers, 0)
            return device.all_reduce(tf.distribute.ReduceOp.SUM, mine)

        self._sum = tf.function(
            lambda numbers: strategy.experimental_local_results(
                strategy.run(sum_of_all, args=(numbers,))
            )[0],
            autograph=False,
        )

    def __enter__(self) -> "Processes":
        self._watch.begin(self._own)
        return self

    def __exit__(self, kind: type | None, *error: object) -> None:
        lost = ""
        if kind is None:
            self.agreed(None)  # nobody leaves before all have come to the end
        elif issubclass(kind, tf.errors.OpError):
            lost = self._watch.lost(MISSES)
        self._watch.end()
        for folder in self._own:
            shutil.rmtree(folder, ignore_errors=True)
        if lost:
            raise ModelError(lost) from None

    def step(self, model: keras.Model) -> SharedStep:
        """A function that trains a network on one batch; all processes call it together."""
        return SharedStep(model, self.strategy)

    def agreed(self, value: Any) -> Any:
        """What the first process has for a value that JSON can hold.

        Args:
            value: any in the other processes.
        """
        text = list(json.dumps(value).encode()) if self.first else []
        numbers = [len(text), *text]
        found: list[int] = []
        while not found or len(found) <= found[0]:
            part = np.zeros(LONGEST, "int32")
            mine = numbers[len(found) : len(found) + LONGEST]
            part[: len(mine)] = mine
            found += self._sum(tf.constant(part)).numpy().tolist()
        return json.loads(bytes(found[1 : found[0] + 1]))

    def folder(self, folder: str | Path) -> Path:
        """Where this process writes what belongs into a folder.

        Args:
            folder: folder of a training, which all processes see.

        Returns:
            The folder itself in the first process; elsewhere a copy of the checkpoints in it, so
            that all resume the same run. It is removed at the end.
        """
        place = Path(folder)
        if not self.first:
            place = Path(tempfile.mkdtemp(prefix="tfseis-process-"))
            self._own.append(place)
            if Path(folder).is_dir():
                shutil.copytree(folder, place, dirs_exist_ok=True)
        self.agreed(None)  # the first one writes once all have copied
        return place


def joined() -> tf.distribute.MultiWorkerMirroredStrategy:
    """The strategy of the processes that TF_CONFIG lists; waits until all are there.

    Raises:
        ModelError: it is not set, or lists no workers; or TensorFlow has computed something.
    """
    check_cluster(os.environ.get(CONFIG, ""))
    handler = signal.getsignal(signal.SIGTERM)
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise ModelError(
            f"Expected to join the processes of {CONFIG} before TensorFlow computes; {error} "
            "Begin the script with tfseis.devices.shared_by('workers')."
        ) from None
    signal.signal(signal.SIGTERM, handler)  # TensorFlow's own would ignore it
    return strategy


def check_cluster(text: str) -> None:
    """Refuse what does not name the processes that train and which of them this is.

    Args:
        text: value of TF_CONFIG.

    Raises:
        ModelError: it does not.
    """
    try:
        config = json.loads(text)
        task, workers = config["task"], config["cluster"]["worker"]
        known = list(config["cluster"]) == ["worker"] and task["type"] == "worker"
        known = known and 0 <= int(task["index"]) < len(workers)
        known = known and all(str(one).rpartition(":")[2].isdigit() for one in workers)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise ModelError(
            f"Expected {CONFIG} that lists the processes, such as {EXAMPLE}; got {text!r}. Set "
            "it, with another index in each process."
        )
