"""Trainings logged to a service, Weights & Biases, besides their folder.

Every training writes history.csv and, where TensorBoard is installed, a log for it. A service is
used only if the environment variable TFSEIS_TRACK, or `tracked_by`, names it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import keras

from tfseis.errors import ModelError

VARIABLE = "TFSEIS_TRACK"
TRACKERS = ("wandb",)
PROJECT = "tfseis"


@contextmanager
def tracked_by(name: str | None) -> Iterator[None]:
    """Log the trainings within this context to a service.

    Args:
        name: one of `TRACKERS`; None for the one that the environment names, if any.
    """
    before = os.environ.get(VARIABLE)
    if name:
        os.environ[VARIABLE] = name
    try:
        yield
    finally:
        if name:
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before


def trackers(folder: Path, about: str) -> list[keras.callbacks.Callback]:
    """The callbacks that log a training to the service that is asked for; none by default.

    Args:
        folder: folder of the training, which also takes logs that are written offline.
        about: what tells the run from others; it is logged too.

    Raises:
        ModelError: the service is not known or not installed.
    """
    name = os.environ.get(VARIABLE, "")
    if not name:
        return []
    if name not in TRACKERS:
        raise ModelError(
            f"Expected {VARIABLE} to be {' or '.join(TRACKERS)}; got {name!r}. Unset it."
        )
    if find_spec(name) is None:
        raise ModelError(
            f"Expected {name}, which {VARIABLE} asks for; it is not installed. "
            f"pip install 'tfseis[{name}]'"
        )
    return [WandbLog(folder, about)]


class WandbLog(keras.callbacks.Callback):
    """Logs every epoch to Weights & Biases; WANDB_MODE=offline writes to the folder alone."""

    def __init__(self, folder: Path, about: str) -> None:
        super().__init__()
        self.folder, self.about = folder, about

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open a run, or resume that of this folder."""
        import wandb  # noqa: PLC0415  an extra

        note = self.folder / "wandb.txt"
        if not note.exists():
            note.write_text(uuid4().hex[:8])
        self.run = wandb.init(
            project=PROJECT,
            dir=str(self.folder),
            name=self.folder.name,
            id=note.read_text(),
            resume="allow",
            config={"about": self.about},
        )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Log the row of the history."""
        self.run.log({"epoch": epoch, **(logs or {})})

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the run."""
        self.run.finish()
