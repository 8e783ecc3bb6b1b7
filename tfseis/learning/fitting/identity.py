"""What a training is, noted in its folder, so that no other one is resumed by mistake."""

from pathlib import Path

from tfseis.errors import OutputError
from tfseis.io.output import complete_or_absent
from tfseis.learning.fitting.training import Training

NOTE = "run.txt"


def same_run(folder: Path, training: Training, run: str) -> bool:
    """Whether the training in `folder` is this one.

    Args:
        folder: holds a training.
        training: how long and how fast to train.
        run: what else tells the run from others, as given to `fit`.
    """
    return (folder / NOTE).read_text() == _identity(training, run)


def check_same_run(folder: Path, training: Training, run: str) -> None:
    """Note what a training is; refuse a folder that holds another one.

    Args:
        folder: folder of the training; it exists.
        training: how long and how fast to train.
        run: what else tells the run from others: data, network, labels.

    Raises:
        OutputError: `folder` holds a training with other settings.
    """
    note, identity = folder / NOTE, _identity(training, run)
    if note.exists() and not same_run(folder, training, run):
        raise OutputError(
            f"{folder} holds another run. Expected {note.read_text()}; got {identity}. Use the "
            "same settings to resume it, or --overwrite to start anew."
        )
    with complete_or_absent(note, overwrite=True) as partial:
        partial.write_text(identity)


def _identity(training: Training, run: str) -> str:
    return f"{training.identity} {run}"
