"""Checkpoints: all that a resumed run needs in one file, and the best network in another.

The state of a training is written as plain arrays and put back into newly built objects. Nothing
of a loss, a metric or an optimizer is deserialized, so functions that a user defines anywhere
train, finish and resume.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.errors import OutputError
from tfseis.io.output import complete_or_absent
from tfseis.io.unpacking import DAMAGE

STATE, BEST_MODEL = "state.npz", "best.keras"
RECORD = "record"


@dataclass
class Record:
    """What has happened so far in a training.

    Args:
        rows: the history, one dict an epoch.
        scored: minutes of training when the last score was taken.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    scored: float = 0.0

    @property
    def minutes(self) -> float:
        """Minutes of training until the last complete epoch."""
        return self.rows[-1]["minutes"] if self.rows else 0.0


def save_state(folder: Path, variables: Sequence[keras.Variable], record: Record) -> None:
    """Write ``state.npz``, from which `load_state` resumes; the file is complete or the earlier.

    Args:
        folder: folder of the training.
        variables: all that changes in a training, always in the same order.
        record: what has happened so far.
    """
    text = json.dumps({"rows": record.rows, "scored": record.scored})
    arrays: dict[str, Any] = {str(n): _plain(variable) for n, variable in enumerate(variables)}
    arrays[RECORD] = np.array(text)
    with complete_or_absent(folder / STATE, overwrite=True) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)


def load_state(folder: Path, variables: Sequence[keras.Variable]) -> Record:
    """Put variables back to where the last complete epoch left them.

    Args:
        folder: folder of the training.
        variables: as given to `save_state`; they are assigned.

    Returns:
        What had happened; an empty record, and nothing is assigned, where no epoch was completed.

    Raises:
        OutputError: the state is damaged, or that of another network, optimizer or loss.
    """
    if not (folder / STATE).exists():
        return Record()
    try:
        with np.load(folder / STATE, allow_pickle=False) as saved:
            record = Record(**json.loads(str(saved[RECORD])))
            arrays = [saved[str(number)] for number in range(len(saved.files) - 1)]
    except (OSError, ValueError, KeyError, TypeError, *DAMAGE) as error:
        raise OutputError(
            f"{folder / STATE}: expected the state of an interrupted training; it is damaged: "
            f"{error}. Add --overwrite to start anew."
        ) from None
    shapes = [array.shape for array in arrays]
    if shapes != [tuple(variable.shape) for variable in variables]:
        raise OutputError(
            f"{folder / STATE}: expected the state of this network, optimizer and loss; it holds "
            "arrays of other shapes. Resume with the same ones, or use --overwrite to start anew."
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return record


def all_finite(variables: Iterable[keras.Variable]) -> bool:
    """Whether no variable holds a value that is not finite."""
    floats = (v for v in variables if keras.backend.is_float_dtype(v.dtype))
    return all(np.isfinite(_plain(variable)).all() for variable in floats)


def _plain(variable: keras.Variable) -> np.ndarray:
    """A variable as NumPy stores it; bfloat16, which it does not know, as float32."""
    array = keras.ops.convert_to_numpy(variable.value)
    return array.astype("float32") if str(variable.dtype) == "bfloat16" else array
