"""The folder of checkpoints of a training: whose it is, whether it can be read, a new one."""

import atexit
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfseis.errors import OutputError
from tfseis.io.partial import check_unwritten, partial_path, remove

IDENTITY = "run.json"
NOTE = "run.txt"  # what the training engine leaves in each folder of checkpoints
RESULTS = "results"  # an incomplete folder of this name is there while a run lives
ARCHIVES = (".npz", ".keras")  # checkpoints


def read_note(path: Path, *, overwrite: bool) -> dict[str, Any] | None:
    """What a run noted of itself; of one that is damaged nothing, where it may be replaced.

    Args:
        path: file of the note.
        overwrite: whether the run may be replaced.

    Raises:
        OutputError: the note is damaged and may not be replaced.
    """
    if not path.exists():
        return None
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError):
        if overwrite:
            return {}
        raise OutputError(
            f"{path}: expected what a training noted of itself; it is damaged. Add --overwrite to "
            "start anew, or choose another --out."
        ) from None


def refuse_foreign(training: Path) -> None:
    """Refuse a folder of that name that no training made: it would be removed.

    Args:
        training: folder of the checkpoints; it need not exist.

    Raises:
        OutputError: such a folder.
    """
    if not training.exists() or (training / IDENTITY).exists():
        return
    if training.is_dir() and (not any(training.iterdir()) or any(training.rglob(NOTE))):
        return
    raise OutputError(
        f"{training}: expected the checkpoints of a training; this is something else. Choose "
        "another --out, or move it away."
    )


def is_broken(work: Path) -> bool:
    """Whether a checkpoint of an unfinished training cannot be read.

    Args:
        work: folder of the checkpoints.
    """
    try:
        for path in sorted(work.rglob("*")):
            if path.suffix in ARCHIVES and path.is_file():
                with zipfile.ZipFile(path) as archive:
                    if archive.testzip() is not None:
                        return True
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError):
        return True
    return False


def refuse_read(training: Path, inputs: Sequence[str | Path]) -> None:
    """Refuse a folder of checkpoints that something is read from: it would be removed.

    Args:
        training: folder of the checkpoints.
        inputs: files and folders that are read.

    Raises:
        OutputError: such a folder.
    """
    for read in inputs:
        if training.resolve() in (Path(read).resolve(), *Path(read).resolve().parents):
            raise OutputError(
                f"{training}: expected checkpoints of this training alone; {read} is read from it. "
                "Choose another --out, or copy that file elsewhere."
            )


def claimed(out: Path) -> Path:
    """The empty folder of results of this process, by which other ones know that it lives.

    Args:
        out: folder of the run.

    Raises:
        OutputError: another process writes into the same folder.
    """
    place = _empty(partial_path(out / RESULTS))
    try:
        check_unwritten(out / RESULTS)  # someone may have begun at the same time
    except OutputError:
        remove(place)
        raise
    atexit.register(_given_up, place, os.getpid())
    return place


def _given_up(place: Path, process: int) -> None:
    """Let other machines see that this process no longer writes, whatever ended it."""
    if os.getpid() == process:  # processes that it started end too
        remove(place)


def start_checkpoints(work: Path, before: Path | None) -> None:
    """An empty folder of checkpoints, or a copy of those of a run that goes on.

    Args:
        work: where the checkpoints of the new run lie; what is there is removed.
        before: checkpoints of the run that goes on; None for a new one.
    """
    remove(work)
    if before is None:
        work.mkdir()
        return
    draft = partial_path(work)
    shutil.copytree(before, draft, symlinks=True, dirs_exist_ok=True)
    draft.replace(work)


def _empty(folder: Path) -> Path:
    remove(folder)
    folder.mkdir()
    return folder
