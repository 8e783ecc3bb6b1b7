"""How many threads compute in this process, for TensorFlow and OpenVINO alike."""

import tensorflow as tf

from tfseis.errors import ModelError

_threads: list[int] = []  # what was asked for; empty for as many as there are cores


def use_threads(count: int) -> None:
    """Compute with so many threads from now on.

    Args:
        count: number of threads, 1 or more.

    Raises:
        ModelError: TensorFlow has begun to compute with another number, which it cannot change.
    """
    _threads[:] = [count]
    if tf.config.threading.get_intra_op_parallelism_threads() == count:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)
    except RuntimeError:
        raise ModelError(
            f"Expected a process that computes with {count} threads; TensorFlow has begun with "
            "another number. Start new workers."
        ) from None


def threads() -> int | None:
    """The number of threads that was asked for; None for as many as there are cores."""
    return _threads[0] if _threads else None
