"""How many threads compute in this process, for TensorFlow and OpenVINO alike."""

import os
import sys

from tfseis.errors import ModelError

_asked: list[int] = []  # what was asked for; empty for as many as there are cores


def use_threads(count: int) -> None:
    """Compute with so many threads from now on.

    TensorFlow is told before it is loaded, and loaded only where a network needs it.

    Args:
        count: number of threads, 1 or more.

    Raises:
        ModelError: TensorFlow is loaded and has begun with another number, which stays.
    """
    _asked[:] = [count]
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(count)
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() == count:
        return
    try:
        threading.set_intra_op_parallelism_threads(count)
        threading.set_inter_op_parallelism_threads(count)
    except RuntimeError:
        raise ModelError(
            f"Expected a process that computes with {count} threads; TensorFlow has begun with "
            "another number. Start new workers."
        ) from None


def threads() -> int | None:
    """The number of threads that was asked for; None for as many as there are cores."""
    return _asked[0] if _asked else None
